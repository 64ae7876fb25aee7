// Calls that compose others: opening and removing objects, calling methods, storing plain values, in both languages and across them.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { nativeType } from '../../../src/languages/typescript/typescript-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { checkStore } from '../../store/checker.js';
import { CallHarness, type HarnessOptions } from '../call-harness.js';
import { composerIn, LANGUAGES, type Language, type Step, type Value } from '../composer.js';
import { typeOf } from '../types-for-tests.js';

/** A cache with the types `a`, in the first language, and `b`. */
class Cache {
  readonly harness: CallHarness;

  constructor(language: Language, other: Language = language, options: HarnessOptions = {}) {
    this.harness = new CallHarness([composerIn(language, 'a'), composerIn(other, 'b')], options);
  }

  /** The results of the steps, or the line of an error. */
  run(call: string, ...steps: readonly Step[]): Value {
    const data = `[${steps.map((step) => JSON.stringify(step)).join(',')}]`;
    const reply = this.harness.get(`${call}:${data}`);
    return /^(CLIENT|SERVER)_ERROR|^END$/.test(reply) ? reply : (JSON.parse(reply) as Value);
  }

  content(type: string, key: string): Value {
    const reply = this.harness.get(`${type}:read:${key}:[["returnSelf"]]`);
    return reply === 'END' ? reply : (JSON.parse(reply) as Value);
  }

  check(): void {
    checkStore(this.harness.store);
  }
}

const PAIRS = LANGUAGES.flatMap((language) => LANGUAGES.map((other) => [language, other] as const));

describe.each(LANGUAGES)('call.open for upsert in %s', (language) => {
  test('gives the object, or a new one that is kept when something is written to it', () => {
    const cache = new Cache(language);
    expect(cache.run('a:upsert:k', ['open', 'x', 'b', 'one', 'upsert'], ['set', 'x', 'n', 1])).toEqual([true, null]);
    expect(cache.content('b', 'one')).toEqual({ n: 1 });
    expect(cache.content('a', 'k')).toBe('END');
    const again: Step[] = [
      ['open', 'x', 'b', 'one', 'upsert'],
      ['get', 'x', 'n'],
      ['set', 'x', 'm', 2],
    ];
    expect(cache.run('a:upsert:k', ...again)).toEqual([true, 1, null]);
    expect(cache.content('b', 'one')).toEqual({ n: 1, m: 2 });
    cache.check();
  });

  test('keeps no object to which nothing was written, or that was emptied again', () => {
    const cache = new Cache(language);
    cache.run('a:upsert:k', ['open', 'x', 'b', 'one', 'upsert'], ['open', 'y', 'b', 'two', 'upsert']);
    cache.run('a:upsert:k', ['open', 'x', 'b', 'two', 'upsert'], ['set', 'x', 'n', 1], ['delete', 'x', 'n']);
    expect(cache.content('b', 'one')).toBe('END');
    expect(cache.content('b', 'two')).toBe('END');
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });

  test('a new object is a miss to others until something is written to it', () => {
    const cache = new Cache(language);
    const steps: Step[] = [
      ['open', 'x', 'b', 'one', 'upsert'],
      ['open', 'y', 'b', 'one'],
      ['invoke', 'b', 'read', 'one', { steps: [['returnSelf']] }],
      ['invoke', 'b', 'upsert', 'one', { steps: [['call', 'isNew']] }],
      ['set', 'x', 'n', 1],
      ['open', 'y', 'b', 'one'],
      ['get', 'y', 'n'],
      ['invoke', 'b', 'upsert', 'one', { steps: [['call', 'isNew']] }],
    ];
    expect(cache.run('a:upsert:k', ...steps)).toEqual([true, false, null, [true], null, true, 1, [false]]);
  });

  test('leaves nothing when the call fails', () => {
    const cache = new Cache(language);
    const fails: Step[] = [
      ['open', 'x', 'b', 'one', 'upsert'],
      ['set', 'x', 'n', 1],
      ['refuse', 'no'],
    ];
    expect(cache.run('a:upsert:k', ...fails)).toBe('CLIENT_ERROR a:upsert: no');
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });
});

