// A call that fails changes nothing, wherever it fails: by a full stack in the middle of a change, or in its commit.

import { describe, expect, test } from 'vitest';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { method, type Table } from '../../../src/objects/types/object-type.js';
import { checkStore } from '../../store/checker.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const MEBIBYTE = 1024 * 1024;
const LIMITS = { arenaBytes: 4 * MEBIBYTE, budget: { milliseconds: 60_000, steps: 1e9, bytes: 1e12 } };

describe('a full stack', () => {
  let levels = 0;

  /** Changes the object at each level below `from`; the stack overflows at one of them. */
  function dive(self: Table, from: number, change: (self: Table, level: number) => void): void {
    levels++;
    if (levels >= from) change(self, levels);
    dive(self, from, change);
  }

  const CHANGES: Readonly<Record<string, (self: Table, level: number) => void>> = {
    'a new field': (self, level) => self.set(`new${level % 300}`, level),
    'a new value': (self, level) => self.set(`k${level % 100}`, 'x'.repeat(level % 50)),
    'a long value': (self, level) => self.set('long', 'x'.repeat(900 + (level % 3000))),
    'a nested table': (self, level) => self.set('nested', { a: [level, { b: level }], c: 'd' }),
    'a field of a nested table': (self, level) => self.child('child').set(level % 100, level),
    'a deletion': (self, level) => self.delete(`k${level % 100}`),
    'emptying it': (self, level) => {
      self.clear();
      self.set('k', level);
    },
  };

  function diver(isCaught: boolean): CallHarness {
    const go = (self: Table, { how, from }: { readonly how: string; readonly from: number }) => {
      levels = 0;
      const change = CHANGES[how] as (self: Table, level: number) => void;
      if (!isCaught) dive(self, from, change);
      try {
        dive(self, from, change);
      } catch {
        return levels;
      }
      return undefined;
    };
    const make = (self: Table, { fields }: { readonly fields: number }) => {
      for (let index = 0; index < fields; index++) self.set(`k${index}`, `value ${index}`);
      self.set('child', { list: [1, 2, 3] });
      return 'made';
    };
    return new CallHarness(
      [
        typeOf('deep', {
          new: method({ access: 'create', parameters: { fields: { type: 'integer' } }, run: make }),
          dump: method({ access: 'read', run: (self) => self }),
          go: method({
            access: 'write',
            parameters: { how: { type: 'string' }, from: { type: 'integer' } },
            run: go,
          }),
        }),
      ],
      LIMITS,
    );
  }

  test.each(Object.keys(CHANGES))('during %s changes nothing', (how) => {
    for (const fields of [5, 100]) {
      const harness = diver(false);
      harness.get(`deep:new:k:${fields}`);
      const before = harness.get('deep:dump:k');
      harness.get(`deep:go:k:${how}:1000000`);
      const deepest = levels;
      for (let above = 1; above < 40; above++) {
        expect(harness.get(`deep:go:k:${how}:${deepest - above * 3}`)).toContain('Maximum call stack size exceeded');
        expect(harness.get('deep:dump:k')).toBe(before);
      }
      checkStore(harness.store);
    }
  });

  test.each(Object.keys(CHANGES))('that a method catches leaves %s intact', (how) => {
    for (const fields of [5, 100]) {
      const harness = diver(true);
      harness.get(`deep:new:k:${fields}`);
      harness.get(`deep:go:k:${how}:1000000`);
      const deepest = levels;
      for (let above = 1; above < 20; above++) {
        expect(harness.get(`deep:go:k:${how}:${deepest - above * 5}`)).toMatch(/^\d+$/);
        JSON.parse(harness.get('deep:dump:k'));
        checkStore(harness.store);
      }
    }
  });
});

