// The slow paths of the virtual machine's operations: arithmetic with strings and metamethods, bits, concatenation,
// length, loops' set-up, closures. The fast paths are in vm.ts.

import { fengari } from './fengari.js';
import type { CallInfo, LuaClosure, LuaState, LuaTable, Proto, TValue } from './fengari-types.js';
import { raise } from './lua-error.js';
import { concatenated, LuaString } from './lua-string.js';
import { meter } from './meter.js';
import { formatNumber, parseNumber } from './numbers.js';
import { EVENT, STRING, TABLE, TYPE_FUNCTION, TYPE_MASK, TYPE_NUMBER, TYPE_STRING, USERDATA } from './tags.js';
import type { Userdata } from './userdata.js';

const { ltm, ltable, lobject } = fengari;
/** Longer strings are refused, whatever operation would make them. */
export const LONGEST_STRING = 16 * 1024 * 1024;
/** Bytes in V8's heap of a function, and of each captured variable. */
export const CLOSURE_BYTES = 120;
export const UPVALUE_BYTES = 56;

export function isNumber(value: TValue): boolean {
  return (value.type & TYPE_MASK) === TYPE_NUMBER;
}

export function isString(value: TValue): boolean {
  return (value.type & TYPE_MASK) === TYPE_STRING;
}

/** A number, or a string that reads as one. */
export function toNumber(value: TValue): number | undefined {
  if (isNumber(value)) return value.value as number;
  if (!isString(value)) return undefined;
  const { text } = value.value as LuaString;
  meter.charge(2 + Math.min(text.length, 1024));
  return parseNumber(text);
}

export function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function calculate(event: number, a: number, b: number): number {
  switch (event) {
    case EVENT.add:
      return a + b;
    case EVENT.sub:
      return a - b;
    case EVENT.mul:
      return a * b;
    case EVENT.mod:
      return modulo(a, b);
    case EVENT.pow:
      return a ** b;
    case EVENT.div:
      return a / b;
    case EVENT.idiv:
      return Math.floor(a / b);
    default:
      return -a;
  }
}

export function arithmetic(L: LuaState, event: number, a: TValue, b: TValue, result: TValue): void {
  const left = toNumber(a);
  const right = toNumber(b);
  if (left !== undefined && right !== undefined) result.setfltvalue(calculate(event, left, right));
  else ltm.luaT_trybinTM(L, a, b, result, event);
}

/** Extra steps of an operation on 64-bit integers. */
const BIG_BITS_STEPS = 4;

/** Bits as of 64-bit integers, of which doubles show the upper 53. */
function calculateBits(event: number, a: number, b: number): number {
  if (a === (a | 0) && b === (b | 0)) {
    if (event === EVENT.band) return a & b;
    if (event === EVENT.bor) return a | b;
    if (event === EVENT.bxor) return a ^ b;
    if (event === EVENT.bnot) return ~a;
  }
  meter.charge(BIG_BITS_STEPS);
  const left = BigInt(a);
  const right = BigInt(b);
  if (event === EVENT.band) return Number(left & right);
  if (event === EVENT.bor) return Number(left | right);
  if (event === EVENT.bxor) return Number(left ^ right);
  if (event === EVENT.bnot) return Number(~left);
  const distance = event === EVENT.shl ? b : -b;
  if (Math.abs(distance) >= 64) return 0;
  const shifted =
    distance >= 0
      ? BigInt.asIntN(64, left << BigInt(distance))
      : BigInt.asIntN(64, BigInt.asUintN(64, left) >> BigInt(-distance));
  return Number(shifted);
}

export function bitOperation(L: LuaState, event: number, a: TValue, b: TValue, result: TValue): void {
  const left = toNumber(a);
  const right = toNumber(b);
  if (left === undefined || right === undefined) {
    ltm.luaT_trybinTM(L, a, b, result, event);
    return;
  }
  if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right)) raise(L, 'number has no integer representation');
  result.setfltvalue(calculateBits(event, left, right));
}

/** Joins the values of `count` slots from `first` into the first; metamethods see pairs from the right, as in Lua. */
export function concatenate(L: LuaState, first: number, count: number): void {
  const { stack } = L;
  meter.charge(count);
  let result = stack[first + count - 1];
  for (let index = count - 2; index >= 0; index--) {
    const left = stack[first + index];
    if (isConcatenable(left) && isConcatenable(result)) {
      const joined = concatenated(stringOf(left), stringOf(result));
      if (joined.tsslen() > LONGEST_STRING) raise(L, `string is too long: at most ${LONGEST_STRING} bytes`);
      left.setsvalue(joined);
    } else {
      // Fengari would resume a yield inside this metamethod with a concatenation of its own: no yields here.
      L.nny++;
      ltm.luaT_trybinTM(L, left, result, left, EVENT.concat);
      L.nny--;
    }
    result = left;
  }
}

