// What a call comes to: results, errors, budgets, and that a failing call changes nothing.

import { describe, expect, test } from 'vitest';
import { type AnyMethod, type CallContext, method, type Result, type Table } from '../../src/objects/object-type.js';
import { CallHarness, type HarnessOptions } from './call-harness.js';
import { originalType, typeOf } from './types-for-tests.js';

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

describe('results', () => {
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

  test('the object itself, as JSON', () => {
    expect(
      answer((self) => {
        self.set('a', 1);
        self.set('b', [1, 2, { c: false }]);
        return self;
      }),
    ).toBe('{"a":1,"b":[1,2,{"c":false}]}');
  });

  test('a table inside a result', () => {
    expect(answer((self) => ({ inner: self.child('x') }) as unknown as Result)).toContain('{"inner":');
  });

  test.each<[string, unknown, string]>([
    ['a promise', Promise.resolve('x'), 'returned a promise; run must be synchronous'],
    ['a function', () => 1, 'returned a function'],
    ['text beyond bytes', '\u20ac', 'returned characters beyond bytes; use utf8Encode'],
    ['a list of text beyond bytes', ['\u20ac'], 'returned characters beyond bytes; use utf8Encode'],
  ])('%s is an error', (_name, result, message) => {
    expect(answer(() => result as Result)).toBe(`SERVER_ERROR t:go: ${message}`);
  });

  test('a promise that fails is an error, and no more', async () => {
    const failing = Promise.reject(new Error('later'));
    expect(answer(() => failing as unknown as Result)).toContain('returned a promise');
    await expect(failing).rejects.toThrow('later');
  });

  test('no method is async', () => {
    const run = (async () => 'x') as unknown as Run;
    expect(() => answer(run)).toThrow('plugins/t.ts: methods.go.run must not be async: calls are synchronous');
  });

  test('longer than the item limit is an error', () => {
    expect(answer(() => 'x'.repeat(101), { resultLimitBytes: 100 })).toBe(
      'SERVER_ERROR t:go: returned 101 bytes, more than 100',
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
    expect(calls.get('t:go:k')).toBe(`SERVER_ERROR t:go: ${message}`);
    expect(calls.set('t:go:k', '')).toBe(`SERVER_ERROR t:go: ${message}`);
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('has a message of at most 200 bytes', () => {
    const line = answer(() => {
      throw new Error('\u20ac'.repeat(100_000));
    });
    expect(line.length).toBe('SERVER_ERROR t:go: '.length + 200);
  });

  test('is logged once a version, with file and line', () => {
    const calls = harness({
      go: () => {
        throw new Error('boom');
      },
    });
    calls.get('t:go:k');
    calls.get('t:go:k');
    expect(calls.logged).toEqual(['warn: plugins/t.ts: t:go failed for t:go:k: boom']);
  });

  test('for want of memory changes nothing', () => {
    const calls = harness({ go: writing(() => 'done') });
    calls.tables.isFull = true;
    expect(calls.get('t:go:k')).toBe('SERVER_ERROR t:go: out of memory');
    calls.tables.isFull = false;
    expect(calls.get('t:dump:k')).toBe('{}');
    expect(calls.get('t:go:k')).toBe('done');
    expect(calls.get('t:dump:k')).toBe('{"a":1}');
  });
});

describe('budgets', () => {
  const spin: Run = (self) => {
    for (;;) self.has('a');
  };

  test('of steps', () => {
    expect(answer(spin, { budget: { steps: 5000 } })).toBe('SERVER_ERROR t:go: takes more than 5000 steps');
  });

  test('of time', () => {
    expect(answer(spin, { budget: { steps: 1e12, milliseconds: 5 } })).toBe(
      'SERVER_ERROR t:go: takes longer than 5 ms',
    );
  });

  test('of bytes', () => {
    const greedy: Run = (_self, _args, call) => {
      for (;;) call.utf8Encode('x'.repeat(1000));
    };
    expect(answer(greedy, { budget: { bytes: 10_000 } })).toBe('SERVER_ERROR t:go: makes more than 10000 bytes');
  });

  test('that a method has caught the end of', () => {
    const caught: Run = (self) => {
      try {
        for (let field = 1; ; field++) self.set(field, field);
      } catch {
        return 'done';
      }
    };
    const calls = harness({ go: caught }, { budget: { steps: 5000, milliseconds: 10_000 }, arenaBytes: 1024 * 1024 });
    expect(calls.get('t:go:k')).toBe('SERVER_ERROR t:go: takes more than 5000 steps');
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('a method killed three times in a minute is refused until it is reloaded', () => {
    const calls = harness({ go: spin, fine: () => 'fine' }, { budget: { steps: 5000 } });
    for (let kill = 0; kill < 3; kill++) expect(calls.get('t:go:k')).toContain('takes more than');
    expect(calls.get('t:go:k')).toContain('is refused until its file changes');
    expect(calls.get('t:fine:k')).toBe('fine');
    expect(calls.get('cacheismo:methods:t')).toMatch(/go write .* errors 4 .* refused/);
    calls.registry.install(typeOf('t', { go: method({ access: 'read', run: () => 'mended' }) }));
    expect(calls.get('t:go:k')).toBe('mended');
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

  test('a plain value is none', () => {
    const calls = harness({ go: (_self, _args, call) => String(call.open('t', 'plain') === undefined) });
    calls.tables.plain.add('t$plain');
    expect(calls.get('t:go:k')).toBe('CLIENT_ERROR t$plain is not a t');
  });

  test('keys that cannot be are missing', () => {
    expect(answer((_self, _args, call) => String(call.open('t', 'x'.repeat(300))))).toBe('undefined');
    expect(answer((_self, _args, call) => String(call.open('t', '\u20ac')))).toBe('undefined');
  });

  test('tables die with their call', () => {
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

describe('creating', () => {
  test('nothing comes of a create that returns nothing or abandons', () => {
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
    expect(calls.get('t:dump:new')).toBe('ERROR_CACHE_MISS');
    expect(calls.get('t:leave:new')).toBe('left out');
    expect(calls.get('t:dump:new')).toBe('ERROR_CACHE_MISS');
    expect(calls.get('t:leave:k')).toBe('left as it was');
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('the exptime of gat and of storage commands sets the time to live, 0 leaves it', () => {
    const calls = harness({ ttl: (_self, _args, call) => call.ttlSeconds ?? 'for ever' });
    expect(calls.get('t:ttl:k')).toBe('for ever');
    expect(calls.get('t:dump:k', 50)).toBe('{}');
    expect(calls.get('t:ttl:k')).toBe('50');
    expect(calls.set('t:dump:k', '', 70)).toBe('STORED');
    expect(calls.get('t:ttl:k', 0)).toBe('70');
    expect(calls.get('t:ttl:k', -1)).toBe('70');
    expect(calls.get('t:ttl:k')).toBe('ERROR_CACHE_MISS');
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
    expect(calls.get('old:say:k:fail')).toBe('SERVER_ERROR old:say: no');
    expect(calls.items.value('plain')).toBeUndefined();
    expect(calls.get('old:say:k:%41:b')).toBe('VALUE old:say:k:%41:b 5 5\r\n%41 2\r\n');
    expect(calls.items.value('plain')).toBe('stored');
    expect(calls.get('old:keys:k:pl')).toBe('plain');
    calls.items.put('long', 'ab'.repeat(10_000));
    expect(calls.get('old:copy:k')).toBe('undefined');
    expect(calls.items.value('copy')).toBe('ab'.repeat(10_000));
    expect(calls.items.value('long')).toBeUndefined();
  });
});
