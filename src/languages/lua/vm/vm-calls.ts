// Calls in the virtual machine: frames, arguments and results on Lua's stack. They replace Fengari's, which delete array elements at every
// return; protected calls and coroutines still use those. Slots above the top may hold stale values, but each slot up to a frame's top has
// a value object.

import { fengari } from './fengari.js';
import type { CallInfo, LuaClosure, LuaState, Native, NativeClosure, TValue } from './fengari-types.js';
import { raise } from './lua-error.js';
import { bytesOf } from './lua-string.js';
import { meter } from './meter.js';
import {
  ALL_RESULTS,
  CLOSURE,
  ERROR_IN_HANDLER,
  EVENT,
  IN_LUA,
  NATIVE,
  NATIVE_CLOSURE,
  NATIVE_STEPS,
  NIL,
  TYPE_FUNCTION,
  TYPE_MASK,
} from './tags.js';

const { ldo, ldebug, ltm } = fengari;
const { TValue: Value } = fengari.lobject;
const { CallInfo: Frame } = fengari.lstate;

/** Slots that a native may use without asking. */
const NATIVE_SLOTS = 20;
/** C Lua's LUAI_MAXCCALLS. Each level also uses the stack of JavaScript. */
const DEEPEST_NATIVE_CALLS = 200;
/** Further calls beyond the deepest, for a message handler. */
const HANDLER_CALLS = 25;
/** Bytes in V8's heap of a stack slot with its value, and of a frame. */
export const SLOT_BYTES = 56;
export const FRAME_BYTES = 160;
/** Copying this many slots takes a step, as a power of 2. */
const SLOTS_PER_STEP_BITS = 1;
/** Of missing arguments. */
const MOST_FREE_SLOTS = 8;
const CALL = bytesOf('call');

/** Makes `top` the top; slots that were never used get a value. */
export function ensureTop(L: LuaState, top: number): void {
  const { stack } = L;
  for (let slot = L.top; slot < top; slot++) if (stack[slot] === undefined) stack[slot] = newSlot();
  L.top = top;
}

export function newSlot(): TValue {
  meter.chargeBytes(SLOT_BYTES);
  return new Value(NIL, null);
}

/** The value object at the top, which then is one higher; its content is stale. */
export function pushSlot(L: LuaState): TValue {
  const slot = L.stack[L.top];
  if (slot !== undefined) {
    L.top++;
    return slot;
  }
  const made = newSlot();
  L.stack[L.top++] = made;
  return made;
}

export function nextFrame(L: LuaState): CallInfo {
  const current = L.ci;
  let frame = current.next;
  if (frame === null) {
    meter.chargeBytes(FRAME_BYTES);
    frame = new Frame();
    current.next = frame;
    frame.previous = current;
  }
  L.ci = frame;
  return frame;
}

/** Starts a call of the function at `off`. True when it was a native and has run; false when a frame of Lua code waits. */
export function precall(L: LuaState, off: number, wanted: number): boolean {
  const func = L.stack[off];
  switch (func.type) {
    case CLOSURE:
      enterClosure(L, func, off, wanted);
      return false;
    case NATIVE:
      runNative(L, func, func.value as Native, off, wanted);
      return true;
    case NATIVE_CLOSURE:
      runNative(L, func, (func.value as NativeClosure).f, off, wanted);
      return true;
    default:
      insertCallMetamethod(L, func, off);
      return precall(L, off, wanted);
  }
}

function runNative(L: LuaState, func: TValue, native: Native, off: number, wanted: number): void {
  // The next instruction checks whether any are left.
  meter.countdown -= NATIVE_STEPS;
  if (L.stack_last - L.top <= NATIVE_SLOTS) ldo.luaD_growstack(L, NATIVE_SLOTS);
  const frame = nextFrame(L);
  frame.func = func;
  frame.funcOff = off;
  frame.nresults = wanted;
  frame.top = L.top + NATIVE_SLOTS;
  frame.callstatus = 0;
  frame.c_k = null;
  let count = 0;
  try {
    count = native(L);
  } catch (thrown) {
    meter.passOn(thrown);
  }
  postcall(L, L.ci, L.top - count, count);
}

