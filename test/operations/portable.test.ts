// Items and objects that are carried from one server to another by `dump` and `restore`.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Table } from '../../src/objects/types/object-type.js';
import { StoreDump } from '../../src/operations/portable/store-dump.js';
import { Outcome } from '../../src/protocols/run.js';
import { parseRole, principalOf } from '../../src/security/role.js';
import { after, typeOf } from '../objects/types-for-tests.js';
import { type FakeClient, Harness } from '../protocols/text/harness.js';
import { checkStore } from '../store/checker.js';
import { dumpOf, portableServer, recordsOf, restoreAll, restoreRequest, START } from './portable-harness.js';

const SET = (key: string, value: string, exptime = 0, flags = 0) =>
  `set ${key} ${flags} ${exptime} ${value.length}\r\n${value}\r\n`;

/** The text before the key. */
const HEADER_BYTES = 12;

function keyOf(record: string): string {
  return record.slice(HEADER_BYTES, HEADER_BYTES + record.charCodeAt(2));
}

describe('a dump', () => {
  test('of objects with all kinds of fields makes objects that are the same in another server', () => {
    const one = portableServer();
    expect(one.ask('get all:fill:a\r\nget all:many:b\r\nget all:list:c\r\nget all:list:d\r\n')).not.toContain('ERROR');
    const other = portableServer({ limitBytes: 4 * 1024 * 1024 });
    expect(restoreAll(other, dumpOf(one))).toEqual(Array(4).fill('RESTORED'));
    for (const request of ['get all$a all$b all$c\r\n', 'get all:members:a\r\n', 'get all:sign:a\r\n']) {
      expect(other.ask(request)).toBe(one.ask(request));
    }
    expect(other.ask('get all:members:a\r\n')).toContain('early zoe ann bob');
    expect(dumpOf(other)).toEqual(dumpOf(one));
    checkStore(other.store);
  });

  test('of items has values, flags, keys of any bytes, and the time of their expiry', () => {
    const one = portableServer();
    one.ask(SET('plain', 'x\r\n\0\xff', 0, 4_000_000_000) + SET('expires', 'soon', 100) + SET('expired', 'x', 10));
    one.ask(`ms ${Buffer.from('\xff \0').toString('base64')} 2 b\r\nhi\r\n`);
    one.ask(SET('large', 'y'.repeat(900_000)));
    one.time.seconds = 40;
    one.clock.refresh();
    const records = dumpOf(one);
    expect(records.map(keyOf)).not.toContain('expired');
    const other = portableServer();
    other.time.seconds = 60;
    other.clock.refresh();
    expect(restoreAll(other, records)).toEqual(Array(records.length).fill('RESTORED'));
    const keys = 'get plain large\r\nmg /yAA b v\r\nmg expires t v\r\n';
    expect(other.ask('mg expires t v\r\n')).toBe('VA 4 t40\r\nsoon\r\n');
    expect(one.ask('mg expires t v\r\n')).toBe('VA 4 t60\r\nsoon\r\n');
    expect(other.ask(keys).replace('t40', 't60')).toBe(one.ask(keys));
    other.time.seconds = 100;
    other.clock.refresh();
    expect(
      restoreAll(
        other,
        records.filter((record) => keyOf(record) === 'expires'),
      ),
    ).toEqual(['EXPIRED']);
    checkStore(other.store);
  });

  test('goes from the least to the most recently used item, after those that are not evicted', () => {
    const one = portableServer();
    const keys = Array.from({ length: 500 }, (_, index) => `key${index}`);
    one.ask(keys.map((key) => SET(key, 'x')).join(''));
    one.ask('get all:fill:pinned\r\nget all:pin:pinned\r\nget key17\r\n');
    const order = [...keys.filter((key) => key !== 'key17'), 'key17'];
    expect(dumpOf(one).map(keyOf)).toEqual(['all$pinned', ...order]);
    const other = portableServer();
    restoreAll(other, dumpOf(one));
    expect(dumpOf(other)).toEqual(dumpOf(one));
    expect(other.store.retained.count).toBe(1);
    checkStore(other.store);
  });

  test('has each item that exists all the time, while clients read, store, delete and evict others', () => {
    const one = portableServer({ outputBytes: 4096, limitBytes: 3 * 1024 * 1024 });
    const kept = Array.from({ length: 3000 }, (_, index) => `kept${index}`);
    one.ask(kept.map((key) => SET(key, 'x')).join(''));
    const dump = new StoreDump(one.engine.shell.operations);
    let reply = START;
    for (let step = 0, slice = dump.next(); slice !== undefined; step++, slice = dump.next()) {
      reply += Buffer.from(slice).toString('latin1');
      const number = (step * 37) % kept.length;
      one.ask(`get kept${number}\r\n${SET(`other${step}`, 'y'.repeat(1000))}delete other${step - 3}\r\n`);
    }
    const keys = new Set(recordsOf(reply).records.map(keyOf));
    expect(kept.filter((key) => !keys.has(key))).toEqual([]);
  });
});

