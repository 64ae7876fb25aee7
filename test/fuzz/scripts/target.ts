// Random scripts under small budgets on some objects and values: whatever they do, the client gets a value or an error line, a failed call
// changes nothing, CPU time is bounded and the arena's invariants hold.

import { pictureOf } from '../../../src/app/testing/store-picture.js';
import { assert } from '../../../src/base/assert.js';
import { hot } from '../../../src/languages/lua/compiler/compile.js';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { recordedModules } from '../../../src/languages/lua/host/module-source.js';
import { LoadError } from '../../../src/objects/types/load-error.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { threadCpuMilliseconds } from '../../bench/host/thread-clock.js';
import type { Random } from '../../bench/load/random.js';
import { CallHarness } from '../../objects/call-harness.js';
import { typeOf } from '../../objects/types-for-tests.js';
import { checkStore } from '../../store/checker.js';
import type { FuzzTarget, Sequence } from '../target.js';
import { body } from './grammar.js';

interface Setup {
  readonly steps: number;
  readonly bytes: number;
  readonly arenaBytes: number;
  /** Of a function before it is compiled. */
  readonly frames: number;
}

const MILLISECONDS = 50;
/** The CPU time that a call may take beyond its limit: for the step in which it exceeds it, for a new state, and on a busy machine. */
const MOST_CPU_MS = 250;
const CALLS = 12;
const ENOUGH = { steps: 1e9, bytes: 1e12, milliseconds: 60_000 };

function generate(random: Random): Sequence {
  const setup = {
    steps: random.below(3) === 0 ? 50 + random.below(3000) : 100_000,
    bytes: random.below(3) === 0 ? 2000 + random.below(100_000) : 16 * 1024 * 1024,
    arenaBytes: random.below(4) === 0 ? 512 * 1024 : 2 * 1024 * 1024,
    frames: random.below(2) === 0 ? 1 : hot.frames,
  };
  return { setup, steps: Array.from({ length: 1 + random.below(CALLS) }, () => body(random)) };
}

/** A module, which a script may change, and settings, which it must not. */
const MODULES = recordedModules([
  { name: 'shared', text: Buffer.from('return { x = {}, f = function(...) return require("shared").x, ... end }') },
]);
const CONFIG = '{ limit = { type = "number", default = 3 }, list = { type = "array", default = { 1, { a = 2 } } } }';

function source(work: string): Buffer {
  const run = `function(self, args, call) local a, b, c ${work}\nend`;
  return Buffer.from(
    `local kept, shared = {}, require "shared" return { name = "t", config = ${CONFIG}, methods = {
    config = { access = "create", run = function(self, args, call) return json.encode(call.config) end },
    new = { access = "create", run = function(self) self.k1 = 1 self.t = { 1, 2, x = "y" } return "made" end },
    show = { access = "read", run = function(self) return json.encode(self) end },
    run = { access = "write", run = ${run} } } }`,
    'latin1',
  );
}

/** Methods that random scripts call, in either language. `back` calls the random script again. */
const IN_LUA = Buffer.from(`return { name = "v", methods = {
  put = { access = "upsert", run = function(self) self.n = (self.n or 0) + 1 return self.n end },
  get = { access = "read", run = function(self) return self end },
  pass = {
    access = "upsert",
    parameters = { { name = "value", type = "object" } },
    run = function(self, args) self.value = args.value return args.value end,
  },
  back = { access = "upsert", run = function(self, args, call) self.n = 0 return call:invoke("t", "run", "k") end },
  fail = { access = "upsert", run = function(self) self.n = "failed" error("no") end },
} }`);

const inTypeScript = () =>
  typeOf('u', {
    put: method({
      access: 'upsert',
      run: (self) => {
        self.set('n', ((self.get('n') as number | undefined) ?? 0) + 1);
        return self.get('n');
      },
    }),
    get: method({ access: 'read', run: (self) => self }),
    pass: method({
      access: 'upsert',
      parameters: { value: { type: 'object' } },
      run(self, { value }) {
        self.set('value', value as never);
        return value;
      },
    }),
    back: method({
      access: 'upsert',
      run(self, _args, call) {
        self.set('n', 0);
        try {
          return call.invoke('t', 'run', 'k');
        } catch {
          return 'caught';
        }
      },
    }),
    fail: method({
      access: 'upsert',
      run(self) {
        self.set('n', 'failed');
        throw new Error('no');
      },
    }),
  });

/** The error of a call that opens a plain item as an object names the item, not the method. */
const PLAIN_ITEM = /^CLIENT_ERROR \w\$k\d is not a \w$/;

function run(sequence: Sequence): number {
  const usual = hot.frames;
  hot.frames = (sequence.setup as unknown as Setup).frames;
  try {
    return runScripts(sequence);
  } finally {
    hot.frames = usual;
  }
}

function runScripts({ setup, steps }: Sequence): number {
  const { steps: most, bytes, arenaBytes } = setup as unknown as Setup;
  const budget = { steps: most, bytes, milliseconds: MILLISECONDS };
  const types = [load(''), loadLuaType(IN_LUA, 'scripts/v.lua'), inTypeScript()];
  const harness = new CallHarness(types, { budget, arenaBytes });
  const settings = harness.get('t:config:other');
  for (const step of steps) {
    if (!install(harness, step as string)) continue;
    if (harness.get('t:show:k') === 'END') harness.get('t:new:k');
    const before = picture(harness);
    const start = threadCpuMilliseconds();
    const reply = harness.get('t:run:k');
    const cpuMs = threadCpuMilliseconds() - start;
    assert(cpuMs < MOST_CPU_MS, `a call took ${Math.round(cpuMs)} ms of CPU time`);
    if (/^(SERVER|CLIENT)_ERROR /.test(reply)) {
      assert(
        /^\w+ t:run: [ -~\x80-\xff]{0,250}$/.test(reply) || PLAIN_ITEM.test(reply),
        `an error is not one clean line: ${JSON.stringify(reply)}`,
      );
      // Something may have been evicted.
      for (const [key, after] of picture(harness)) {
        const was = before.get(key) ?? 'nothing';
        assert(after === was, `a failed call (${reply}) left ${after.slice(0, 200)} of ${was.slice(0, 200)} at ${key}`);
      }
    }
    const config = harness.get('t:config:other');
    assert(config.startsWith('CLIENT_ERROR') || config === settings, `a call has changed the settings: ${config}`);
    checkStore(harness.store);
  }
  return steps.length;
}

/** The content of the store, which may be more than a call can read. */
function picture(harness: CallHarness): ReturnType<typeof pictureOf> {
  const { budget } = harness.calls.invocation;
  const { limits } = budget;
  budget.limits = ENOUGH;
  const all = pictureOf(harness.store, harness.calls);
  budget.limits = limits;
  return all;
}

function load(work: string): LoadedType {
  return loadLuaType(source(work), 'scripts/t.lua', undefined, MODULES);
}

/** False when the text does not compile: a random script may exceed a limit of the compiler. */
function install(harness: CallHarness, work: string): boolean {
  try {
    harness.registry.install(load(work));
    return true;
  } catch (error) {
    if (error instanceof LoadError) return false;
    throw error;
  }
}

export const scriptsTarget: FuzzTarget = { name: 'scripts', generate, run };
