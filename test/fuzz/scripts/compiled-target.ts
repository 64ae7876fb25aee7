// Random functions, interpreted and compiled to JavaScript: same results, same errors with their lines, same steps, same content.

import { assert } from '../../../src/base/assert.js';
import { hot } from '../../../src/languages/lua/compiler/compile.js';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { LoadError } from '../../../src/objects/types/load-error.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import type { Random } from '../../bench/load/random.js';
import { CallHarness } from '../../objects/call-harness.js';
import type { FuzzTarget, Sequence } from '../target.js';
import { objectFunctions } from './object-functions.js';
import { plainFunctions } from './plain-functions.js';

const SCRIPTS = 4;
const CALLS = 3;
const BUDGET = { steps: 500_000, bytes: 64 * 1024 * 1024, milliseconds: 60_000 };

interface Script {
  readonly functions: string;
  readonly body: string;
}

interface Outcome {
  readonly replies: readonly string[];
  readonly steps: readonly (number | undefined)[];
}

function generate(random: Random): Sequence {
  return {
    setup: null,
    steps: Array.from({ length: SCRIPTS }, () => ({
      ...(random.below(3) === 0 ? plainFunctions(random) : objectFunctions(random)),
    })),
  };
}

function load({ functions, body }: Script): LoadedType | undefined {
  const text = `${functions} return { name = "t", methods = {
    show = { access = "read", run = function(self) return self end },
    back = { access = "upsert", run = function(self, args, call) self.n = 0 return call.invoke("t", "show", "k") end },
    fail = { access = "upsert", run = function(self) self.n = "failed" error("no") end },
    run = { access = "upsert", run = function(self, args, call) self.x = 5 ${body} end } } }`;
  try {
    return loadLuaType(Buffer.from(text), 't.lua');
  } catch (error) {
    // A function may have too many variables or jumps for Lua.
    if (error instanceof LoadError) return undefined;
    throw error;
  }
}

/** The reply to each call and its steps, and the object at the end. */
function outcome(script: Script, frames: number): Outcome {
  const usual = hot.frames;
  hot.frames = frames;
  try {
    const type = load(script);
    if (type === undefined) return { replies: [], steps: [] };
    const harness = new CallHarness([type], { budget: BUDGET });
    const { budget } = harness.calls.invocation;
    const replies: string[] = [];
    const steps: (number | undefined)[] = [];
    for (let call = 0; call < CALLS; call++) {
      const compiledBefore = hot.compiled;
      const reply = harness.get('t:run:k');
      // Compiling is charged as well, and a call that the host ends is charged for the rest of its portion of steps.
      const isEnded = /steps|bytes|time/.test(reply);
      const isEqual = hot.compiled === compiledBefore && !reply.startsWith('CLIENT_ERROR');
      // With what compiling took, another limit may be reached first, or one that else is not reached.
      if (isEnded && hot.compiled !== compiledBefore) return { replies, steps };
      replies.push(reply);
      steps.push(isEqual ? budget.limits.steps - budget.stepsLeft : undefined);
    }
    return { replies: [...replies, harness.get('t:show:k')], steps };
  } finally {
    hot.frames = usual;
  }
}

/** The parts of a reply that are not in the other one. */
function difference(reply: string, other: string): string {
  const others = other.split('|');
  return reply
    .split('|')
    .filter((part, index) => part !== others[index])
    .join('|');
}

function run({ steps }: Sequence): number {
  for (const step of steps) {
    const script = step as unknown as Script;
    const interpreted = outcome(script, Number.POSITIVE_INFINITY);
    const compiled = outcome(script, 1);
    for (let call = 0; call < compiled.replies.length; call++) {
      const [expected, found] = [interpreted.replies[call], compiled.replies[call]];
      const [parts, others] = [difference(found, expected), difference(expected, found)];
      assert(found === expected, `call ${call}, compiled: ${parts}, interpreted: ${others}`);
      // Earlier calls are also charged for what is kept for later ones, such as coroutines: which call that is may differ.
      if (call !== CALLS - 1) continue;
      const [steps, usual] = [compiled.steps[call], interpreted.steps[call]];
      assert(steps === undefined || steps === usual, `call ${call}: ${steps} steps, interpreted: ${usual}`);
    }
  }
  return steps.length;
}

export const compiledTarget: FuzzTarget = { name: 'compiled', generate, run };