describe('a restore', () => {
  test('replaces what is there, or keeps it where the request says so', () => {
    const one = portableServer();
    one.ask(`${SET('a', 'new')}get all:fill:b\r\n`);
    const records = dumpOf(one);
    const other = portableServer();
    other.ask(`${SET('a', 'old')}get all:list:b\r\n`);
    expect(restoreAll(other, records, true)).toEqual(['KEPT', 'KEPT']);
    expect(other.ask('get a all$b\r\n')).toBe('VALUE a 0 3\r\nold\r\nVALUE all$b 0 2\r\n[]\r\nEND\r\n');
    expect(restoreAll(other, records)).toEqual(['RESTORED', 'RESTORED']);
    expect(dumpOf(other)).toEqual(records);
    checkStore(other.store);
  });

  test('of the clock needs a server without items, and a start in the past', () => {
    const clockOf = (ms: number) => {
      const bytes = Buffer.alloc(9, 'C');
      bytes.writeDoubleLE(ms, 1);
      return bytes.toString('latin1');
    };
    const server = portableServer();
    const { clock } = recordsOf(server.ask('dump\r\n'));
    const own = Buffer.from(clock, 'latin1').readDoubleLE(1);
    expect(restoreAll(server, [clock, clockOf(own - 1000), clockOf(own - 1000)])).toEqual(Array(3).fill('RESTORED'));
    expect(recordsOf(server.ask('dump\r\n')).clock).toBe(clockOf(own - 1000));
    server.ask(SET('a', 'x'));
    expect(restoreAll(server, [clock, clockOf(own - 1000)])).toEqual(['KEPT', 'RESTORED']);
    const bad = [clockOf(Number.NaN), clockOf(-1), clock.slice(0, 8), `${clock}x`, 'C'];
    server.ask('flush_all\r\n');
    const refusals = restoreAll(server, [...bad, clockOf(own + 1e12), clockOf(Number.POSITIVE_INFINITY)]);
    expect(refusals).toEqual(Array(7).fill(expect.stringContaining('CLIENT_ERROR the record cannot be restored: ')));
    expect(recordsOf(server.ask('dump\r\n')).clock).toBe(clockOf(own - 1000));
  });

  test('of an object keeps the version of its content, which its first call migrates', () => {
    const version = (number: number, more: object = {}) =>
      typeOf(
        'versioned',
        {
          make: { access: 'create', run: (self: Table) => after(self.set('made by', number), 'MADE') },
          read: { access: 'read', run: (self: Table) => JSON.stringify(self.toObject()) },
        } as never,
        'plugins/versioned.ts',
        { ...(number === 1 ? {} : { version: number }), ...more },
      );
    const one = portableServer({}, [version(2, { migrate: () => {} })]);
    one.ask('get versioned:make:a\r\n');
    const migrate = (self: Table, from: number) => self.set('migrated from', from);
    const other = portableServer({}, [version(3, { migrate })]);
    expect(restoreAll(other, dumpOf(one))).toEqual(['RESTORED']);
    expect(other.ask('get versioned:read:a\r\n')).toContain('{"made by":2,"migrated from":2}');
  });

  test('of an object whose type is not loaded keeps it, pinned if it was', () => {
    const one = portableServer();
    one.ask('get all:fill:a\r\nget all:pin:a\r\n');
    const other = portableServer({}, []);
    expect(restoreAll(other, dumpOf(one))).toEqual(['RESTORED']);
    expect(other.store.retained.count).toBe(1);
    expect(dumpOf(other)).toEqual(dumpOf(one));
  });

  test('is refused where there is no memory, the value is too large, or objects are switched off', () => {
    const one = portableServer();
    one.ask(`${SET('large', 'x'.repeat(100_000))}get all:many:a\r\n`);
    const [large, many] = dumpOf(one) as [string, string];
    const small = portableServer({ itemLimitBytes: 50_000 });
    expect(restoreAll(small, [large])).toEqual(['SERVER_ERROR object too large for cache']);
    const full = portableServer({ limitBytes: 1024 * 1024, evictionsAllowed: false });
    for (let index = 0; index < 100; index++) full.ask(SET(`k${index}`, 'x'.repeat(10_000)));
    const before = dumpOf(full);
    expect(restoreAll(full, [large, many])).toEqual(Array(2).fill('SERVER_ERROR out of memory storing object'));
    expect(dumpOf(full)).toEqual(before);
    checkStore(full.store);
    const plain = new Harness();
    expect(restoreAll(plain, [many])).toEqual(['CLIENT_ERROR the record cannot be restored: objects are switched off']);
  });

  test('may arrive in pieces of any size, and a client that leaves in the middle of one leaves nothing', () => {
    const one = portableServer();
    one.ask(`${SET('a', 'x')}get all:fill:b\r\n`);
    const requests = dumpOf(one).map((record) => restoreRequest(record));
    for (const pieceBytes of [1, 7, 1000]) {
      const other = portableServer();
      expect(other.ask(`${requests.join('')}version\r\n`, pieceBytes)).toBe(
        'RESTORED\r\nRESTORED\r\nVERSION 1.2.3\r\n',
      );
      expect(dumpOf(other)).toEqual(dumpOf(one));
    }
    const other = portableServer();
    for (let count = 0; count < 3; count++) {
      const client = other.connect();
      client.send(`restore ${50 * 1024 * 1024}\r\nabc`);
      expect(client.session.isMidRequest).toBe(true);
      client.close();
    }
    expect(other.store.itemCount).toBe(0);
  });

  test('of more bytes than a thread may receive at a time is refused, and its block is not read as commands', () => {
    const one = portableServer();
    const client = one.connect();
    client.send(`restore ${60 * 1024 * 1024}\r\nabc`);
    expect(one.ask(`restore ${40 * 1024 * 1024}\r\nflush_all\r\nversion\r\n`)).toBe('SERVER_ERROR out of memory\r\n');
    expect(one.ask(`restore ${70 * 1024 * 1024}\r\nversion\r\n`)).toBe('SERVER_ERROR object too large for cache\r\n');
    client.close();
    expect(one.ask('restore 9\r\n123456789\r\nversion\r\n')).toMatch(/^CLIENT_ERROR .*\r\nVERSION/);
  });

  test.each(['restore', 'restore x', 'restore -1', 'restore 1 2', 'restore 1 keep 2', 'restore 4294967296'])(
    'whose line is "%s" closes the connection',
    (line) => {
      const client = portableServer().connect();
      expect(client.send(`${line}\r\nversion\r\n`)).toBe('CLIENT_ERROR bad command line format\r\n');
      expect(client.ended).toBe(Outcome.CLOSE);
    },
  );

  test('whose block does not end where its length says is refused', () => {
    expect(portableServer().ask('restore 1\r\nabc')).toBe('CLIENT_ERROR bad data chunk\r\n');
  });
});

