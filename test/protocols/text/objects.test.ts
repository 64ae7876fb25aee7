// Objects through the engine: every command on a virtual key and on an object's own key, replies byte by byte. The types that ship:
// test/objects/conformance.ts.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadedMethod } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { Outcome } from '../../../src/protocols/run.js';
import { MethodError } from '../../../src/tables/call-errors.js';
import { originalType, typeOf } from '../../objects/types-for-tests.js';
import { objectKeys } from '../../operations/object-harness.js';
import { Harness } from './harness.js';

const bag = typeOf('bag', {
  new: method({ access: 'create', run: () => 'CREATED' }),
  put: method({
    access: 'write',
    parameters: { field: { type: 'string' }, value: { type: 'string' } },
    run(self, { field, value }) {
      self.set(field, value);
      return 'SUCCESS';
    },
  }),
  get: method({ access: 'read', parameters: { field: { type: 'string' } }, run: (self, { field }) => self.get(field) }),
  repeat: method({
    access: 'read',
    parameters: { count: { type: 'integer' } },
    run: (_self, { count }) => 'r'.repeat(count),
  }),
  ttl: method({ access: 'read', run: (_self, _args, call) => call.ttlSeconds }),
  fail: method({
    access: 'write',
    run(self) {
      self.set('half', 'done');
      throw new MethodError('no luck\r\nSTORED\r\n\0');
    },
  }),
  loop: method({
    access: 'write',
    run(self) {
      self.set('half', 'done');
      for (;;) self.has('half');
    },
  }),
});

const writes =
  (text: string): LoadedMethod['run'] =>
  (_self, _args, call) => {
    call.reply.text(text);
    return undefined;
  };

const old = originalType('old', {
  say: (_self, args, call) => {
    call.reply.value(call.request.virtualKey, 0, args.count === 0 ? call.request.command : args.string(0));
    return undefined;
  },
  silent: () => undefined,
  line: writes('EXISTS\r\n'),
  miss: (_self, _args, call) => {
    call.reply.value(call.request.virtualKey, 0, 'ERROR_CACHE_MISS');
    return undefined;
  },
});

const value = (key: string, text: string | number): string => `VALUE ${key} 0 ${String(text).length}\r\n${text}\r\n`;
const got = (key: string, text: string | number): string => `${value(key, text)}END\r\n`;
const created = got('bag:new:k', 'CREATED');

let harness: Harness;

beforeEach(() => {
  harness = new Harness({ virtualKeys: objectKeys([bag, old]) });
});

