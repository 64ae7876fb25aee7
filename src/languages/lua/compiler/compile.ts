// Compiles functions that are called often, or have loops, to JavaScript, which V8 compiles to machine code: the virtual machine's loop
// spends most of its time on choosing the next instruction and on moving values. README.md of src/languages/lua tells how.

import { fengari } from '../vm/fengari.js';
import type { LuaState, Proto, TValue } from '../vm/fengari-types.js';
import { FREE_LENGTH, type LuaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { STRING } from '../vm/tags.js';
import { modulo } from '../vm/vm-operations.js';
import {
  call,
  Ended,
  fillList,
  finish,
  finishTail,
  iterate,
  openFrame,
  reopenFrame,
  returnMany,
  tailCall,
} from './calls.js';
import { CodeWriter } from './code-writer.js';
import { concat } from './concatenation.js';
import { canCompile, isBackwards, weightOf } from './instruction-layout.js';
import { WRITERS } from './instructions.js';
import {
  calculate,
  compare,
  equal,
  get,
  length,
  newTable,
  plainEntry,
  plainField,
  prepare,
  set,
} from './rare-operations.js';
import { fill, registerOf } from './raw-values.js';

const USUAL_FRAMES = 200;
/** `frames`: of a function before it is compiled; changed by tests. `compiled`: functions that have been. */
export const hot = { frames: USUAL_FRAMES, compiled: 0 };
/** Instructions that all functions of a script together may have compiled, by weight. */
const MOST_INSTRUCTIONS = 20_000;
/** Measured at 5 to 10 us on a busy machine, and 20 us for a function. */
const STEPS_PER_INSTRUCTION = 80;
const STEPS_PER_FUNCTION = 200;
/** Of V8's heap, for an instruction of compiled code. */
const COMPILED_BYTES = 400;
/** A call may spend this part of its budget on compiling, so that it does not end for lack of it. */
const SHARE_OF_BUDGET = 1 / 8;

/** What compiled code may use: nothing else of the server has a name in it. */
// biome-ignore format: one line for each file
const TOOLS: Readonly<Record<string, unknown>> = {
  openFrame, reopenFrame, call, tailCall, finishTail, returnMany, finish, iterate, fillList,
  calculate, plainField, plainEntry, get, set, newTable, equal, compare, length, prepare,
  concat, fill, registerOf, modulo, meter, Closure: fengari.lobject.LClosure, TAIL: Ended.tailCall, ON_STACK: Ended.onStack,
};
const NAMES = Object.keys(TOOLS);
const VALUES = Object.values(TOOLS);

/** Frames that a loop counts for: a function with one is compiled before it runs, since the virtual machine takes long for a long loop,
    above all before V8 has compiled it. */
const FRAMES_OF_LOOP = USUAL_FRAMES - 1;
/** Of a function that is not compiled: below the limit, however many frames follow. */
const NEVER = -0x3fff_ffff;

/** Counts a frame of a function; compiles the function once it has had many, or if it has a loop. */
export function noteFrame(L: LuaState, proto: Proto): void {
  const frames = (proto.frames ?? (proto.code.some(isBackwards) ? FRAMES_OF_LOOP : 0)) + 1;
  proto.frames = frames;
  if (frames < hot.frames) return;
  const { l_G: state } = L;
  const instructions = weightOf(proto.code);
  const compiled = (state.compiledInstructions ?? 0) + instructions;
  if (compiled > MOST_INSTRUCTIONS || !canCompile(proto)) {
    proto.frames = NEVER;
    return;
  }
  const [steps, bytes] = [STEPS_PER_FUNCTION + instructions * STEPS_PER_INSTRUCTION, instructions * COMPILED_BYTES];
  const { limits, stepsLeft, bytesLeft } = meter.budget;
  if (
    stepsLeft - steps < limits.steps * (1 - SHARE_OF_BUDGET) ||
    bytesLeft - bytes < limits.bytes * (1 - SHARE_OF_BUDGET)
  ) {
    proto.frames = 0;
    return;
  }
  state.compiledInstructions = compiled;
  meter.charge(steps);
  meter.chargeBytes(bytes);
  compile(proto);
  hot.compiled++;
}

/** The bytes of V8's heap that the compiled code of a function takes. */
export function compiledBytes({ compiled, code }: Proto): number {
  return compiled === undefined ? 0 : weightOf(code) * COMPILED_BYTES;
}

function compile(proto: Proto): void {
  const make = new Function(...NAMES, 'constants', 'keyText', new CodeWriter(proto).body(WRITERS));
  [proto.direct, proto.compiled] = make(...VALUES, proto.k, keyText);
}

/** The key of a table's map for a constant. */
function keyText({ type, value }: TValue): string | undefined {
  if (type !== STRING || (value as LuaString).tsslen() > FREE_LENGTH) return undefined;
  return (value as LuaString).text;
}