test('dump and restore need the right of an administrator, and a refused block is not read as commands', () => {
  for (const role of ['read', 'write', 'all.*']) {
    const one = portableServer();
    one.ask(SET('a', 'x'));
    const [record] = dumpOf(one) as [string];
    const client = one.connect();
    client.session.principal = principalOf('ann', parseRole(role) as never);
    expect(client.send('dump\r\n')).toBe('CLIENT_ERROR not permitted\r\n');
    expect(client.send(`restore ${record.length}\r\n${record}\r\nrestore 8\r\nget a\r\n\r\r\n`)).toBe(
      'CLIENT_ERROR not permitted\r\n'.repeat(2),
    );
  }
});

test('dumps are refused where listings are, and beyond two at a time in a thread', () => {
  expect(portableServer({ dumpEnabled: false }).ask('dump\r\n')).toBe('ERROR dump not allowed\r\n');
  const one = portableServer();
  one.ask(SET('a', 'x'));
  // The sessions of clients that have not read their dumps yet.
  const slow = [1, 2].map(() => one.connect());
  for (const { session } of slow) beginDump(one, session);
  expect(one.ask('dump\r\n')).toBe('ERROR too many dumps at once; try again later\r\n');
  slow[0].close();
  expect(recordsOf(one.ask('dump\r\n')).records).toHaveLength(1);
});

