// Random scripts under small budgets on one object: whatever they do, the client gets a value or an error line, a failed call changes
// nothing, CPU time is bounded and the arena's invariants hold.

import { assert } from '../../../src/base/assert.js';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { LoadError } from '../../../src/objects/types/load-error.js';
import { threadCpuMilliseconds } from '../../bench/host/thread-clock.js';
import type { Random } from '../../bench/load/random.js';
import { CallHarness } from '../../objects/call-harness.js';
import { checkStore } from '../../store/checker.js';
import type { FuzzTarget, Sequence } from '../target.js';
import { body } from './grammar.js';

interface Setup {
  readonly steps: number;
  readonly bytes: number;
  readonly arenaBytes: number;
}

const MILLISECONDS = 50;
/** The CPU time that a call may take beyond its limit: for the step in which it exceeds it, for a new state, and on a busy machine. */
const MOST_CPU_MS = 250;
const CALLS = 12;

function generate(random: Random): Sequence {
  const setup = {
    steps: random.below(3) === 0 ? 50 + random.below(3000) : 100_000,
    bytes: random.below(3) === 0 ? 2000 + random.below(100_000) : 16 * 1024 * 1024,
    arenaBytes: random.below(4) === 0 ? 512 * 1024 : 2 * 1024 * 1024,
  };
  return { setup, steps: Array.from({ length: 1 + random.below(CALLS) }, () => body(random)) };
}

function source(work: string): Buffer {
  const run = `function(self, args, call) local a, b, c ${work}\nend`;
  return Buffer.from(
    `local kept = {} return { name = "t", methods = {
    new = { access = "create", run = function(self) self.k1 = 1 self.t = { 1, 2, x = "y" } return "made" end },
    show = { access = "read", run = function(self) return json.encode(self) end },
    run = { access = "write", run = ${run} } } }`,
    'latin1',
  );
}

function run({ setup, steps }: Sequence): number {
  const { steps: most, bytes, arenaBytes } = setup as unknown as Setup;
  const budget = { steps: most, bytes, milliseconds: MILLISECONDS };
  const harness = new CallHarness([loadLuaType(source(''), 'scripts/t.lua')], { budget, arenaBytes });
  harness.get('t:new:k');
  for (const step of steps) {
    if (!install(harness, step as string)) continue;
    const before = harness.get('t:show:k');
    const start = threadCpuMilliseconds();
    const reply = harness.get('t:run:k');
    const cpuMs = threadCpuMilliseconds() - start;
    assert(cpuMs < MOST_CPU_MS, `a call took ${Math.round(cpuMs)} ms of CPU time`);
    if (/^(SERVER|CLIENT)_ERROR /.test(reply)) {
      assert(
        /^\w+ t:run: [ -~\x80-\xff]{0,250}$/.test(reply),
        `an error is not one clean line: ${JSON.stringify(reply)}`,
      );
      const after = harness.get('t:show:k');
      assert(after === before, `a failed call (${reply}) left ${after.slice(0, 200)} of ${before.slice(0, 200)}`);
    }
    checkStore(harness.store);
  }
  return steps.length;
}

/** False when the text does not compile: a random script may exceed a limit of the compiler. */
function install(harness: CallHarness, work: string): boolean {
  try {
    harness.registry.install(loadLuaType(source(work), 'scripts/t.lua'));
    return true;
  } catch (error) {
    if (error instanceof LoadError) return false;
    throw error;
  }
}

export const scriptsTarget: FuzzTarget = { name: 'scripts', generate, run };