describe.each(LANGUAGES)('call.exists in %s', (language) => {
  test('tells objects from plain values and from nothing', () => {
    const cache = new Cache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    cache.harness.putPlain('b$plain', 'x');
    const keys = ['one', 'none', 'plain', 'a b', '', 'k'.repeat(2000)];
    const calls = keys.map((key): Step => ['exists', 'b', key]);
    expect(cache.run('a:upsert:k', ...calls)).toEqual([true, false, false, false, false, false]);
    expect(cache.run('a:upsert:k', ['exists', 'c', 'one'])).toBe(
      "CLIENT_ERROR a:upsert: exists: there is no type 'c'; get cacheismo:types lists those that are loaded",
    );
  });

  test('sees what the call has made and removed', () => {
    const cache = new Cache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const steps: Step[] = [
      ['remove', 'b', 'one'],
      ['exists', 'b', 'one'],
      ['open', 'x', 'b', 'one', 'upsert'],
      ['exists', 'b', 'one'],
      ['set', 'x', 'n', 2],
      ['exists', 'b', 'one'],
      ['setValue', 'b$two', 'x'],
      ['exists', 'b', 'two'],
      ['deleteValue', 'b$two'],
      ['create', 'x', 'b', 'two'],
      ['exists', 'b', 'two'],
    ];
    const expected = [true, false, true, false, null, true, null, false, true, true, true];
    expect(cache.run('a:upsert:k', ...steps)).toEqual(expected);
    cache.check();
  });

  test('is no use of the object, so that it is evicted no later', () => {
    const cache = new Cache(language);
    for (const key of ['older', 'newer']) cache.run(`b:make:${key}`, ['set', 'self', 'n', 'x'.repeat(500)]);
    const found = (): Value => cache.run('a:upsert:k', ['exists', 'b', 'older'], ['exists', 'b', 'newer']);
    for (let number = 0; JSON.stringify(found()) === '[true,true]'; number++) {
      cache.harness.putPlain(`p${number}`, 'x'.repeat(100));
    }
    expect(found()).toEqual([false, true]);
  });
});

describe.each(LANGUAGES)('call.create in %s', (language) => {
  test('makes an empty object, which replaces an existing one and is kept even if it stays empty', () => {
    const cache = new Cache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1], ['expire', 100]);
    expect(cache.run('a:upsert:k', ['create', 'x', 'b', 'one'], ['create', 'y', 'b', 'two'])).toEqual([true, true]);
    expect(cache.content('b', 'one')).toEqual({});
    expect(cache.content('b', 'two')).toEqual({});
    expect(cache.run('b:read:one', ['call', 'ttlSeconds'])).toEqual([null]);
    cache.check();
  });

  test('makes the tables of the replaced object invalid, whose content is not kept', () => {
    const cache = new Cache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const steps: Step[] = [
      ['open', 'old', 'b', 'one', 'write'],
      ['set', 'old', 'n', 2],
      ['create', 'new', 'b', 'one'],
      ['set', 'new', 'm', 3],
    ];
    expect(cache.run('a:upsert:k', ...steps, ['set', 'old', 'n', 4])).toBe(
      'CLIENT_ERROR a:upsert: the object was replaced in this call',
    );
    expect(cache.content('b', 'one')).toEqual({ n: 1 });
    expect(cache.run('a:upsert:k', ...steps, ['open', 'y', 'b', 'one'], ['content', 'y'])).toEqual([
      true,
      null,
      true,
      null,
      true,
      { m: 3 },
    ]);
    expect(cache.content('b', 'one')).toEqual({ m: 3 });
    cache.check();
  });
});