/** Serves the request only, not the turns in which its reply is made. */
function beginDump(harness: Harness, session: FakeClient['session']): void {
  const { engine } = harness;
  const { at } = engine.input;
  harness.arena.bytes.set(Buffer.from('dump\r\n'), at);
  engine.run(session, at, at + 'dump\r\n'.length);
  expect(engine.outcome).toBe(Outcome.YIELD);
}

const FUZZED = process.env.LONG_TESTS === undefined ? 2000 : 100_000;

test(`${FUZZED} damaged and hostile records each get one reply, and no invariant breaks`, {
  timeout: 3_600_000,
}, () => {
  const one = portableServer();
  one.ask(`${SET('item', 'value')}get all:fill:a\r\nget all:list:b\r\nget all:many:c\r\n`);
  const random = new Random();
  random.seed(0, 7);
  const records = dumpOf(one);
  const other = portableServer({ limitBytes: 4 * 1024 * 1024 });
  let refused = 0;
  for (let count = 1; count <= FUZZED; count++) {
    const bytes = Buffer.from(records[count % records.length], 'latin1');
    const damaged = damage(bytes, () => random.fraction());
    const before = other.store.itemCount;
    const reply = other.ask(`${restoreRequest(damaged)}`);
    expect(reply).toMatch(/^(RESTORED|EXPIRED|SERVER_ERROR [^\r\n]+|CLIENT_ERROR [^\r\n\0]+)\r\n$/);
    if (reply.startsWith('CLIENT')) {
      refused++;
      // Others may have been evicted for it.
      expect(other.store.itemCount).toBeLessThanOrEqual(before);
    }
    if (count % 250 === 0) checkStore(other.store);
  }
  checkStore(other.store);
  expect(refused).toBeGreaterThan(FUZZED / 4);
  // What was made of damaged records can be used and dumped.
  expect(restoreAll(portableServer(), dumpOf(other)).filter((line) => line !== 'RESTORED')).toEqual([]);
});

/** One to three changes: a byte, a number, a part left out or repeated, the end cut off. */
function damage(bytes: Buffer, random: () => number): string {
  let text = bytes.toString('latin1');
  const below = (limit: number) => Math.floor(random() * limit);
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(random() < 0.5 ? Math.min(text.length, 80) : text.length);
    const length = 1 + below(8);
    const numbers = ['\xff\xff\xff\xff', '\0\0\0\0', '\x01\0\0\0', '\0\0\0\x80', '\0\0\0\0\0\0\xf8\x7f'];
    const other = [
      () => String.fromCharCode(below(256)),
      () => numbers[below(numbers.length)],
      () => '',
      () => text.slice(at, at + length).repeat(2),
      () => String.fromCharCode(text.charCodeAt(at) ^ (1 << below(8))),
    ][below(5)]();
    text = text.slice(0, at) + other + text.slice(at + (other.length === 0 ? length : Math.min(other.length, length)));
    if (random() < 0.1) text = text.slice(0, below(text.length));
  }
  return text;
}
