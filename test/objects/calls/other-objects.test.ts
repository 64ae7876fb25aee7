// Other objects in a method: opening, making and removing them, and keys that no item can have, in both languages.

import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Step, type Value } from '../composer.js';
import { ComposerCache } from '../composer-cache.js';

describe.each(LANGUAGES)('call.open for upsert in %s', (language) => {
  test('gives the object, or a new one that is kept when something is written to it', () => {
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
    cache.run('a:upsert:k', ['open', 'x', 'b', 'one', 'upsert'], ['open', 'y', 'b', 'two', 'upsert']);
    cache.run('a:upsert:k', ['open', 'x', 'b', 'two', 'upsert'], ['set', 'x', 'n', 1], ['delete', 'x', 'n']);
    expect(cache.content('b', 'one')).toBe('END');
    expect(cache.content('b', 'two')).toBe('END');
    expect(cache.harness.store.itemCount).toBe(0);
    cache.check();
  });

  test('a new object is a miss to others until something is written to it', () => {
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
    cache.run('b:make:one', ['set', 'self', 'n', 1], ['expire', 100]);
    expect(cache.run('a:upsert:k', ['create', 'x', 'b', 'one'], ['create', 'y', 'b', 'two'])).toEqual([true, true]);
    expect(cache.content('b', 'one')).toEqual({});
    expect(cache.content('b', 'two')).toEqual({});
    expect(cache.run('b:read:one', ['call', 'ttlSeconds'])).toEqual([null]);
    cache.check();
  });

  test('makes the tables of the replaced object invalid, whose content is not kept', () => {
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    cache.run('b:make:one', ['set', 'self', 'n', 1]);
    const fails: Step[] = [['set', 'self', 'n', 2], ['remove'], ['remove', 'b', 'one'], ['throw', 'no']];
    expect(cache.run('a:write:k', ...fails)).toBe('CLIENT_ERROR a:write: no');
    expect(cache.content('a', 'k')).toEqual({ n: 1 });
    expect(cache.content('b', 'one')).toEqual({ n: 1 });
    cache.check();
  });

  test('an object can be made again after it was removed, and removed after it was made', () => {
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.run('a:make:k', ['set', 'self', 'n', 2], ['remove'])).toEqual([null, true]);
    expect(cache.content('a', 'k')).toBe('END');
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.run('a:make:k', ['remove'], ['returnNothing'])).toBe('END');
    expect(cache.content('a', 'k')).toBe('END');
    cache.check();
  });

  test('of the own object is refused in a method that reads', () => {
    const cache = new ComposerCache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.run('a:read:k', ['remove'])).toBe('CLIENT_ERROR a:read: the object is open for reading only');
  });

  test('takes effect although the client sets an expiry', () => {
    const cache = new ComposerCache(language);
    cache.run('a:make:k', ['set', 'self', 'n', 1]);
    expect(cache.harness.get('a:write:k:[["remove"]]', 100)).toBe('[true]');
    expect(cache.content('a', 'k')).toBe('END');
  });
});

describe.each(LANGUAGES)('a key that no item can have, in %s,', (language) => {
  const LONG = 'k'.repeat(249);
  const KEYS = ['', 'a b', 'a\nb', 'a\u0000b', LONG];
  const rule = (most: number, key: string) =>
    `a key has 1 to ${most} bytes without blanks, line ends and zero bytes, unlike '${key.replace(/[\n\0]/, ' ').slice(0, 40)}'`;

  test('is a miss for what reads or removes', () => {
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language);
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
    const cache = new ComposerCache(language, language, {
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
