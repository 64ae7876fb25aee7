// Plain values in a method: reading, storing and deleting them, in both languages.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { checkStore } from '../../store/checker.js';
import { CallHarness } from '../call-harness.js';
import { LANGUAGES, type Step } from '../composer.js';
import { ComposerCache } from '../composer-cache.js';
import { typeOf } from '../types-for-tests.js';

const IS_PLAIN = 'holds a plain value, not an object';

describe.each(LANGUAGES)('plain values in %s', (language) => {
  test('are read, stored and deleted, and the call sees its own changes', () => {
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
    cache.harness.putPlain('v', 'old');
    cache.run('a:upsert:k', ['setValue', 'v', 'new'], ['setValue', 'w', 'new'], ['throw', 'no']);
    cache.run('a:upsert:k', ['deleteValue', 'v'], ['refuse', 'no']);
    expect(cache.harness.plain('v')).toBe('old');
    expect(cache.harness.plain('w')).toBeUndefined();
    cache.check();
  });

  test('and objects are told apart, also within the call', () => {
    const cache = new ComposerCache(language);
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
