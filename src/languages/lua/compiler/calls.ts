// Calls and returns of compiled code. A call of a compiled function with one result is a call of JavaScript, whose arguments are not on
// Lua's stack; its frame is kept as the virtual machine keeps it, for errors and limits. All other calls go over the stack.

import { fengari } from '../vm/fengari.js';
import type { CallInfo, LuaClosure, LuaState } from '../vm/fengari-types.js';
import { meter } from '../vm/meter.js';
import { ALL_RESULTS, CLOSURE, TAIL_CALLED } from '../vm/tags.js';
import { chargeMissing, ensureTop, nextFrame, openLuaFrame, postcall, precall } from '../vm/vm-calls.js';
import { callIterator, setList } from '../vm/vm-helpers.js';
import { replaceFrame } from '../vm/vm-operations.js';
import { put, type RawValue, registerOf } from './raw-values.js';

const { ldo } = fengari;
/** Frames of compiled and native code on the stack of JavaScript; deeper ones are interpreted. */
export const DEEPEST_COMPILED = 24;
/** Frames for which a native counts that calls a function of Lua. If it counted for one, compiled code between natives could nest 300 deep and
    take 500 KB of the stack of JavaScript; so it takes 130 KB, measured with frames of 100 registers. */
export const FRAMES_OF_NATIVE = 3;

/** What compiled code returns in place of its one result. */
export const Ended = {
  /** The results are on the stack, and the frame has ended. */
  onStack: Symbol('results on the stack'),
  /** The frame has been replaced by that of a tail call, which has not begun. */
  tailCall: Symbol('tail call'),
} as const;

/** Runs the frame that has been entered, to its end. */
export const interpreter = { run(_L: LuaState, _depth: number): void {} };

/** The frame of a call of compiled code whose function is at `off`, with its arguments in registers of JavaScript. */
export function openFrame(L: LuaState, closure: LuaClosure, off: number, given: number, wanted: number): CallInfo {
  const { p: proto } = closure;
  const size = proto.maxstacksize;
  const base = off + 1;
  if (L.stack_last - base - given <= size) grow(L, base + given, size);
  if (proto.numparams > given) chargeMissing(proto.numparams - given);
  const slot = L.stack[off] ?? put(L, off, null);
  slot.type = CLOSURE;
  slot.value = closure;
  const frame = openLuaFrame(L, slot, off, base, wanted);
  L.top = frame.top;
  return frame;
}

/** The stack above `top` is not in use. */
function grow(L: LuaState, top: number, size: number): void {
  L.top = top;
  ldo.luaD_growstack(L, size);
}

/** Makes the frame that of a compiled function which its own function calls as its last act. */
export function reopenFrame(L: LuaState, frame: CallInfo, pc: number, closure: LuaClosure, given: number): CallInfo {
  frame.l_savedpc = pc + 1;
  const { p: proto } = closure;
  const size = proto.maxstacksize;
  const called = frame.l_base + frame.l_code[pc].A + 1 + given;
  if (L.stack_last - called <= size) grow(L, called, size);
  if (proto.numparams > given) chargeMissing(proto.numparams - given);
  nextFrame(L);
  L.ci = frame;
  meter.charge(2 + ((1 + proto.numparams) >>> 2));
  const slot = put(L, frame.funcOff, closure);
  frame.func = slot;
  frame.top = frame.l_base + size;
  frame.l_code = proto.code;
  frame.l_savedpc = 0;
  frame.callstatus |= TAIL_CALLED;
  L.top = frame.top;
  return frame;
}

/** Puts a function and its arguments from registers on the stack. Further arguments are there if there are any number of them. */
function putCall(L: LuaState, ci: CallInfo, pc: number, values: readonly RawValue[]): number {
  ci.l_savedpc = pc + 1;
  const { A, B } = ci.l_code[pc];
  const off = ci.l_base + A;
  for (let index = 0; index < values.length; index++) put(L, off + index, values[index]);
  if (B !== 0) L.top = off + B;
  return off;
}

/** Any call; the first result, if a number of them is wanted. */
export function call(L: LuaState, ci: CallInfo, pc: number, depth: number, ...values: RawValue[]): RawValue {
  const off = putCall(L, ci, pc, values);
  const { A, C } = ci.l_code[pc];
  if (!precall(L, off, C - 1)) interpreter.run(L, depth);
  if (C === 0) return null;
  ensureTop(L, ci.top);
  return registerOf(L, ci, A);
}

/** Makes the boxes that registers of compiled code have not needed, where a frame or results are moved to. */
function fillHoles(L: LuaState, from: number, to: number): void {
  for (let index = from; index < to; index++) if (L.stack[index] === undefined) put(L, index, null);
}

/** A tail call over the stack. True if it was one of a native, whose results are on the stack. */
export function tailCall(L: LuaState, ci: CallInfo, pc: number, ...values: RawValue[]): boolean {
  const off = putCall(L, ci, pc, values);
  if (precall(L, off, ALL_RESULTS)) return true;
  fillHoles(L, ci.funcOff, off);
  replaceFrame(L, ci, false).callstatus |= TAIL_CALLED;
  return false;
}

/** Runs the tail call with which a called function has ended; its result. */
export function finishTail(L: LuaState, off: number, depth: number): RawValue {
  interpreter.run(L, depth);
  return L.stack[off].value;
}

/** Returns no result, several, or those on the stack up to its top. */
export function returnMany(L: LuaState, ci: CallInfo, pc: number, ...values: RawValue[]): RawValue {
  const { A, B } = ci.l_code[pc];
  const first = ci.l_base + A;
  const count = B === 0 ? L.top - first : B - 1;
  if (ci.nresults === 1 || ci.nresults === 0) {
    if (count === 0) return null;
    return values.length > 0 ? values[0] : L.stack[first].value;
  }
  for (let index = 0; index < values.length; index++) put(L, first + index, values[index]);
  fillHoles(L, ci.funcOff, first);
  postcall(L, ci, first, count);
  return Ended.onStack;
}

/** Ends a frame that was entered over the stack, with what its compiled code has returned. False for a tail call. */
export function finish(L: LuaState, ci: CallInfo, returned: RawValue): boolean {
  if (returned === Ended.tailCall) return false;
  if (returned === Ended.onStack) return true;
  put(L, ci.l_base, returned);
  postcall(L, ci, ci.l_base, 1);
  return true;
}

/** Calls a loop's iterator, whose results it leaves on the stack. */
export function iterate(L: LuaState, ci: CallInfo, pc: number, ...values: RawValue[]): void {
  ci.l_savedpc = pc + 1;
  const { A, C } = ci.l_code[pc];
  const first = ci.l_base + A;
  for (let index = 0; index < 6; index++) put(L, first + index, values[index]);
  callIterator(L, ci, first, C);
}

/** Fills a list from registers, and from the stack if there are any number of values. */
export function fillList(L: LuaState, ci: CallInfo, pc: number, rest: number, ...values: RawValue[]): void {
  ci.l_savedpc = pc + 1;
  meter.countdown += rest;
  const i = ci.l_code[pc];
  const first = ci.l_base + i.A;
  for (let index = 0; index < values.length; index++) put(L, first + index, values[index]);
  setList(L, ci, i, first);
  meter.countdown -= rest;
}
