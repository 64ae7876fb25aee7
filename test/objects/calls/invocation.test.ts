// The outcome of a call: results, errors, budgets, and that a failing call changes nothing.

import { describe, expect, test } from 'vitest';
import { nativeType } from '../../../src/languages/typescript/typescript-type.js';
import {
  type AnyMethod,
  type CallContext,
  method,
  type Result,
  type Table,
} from '../../../src/objects/types/object-type.js';
import { CallHarness, type HarnessOptions } from '../call-harness.js';
import { originalType, typeOf } from '../types-for-tests.js';

type Run = (self: Table, args: never, call: CallContext) => Result;

function harness(runs: Record<string, Run | AnyMethod>, options: HarnessOptions = {}): CallHarness {
  const methods = Object.entries(runs).map(([name, run]) => [
    name,
    typeof run === 'function' ? { access: 'write' as const, run } : run,
  ]);
  const made = new CallHarness(
    [
      typeOf('t', {
        new: method({ access: 'create', run: () => 'made' }),
        dump: method({ access: 'read', run: (self) => self }),
        ...Object.fromEntries(methods),
      }),
    ],
    options,
  );
  made.get('t:new:k');
  return made;
}

function answer(run: Run, options?: HarnessOptions): string {
  return harness({ go: run }, options).get('t:go:k');
}

describe('a result', () => {
  test.each<[string, Result, string]>([
    ['a byte string', '\u00ff\r\n\u0000', '\u00ff\r\n\u0000'],
    ['an empty string', '', ''],
    ['a whole number', 3, '3'],
    ['a fraction', 0.1, '0.1'],
    ['a large number', 2 ** 53 - 1, '9007199254740991'],
    ['true', true, 'true'],
    ['a list', [1, 'a', [true]], '[1,"a",[true]]'],
    ['a table', { a: { b: '\u00c3\u00a9' } }, '{"a":{"b":"\u00c3\u00a9"}}'],
    ['null', null, 'END'],
    ['undefined', undefined, 'END'],
  ])('%s', (_name, result, shown) => expect(answer(() => result)).toBe(shown));

  test('can be the object itself, as JSON', () => {
    expect(
      answer((self) => {
        self.set('a', 1);
        self.set('b', [1, 2, { c: false }]);
        return self;
      }),
    ).toBe('{"a":1,"b":[1,2,{"c":false}]}');
  });

  test.each<[string, unknown, string]>([
    ['a Set', new Set([1, 'b']), '[1,"b"]'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
      ]),
      '{"a":1,"2":"b"}',
    ],
    [
      'an instance with fields',
      new (class Point {
        x = 1;
      })(),
      '{"x":1}',
    ],
    ['an empty object', {}, '{}'],
  ])('%s as a result is JSON', (_name, result, json) => {
    expect(answer(() => result as Result)).toBe(json);
  });

  test('may contain a table of the object', () => {
    expect(answer((self) => ({ inner: self.child('x') }) as unknown as Result)).toContain('{"inner":');
  });

  test.each<[string, unknown, string]>([
    ['a promise', Promise.resolve('x'), 'returned a promise; run must be synchronous'],
    ['a function', () => 1, 'returned a function'],
    ['text beyond bytes', '\u20ac', 'returned characters beyond bytes; use utf8Encode'],
    ['an Error', new TypeError('no such member'), 'returned an error: no such member; throw it instead'],
    ['an Error inside a list', [new Error('late')], 'returned an error: late; throw it instead'],
    ['a map whose keys are objects', new Map([[{}, 1]]), 'returned a map with a key that is an object'],
    [
      'an instance without fields',
      new (class Point {
        #x = 1;
        get x() {
          return this.#x;
        }
      })(),
      'returned an instance of Point, which has no fields; return a plain object, or give it toJSON()',
    ],
    ['a list of text beyond bytes', ['\u20ac'], 'returned characters beyond bytes; use utf8Encode'],
  ])('%s is an error', (_name, result, message) => {
    expect(answer(() => result as Result)).toBe(`CLIENT_ERROR t:go: ${message}`);
  });

  test('that is a rejected promise is an error, and does not end the process', async () => {
    const failing = Promise.reject(new Error('later'));
    expect(answer(() => failing as unknown as Result)).toContain('returned a promise');
    await expect(failing).rejects.toThrow('later');
  });

  test('of an async method is an error', () => {
    const run = (async () => 'x') as unknown as Run;
    expect(() => answer(run)).toThrow(
      'plugins/t.ts: methods.go.run must not be async or a generator: calls are synchronous',
    );
  });

  test('longer than the item limit is an error, and the call is undone', () => {
    expect(answer(() => 'x'.repeat(101), { resultLimitBytes: 100 })).toBe(
      'CLIENT_ERROR t:go: returned 101 bytes, more than 100: return less, or raise -I',
    );
  });
});

