// Types with `missing: 'empty'`, in both languages: their methods that read run on an empty table where there is no object.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const inTypeScript = () => ({
  ...typeOf('t', {
    add: method({
      access: 'upsert',
      run(self) {
        self.set('n', Number(self.get('n') ?? 0) + 1);
        return self.get('n');
      },
    }),
    look: method({ access: 'read', run: (self, _none, call) => `${call.isNew} ${self.get('n') ?? 0} ${self.count}` }),
    wrong: method({ access: 'read', run: (self) => self.set('n', 1) as undefined }),
    change: method({ access: 'write', run: () => 'changed' }),
  }),
  missing: 'empty' as const,
});

const SCRIPT = `return { name = "t", missing = "empty", methods = {
  add = { access = "upsert", run = function(self) self.n = (self.n or 0) + 1 return self.n end },
  look = { access = "read", run = function(self, args, call)
    return tostring(call.isNew) .. " " .. (self.n or 0) .. " " .. object.count(self)
  end },
  wrong = { access = "read", run = function(self) self.n = 1 end },
  change = { access = "write", run = function() return "changed" end },
} }`;

describe.each([
  ['TypeScript', inTypeScript],
  ['Lua', () => loadLuaType(Buffer.from(SCRIPT), 'scripts/t.lua')],
] as const)('a type in %s whose missing objects are empty', (_language, make) => {
  test('runs methods that read on an empty table, and makes no object', () => {
    const calls = new CallHarness([make()]);
    const items = calls.store.itemCount;
    expect(calls.get('t:look:k')).toBe('true 0 0');
    expect(calls.get('t:look:k', 60)).toBe('true 0 0');
    expect(calls.store.itemCount).toBe(items);
    calls.get('t:add:k');
    expect(calls.get('t:look:k')).toBe('false 1 1');
  });

  test('refuses a write of such a method, as with an object', () => {
    const calls = new CallHarness([make()]);
    const missing = calls.get('t:wrong:k');
    expect(missing).toMatch(/^CLIENT_ERROR t:wrong: /);
    calls.get('t:add:k');
    expect(calls.get('t:wrong:k')).toBe(missing);
    expect(calls.get('t:look:k')).toBe('false 1 1');
  });

  test('has a miss for methods that change an object, and an error for a plain value', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:change:k')).toBe('END');
    expect(calls.set('t:change:k', '')).toBe('NOT_FOUND');
    calls.putPlain('t$k', 'plain');
    expect(calls.get('t:look:k')).toBe('CLIENT_ERROR t:look: t$k holds a plain value, not an object');
  });
});