function talk(rows: readonly (readonly [send: string, reply: string])[]): void {
  const client = harness.connect();
  for (const [send, reply] of rows) expect([send, client.send(`${send}\r\n`)]).toEqual([send, reply]);
  client.close();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('retrievals of virtual keys', () => {
  test('reply with a result, a miss, a missing object, or an error', () => {
    talk([
      ['get bag:get:k:f', 'END\r\n'],
      ['get bag:new:k', created],
      ['get bag:put:k:f:v:w%20x', got('bag:put:k:f:v:w%20x', 'SUCCESS')],
      ['get bag:get:k:f', got('bag:get:k:f', 'v:w x')],
      ['get bag:get:k:g', 'END\r\n'],
      ['get bag:put:k:f', 'CLIENT_ERROR bag:put: value is required\r\n'],
      ['get bag:fail:k', 'CLIENT_ERROR bag:fail: no luck STORED\r\n'],
      ['get bag:get:k:half', 'END\r\n'],
      ['set bag$p 0 0 1\r\nx', 'STORED\r\n'],
      ['get bag:get:p:f', 'CLIENT_ERROR bag:get: bag$p holds a plain value, not an object\r\n'],
    ]);
  });

  test('can be part of a list, where an error replaces the whole reply', () => {
    // The part that has not been sent; a slow machine would send some of it before.
    vi.spyOn(performance, 'now').mockReturnValue(1);
    talk([
      ['set a 5 0 1\r\nx', 'STORED\r\n'],
      [
        'get bag:new:k a bag:put:k:f:v',
        `${value('bag:new:k', 'CREATED')}VALUE a 5 1\r\nx\r\n${got('bag:put:k:f:v', 'SUCCESS')}`,
      ],
      ['get bag:put:k:f:w bag:fail:k a', 'CLIENT_ERROR bag:fail: no luck STORED\r\n'],
      ['get bag:get:k:f', got('bag:get:k:f', 'w')],
    ]);
  });

  test('return 0 as CAS token for gets', () => {
    talk([
      ['gets bag:new:k', 'VALUE bag:new:k 0 7 0\r\nCREATED\r\nEND\r\n'],
      ['gets bag$k', 'VALUE bag$k 0 2 0\r\n{}\r\nEND\r\n'],
    ]);
  });

  test('by gat set the time to live, and 0 leaves it unchanged', () => {
    talk([
      ['gat 100 bag:new:k', created],
      ['get bag:ttl:k', got('bag:ttl:k', 100)],
      ['gat 0 bag:put:k:f:v', got('bag:put:k:f:v', 'SUCCESS')],
      ['get bag:ttl:k', got('bag:ttl:k', 100)],
    ]);
  });

  test.each([1000, 300_000, 1_000_000])(
    'with a result of %d bytes are sent completely, in several rounds',
    (length) => {
      const key = `bag:repeat:k:${length}`;
      const text = 'r'.repeat(length);
      const requests = `get bag:new:k\r\nget ${key}\r\nget a ${key} bag:new:k\r\n`;
      const reply = `${created}${got(key, text)}${value(key, text)}${created}`;
      expect(harness.ask(requests) === reply).toBe(true);
    },
  );

  test('that arrive in pieces get the same replies', () => {
    const requests = 'get bag:new:k\r\nget bag:put:k:f:v a\r\nset bag:put:k:g 0 0 2\r\nab\r\nget bag:get:k:g\r\n';
    const whole = harness.ask(requests);
    for (let size = 1; size < 20; size++) expect(harness.ask(requests, size)).toBe(whole);
  });

  test('are ended by their budget when the method loops', () => {
    harness = new Harness({ virtualKeys: objectKeys([bag], { budget: { steps: 10_000, milliseconds: 10_000 } }) });
    talk([
      ['get bag:new:k', created],
      ['get bag:loop:k', 'CLIENT_ERROR bag:loop: takes more than 10000 steps\r\n'],
      ['get bag:get:k:half', 'END\r\n'],
    ]);
  });
});

describe('storage commands on virtual keys', () => {
  test('pass the block as the last argument and reply with their usual words', () => {
    talk([
      ['set bag:put:k:f 0 0 1\r\nx', 'NOT_FOUND\r\n'],
      ['set bag:new:k 0 100 0\r\n', 'STORED\r\n'],
      ['get bag:ttl:k', got('bag:ttl:k', 100)],
      ['set bag:put:k:f 0 0 7\r\na:b\r\n%2', 'STORED\r\n'],
      ['get bag:get:k:f', got('bag:get:k:f', 'a:b\r\n%2')],
      ['add bag:get:k 0 0 1\r\ng', 'NOT_STORED\r\n'],
      ['set bag:put:k 0 0 1\r\ng', 'CLIENT_ERROR bag:put: value is required\r\n'],
      ['set bag:fail:k 0 0 0\r\n', 'CLIENT_ERROR bag:fail: no luck STORED\r\n'],
      ['cas bag:put:k:f 0 0 1 5\r\nx', 'CLIENT_ERROR append, prepend, incr, decr and cas are not for objects\r\n'],
    ]);
  });

  test('with noreply are silent', () => {
    talk([
      ['set bag:new:k 0 0 0 noreply\r\n', ''],
      ['set bag:put:k:f 0 0 1 noreply\r\nx', ''],
      ['set bag:fail:k 0 0 0 noreply\r\n', ''],
      ['get bag:get:k:f', got('bag:get:k:f', 'x')],
    ]);
  });

  test.each([2000, 5000, 70_000, 900_000])('accept blocks of %d bytes in any pieces', (length) => {
    const block = Buffer.alloc(length, 'some bytes ').toString('latin1');
    const requests = `set bag:new:k 0 0 0\r\n\r\nset bag:put:k:f 0 77 ${length}\r\n${block}\r\nget bag:get:k:f\r\nget bag:ttl:k\r\n`;
    const reply = `STORED\r\nSTORED\r\n${got('bag:get:k:f', block)}${got('bag:ttl:k', 77)}`;
    for (const pieceBytes of [65_536, 1777]) expect(harness.ask(requests, pieceBytes) === reply).toBe(true);
  });

  test('refuse a block beyond the item limit', () => {
    const tooLarge = `set bag:put:k:f 0 0 2000000\r\n${'x'.repeat(2_000_000)}\r\n`;
    expect(harness.ask(`set bag:new:k 0 0 0\r\n\r\n${tooLarge}get bag:get:k:f\r\n`)).toBe(
      'STORED\r\nSERVER_ERROR object too large for cache\r\nEND\r\n',
    );
  });
});

describe('an object by its own key', () => {
  beforeEach(() => {
    talk([
      ['get bag:new:k', created],
      ['get bag:put:k:f:v', got('bag:put:k:f:v', 'SUCCESS')],
    ]);
  });

  test('is read as JSON, in lists and by gat too', () => {
    talk([
      ['get bag$k', got('bag$k', '{"f":"v"}')],
      ['get a bag$k b', got('bag$k', '{"f":"v"}')],
      ['gat 50 bag$k', got('bag$k', '{"f":"v"}')],
      ['get bag:ttl:k', got('bag:ttl:k', 50)],
    ]);
  });

  test('refuses append, prepend, incr, decr and cas', () => {
    const refused = 'CLIENT_ERROR append, prepend, incr, decr and cas are not for objects\r\n';
    talk([
      ['append bag$k 0 0 1\r\nx', refused],
      ['prepend bag$k 0 0 1\r\nx', refused],
      ['incr bag$k 1', refused],
      ['decr bag$k 1', refused],
      ['cas bag$k 0 0 1 0\r\nx', refused],
      ['get bag$k', got('bag$k', '{"f":"v"}')],
    ]);
  });

  test('is deleted, replaced and flushed like any item', () => {
    talk([
      ['add bag$k 0 0 1\r\nx', 'NOT_STORED\r\n'],
      ['set bag$k 0 0 1\r\nx', 'STORED\r\n'],
      ['get bag:get:k:f', 'CLIENT_ERROR bag:get: bag$k holds a plain value, not an object\r\n'],
      ['delete bag$k', 'DELETED\r\n'],
      ['get bag:get:k:f', 'END\r\n'],
      ['get bag:new:k', created],
      ['delete bag$k', 'DELETED\r\n'],
      ['get bag:new:k', created],
      ['flush_all', 'OK\r\n'],
      ['get bag$k', 'END\r\n'],
    ]);
  });

  test('expires at the time that touch has set', () => {
    talk([
      ['touch bag$k 10', 'TOUCHED\r\n'],
      ['get bag:ttl:k', got('bag:ttl:k', 10)],
    ]);
    harness.time.seconds += 11;
    harness.clock.refresh();
    talk([['get bag:get:k:f', 'END\r\n']]);
  });

  test('is evicted when it is the least recently used item', () => {
    const fill = (from: number) =>
      Array.from(
        { length: 3000 },
        (_, index) => `set f${from + index} 0 0 1000 noreply\r\n${'v'.repeat(1000)}\r\n`,
      ).join('');
    for (let round = 0; round < 3; round++) {
      harness.ask(fill(round * 3000));
      talk([['get bag:get:k:f', got('bag:get:k:f', 'v')]]);
    }
    harness.ask(fill(9000) + fill(12_000));
    talk([['get bag:get:k:f', 'END\r\n']]);
  });
});

describe("scripts in the original's style", () => {
  test('write their own reply, followed by END', () => {
    talk([
      ['get old:say:k:x%20y', got('old:say:k:x%20y', 'x%20y')],
      ['gat 5 old:say:k', got('old:say:k', 'gat')],
      ['get old:silent:k', 'END\r\n'],
      ['get old:line:k', 'EXISTS\r\nEND\r\n'],
      ['get a old:say:k:x old:say:k:y', `${value('old:say:k:x', 'x')}${got('old:say:k:y', 'y')}`],
    ]);
    const long = 'x'.repeat(200);
    const keys = Array.from({ length: 2000 }, () => `old:say:k:${long}`);
    const reply = `${keys.map((key) => value(key, long)).join('')}END\r\n`;
    expect(harness.ask(`get ${keys.join(' ')}\r\n`) === reply).toBe(true);
  });

  test('reply to storage commands with the usual words', () => {
    talk([
      ['set old:say:k 0 0 1\r\nx', 'STORED\r\n'],
      ['set old:silent:k 0 0 1\r\nx', 'NOT_STORED\r\n'],
      ['set old:line:k 0 0 1\r\nx', 'EXISTS\r\n'],
      ['set old:miss:k 0 0 1\r\nx', 'NOT_FOUND\r\n'],
    ]);
  });
});

test('prefixes of virtual keys are skipped, and may be required', () => {
  const skipping = new Harness({ virtualKeys: objectKeys([bag], { prefixes: ['ns:'] }) });
  expect(skipping.ask('get ns:bag:new:k\r\nget bag$k\r\n')).toBe(got('ns:bag:new:k', 'CREATED') + got('bag$k', '{}'));
  const required = new Harness({ virtualKeys: objectKeys([bag], { prefixes: ['ns:'], prefixRequired: true }) });
  expect(required.ask('get bag:new:k\r\nget ns:bag:new:k\r\n')).toBe(`END\r\n${got('ns:bag:new:k', 'CREATED')}`);
});

test.each([
  ['incr', 'set n 0 0 1000\r\n{value}\r\nincr n 1\r\n'],
  ['decr', 'set n 0 0 1000\r\n{value}\r\ndecr n 1\r\n'],
  ['ma', 'ms n 1000\r\n{value}\r\nma n\r\n'],
])('a long number of %s changes no reply of a method that follows', (_command, count) => {
  const harness = new Harness({ virtualKeys: objectKeys([bag]) });
  const created = 'VALUE bag:new:k 0 7\r\nCREATED\r\nEND\r\n';
  for (const value of ['7'.padEnd(1000), 'x'.repeat(1000)]) {
    expect(harness.ask('get bag:new:k\r\n')).toBe(created);
    harness.ask(count.replace('{value}', value));
    expect(harness.ask('get bag:new:k\r\nmg bag:new:k v\r\n')).toBe(`${created}VA 7\r\nCREATED\r\n`);
  }
});

test('a client that disconnects in the middle of a long result leaves no memory in use', () => {
  const client = harness.connect();
  client.send('get bag:new:k\r\n');
  const { engine, arena } = harness;
  const request = Buffer.from('get bag:repeat:k:900000\r\n');
  const at = engine.input.at + engine.input.size - 65_536;
  arena.bytes.set(request, at);
  engine.run(client.session, at, at + request.length);
  expect(engine.outcome).toBe(Outcome.OUTPUT_FULL);
  client.close();
  expect(client.session.text).toBeUndefined();
});
