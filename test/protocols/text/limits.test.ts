// Values and lists at the limits: the item limit, values larger than the windows, full memory, lists of many thousand keys, clients that
// disconnect. Ordinary requests: wire.test.ts.

import { describe, expect, test } from 'vitest';
import { describeMetrics } from '../../../src/base/metrics.js';
import { OPERATION_METRICS } from '../../../src/operations/operation-metrics.js';
import { loadStatistics } from '../../conformance/recorded/load.js';
import { type FakeClient, Harness, statsOf } from './harness.js';

const MIB = 1024 * 1024;

/** Bytes that repeat with a period that no chunk size shares. */
function pattern(length: number): string {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 251)).toString('latin1');
}

function set(key: string, value: string): string {
  return `set ${key} 0 0 ${value.length}\r\n${value}\r\n`;
}

function found(key: string, value: string): string {
  return `VALUE ${key} 0 ${value.length}\r\n${value}\r\n`;
}

/** The longest value that an item with the key may have. */
function largestValue(harness: Harness, keyLength: number): number {
  let length = harness.store.itemLimitBytes;
  while (!harness.store.fits(keyLength, length)) length--;
  return length;
}

/** Memory in use after all removed items have been freed. */
function settledBytes({ store }: Harness): number {
  for (let tick = 0; tick < 100_000; tick++) store.tick();
  return store.usedBytes;
}

describe('the item limit', () => {
  test('allows the largest value; one byte more is refused and discarded', () => {
    const harness = new Harness({ itemLimitBytes: 100_000 });
    const most = largestValue(harness, 1);
    const fits = pattern(most);
    expect(harness.ask(`${set('a', fits)}get a\r\n`)).toBe(`STORED\r\n${found('a', fits)}END\r\n`);
    const larger = pattern(most + 1);
    // A failed set must not leave the old value to be read as the new one.
    expect(harness.ask(`${set('a', larger)}get a\r\n`)).toBe('SERVER_ERROR object too large for cache\r\nEND\r\n');
    expect(harness.metrics.total(OPERATION_METRICS.store_too_large)).toBe(1);
  });

  test('makes commands other than set keep the old value', () => {
    const harness = new Harness({ itemLimitBytes: 4096 });
    const larger = pattern(5000);
    const refused = 'SERVER_ERROR object too large for cache\r\n';
    for (const command of ['add', 'replace', 'append', 'prepend']) {
      harness.ask(set('a', 'x'));
      const reply = harness.ask(`${command} a 0 0 5000\r\n${larger}\r\nget a\r\n`, 100);
      expect(reply).toBe(`${refused}${found('a', 'x')}END\r\n`);
    }
    expect(harness.ask(`set a 0 0 5000 noreply\r\n${larger}\r\nget a\r\n`)).toBe('END\r\n');
  });

  test('makes an append beyond it keep the old value', () => {
    const harness = new Harness({ itemLimitBytes: 4096 });
    const half = pattern(2500);
    const reply = harness.ask(`${set('a', half)}append a 0 0 2500\r\n${half}\r\nget a\r\n`);
    expect(reply).toBe(`STORED\r\nNOT_STORED\r\n${found('a', half)}END\r\n`);
  });

  test.each([2 ** 31 - 3, 2 ** 31 - 4])(
    'makes the server discard a value of %i bytes without storing any of it',
    (length) => {
      const harness = new Harness();
      const client = harness.connect();
      expect(client.send(`set a 0 0 ${length}\r\n`)).toBe('SERVER_ERROR object too large for cache\r\n');
      expect(client.session.discardBytes).toBe(length + 2);
      expect(client.session.isMidRequest).toBe(true);
    },
  );
});

