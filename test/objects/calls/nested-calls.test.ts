// call.invoke: methods that call methods of other objects, in both languages and across them.

import { describe, expect, test } from 'vitest';
import { nativeType } from '../../../src/languages/typescript/typescript-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { composerIn, LANGUAGES, type Step, type Value } from '../composer.js';
import { ComposerCache } from '../composer-cache.js';

const PAIRS = LANGUAGES.flatMap((language) => LANGUAGES.map((other) => [language, other] as const));

describe.each(PAIRS)('call.invoke from %s into %s', (language, other) => {
  const steps = (...list: Step[]) => ({ steps: list as unknown as Value });

  test('calls a method on another object, and both changes are kept', () => {
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
    const calls: Step[] = [
      ['invoke', 'b', 'read', 'one', steps(['call', 'key'])],
      ['invoke', 'b', 'write', 'one', steps(['call', 'key'])],
    ];
    expect(cache.run('a:upsert:k', ...calls)).toEqual([null, null]);
  });

  test('passes arguments by name, checks them by their schemas and fills in defaults', () => {
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other);
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
    const cache = new ComposerCache(language, other, { budget: { steps: 20_000 } });
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
    const cache = new ComposerCache(language, other);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    expect(cache.run('b:read:one', ['set', 'self', 'n', 2])).toMatch(/reading only$/);
    expect(cache.run('a:upsert:k', ['invoke', 'b', 'read', 'one', steps(['get', 'self', 'n'])])).toEqual([[1]]);
  });

  test('counts as calls of the called method, and its errors as errors', () => {
    const cache = new ComposerCache(language, other);
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