function isConcatenable(value: TValue): boolean {
  return isString(value) || isNumber(value);
}

/** The string of a string or number. */
export function stringOf(value: TValue): LuaString {
  if (isString(value)) return value.value as LuaString;
  meter.charge(4);
  return new LuaString(null, formatNumber(value.value as number));
}

export function lengthOf(L: LuaState, value: TValue, result: TValue): void {
  if (value.type === STRING) result.setfltvalue((value.value as LuaString).tsslen());
  else if (value.type === USERDATA) result.setfltvalue((value.value as Userdata).length(L));
  else if (value.type === TABLE) {
    const table = value.value as LuaTable;
    const handler = ltm.fasttm(L, table.metatable, EVENT.len);
    if (handler === null) result.setfltvalue(ltable.luaH_getn(table));
    else ltm.luaT_callTM(L, handler, value, value, result, 1);
  } else fengari.lvm.luaV_objlen(L, result, value);
}

/** Makes doubles of a numeric loop's start, limit and step, and steps back once. */
export function prepareLoop(L: LuaState, ra: number): void {
  const names = ["'for' initial value", "'for' limit", "'for' step"];
  for (let index = 0; index < 3; index++) {
    const slot = L.stack[ra + index];
    const value = toNumber(slot);
    if (value === undefined) raise(L, `${names[index]} must be a number`);
    slot.setfltvalue(value);
  }
  const step = L.stack[ra + 2].value as number;
  if (step === 0) raise(L, "'for' step is zero");
  const start = L.stack[ra];
  start.value = (start.value as number) - step;
}

export function makeClosure(L: LuaState, proto: Proto, outer: TValue[], base: number, target: TValue): void {
  const { upvalues } = proto;
  meter.chargeBytes(CLOSURE_BYTES + upvalues.length * UPVALUE_BYTES);
  meter.charge(upvalues.length >>> 3);
  const closure = new lobject.LClosure(L, upvalues.length);
  closure.p = proto;
  // First, since a recursive local function captures its own slot.
  target.type = TYPE_FUNCTION;
  target.value = closure;
  upvalues.forEach((upvalue, index) => {
    closure.upvals[index] = upvalue.instack ? L.stack[base + upvalue.idx] : outer[upvalue.idx];
  });
}

/** Replaces the caller's frame by that of its tail call. */
export function replaceFrame(L: LuaState, caller: CallInfo, hasClosures: boolean): CallInfo {
  const called = L.ci;
  const shift = called.funcOff - caller.funcOff;
  if (hasClosures) fengari.lfunc.luaF_close(L, caller.l_base);
  const parameters = (called.func.value as LuaClosure).p.numparams;
  meter.charge(2 + ((called.l_base + parameters - called.funcOff) >>> 2));
  for (let slot = called.funcOff; slot < called.l_base + parameters; slot++) {
    L.stack[slot - shift].setfrom(L.stack[slot]);
  }
  caller.func = L.stack[caller.funcOff];
  caller.l_base = called.l_base - shift;
  caller.top = called.top - shift;
  caller.l_code = called.l_code;
  caller.l_savedpc = called.l_savedpc;
  L.top = caller.top;
  L.ci = caller;
  return caller;
}

/** Closes upvalues: captured variables stay with their functions, and the stack gets new value objects. */
fengari.lfunc.luaF_close = (L, level) => {
  const { stack, top } = L;
  if (top > level) meter.charge((top - level) >>> 2);
  for (let slot = level; slot < top; slot++) {
    const box = stack[slot];
    // Compiled code leaves slots of its frames empty.
    if (box !== undefined) stack[slot] = new lobject.TValue(box.type, box.value);
  }
};

/** Steps of composing a message. */
const NAMING_STEPS = 65;
const nameOfLocal = fengari.lfunc.luaF_getlocalname;
/** The first thing that Fengari does to name a variable in a message; it then reads the function's code from its start. */
fengari.lfunc.luaF_getlocalname = (proto, number, pc) => {
  meter.charge(NAMING_STEPS + (proto.locvars.length >>> 1) + (pc >>> 2));
  return nameOfLocal(proto, number, pc);
};

// Operations on constants, which the compiler works out itself. Its numbers of operations count from that of addition.
lobject.luaO_arith = (_L, operation, a, b, result) => {
  const event = operation + EVENT.add;
  const [left, right] = [a.value as number, b.value as number];
  result.setfltvalue(isBitEvent(event) ? calculateBits(event, left, right) : calculate(event, left, right));
};

function isBitEvent(event: number): boolean {
  return (event >= EVENT.band && event <= EVENT.shr) || event === EVENT.bnot;
}
