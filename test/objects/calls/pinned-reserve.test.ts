// Methods with a reserve, in both languages: where pinned objects take all that they may, calls of these methods go on. What the reserve is:
// test/tables/pinned.test.ts. The types that ship: test/plugins/full-of-pinned.test.ts.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method, type Table } from '../../../src/objects/types/object-type.js';
import { checkStore } from '../../store/checker.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const MEBIBYTE = 1024 * 1024;

const NAME = { name: { type: 'string' } } as const;

function mark(self: Table, { name }: { readonly name: string }): string {
  self.set(name, 'x'.repeat(100));
  return 'OK';
}

function inTypeScript(): LoadedType {
  return typeOf(
    'box',
    {
      put: method({ access: 'upsert', parameters: NAME, run: mark }),
      start: method({ access: 'upsert', reserve: true, parameters: NAME, run: mark }),
      through: method({
        access: 'write',
        run: (_self, _none, call) => call.invoke('box', 'start', call.key, { name: 'through' }) as string,
      }),
      pass: method({
        access: 'write',
        reserve: true,
        parameters: NAME,
        run: (_self, args, call) => call.invoke('box', 'put', call.key, args) as string,
      }),
      drop: method({
        access: 'write',
        run(self) {
          self.clear();
          return 'OK';
        },
      }),
    },
    'plugins/box.ts',
    { retention: 'pinned' },
  );
}

const SCRIPT = `
local function mark(self, args) self[args.name] = string.rep("x", 100) return "OK" end
local name = { { name = "name", type = "string" } }
return { name = "box", retention = "pinned", methods = {
  put = { access = "upsert", parameters = name, run = mark },
  start = { access = "upsert", reserve = true, parameters = name, run = mark },
  through = {
    access = "write",
    run = function(self, args, call) return call:invoke("box", "start", call.key, { name = "through" }) end,
  },
  pass = {
    access = "write",
    reserve = true,
    parameters = name,
    run = function(self, args, call) return call:invoke("box", "put", call.key, args) end,
  },
  drop = { access = "write", run = function(self) object.clear(self) return "OK" end },
} }`;

describe.each([
  ['TypeScript', inTypeScript],
  ['Lua', () => loadLuaType(Buffer.from(SCRIPT), 'scripts/box.lua')],
] as const)('in %s', (_language, make) => {
  /** With pinned objects that take all that they may. */
  function fullHarness(): CallHarness {
    const calls = new CallHarness([make()], { arenaBytes: MEBIBYTE, pinnedLimit: { bytes: 50_000 } });
    let number = 0;
    while (calls.get(`box:put:${number % 10}:field${number}`) === 'OK') number++;
    expect(number).toBeGreaterThan(300);
    return calls;
  }

  function starts(calls: CallHarness): number {
    let count = 0;
    while (count < 1000 && calls.get(`box:start:${count % 10}:start${count}`) === 'OK') count++;
    return count;
  }

  test('a method with a reserve may enlarge objects that there are by a tenth of the limit', () => {
    const calls = fullHarness();
    const started = starts(calls);
    expect(started).toBeGreaterThan(35);
    expect(started).toBeLessThan(51);
    expect(calls.store.retained.bytes).toBeLessThanOrEqual(55_000);
    expect(calls.get('box:start:0:another')).toMatch(
      /^CLIENT_ERROR box:start: pinned objects would take 55\d\d\d of at most 55000 bytes: delete some, let some expire, or raise --pinned-limit$/,
    );
    expect(calls.get('box:put:0:another')).toMatch(
      /^CLIENT_ERROR box:put: pinned objects would take 5\d{4} of at most 50000 /,
    );
    expect(calls.figures('object_pinned_refusals')).toEqual([4]);
    for (const key of [0, 1]) expect(calls.get(`box:drop:${key}`)).toBe('OK');
    expect(calls.get('box:start:0:another')).toBe('OK');
    expect(calls.get('box:put:0:another1')).toBe('OK');
    checkStore(calls.store);
  });

  test('it may not make objects beyond the limit', () => {
    const calls = fullHarness();
    expect(calls.get('box:start:new:a')).toMatch(/^CLIENT_ERROR box:start: .* of at most 50000 bytes/);
    expect(calls.get('box:start:0:a')).toBe('OK');
  });

  test('what counts is the method that the client calls', () => {
    const calls = fullHarness();
    expect(calls.get('box:through:0')).toMatch(/^CLIENT_ERROR box:through: .* of at most 50000 bytes/);
    expect(calls.get('box:pass:0:through')).toBe('OK');
  });
});

test('a reserve that is no boolean is a mistake in the definition', () => {
  const script = SCRIPT.replace('reserve = true', 'reserve = "yes"');
  expect(() => loadLuaType(Buffer.from(script), 'scripts/box.lua')).toThrow(
    "methods.start.reserve must be a boolean, not 'yes'",
  );
});
