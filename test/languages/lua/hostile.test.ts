// Each of many hostile scripts ends with one error line, after little CPU time, and leaves little memory behind; the next call is
// clean. The bound on the thread's CPU time is wider than the budget, which other tests check. With LONG_TESTS, all scripts of every group
// run.

import { describe, expect, test } from 'vitest';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { DEFAULT_BUDGET } from '../../../src/tables/budget.js';
import { threadCpuMilliseconds } from '../../bench/host/thread-clock.js';
import { CallHarness } from '../../objects/call-harness.js';
import { typeOf } from './evaluate.js';
import { HOSTILE } from './hostile.js';
import { GROUPS } from './hostile-groups.js';

const MOST_CPU_MS = 100;
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;
const MOST_RUNS = 3;
const AFTER = 'kept.n = (kept.n or 0) + 1 return "fine " .. kept.n';
/** Scripts of each group, unless all of them run. */
const SHORT_COUNT = 1;

/** The script as method `run`, next to a method that counts its calls. */
function original(body: string): LoadedType {
  const methods = `run = function(command, originalKey, cacheKey) ${body}\nend`;
  const after = 'after = function(command, originalKey) writeStringAsValue(command, originalKey, "fine") end';
  return new ScriptLoader().load(Buffer.from(`t = { ${methods}, ${after} }`, 'latin1'), 't.lua');
}

/** The usage of a script's first call; undefined when it is within its bounds. */
function excessOf(makeType: () => LoadedType, after: readonly string[]): string | undefined {
  const harness = new CallHarness([makeType()], { arenaBytes: 4 * 1024 * 1024, budget: DEFAULT_BUDGET });
  const memory = process.memoryUsage.rss();
  const before = threadCpuMilliseconds();
  const reply = harness.get('t:run:k');
  const cpuMs = threadCpuMilliseconds() - before;
  const grownBytes = process.memoryUsage.rss() - memory;
  expect(reply).toMatch(/^(CLIENT|SERVER)_ERROR t:run: [ -~]{1,200}$/);
  expect(after.map(() => harness.get('t:after:k'))).toEqual(after);
  if (cpuMs < MOST_CPU_MS && grownBytes < MOST_GROWTH_BYTES) return undefined;
  return `${cpuMs} ms of CPU time, ${grownBytes} bytes`;
}

/** The best of several runs counts, since the machine runs other programs too. */
function expectWithin(makeType: () => LoadedType, after: readonly string[]): void {
  let found: string | undefined;
  for (let run = 0; run < MOST_RUNS; run++) {
    found = excessOf(makeType, after);
    if (found === undefined) return;
  }
  expect(found).toBeUndefined();
}

test('there are a hundred hostile scripts, and a hundred more in groups', () => {
  expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(100);
  expect(GROUPS.flatMap(([, , scripts]) => Object.keys(scripts)).length).toBeGreaterThanOrEqual(100);
});

describe('a hostile script ends with one error line, within its time and memory:', () => {
  test.each(Object.entries(HOSTILE))('%s', (_, body) => {
    expectWithin(() => typeOf({ run: body, after: AFTER }), ['fine 1', 'fine 2']);
  });
});

describe.each(GROUPS)('a hostile script of %s ends with one error line, within its time and memory:', (...group) => {
  const [, isOriginal, scripts] = group;
  const all = Object.entries(scripts);
  const run = process.env.LONG_TESTS === undefined ? all.slice(0, SHORT_COUNT) : all;
  test.each(run)('%s', (_, body) => {
    if (isOriginal) expectWithin(() => original(body), ['VALUE t:after:k 0 4\r\nfine\r\n']);
    else expectWithin(() => typeOf({ run: body, after: AFTER }), ['fine 1', 'fine 2']);
  });
});