describe('a failing call', () => {
  const writing = (then: () => never | Result) => (self: Table) => {
    self.set('a', 1);
    return then();
  };

  test.each<[string, unknown, string]>([
    ['an error', new Error('boom'), 'boom'],
    ['line ends', new Error('a\r\nSTORED\r\n\0b'), 'a STORED b'],
    ['a string', 'just text', 'just text'],
    ['nothing', undefined, 'failed without a message'],
    ['an error without a message', new Error(''), 'failed without a message'],
    ['text beyond bytes', new Error('\u20ac'), '\u00e2\u0082\u00ac'],
  ])('throws %s', (_name, thrown, message) => {
    const calls = harness({
      go: writing(() => {
        throw thrown;
      }),
    });
    expect(calls.get('t:go:k')).toBe(`CLIENT_ERROR t:go: ${message}`);
    expect(calls.set('t:go:k', '')).toBe(`CLIENT_ERROR t:go: ${message}`);
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('has a message of at most 200 bytes', () => {
    const line = answer(() => {
      throw new Error('\u20ac'.repeat(100_000));
    });
    expect(line.length).toBe('CLIENT_ERROR t:go: '.length + 200);
  });

  test('is logged once per version, with file and line', () => {
    const calls = harness({
      go: () => {
        throw new Error('boom');
      },
    });
    calls.get('t:go:k');
    calls.get('t:go:k');
    expect(calls.logged).toEqual(['warn: plugins/t.ts: t:go failed for t:go:k: boom']);
  });

  test('for lack of memory changes nothing', () => {
    let bytes = 600 * 1024;
    const calls = harness({
      go: (self) => {
        self.set('a', 1);
        // More than half of the arena, and then hardly anything.
        self.set('b', 'x'.repeat(bytes));
        self.delete('b');
        return 'done';
      },
    });
    expect(calls.get('t:go:k')).toBe('SERVER_ERROR t:go: out of memory');
    bytes = 1;
    expect(calls.get('t:dump:k')).toBe('{}');
    expect(calls.get('t:go:k')).toBe('done');
    expect(calls.get('t:dump:k')).toBe('{"a":1}');
  });
});

describe('a call', () => {
  const spin: Run = (self) => {
    for (;;) self.has('a');
  };

  test('over its budget of steps ends with an error and changes nothing', () => {
    expect(answer(spin, { budget: { steps: 5000 } })).toBe('CLIENT_ERROR t:go: takes more than 5000 steps');
  });

  test('over its budget of time ends with an error and changes nothing', () => {
    expect(answer(spin, { budget: { steps: 1e12, milliseconds: 5 } })).toBe(
      'CLIENT_ERROR t:go: takes longer than 5 ms of CPU time',
    );
  });

  test('over its budget of bytes ends with an error and changes nothing', () => {
    const greedy: Run = (_self, _args, call) => {
      for (;;) call.utf8Encode('x'.repeat(1000));
    };
    expect(answer(greedy, { budget: { bytes: 10_000 } })).toBe('CLIENT_ERROR t:go: makes more than 10000 bytes');
  });

  test('fails even if the method catches the end of its budget', () => {
    const caught: Run = (self) => {
      try {
        for (let field = 1; ; field++) self.set(field, field);
      } catch {
        return 'done';
      }
    };
    const calls = harness({ go: caught }, { budget: { steps: 5000, milliseconds: 10_000 }, arenaBytes: 1024 * 1024 });
    expect(calls.get('t:go:k')).toBe('CLIENT_ERROR t:go: takes more than 5000 steps');
    expect(calls.get('t:dump:k')).toBe('{}');
  });
});

describe('several objects in one call', () => {
  const move: Run = (self, _args, call) => {
    const other = call.open('t', 'other', 'write');
    if (other === undefined) return 'no other';
    other.set('a', self.get('a') as number);
    self.delete('a');
    return call.open('t', 'k')?.has('a') === false ? 'moved' : 'two views of one object';
  };

  test('are changed together', () => {
    const fill: Run = (self) => {
      self.set('a', 7);
      return 'full';
    };
    const calls = harness({ go: move, fill });
    calls.get('t:fill:k');
    expect(calls.get('t:go:k')).toBe('no other');
    calls.get('t:new:other');
    expect(calls.get('t:go:k')).toBe('moved');
    expect(calls.get('t:dump:other')).toBe('{"a":7}');
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('are not found at the key of a plain value', () => {
    const calls = harness({ go: (_self, _args, call) => String(call.open('t', 'plain') === undefined) });
    calls.putPlain('t$plain', 'x');
    expect(calls.get('t:go:k')).toBe('CLIENT_ERROR t:go: t$plain holds a plain value, not an object');
  });

  test('need a valid access and a loaded type', () => {
    expect(answer((_self, _args, call) => String(call.open('t', 'k', 'create' as 'read')))).toBe(
      "CLIENT_ERROR t:go: open takes 'read', 'write' or 'upsert' as its access, not 'create'",
    );
    expect(answer((_self, _args, call) => String(call.open('nosuch', 'k')))).toBe(
      "CLIENT_ERROR t:go: open: there is no type 'nosuch'; get cacheismo:types lists those that are loaded",
    );
  });

  test('need a string as key', () => {
    for (const [key, kind] of [
      [undefined, 'undefined'],
      [5, 'number'],
      [{}, 'object'],
    ] as const) {
      expect(answer((_self, _args, call) => String(call.open('t', key as unknown as string)))).toBe(
        `CLIENT_ERROR t:go: open takes a string as the object's key, not ${kind}`,
      );
    }
  });

  test('are not found by keys that no item can have', () => {
    expect(answer((_self, _args, call) => String(call.open('t', 'x'.repeat(300))))).toBe('undefined');
    expect(answer((_self, _args, call) => String(call.open('t', '\u20ac')))).toBe('undefined');
  });

  test('have tables that are invalid after the call', () => {
    let kept: Table | undefined;
    const calls = harness({
      go(self) {
        kept = self;
        return 'kept';
      },
    });
    calls.get('t:go:k');
    expect(() => kept?.count).toThrow('kept beyond its call');
  });
});

describe('a create method', () => {
  test('makes no object if it returns nothing or abandons', () => {
    const calls = harness({
      make: {
        access: 'create',
        run(self: Table) {
          self.set('a', 2);
          return null;
        },
      },
      leave: {
        access: 'create',
        run(_self: Table, _args: never, call: CallContext) {
          call.abandon();
          return call.existed ? 'left as it was' : 'left out';
        },
      },
    });
    expect(calls.get('t:make:new')).toBe('END');
    expect(calls.set('t:make:new', '')).toBe('NOT_STORED');
    expect(calls.get('t:dump:new')).toBe('END');
    expect(calls.get('t:leave:new')).toBe('left out');
    expect(calls.get('t:dump:new')).toBe('END');
    expect(calls.get('t:leave:k')).toBe('left as it was');
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('sets the time to live by the exptime of the command, and 0 leaves it unchanged', () => {
    const calls = harness({ ttl: (_self, _args, call) => call.ttlSeconds ?? 'for ever' });
    expect(calls.get('t:ttl:k')).toBe('for ever');
    expect(calls.get('t:dump:k', 50)).toBe('{}');
    expect(calls.get('t:ttl:k')).toBe('50');
    expect(calls.set('t:dump:k', '', 70)).toBe('STORED');
    expect(calls.get('t:ttl:k', 0)).toBe('70');
    expect(calls.get('t:ttl:k', -1)).toBe('70');
    expect(calls.get('t:ttl:k')).toBe('END');
  });
});

describe("scripts in the original's style", () => {
  test('write their own reply and change plain items when they succeed', () => {
    const original = originalType('old', {
      say(_self, args, call) {
        call.reply.value(call.request.virtualKey, 5, `${args.string(0)} ${args.count}`);
        call.items.put({ key: 'plain', clientFlags: 0, expiresAtUnix: 0, bytes: Buffer.from('stored') });
        if (args.string(0) === 'fail') throw new Error('no');
        return undefined;
      },
      keys(_self, args, call) {
        call.reply.text(call.items.keysWithPrefix(args.string(0)).join(' '));
        return undefined;
      },
      copy(_self, _args, call) {
        const item = call.items.get('long');
        if (item !== undefined) call.items.put({ ...item, key: 'copy' });
        call.items.delete('long');
        call.reply.text(String(call.items.get('long')));
        return undefined;
      },
    });
    const calls = new CallHarness([original]);
    expect(calls.get('old:say:k:fail')).toBe('CLIENT_ERROR old:say: no');
    expect(calls.plain('plain')).toBeUndefined();
    expect(calls.get('old:say:k:%41:b')).toBe('VALUE old:say:k:%41:b 5 5\r\n%41 2\r\n');
    expect(calls.plain('plain')).toBe('stored');
    expect(calls.get('old:keys:k:pl')).toBe('plain');
    calls.putPlain('long', 'ab'.repeat(10_000));
    expect(calls.get('old:copy:k')).toBe('undefined');
    expect(calls.plain('copy')).toBe('ab'.repeat(10_000));
    expect(calls.plain('long')).toBeUndefined();
  });
});

describe('a method that refuses a call on purpose', () => {
  const take: Run = (self, _args, call) => {
    self.set('a', 2);
    try {
      call.refuse('only 1 left');
    } catch {
      self.set('b', 3);
    }
    return 'taken';
  };

  test('gets CLIENT_ERROR and changes nothing, even if it catches its own error', () => {
    const calls = harness({ go: take });
    expect(calls.get('t:go:k')).toBe('CLIENT_ERROR t:go: only 1 left');
    expect(calls.set('t:go:k', '')).toBe('CLIENT_ERROR t:go: only 1 left');
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('is not logged, and is counted separately from errors', () => {
    const calls = harness({
      go: take,
      fail: () => {
        throw new Error('no');
      },
    });
    calls.get('t:go:k');
    expect(calls.logged).toEqual([]);
    calls.get('t:fail:k');
    expect(calls.figures('object_refusals', 'object_errors')).toEqual([1, 1]);
    expect(calls.get('cacheismo:methods:t')).toMatch(/^go write .* calls 1 errors 0 /m);
  });
});

describe('a missing object', () => {
  test.each([
    ['miss', 'END'],
    ['value', 'ERROR_CACHE_MISS'],
    [undefined, 'END'],
  ] as const)('answers as its type says: missing %s', (missing, answered) => {
    const methods = { get: method({ access: 'read', run: () => 'there' }) };
    const type = nativeType('plugins/m.ts', { name: 'm', ...(missing === undefined ? {} : { missing }), methods });
    const calls = new CallHarness([type]);
    expect(calls.get('m:get:k')).toBe(answered);
    expect(calls.set('m:get:k', '')).toBe('NOT_FOUND');
  });
});

test('call.now is the same during a call, however long it takes', () => {
  const calls = harness({
    go(_self, _args, call) {
      const before = call.now;
      calls.timeMs += 10;
      return String(call.now === before);
    },
  });
  expect(calls.get('t:go:k')).toBe('true');
  const first = calls.timeMs;
  expect(calls.timeMs).toBe(first);
});

describe("an object's key", () => {
  test('may contain any byte in hexadecimal except those that end a word', () => {
    const calls = harness({ go: (_self, _args, call) => call.key });
    calls.get('t:new:user%3A42');
    expect(calls.get('t:go:user%3A42')).toBe('user:42');
    expect(calls.get('t:go:user%3a42')).toBe('user:42');
    expect(calls.get('t:go:100%25')).toBe('END');
    for (const byte of ['%20', '%0d', '%0A', '%00']) {
      expect(calls.get(`t:go:a${byte}b`)).toBe(
        'CLIENT_ERROR t:go: key must not contain a blank, a line end or a zero byte, escaped or not',
      );
    }
  });
});

describe('a key that names no method', () => {
  const type = () =>
    typeOf('t', {
      new: method({ access: 'create', run: () => 'made' }),
      get: method({ access: 'read', run: () => 'there' }),
    });

  test('is an ordinary key, which is counted, and logged once', () => {
    const calls = new CallHarness([type()]);
    for (let count = 0; count < 3; count++) expect(calls.isCall('t:gte:k')).toBe(false);
    for (const key of ['t', 'tt:get:k', 'u:get:k']) expect(calls.isCall(key)).toBe(false);
    expect(calls.figures('object_unknown_methods')).toEqual([3]);
    expect(calls.logged).toEqual([
      'warn: t has no method gte; did you mean get?; it has new, get; the key that names it is taken as an ordinary key',
    ]);
  });

  test('is an error that lists the methods where a prefix says that it must be a call', () => {
    const calls = new CallHarness([type()], { virtualKeys: { prefixes: ['ns:'], prefixRequired: true } });
    expect(calls.get('ns:t:gte:k:1')).toBe('CLIENT_ERROR t has no method gte; did you mean get?; it has new, get');
    expect(calls.set('ns:t:gte:k', 'x')).toBe('CLIENT_ERROR t has no method gte; did you mean get?; it has new, get');
    expect(calls.isCall('t:gte:k')).toBe(false);
    expect(calls.isCall('ns:u:get:k')).toBe(false);
  });

  test('is an error that ends with a whole name and dots where the type has more methods than fit', () => {
    const names = Array.from({ length: 30 }, (_, index) => `method_${index}`);
    const many = typeOf('t', Object.fromEntries(names.map((name) => [name, method({ access: 'read', run: () => 1 })])));
    const calls = new CallHarness([many], { virtualKeys: { prefixes: ['ns:'], prefixRequired: true } });
    for (const unknown of ['x', 'none', 'x'.repeat(39), 'x'.repeat(100), 'method_77']) {
      const [line, start, listed] =
        /^CLIENT_ERROR (t has no method \S+?(?:; did you mean method_7\?)?; it has )(.*)$/.exec(
          String(calls.get(`ns:t:${unknown}:k`)),
        ) as RegExpExecArray;
      const shown = listed.split(', ');
      expect(shown.pop()).toBe('...');
      expect(shown).toEqual(names.slice(0, shown.length));
      const next = `, ${names[shown.length]}, ...`.length;
      expect(line.length - 'CLIENT_ERROR '.length).toBeLessThanOrEqual(200);
      expect(`${start}${shown.join(', ')}`.length + next).toBeGreaterThan(200);
    }
  });

  test('is reported differently if its type failed to load', () => {
    const required = { virtualKeys: { prefixes: ['ns:'], prefixRequired: true } };
    for (const [options, prefix] of [
      [{}, ''],
      [required, 'ns:'],
    ] as const) {
      const calls = new CallHarness([type()], options);
      calls.registry.noteError('scripts/stock.lua', "scripts/stock.lua:3: '=' expected");
      calls.registry.noteError('plugins/t.ts', 'plugins/t.ts: a mistake in a later version');
      const text = "type stock is not loaded: scripts/stock.lua:3: '=' expected";
      expect(calls.get(`${prefix}stock:take:k`)).toBe(prefix === '' ? 'no call' : `CLIENT_ERROR ${text}`);
      expect(calls.isCall(`${prefix}stock`)).toBe(false);
      expect(calls.figures('object_unknown_methods')).toEqual([1]);
      expect(calls.logged[0]).toContain(text);
      calls.registry.remove('scripts/stock.lua');
      expect(calls.isCall(`${prefix}stock:take:k`)).toBe(false);
    }
  });
});