const ORIGINAL = `old = {}
function old.make(command, originalKey, cacheKey, n)
  for i = 1, tonumber(n) do
    executeNew(command, originalKey, "o", ("k"):rep(200) .. string.format("%04d", i), function() return { x = 1 } end)
  end
end
function old.change(command, originalKey, cacheKey, n, victim)
  for i = 2, tonumber(n) do
    executeReadOnly(command, originalKey, "o", ("k"):rep(200) .. string.format("%04d", i), function() return nil end)
  end
  executeReadWrite(command, originalKey, "o", ("k"):rep(200) .. "0001", function(t) t.changed = n return nil end)
  getHashMap():delete(victim)
  writeStringAsValue(command, originalKey, "ok")
end
function old.put(command, originalKey, cacheKey)
  executeReadWrite(command, originalKey, "o", ("k"):rep(200) .. "0001", function(t) t.changed = "yes" return nil end)
  command:setKey("new")
  command:setData("abc")
  getHashMap():delete("victim")
  getHashMap():put(command:newCacheItem())
  writeStringAsValue(command, originalKey, "ok")
end
return old
`;

describe('a commit that fails', () => {
  const source = Buffer.from(ORIGINAL);

  function original(): CallHarness {
    return new CallHarness(
      [
        new ScriptLoader().load(source, 'scripts/old.lua'),
        typeOf('plain', { hello: method({ access: 'create', run: () => 'hello' }) }),
      ],
      LIMITS,
    );
  }

  function content(harness: CallHarness, key: string): string | undefined {
    const { at } = harness.arena.windows(0).input;
    for (let index = 0; index < key.length; index++) harness.arena.bytes[at + index] = key.charCodeAt(index);
    if (harness.store.find(at, key.length) === 0) return undefined;
    if (!key.startsWith('o$')) return 'plain';
    const outcome = harness.calls.content(at, key.length);
    return String(outcome.value);
  }

  const KEY = `o$${'k'.repeat(200)}0001`;

  function isDone(answer: string): boolean {
    return !/^(SERVER|CLIENT)_ERROR/.test(answer);
  }

  test('keeps neither the writes nor the deletes of a call, and passes none to the next call', () => {
    const harness = original();
    let count = 330;
    while (!isDone(harness.get(`old:make:x:${count}`))) count--;
    // Above some number of open objects there is no scratch memory left for the commit of the plain items.
    let done = 0;
    let failed = 0;
    for (let opened = count - 22; opened <= count; opened += 2) {
      harness.putPlain('victim', 'precious');
      const isKept = isDone(harness.get(`old:change:x:${opened}:victim`));
      if (isKept) done = opened;
      else failed++;
      expect(harness.get('plain:hello:y')).toBe('hello');
      expect(content(harness, 'victim')).toBe(isKept ? undefined : 'plain');
      expect(content(harness, KEY)).toBe(done === 0 ? '{"x":1}' : `{"x":1,"changed":"${done}"}`);
    }
    expect(done).toBeGreaterThan(0);
    expect(failed).toBeGreaterThan(0);
    checkStore(harness.store);
  });

  test('for lack of memory for a plain item keeps nothing of the call', () => {
    const harness = original();
    harness.get('old:make:x:1');
    harness.putPlain('victim', 'precious');
    const { reserve } = harness.store;
    harness.store.reserve = () => 0 as ReturnType<typeof reserve>;
    expect(harness.get('old:put:x')).toContain('old:put: out of memory');
    harness.store.reserve = reserve;
    expect(harness.get('plain:hello:y')).toBe('hello');
    expect([content(harness, KEY), content(harness, 'victim'), content(harness, 'new')]).toEqual([
      '{"x":1}',
      'plain',
      undefined,
    ]);
    expect(harness.get('old:put:x')).toContain('ok');
    expect([content(harness, KEY), content(harness, 'victim'), content(harness, 'new')]).toEqual([
      '{"x":1,"changed":"yes"}',
      undefined,
      'plain',
    ]);
    checkStore(harness.store);
  });
});