describe.each(LANGUAGES)('call.remove in %s', (language) => {
  test('removes the own object, whose tables cannot be used any more', () => {
    const cache = new Cache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    const uses: Step[] = [
      ['get', 'self', 'n'],
      ['set', 'self', 'n', 2],
      ['content', 'self'],
      ['returnSelf'],
      ['expire', 5],
    ];
    for (const use of [...uses, ['call', 'ttlSeconds'] as const]) {
      expect(cache.run('a:write:k', ['remove'], use)).toBe('CLIENT_ERROR a:write: the object was removed in this call');
      expect(cache.content('a', 'k')).toEqual({ n: 1 });
    }
    expect(cache.run('a:write:k', ['remove'], ['remove'], ['open', 'x', 'a', 'k'])).toEqual([true, false, false]);
    expect(cache.content('a', 'k')).toBe('END');
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });

  test('removes another object, opened or not, and tells whether there was one', () => {
    const cache = new Cache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    cache.run('b:make:two', ['set', 'self', 'n', 'x'.repeat(100)]);
    const steps: Step[] = [
      ['remove', 'b', 'one'],
      ['remove', 'b', 'none'],
      ['open', 'x', 'b', 'two', 'write'],
      ['set', 'x', 'long', 'y'.repeat(1000)],
      ['remove', 'b', 'two'],
      ['remove', 'b', 'two'],
    ];
    expect(cache.run('a:upsert:k', ...steps)).toEqual([true, false, true, null, true, false]);
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });

  test('is undone when the call fails', () => {
    const cache = new Cache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const fails: Step[] = [['set', 'self', 'n', 2], ['remove'], ['remove', 'b', 'one'], ['throw', 'no']];
    expect(cache.run('a:write:k', ...fails)).toBe('CLIENT_ERROR a:write: no');
    expect(cache.content('a', 'k')).toEqual({ n: 1 });
    expect(cache.content('b', 'one')).toEqual({ n: 1 });
    cache.check();
  });

  test('an object can be made again after it was removed, and removed after it was made', () => {
    const cache = new Cache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    cache.run('a:write:k', ['remove'], ['create', 'x', 'a', 'k'], ['set', 'x', 'm', 2]);
    expect(cache.content('a', 'k')).toEqual({ m: 2 });
    cache.run('a:write:k', ['remove'], ['open', 'x', 'a', 'k', 'upsert'], ['set', 'x', 'm', 3]);
    expect(cache.content('a', 'k')).toEqual({ m: 3 });
    cache.run('a:write:k', ['create', 'x', 'a', 'k'], ['set', 'x', 'm', 4], ['remove'], ['create', 'y', 'a', 'k']);
    expect(cache.content('a', 'k')).toEqual({});
    cache.run('a:upsert:k', ['create', 'x', 'a', 'k'], ['remove'], ['remove', 'a', 'k']);
    expect(cache.content('a', 'k')).toBe('END');
    cache.run('a:upsert:new', ['set', 'self', 'n', 1], ['create', 'x', 'a', 'new'], ['remove']);
    expect(cache.content('a', 'new')).toBe('END');
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });

  test('a create method that removes its object leaves none, nor the one before', () => {
    const cache = new Cache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.run('a:make:k', ['set', 'self', 'n', 2], ['remove'])).toEqual([null, true]);
    expect(cache.content('a', 'k')).toBe('END');
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.run('a:make:k', ['remove'], ['returnNothing'])).toBe('END');
    expect(cache.content('a', 'k')).toBe('END');
    cache.check();
  });

  test('of the own object is refused in a method that reads', () => {
    const cache = new Cache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.run('a:read:k', ['remove'])).toBe('CLIENT_ERROR a:read: the object is open for reading only');
  });

  test('takes effect although the client sets an expiry', () => {
    const cache = new Cache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.harness.get('a:write:k:[["remove"]]', 100)).toBe('[true]');
    expect(cache.content('a', 'k')).toBe('END');
  });
});

