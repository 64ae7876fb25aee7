// The memory that a type keeps between calls is counted by its real size and limited; beyond the limit its state is created again.

import { describe, expect, test } from 'vitest';
import { hot } from '../../../src/languages/lua/compiler/compile.js';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { CallHarness } from '../../objects/call-harness.js';

const LIMIT = 4 * 1024 * 1024;
const BUDGET = { milliseconds: 10_000, steps: 20_000_000 };

const KEEP: Readonly<Record<string, string>> = {
  tables: 'for i = 1, 500 do keep[#keep + 1] = { i, i } end',
  texts: 'keep[#keep + 1] = ("x"):rep(200000) .. #keep',
  'parts of texts': 'for i = 1, 100 do keep[#keep + 1] = (("x"):rep(2000) .. i):sub(1, 1500) end',
  arguments: 'keep[#keep + 1] = args.text',
  functions: 'for i = 1, 500 do local a, b, c = i, i, i keep[#keep + 1] = function() return a, b, c end end',
  'suspended coroutines':
    'local function deep(n) if n == 0 then coroutine.yield() return 1 end local r = deep(n - 1) return r end for i = 1, 10 do local c = coroutine.create(deep) coroutine.resume(c, 90) keep[#keep + 1] = c end',
  'iterators over long texts': 'keep[#keep + 1] = (("x"):rep(100000) .. #keep):gmatch("x")',
  'wrapped coroutines': 'for i = 1, 200 do local f = coroutine.wrap(coroutine.yield) f() keep[#keep + 1] = f end',
};

function harnessOf(work: string): CallHarness {
  const source = `local keep = {} return { name = "t", methods = {
    run = { access = "create", parameters = { { name = "text", type = "string", default = "" } },
      run = function(self, args) ${work} return #keep end },
    drop = { access = "create", run = function() for i = 1, #keep do keep[i] = nil end return "dropped" end } } }`;
  return new CallHarness([new ScriptLoader(LIMIT).load(Buffer.from(source, 'latin1'), 'scripts/t.lua')], {
    budget: BUDGET,
    arenaBytes: 8 * 1024 * 1024,
  });
}

function kept(harness: CallHarness): { bytes: number; restarts: number } {
  const line =
    harness
      .get('cacheismo:types')
      .split('\r\n')
      .find((row) => row.startsWith('t ')) ?? '';
  const [, bytes, restarts] = / keeps (\d+) bytes restarts (\d+)$/.exec(line) ?? [];
  return { bytes: Number(bytes), restarts: Number(restarts) };
}

describe('a state cannot keep more than its limit of', () => {
  test.each(Object.entries(KEEP))('%s', (_, work) => {
    const harness = harnessOf(work);
    const before = process.memoryUsage.rss();
    for (let call = 0; call < 200; call++) expect(harness.set('t:run:k', 'a'.repeat(100_000))).toBe('STORED');
    const { bytes, restarts } = kept(harness);
    expect(restarts).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(2 * LIMIT);
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 * 1024 * 1024);
  });
});

test('a state that keeps little is not reset, however much its calls allocate', () => {
  const harness = harnessOf('keep[1] = { ("x"):rep(2000000):upper() and "small" }');
  for (let call = 0; call < 30; call++) expect(harness.get('t:run:k')).toBe('1');
  expect(kept(harness).restarts).toBe(0);
});

test('memory that a state no longer keeps is not counted', () => {
  const harness = harnessOf(KEEP.tables);
  harness.get('t:run:k');
  const full = kept(harness).bytes;
  harness.get('t:drop:k');
  harness.get('t:run:k');
  expect(Math.abs(kept(harness).bytes - full)).toBeLessThan(full / 10);
});

test('a call that is refused leaves nothing of its own on the stack of its type', () => {
  const source = `return { name = "t", methods = {
    refuse = { access = "upsert", run = function(self, args, call) local a, b, c = 1, 2, 3 call.refuse("no") end },
    run = { access = "upsert", run = function() return "ran" end } } }`;
  const harness = new CallHarness([new ScriptLoader(LIMIT).load(Buffer.from(source), 'scripts/t.lua')]);
  expect(harness.get('t:refuse:k')).toBe('CLIENT_ERROR t:refuse: no');
  // Until the function is compiled: compiled code counts as memory.
  for (let call = 0; call < hot.frames; call++) harness.get('t:refuse:k');
  expect(harness.get('t:run:k')).toBe('ran');
  const { bytes } = kept(harness);
  for (let call = 0; call < 500; call++) harness.get('t:refuse:k');
  expect(harness.get('t:run:k')).toBe('ran');
  expect(kept(harness).bytes).toBe(bytes);
});