describe('large values', () => {
  test.each([65536, 1000, 61])('are stored completely from pieces of %i bytes', (pieceBytes) => {
    const harness = new Harness();
    const value = pattern(300_000);
    const requests = `${set('a', value)}add a 0 0 3000\r\n${pattern(3000)}\r\nget a\r\n`;
    expect(harness.ask(requests, pieceBytes)).toBe(`STORED\r\nNOT_STORED\r\n${found('a', value)}END\r\n`);
  });

  test('are joined by append and prepend', () => {
    const harness = new Harness();
    const [old, before, after] = [pattern(10_000), pattern(20_000), pattern(30_000)];
    const requests = `${set('a', old)}append a 0 0 ${after.length}\r\n${after}\r\nprepend a 0 0 ${before.length}\r\n${before}\r\nget a\r\n`;
    const wanted = `STORED\r\nSTORED\r\nSTORED\r\n${found('a', before + old + after)}END\r\n`;
    for (const pieceBytes of [65536, 1000]) expect(harness.ask(requests, pieceBytes)).toBe(wanted);
  });

  test('are sent through a smaller output window', () => {
    const harness = new Harness({ outputBytes: 4096 });
    const value = pattern(500_000);
    const wanted = `STORED\r\n${found('a', value)}END\r\n${found('a', value)}${found('a', value)}END\r\n`;
    expect(harness.ask(`${set('a', value)}get a\r\nget a b a\r\n`)).toBe(wanted);
    expect(harness.longestOutputBytes).toBeLessThanOrEqual(4096);
  });

  test('are sent unchanged if they are replaced meanwhile', () => {
    const harness = new Harness({ outputBytes: 8192 });
    const value = pattern(100_000);
    harness.ask(set('a', value));
    const { engine, arena, store } = harness;
    const session = engine.open();
    const at = engine.input.at;
    arena.bytes.set(Buffer.from('get a\r\n'), at);
    let reply = '';
    for (let from = at; ; from = engine.consumed) {
      engine.run(session, from, at + 7);
      reply += Buffer.from(arena.bytes.subarray(engine.output.at, engine.output.at + engine.outputLength)).toString(
        'latin1',
      );
      if (engine.outcome === 0) break;
      arena.bytes.set(Buffer.from('a'), at + 100);
      const other = store.find(at + 100, 1);
      if (other !== 0) store.remove(other);
    }
    expect(reply).toBe(`${found('a', value)}END\r\n`);
    expect(store.itemCount).toBe(0);
  });

  test('without a correct end are not stored', () => {
    const harness = new Harness();
    const value = pattern(600_000);
    const empty = harness.store.usedBytes;
    expect(harness.ask(`set a 0 0 ${value.length}\r\n${value}xyversion\r\nget a\r\n`)).toBe(
      'CLIENT_ERROR bad data chunk\r\nVERSION 1.2.3\r\nEND\r\n',
    );
    expect(settledBytes(harness)).toBe(empty);
  });

  test('can be stored by cas, and with noreply', () => {
    const harness = new Harness();
    const value = pattern(5000);
    const requests = `${set('a', 'x')}gets a\r\ncas a 0 0 5000 7\r\n${value}\r\ncas a 0 0 5000 1 noreply\r\n${value}\r\nget a\r\n`;
    const wanted = `STORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\nEXISTS\r\n${found('a', value)}END\r\n`;
    expect(harness.ask(requests, 512)).toBe(wanted);
  });
});

describe('full memory', () => {
  test('without evictions makes a set fail, and the old value is removed', () => {
    const harness = new Harness({ limitBytes: MIB, evictionsAllowed: false });
    const value = pattern(9000);
    let reply = 'STORED\r\n';
    let stored = 0;
    while (reply === 'STORED\r\n') reply = harness.ask(set(`key${stored++}`, value));
    expect(reply).toBe('SERVER_ERROR out of memory storing object\r\n');
    expect(harness.ask(`${set('key0', pattern(20_000))}get key0\r\n`)).toBe(
      'SERVER_ERROR out of memory storing object\r\nEND\r\n',
    );
    expect(harness.ask('get key1\r\n')).toBe(`${found('key1', value)}END\r\n`);
    expect(harness.ask(`append key1 0 0 20000\r\n${pattern(20_000)}\r\nget key1\r\n`)).toBe(
      `SERVER_ERROR out of memory storing object\r\n${found('key1', value)}END\r\n`,
    );
  });

  test('with evictions never makes a set fail', () => {
    const harness = new Harness({ limitBytes: MIB });
    for (let index = 0; index < 2000; index++) {
      expect(harness.ask(set(`key${index}`, pattern((index * 37) % 20_000)))).toBe('STORED\r\n');
    }
    expect(harness.store.itemCount).toBeGreaterThan(10);
  });
});

describe('a get of many keys', () => {
  test('ends with an error line at a bad key, even after values have been sent', () => {
    const harness = new Harness({ outputBytes: 8192 });
    harness.ask(set('key', 'value'));
    const reply = harness.ask(
      `get${' key'.repeat(3000)} ${'k'.repeat(251)}${' key'.repeat(3000)}\r\nversion\r\n`,
      1000,
    );
    expect(reply.endsWith('value\r\nCLIENT_ERROR bad command line format\r\nVERSION 1.2.3\r\n')).toBe(true);
    expect(reply.split('END').length).toBe(1);
  });

  test('works by gat and gets too', () => {
    const harness = new Harness();
    harness.ask(set('key', 'value'));
    const values = 'VALUE key 0 5 1\r\nvalue\r\n'.repeat(5000);
    expect(harness.ask(`gets${' key'.repeat(5000)}\r\n`, 997)).toBe(`${values}END\r\n`);
    expect(harness.ask(`gats 100${' key'.repeat(5000)}\r\n`, 997)).toBe(`${values}END\r\n`);
  });
});