describe.each(PAIRS)('call.invoke from %s into %s', (language, other) => {
  const steps = (...list: Step[]) => ({ steps: list as unknown as Value });

  test('calls a method on another object, and both changes are kept', () => {
    const cache = new Cache(language, other);
    cache.run('b:make:one', ['set', 'self', 'n', 5]);
    const calls: Step[] = [
      ['set', 'self', 'n', 1],
      ['invoke', 'b', 'write', 'one', steps(['get', 'self', 'n'], ['set', 'self', 'n', 4])],
      ['invoke', 'b', 'upsert', 'two', steps(['set', 'self', 'n', 7], ['get', 'self', 'n'])],
      ['get', 'self', 'n'],
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual([null, [5, null], [null, 7], 1]);
    expect(cache.content('a', 'k')).toEqual({ n: 1 });
    expect(cache.content('b', 'one')).toEqual({ n: 4 });
    expect(cache.content('b', 'two')).toEqual({ n: 7 });
    cache.check();
  });

  test('has a call of its own, and the outer method has its own again afterwards', () => {
    const cache = new Cache(language, other);
    cache.run('b:make:one', ['set', 'self', 'n', 5], ['expire', 100]);
    const facts: Step[] = [
      ['call', 'key'],
      ['call', 'type'],
      ['call', 'isNew'],
      ['call', 'existed'],
      ['call', 'ttlSeconds'],
    ];
    const calls: Step[] = [
      ...facts,
      ['invoke', 'b', 'upsert', 'one', steps(...facts)],
      ['invoke', 'b', 'make', 'one', steps(...facts)],
      ['invoke', 'b', 'make', 'new', steps(...facts)],
      ...facts,
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual([
      ...['k', 'a', true, false, null],
      ['one', 'b', false, false, 100],
      ['one', 'b', false, true, null],
      ['new', 'b', false, false, null],
      ...['k', 'a', true, false, null],
    ]);
  });

  test('has the same time, and its own expiry', () => {
    const cache = new Cache(language, other);
    const calls: Step[] = [
      ['set', 'self', 'n', 1],
      ['invoke', 'b', 'upsert', 'one', steps(['set', 'self', 'n', 1], ['expire', 50], ['call', 'unixMs'])],
      ['call', 'unixMs'],
      ['call', 'ttlSeconds'],
    ];
    const results = cache.run('a:upsert:k', ...calls) as readonly Value[];
    expect((results[1] as readonly Value[])[2]).toBe(results[2]);
    expect(results[3]).toBe(null);
    cache.harness.advance(51);
    expect(cache.content('b', 'one')).toBe('END');
    expect(cache.content('a', 'k')).toEqual({ n: 1 });
  });

  test('is a miss where there is no object, as far as the method needs one', () => {
    const cache = new Cache(language, other);
    const calls: Step[] = [
      ['invoke', 'b', 'read', 'one', steps(['call', 'key'])],
      ['invoke', 'b', 'write', 'one', steps(['call', 'key'])],
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual([null, null]);
  });

  test('passes arguments by name, checks them by their schemas and fills in defaults', () => {
    const cache = new Cache(language, other);
    const echo = (args: { readonly [name: string]: Value }): Step => ['invoke', 'b', 'echo', 'k', args];
    expect(
      cache.run('a:upsert:k', ['invoke', 'b', 'echo', 'k'], echo({}), echo({ count: 3 }), echo({ yes: true })),
    ).toEqual([
      ['none', 1, 0.5, false],
      ['none', 1, 0.5, false],
      ['none', 3, 0.5, false],
      ['none', 1, 0.5, true],
    ]);
    expect(cache.run('a:upsert:k', echo({ text: '', count: 2 ** 53 - 1, ratio: -1.5e-300, yes: true }))).toEqual([
      ['', 2 ** 53 - 1, -1.5e-300, true],
    ]);
    const refused: readonly (readonly [args: { readonly [name: string]: Value }, message: string])[] = [
      [{ text: 1 }, 'text must be a string'],
      [{ count: 'x' }, 'count must be a whole number in decimal digits'],
      [{ count: 1.5 }, 'count must be a whole number in decimal digits'],
      [{ count: 0 }, 'count must be >= 1'],
      [{ count: 2 ** 60 }, 'count must be between -9007199254740991 and 9007199254740991'],
      [{ ratio: 'x' }, 'ratio must be a number in decimal digits'],
      [{ yes: 1 }, 'yes must be true or false'],
      [{ yes: [] }, 'yes must be true or false'],
      [{ text: null }, 'text must be a string'],
      [{ txet: 'x' }, "there is no parameter 'txet'"],
    ];
    for (const [args, message] of refused) {
      expect(cache.run('a:upsert:k', echo(args))).toBe(`CLIENT_ERROR a:upsert: b:echo: ${message}`);
    }
    const needy = (args: { readonly [name: string]: Value }): Step => ['invoke', 'b', 'needy', 'k', args];
    expect(cache.run('a:upsert:k', needy({ first: 'ab', second: 'c' }))).toEqual(['abc']);
    expect(cache.run('a:upsert:k', needy({ first: 'ab' }))).toBe('CLIENT_ERROR a:upsert: b:needy: second is required');
    expect(cache.run('a:upsert:k', needy({ second: 'ab' }))).toBe('CLIENT_ERROR a:upsert: b:needy: first is required');
    expect(cache.run('a:upsert:k', needy({ first: 'a', second: 'c' }))).toBe(
      'CLIENT_ERROR a:upsert: b:needy: first must have at least 2 bytes',
    );
  });

  test('passes lists and objects as copies in both directions', () => {
    const cache = new Cache(language, other);
    const object = { a: [1, 'two', true, { b: [] }], bytes: '\u00e9\u00ff', nothing: {} };
    const nest: Step = ['invoke', 'b', 'nest', 'k', { list: [1, [2], { x: 'y' }], object }];
    const reply = cache.harness.get(`a:upsert:k:${JSON.stringify([nest])}`);
    expect(JSON.parse(reply)).toEqual([{ list: [1, [2], { x: 'y' }], object }]);
    const wrong: Step = ['invoke', 'b', 'nest', 'k', { list: { a: 1 }, object: {} }];
    expect(cache.run('a:upsert:k', wrong)).toBe('CLIENT_ERROR a:upsert: b:nest: list must be a JSON array');
    const empty: Step = ['invoke', 'b', 'nest', 'k', { list: [], object: {} }];
    expect(cache.run('a:upsert:k', empty)).toEqual([{ list: [], object: {} }]);
  });

  test('returns scalars as they are, and the content of an object as a copy', () => {
    const cache = new Cache(language, other);
    cache.run('b:make:one', ['set', 'self', 'list', [1, 2]], ['set', 'self', 'text', '[1,2]']);
    const results = ['text', '[1]', '', 0, -1.5, true, false, [], { a: null }].map(
      (value): Step => ['invoke', 'b', 'read', 'one', steps(['return', value])],
    );
    expect(cache.run('a:upsert:k', ...results)).toEqual(['text', '[1]', '', 0, -1.5, true, false, [], { a: null }]);
    const self: Step = ['invoke', 'b', 'read', 'one', steps(['returnSelf'])];
    expect(cache.run('a:upsert:k', self, ['invoke', 'b', 'read', 'one', steps(['returnNothing'])])).toEqual([
      { list: [1, 2], text: '[1,2]' },
      null,
    ]);
  });

  test('a failure inside ends the whole call with one line, and nothing of it is kept', () => {
    const cache = new Cache(language, other);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    cache.harness.putPlain('b$plain', 'x');
    const before: Step[] = [
      ['set', 'self', 'n', 2],
      ['setValue', 'v', 'x'],
      ['invoke', 'b', 'write', 'one', steps(['set', 'self', 'n', 2])],
    ];
    const failures: readonly (readonly [Step, string])[] = [
      [['invoke', 'b', 'write', 'one', steps(['set', 'self', 'n', 3], ['throw', 'no'])], 'b:write: no'],
      [['invoke', 'b', 'write', 'one', steps(['remove'], ['refuse', 'no'])], 'b:write: no'],
      [['invoke', 'b', 'write', 'one', {}], 'b:write: steps is required'],
      [['invoke', 'b', 'nothing', 'one'], "invoke: b has no method 'nothing'; get cacheismo:methods:b lists them"],
      [
        ['invoke', 'c', 'write', 'one'],
        "invoke: there is no type 'c'; get cacheismo:types lists those that are loaded",
      ],
      [['invoke', 'cacheismo', 'types', 'one'], 'invoke: methods of cacheismo are for clients only'],
      [
        ['invoke', 'b', 'write', 'one', steps(['invoke', 'a', 'write', 'k', steps(['throw', 'deep'])])],
        'a:write: deep',
      ],
    ];
    for (const [failure, message] of failures) {
      for (const step of [failure, ['try', failure] as const]) {
        expect(cache.run('a:write:k', ...before, step, ['set', 'self', 'n', 5])).toBe(
          `CLIENT_ERROR a:write: ${message}`,
        );
        expect([cache.content('a', 'k'), cache.content('b', 'one')]).toEqual([{ n: 1 }, { n: 1 }]);
        expect(cache.harness.plain('v')).toBeUndefined();
      }
    }
    expect(cache.run('a:write:k', ...before, ['invoke', 'b', 'write', 'plain', steps()])).toBe(
      'CLIENT_ERROR a:write: b$plain holds a plain value, not an object',
    );
    expect(cache.content('b', 'one')).toEqual({ n: 1 });
    cache.check();
  });

  test('an object of several levels is one: changes of each are seen by the others', () => {
    const cache = new Cache(language, other);
    const inner = steps(['set', 'self', 'n', 3], ['invoke', 'a', 'read', 'k', steps(['get', 'self', 'n'])]);
    const calls: Step[] = [
      ['set', 'self', 'n', 1],
      ['invoke', 'b', 'upsert', 'k', steps(['invoke', 'a', 'write', 'k', steps(['set', 'self', 'n', 2])])],
      ['get', 'self', 'n'],
      ['invoke', 'a', 'write', 'k', inner],
      ['get', 'self', 'n'],
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual([null, [[null]], 2, [null, [3]], 3]);
    expect(cache.content('a', 'k')).toEqual({ n: 3 });
  });

  test('a method that reads cannot write, even where the outer one may', () => {
    const cache = new Cache(language, other);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    const write = steps(['set', 'self', 'n', 2]);
    expect(cache.run('a:write:k', ['invoke', 'a', 'read', 'k', write])).toBe(
      'CLIENT_ERROR a:write: a:read: the object is open for reading only',
    );
    const calls: Step[] = [
      ['invoke', 'a', 'read', 'k', steps(['get', 'self', 'n'])],
      ['set', 'self', 'n', 3],
    ];
    expect(cache.run('a:write:k', ...calls)).toEqual([[1], null]);
    // Nor can a method that reads write after it has called one that writes.
    expect(cache.run('a:read:k', ['invoke', 'a', 'write', 'k', write], ['set', 'self', 'n', 9])).toBe(
      'CLIENT_ERROR a:read: the object is open for reading only',
    );
    expect(cache.content('a', 'k')).toEqual({ n: 3 });
  });

  test('a create method replaces an object of the outer one, unless it abandons', () => {
    const cache = new Cache(language, other);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const opened: Step[] = [
      ['open', 'x', 'b', 'one', 'write'],
      ['set', 'x', 'n', 2],
    ];
    const give = (last: Step): Step => ['invoke', 'b', 'make', 'one', steps(['set', 'self', 'm', 3], last)];
    for (const last of [['abandon'], ['returnNothing']] as const) {
      cache.run('a:upsert:k', ...opened, give(last), ['set', 'x', 'o', 4]);
      expect(cache.content('b', 'one')).toEqual({ n: 2, o: 4 });
    }
    expect(cache.run('a:upsert:k', ...opened, give(['return', 1]), ['get', 'x', 'n'])).toBe(
      'CLIENT_ERROR a:upsert: the object was replaced in this call',
    );
    cache.run('a:upsert:k', ...opened, give(['return', 1]));
    expect(cache.content('b', 'one')).toEqual({ m: 3 });
    // The own object of a create method, which makes none in the end.
    const same: Step = ['invoke', 'a', 'make', 'own', steps(['set', 'self', 'm', 3], ['returnNothing'])];
    expect(cache.run('a:make:own', ['set', 'self', 'n', 1], same, ['returnNothing'])).toBe('END');
    expect(cache.content('a', 'own')).toBe('END');
    cache.check();
  });

  test('is bounded in depth, and recursion is charged to the one budget', () => {
    const cache = new Cache(language, other, { budget: { steps: 20_000 } });
    const nested = (depth: number): Step => ['invoke', 'b', 'recur', 'k', { depth, type: 'a', other: 'b' }];
    expect(cache.run('a:upsert:k', nested(15))).toEqual([15]);
    expect(cache.run('a:upsert:k', nested(16))).toBe(
      'CLIENT_ERROR a:upsert: invoke: calls are nested more than 16 deep',
    );
    const many = Array.from({ length: 200 }, () => nested(3));
    expect(cache.run('a:upsert:k', ...many)).toMatch(/^CLIENT_ERROR a:upsert: takes more than 20000 steps$/);
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });

  test('works after a call that has failed with many values on the stack', () => {
    const cache = new Cache(language, other);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    expect(cache.run('b:read:one', ['set', 'self', 'n', 2])).toMatch(/reading only$/);
    expect(cache.run('a:upsert:k', ['invoke', 'b', 'read', 'one', steps(['get', 'self', 'n'])])).toEqual([[1]]);
  });

  test('counts as calls of the called method, and its errors as errors', () => {
    const cache = new Cache(language, other);
    cache.run('a:upsert:k', ['invoke', 'b', 'upsert', 'one', steps()]);
    cache.run('a:upsert:k', ['invoke', 'b', 'upsert', 'one', steps(['throw', 'no'])]);
    expect(cache.harness.get('cacheismo:methods:b')).toMatch(/^upsert .* calls 2 errors 1 /m);
    expect(cache.harness.get('cacheismo:methods:a')).toMatch(/^upsert .* calls 2 errors 1 /m);
  });
});

test('a method that reads runs on an empty table where its type says so, also when another method calls it', () => {
  const counter = nativeType('plugins/c.ts', {
    name: 'c',
    missing: 'empty',
    methods: {
      read: method({ access: 'read', run: (self, _args, call) => `${call.isNew} ${self.get('n') ?? 0}` }),
      write: method({ access: 'read', run: (self) => self.set('n', 1) as never }),
    },
  });
  const harness = new CallHarness([composerIn('Lua', 'a'), counter]);
  expect(harness.get('c:read:k')).toBe('true 0');
  expect(harness.get('a:upsert:k:[["invoke","c","read","k"],["open","x","c","k"]]')).toBe('["true 0",false]');
  expect(harness.get('a:upsert:k:[["invoke","c","write","k"]]')).toBe(
    'CLIENT_ERROR a:upsert: c:write: the object is open for reading only',
  );
  expect(harness.store.itemCount).toBe(0);
});

const IS_PLAIN = 'holds a plain value, not an object';

describe.each(LANGUAGES)('plain values in %s', (language) => {
  test('are read, stored and deleted, and the call sees its own changes', () => {
    const cache = new Cache(language);
    cache.harness.putPlain('v', 'old\u00ff');
    const calls: Step[] = [
      ['value', 'v'],
      ['setValue', 'v', 'new'],
      ['value', 'v'],
      ['deleteValue', 'v'],
      ['value', 'v'],
      ['deleteValue', 'v'],
      ['value', 'none'],
      ['setValue', 'w', ''],
      ['value', 'w'],
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual(['old\u00ff', null, 'new', true, null, false, null, null, '']);
    expect(cache.harness.plain('v')).toBeUndefined();
    expect(cache.harness.plain('w')).toBe('');
    cache.check();
  });

  test('expire after the given seconds, or never', () => {
    const cache = new Cache(language);
    cache.run('a:upsert:k', ['setValue', 'v', 'x', 9.5], ['setValue', 'w', 'y'], ['setValue', 'z', 'z', 0]);
    cache.harness.advance(9);
    expect(cache.harness.plain('v')).toBe('x');
    cache.harness.advance(1);
    expect(['v', 'w', 'z'].map((key) => cache.harness.plain(key))).toEqual([undefined, 'y', 'z']);
    expect(cache.run('a:upsert:k', ['setValue', 'v', 'x', -1])).toBe(
      'CLIENT_ERROR a:upsert: setValue takes a number of seconds from 0 to 4294967295; 0 lets the value live until it is evicted',
    );
  });

  test('are as before when the call fails', () => {
    const cache = new Cache(language);
    cache.harness.putPlain('v', 'old');
    cache.run('a:upsert:k', ['setValue', 'v', 'new'], ['setValue', 'w', 'new'], ['throw', 'no']);
    cache.run('a:upsert:k', ['deleteValue', 'v'], ['refuse', 'no']);
    expect(cache.harness.plain('v')).toBe('old');
    expect(cache.harness.plain('w')).toBeUndefined();
    cache.check();
  });

  test('and objects are told apart, also within the call', () => {
    const cache = new Cache(language);
    cache.harness.putPlain('b$plain', 'x');
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const refused: readonly (readonly [steps: readonly Step[], message: string])[] = [
      [[['open', 'x', 'b', 'plain']], `a:upsert: b$plain ${IS_PLAIN}`],
      [[['open', 'x', 'b', 'plain', 'upsert']], `a:upsert: b$plain ${IS_PLAIN}`],
      [[['create', 'x', 'b', 'plain']], `a:upsert: b$plain ${IS_PLAIN}`],
      [[['remove', 'b', 'plain']], `a:upsert: b$plain ${IS_PLAIN}`],
      [
        [
          ['setValue', 'b$new', 'x'],
          ['create', 'x', 'b', 'new'],
        ],
        `a:upsert: b$new ${IS_PLAIN}`,
      ],
      [
        [
          ['setValue', 'b$new', 'x'],
          ['open', 'x', 'b', 'new', 'upsert'],
        ],
        `a:upsert: b$new ${IS_PLAIN}`,
      ],
      [[['value', 'b$one']], 'a:upsert: value: b$one is an object, not a plain value; call.open opens it'],
      [[['setValue', 'b$one', 'x']], 'a:upsert: setValue: b$one is an object, not a plain value; call.open opens it'],
      [[['deleteValue', 'b$one']], 'a:upsert: deleteValue: b$one is an object, not a plain value; call.open opens it'],
      [
        [
          ['open', 'x', 'b', 'new', 'upsert'],
          ['setValue', 'b$new', 'x'],
        ],
        'a:upsert: setValue: b$new is an object, not a plain value; call.open opens it',
      ],
    ];
    for (const [steps, message] of refused) expect(cache.run('a:upsert:k', ...steps)).toBe(`CLIENT_ERROR ${message}`);
    // Where the one is gone the other may be made.
    cache.run('a:upsert:k', ['remove', 'b', 'one'], ['setValue', 'b$one', 'x']);
    expect(cache.harness.plain('b$one')).toBe('x');
    cache.run('a:upsert:k', ['deleteValue', 'b$one'], ['create', 'x', 'b', 'one'], ['set', 'x', 'n', 2]);
    expect(cache.content('b', 'one')).toEqual({ n: 2 });
    cache.run('a:upsert:k', ['deleteValue', 'b$plain'], ['open', 'x', 'b', 'plain', 'upsert']);
    expect(cache.harness.plain('b$plain')).toBeUndefined();
    expect(cache.content('b', 'plain')).toBe('END');
    cache.check();
  });
});

describe.each(LANGUAGES)('a key that no item can have, in %s,', (language) => {
  const LONG = 'k'.repeat(249);
  const KEYS = ['', 'a b', 'a\nb', 'a\u0000b', LONG];
  const rule = (most: number, key: string) =>
    `a key has 1 to ${most} bytes without blanks, line ends and zero bytes, unlike '${key.replace(/[\n\0]/, ' ').slice(0, 40)}'`;

  test('is a miss for what reads or removes', () => {
    const cache = new Cache(language);
    for (const key of KEYS) {
      const calls: Step[] = [
        ['open', 'x', 'b', key],
        ['open', 'x', 'b', key, 'write'],
        ['remove', 'b', key],
        ['value', key],
      ];
      const values = key === LONG ? calls : [...calls, ['deleteValue', key] as const];
      expect(cache.run('a:upsert:k', ...values)).toEqual(values.map(([kind]) => (kind === 'value' ? null : false)));
    }
  });

  test('is an error for what makes something', () => {
    const cache = new Cache(language);
    for (const key of KEYS) {
      const made: readonly (readonly [Step, string])[] = [
        [['open', 'x', 'b', key, 'upsert'], `open: ${rule(248, key)}`],
        [['create', 'x', 'b', key], `create: ${rule(248, key)}`],
        [['invoke', 'b', 'upsert', key, { steps: [] }], `invoke: ${rule(248, key)}`],
      ];
      for (const [step, message] of made)
        expect(cache.run('a:upsert:k', step)).toBe(`CLIENT_ERROR a:upsert: ${message}`);
    }
    const long = `${LONG}kk`;
    expect(cache.run('a:upsert:k', ['setValue', long, 'x'])).toBe(
      `CLIENT_ERROR a:upsert: setValue: ${rule(250, long)}`,
    );
    expect(cache.harness.store.itemCount).toBe(0);
  });

  test('is taken literally: a name with a colon, a dollar or a percent sign reaches no other type', () => {
    const cache = new Cache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const calls: Step[] = [
      ['open', 'x', 'a', 'k:../b$one'],
      ['invoke', 'a', 'upsert', 'b:write:one', { steps: [['set', 'self', 'n', 2]] }],
      ['invoke', 'a', 'upsert', 'x$b$one', { steps: [['call', 'key']] }],
      ['value', 'b:read:one'],
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual([false, [null], ['x$b$one'], null]);
    expect(cache.content('b', 'one')).toEqual({ n: 1 });
    for (const type of ['b$one', 'b:write', 'a$b', '']) {
      const shown = `there is no type '${type}'; get cacheismo:types lists those that are loaded`;
      expect(cache.run('a:upsert:k', ['open', 'x', type, 'k'])).toBe(`CLIENT_ERROR a:upsert: open: ${shown}`);
      expect(cache.run('a:upsert:k', ['invoke', type, 'write', 'k'])).toBe(`CLIENT_ERROR a:upsert: invoke: ${shown}`);
    }
    expect(cache.run('a:upsert:k', ['create', 'x', 'cacheismo', 'k'])).toBe(
      'CLIENT_ERROR a:upsert: create: cacheismo has no objects',
    );
  });
});

describe.each(LANGUAGES)('memory, in %s:', (language) => {
  test('what the call has opened is not evicted while other objects grow beyond the memory', () => {
    const cache = new Cache(language, language, {
      arenaBytes: 512 * 1024,
      budget: { steps: 1e7, milliseconds: 10_000 },
    });
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    for (let index = 0; index < 3000; index++) cache.harness.putPlain(`plain${index}`, 'x'.repeat(100));
    const grow: Step[] = Array.from({ length: 60 }, (_, index) => ['set', 'big', `f${index}`, 'y'.repeat(100)]);
    for (let round = 0; round < 20; round++) {
      const calls: Step[] = [
        ['open', 'one', 'b', 'one', 'write'],
        ['open', 'big', 'b', `big${round}`, 'upsert'],
        ...grow,
        ['set', 'one', 'n', round],
        ['set', 'self', 'n', round],
        ['get', 'one', 'n'],
        ['get', 'self', 'n'],
      ];
      expect((cache.run('a:write:k', ...calls) as readonly Value[]).slice(-2)).toEqual([round, round]);
      for (let index = 0; index < 300; index++) cache.harness.putPlain(`more${round}-${index}`, 'x'.repeat(100));
    }
    cache.check();
  });
});

describe.each([
  [
    'TypeScript',
    () =>
      typeOf('t', {
        store: method({
          access: 'upsert',
          parameters: { count: { type: 'integer' } },
          run(self, { count }, call) {
            self.set('n', count);
            for (let index = 0; index < count; index++) call.setValue(`v${index}`, 'x'.repeat(200_000));
            return 'stored';
          },
        }),
      }),
  ],
  [
    'Lua',
    () =>
      loadLuaType(
        Buffer.from(`return { name = "t", methods = { store = {
          access = "upsert",
          parameters = { { name = "count", type = "integer" } },
          run = function(self, args, call)
            self.n = args.count
            for index = 0, args.count - 1 do call.setValue("v" .. index, ("x"):rep(200000)) end
            return "stored"
          end,
        } } }`),
        'scripts/t.lua',
      ),
  ],
] as const)('a call in %s that has no memory for its values', (_language, make) => {
  test('fails as a whole: neither its object nor any of its values is stored', () => {
    const harness = new CallHarness([make()], { arenaBytes: 1024 * 1024, resultLimitBytes: 1024 * 1024 });
    expect(harness.get('t:store:k:2')).toBe('stored');
    expect(harness.plain('v1')).toBe('x'.repeat(200_000));
    expect(harness.get('t:store:l:9')).toBe('SERVER_ERROR t:store: out of memory');
    expect(harness.plain('v8')).toBeUndefined();
    expect(harness.get('t$l')).toBe('no call');
    expect(harness.get('t:ttl:l')).toBe('END');
    checkStore(harness.store);
  });
});