function enterClosure(L: LuaState, func: TValue, off: number, wanted: number): void {
  const { p: proto } = func.value as LuaClosure;
  const size = proto.maxstacksize;
  if (L.stack_last - L.top <= size) ldo.luaD_growstack(L, size);
  const given = L.top - off - 1;
  let base = off + 1;
  if (proto.is_vararg) base = moveFixedArguments(L, proto.numparams, given);
  else {
    chargeMissing(proto.numparams - given);
    for (let count = given; count < proto.numparams; count++) pushSlot(L).setnilvalue();
  }
  const frame = openLuaFrame(L, func, off, base, wanted);
  // Arguments beyond the size of the frame are above its top and are ignored.
  ensureTop(L, frame.top);
}

/** The frame of a function of Lua that is at `off`, with its registers from `base` on. */
export function openLuaFrame(L: LuaState, func: TValue, off: number, base: number, wanted: number): CallInfo {
  const { p: proto } = func.value as LuaClosure;
  const frame = nextFrame(L);
  frame.func = func;
  frame.funcOff = off;
  frame.nresults = wanted;
  frame.l_base = base;
  frame.top = base + proto.maxstacksize;
  frame.l_code = proto.code;
  frame.l_savedpc = 0;
  frame.callstatus = IN_LUA;
  frame.c_k = null;
  return frame;
}

export function chargeMissing(missing: number): void {
  if (missing > MOST_FREE_SLOTS) meter.charge(missing >>> 2);
}

/** The fixed parameters of a vararg function go above all arguments. */
function moveFixedArguments(L: LuaState, fixed: number, given: number): number {
  if (L.stack_last - L.top <= fixed) ldo.luaD_growstack(L, fixed);
  const first = L.top - given;
  const base = L.top;
  meter.charge(fixed >>> SLOTS_PER_STEP_BITS);
  for (let index = 0; index < fixed; index++) {
    const slot = pushSlot(L);
    if (index < given) {
      const from = L.stack[first + index];
      slot.setfrom(from);
      from.setnilvalue();
    } else slot.setnilvalue();
  }
  return base;
}

/** Ends a call: its results go where the function was. False when the caller takes all of them. */
export function postcall(L: LuaState, frame: CallInfo, first: number, count: number): boolean {
  const { stack } = L;
  const to = frame.funcOff;
  const wanted = frame.nresults;
  L.ci = frame.previous as CallInfo;
  if (wanted === 1 && count > 0) {
    const result = stack[first];
    const target = stack[to];
    target.type = result.type;
    target.value = result.value;
    L.top = to + 1;
    return true;
  }
  const moved = wanted === ALL_RESULTS ? count : Math.min(wanted, count);
  meter.charge(moved >>> SLOTS_PER_STEP_BITS);
  for (let index = 0; index < moved; index++) stack[to + index].setfrom(stack[first + index]);
  if (wanted === ALL_RESULTS) {
    L.top = to + count;
    return false;
  }
  L.top = to + moved;
  while (L.top < to + wanted) pushSlot(L).setnilvalue();
  return true;
}

function insertCallMetamethod(L: LuaState, func: TValue, off: number): void {
  const handler = ltm.luaT_gettmbyobj(L, func, EVENT.call);
  if ((handler.type & TYPE_MASK) !== TYPE_FUNCTION) ldebug.luaG_typeerror(L, func, CALL);
  if (L.stack_last - L.top <= 1) ldo.luaD_growstack(L, 1);
  pushSlot(L);
  meter.charge((L.top - off) >>> SLOTS_PER_STEP_BITS);
  for (let slot = L.top - 1; slot > off; slot--) L.stack[slot].setfrom(L.stack[slot - 1]);
  L.stack[off].setfrom(handler);
}

/** Steps of a call by a function of the host or by an operator, in addition to those of the function. */
const CALL_STEPS = 5;

/** Calls the function at `off` with the values above it. */
export function call(L: LuaState, off: number, wanted: number): void {
  meter.charge(CALL_STEPS);
  if (++L.nCcalls >= DEEPEST_NATIVE_CALLS) {
    meter.charge(DEEPEST_NATIVE_CALLS);
    if (L.nCcalls >= DEEPEST_NATIVE_CALLS + HANDLER_CALLS) ldo.luaD_throw(L, ERROR_IN_HANDLER);
    if (L.nCcalls === DEEPEST_NATIVE_CALLS) raise(L, 'C stack overflow');
  }
  if (!precall(L, off, wanted)) fengari.lvm.luaV_execute(L);
  L.nCcalls--;
}

export function callWithoutYield(L: LuaState, off: number, wanted: number): void {
  L.nny++;
  call(L, off, wanted);
  L.nny--;
}

ldo.luaD_precall = precall;
ldo.luaD_poscall = postcall;
ldo.luaD_call = call;
ldo.luaD_callnoyield = callWithoutYield;