describe('a client that disconnects', () => {
  test('in the middle of a value leaves no memory in use', () => {
    const harness = new Harness();
    const before = harness.store.usedBytes;
    const clients: FakeClient[] = [];
    for (let index = 0; index < 20; index++) {
      const client = harness.connect();
      expect(client.send(`set a 0 0 100000\r\n${pattern(5000)}`)).toBe('');
      expect(client.session.isMidRequest).toBe(true);
      clients.push(client);
    }
    expect(harness.store.usedBytes).toBeGreaterThan(before);
    for (const client of clients) client.close();
    expect(settledBytes(harness)).toBe(before);
    expect(harness.ask('get a\r\n')).toBe('END\r\n');
  });

  test('in the middle of a reply leaves no memory in use', () => {
    const harness = new Harness({ outputBytes: 8192 });
    const before = harness.store.usedBytes;
    harness.ask(set('a', pattern(100_000)));
    const { engine, arena } = harness;
    const session = engine.open();
    arena.bytes.set(Buffer.from('get a\r\n'), engine.input.at);
    engine.run(session, engine.input.at, engine.input.at + 7);
    expect(session.sending).not.toBe(0);
    harness.ask('delete a\r\n');
    expect(settledBytes(harness)).toBeGreaterThan(before);
    engine.close(session);
    expect(settledBytes(harness)).toBe(before);
  });
});

describe('statistics', () => {
  test('count the commands and their outcomes', () => {
    const harness = new Harness({ serverStats: () => [['max_connections', 7]] });
    harness.ask(
      `${set('a', '1')}get a b\r\nget a\r\nincr a 1\r\ndecr b 1\r\ntouch a 0\r\ndelete a\r\ndelete a\r\ncas a 0 0 1 1\r\nx\r\nflush_all\r\n`,
    );
    const stats = statsOf(harness);
    const wanted = {
      cmd_get: '3',
      get_hits: '2',
      get_misses: '1',
      cmd_set: '2',
      incr_hits: '1',
      decr_misses: '1',
      touch_hits: '1',
      cmd_touch: '1',
      delete_hits: '1',
      delete_misses: '1',
      cas_misses: '1',
      cmd_flush: '1',
      total_items: '1',
      curr_items: '0',
      limit_maxbytes: String(4 * MIB),
      version: '1.2.3',
      max_connections: '7',
      pointer_size: '64',
    };
    expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, stats.get(name)]))).toEqual(wanted);
    expect(harness.ask('stats reset\r\n')).toBe('RESET\r\n');
    expect(statsOf(harness).get('get_hits')).toBe('0');
  });

  test('show bytes within limit_maxbytes, and use of the reserve as reserve_bytes of stats arena', () => {
    const harness = new Harness({ limitBytes: MIB, reserveBytes: 256 * 1024 });
    let mostReserveBytes = 0;
    for (let index = 0; index < 1500; index++) {
      harness.ask(set(`k${index}`, pattern(1000)));
      expect(Number(statsOf(harness).get('bytes'))).toBeLessThanOrEqual(MIB);
      mostReserveBytes = Math.max(mostReserveBytes, Number(statsOf(harness, 'arena').get('reserve_bytes')));
    }
    expect(mostReserveBytes).toBeLessThanOrEqual(256 * 1024);
  });

  test('show sizes and items', () => {
    const harness = new Harness({ sizesTracked: true });
    harness.ask(`${set('a', 'x')}${set('b', pattern(100))}${set('c', pattern(100))}`);
    expect(harness.ask('stats sizes\r\n')).toBe('STAT 64 1\r\nSTAT 160 2\r\nEND\r\n');
    expect(harness.ask('stats items\r\n')).toContain('STAT items:1:number 3\r\n');
  });

  test('are exactly those of memcached 1.6.45, in its order, and all 0 on a fresh server', () => {
    const recorded = loadStatistics().get('stats') ?? new Map();
    const stats = statsOf(new Harness());
    expect([...stats.keys()]).toEqual([...recorded.keys()]);
    const counted = [...recorded].filter(([name, value]) => value === '0' && !['bytes_read'].includes(name));
    expect(Object.fromEntries(counted.map(([name]) => [name, stats.get(name)]))).toEqual(Object.fromEntries(counted));
  });

  test('of memcached and our own have no counter in common, and leave none out', () => {
    const harness = new Harness({ hiddenStatistics: new Set() });
    const topics = ['', 'arena', 'transport', 'objects'];
    const names = topics.flatMap((topic) => [...statsOf(harness, topic).keys()]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(describeMetrics().filter(({ name }) => !names.includes(name))).toEqual([]);
  });

  test('larger than the output window arrive completely', () => {
    const rows = Array.from({ length: 3000 }, (_, index) => [`name_${index}`, index] as const);
    const harness = new Harness({ outputBytes: 4096, settings: () => rows });
    expect(harness.ask('stats settings\r\nversion\r\n')).toBe(
      `${rows.map(([name, value]) => `STAT ${name} ${value}\r\n`).join('')}END\r\nVERSION 1.2.3\r\n`,
    );
  });
});

describe('a time budget', () => {
  test('makes a long run yield and continue later', () => {
    const harness = new Harness({ runBudgetMs: 0 });
    harness.ask(set('a', 'x'));
    expect(harness.ask('get a\r\n'.repeat(2000))).toBe('VALUE a 0 1\r\nx\r\nEND\r\n'.repeat(2000));
    expect(harness.ask(`get${' a'.repeat(9000)}\r\n`)).toBe(`${'VALUE a 0 1\r\nx\r\n'.repeat(9000)}END\r\n`);
  });
});
