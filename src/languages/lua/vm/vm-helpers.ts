// Small parts of the virtual machine's loop: tests and jumps, comparisons, operands, argument lists, iterators.

import { fengari } from './fengari.js';
import type { CallInfo, Instruction, LuaClosure, LuaState, LuaTable, Native, TValue } from './fengari-types.js';
import { isBefore, type LuaString } from './lua-string.js';
import { meter } from './meter.js';
import { BOOLEAN, NATIVE, NIL, NUMBER, STRING, TABLE } from './tags.js';
import { call, ensureTop } from './vm-calls.js';

const { lvm, lfunc, ltable, ldo } = fengari;
/** Lua's LFIELDS_PER_FLUSH and BITRK, on which Fengari's compiler relies. */
const FIELDS_PER_FLUSH = 50;
const CONSTANT = 256;

export function isFalse(value: TValue): boolean {
  return value.type === NIL || (value.type === BOOLEAN && value.value === false);
}

export function jump(L: LuaState, ci: CallInfo, i: Instruction): void {
  if (i.A !== 0) lfunc.luaF_close(L, ci.l_base + i.A - 1);
  ci.l_savedpc += i.sBx;
}

/** A test's outcome: takes the jump that follows the test, or skips it. */
export function branch(L: LuaState, ci: CallInfo, taken: boolean): void {
  const next = ci.l_code[ci.l_savedpc++];
  if (taken) jump(L, ci, next);
}

export function equals(L: LuaState, a: TValue, b: TValue): boolean {
  if (a.type === NUMBER && b.type === NUMBER) return a.value === b.value;
  return lvm.luaV_equalobj(L, a, b) === 1;
}

export function lessThan(L: LuaState, a: TValue, b: TValue): boolean {
  if (a.type === NUMBER && b.type === NUMBER) return (a.value as number) < (b.value as number);
  if (a.type === STRING && b.type === STRING) return isBefore(a.value as LuaString, b.value as LuaString);
  return lvm.luaV_lessthan(L, a, b) === 1;
}

export function lessOrEqual(L: LuaState, a: TValue, b: TValue): boolean {
  if (a.type === NUMBER && b.type === NUMBER) return (a.value as number) <= (b.value as number);
  if (a.type === STRING && b.type === STRING) return !isBefore(b.value as LuaString, a.value as LuaString);
  return lvm.luaV_lessequal(L, a, b) === 1;
}

/** A register, or a constant. */
export function operand(stack: TValue[], k: TValue[], base: number, index: number): TValue {
  return index & CONSTANT ? k[index & 255] : stack[base + index];
}

export function loadVarargs(L: LuaState, ci: CallInfo, i: Instruction, base: number): void {
  const given = Math.max(0, base - ci.funcOff - (ci.func.value as LuaClosure).p.numparams - 1);
  const first = base + i.A;
  const wanted = i.B === 0 ? given : i.B - 1;
  meter.charge(wanted >>> 1);
  if (i.B === 0) {
    ldo.luaD_checkstack(L, given);
    ensureTop(L, first + given);
  }
  for (let index = 0; index < wanted; index++) {
    const target = L.stack[first + index];
    if (index < given) target.setfrom(L.stack[base - given + index]);
    else target.setnilvalue();
  }
}

export function setList(L: LuaState, ci: CallInfo, i: Instruction, first: number): void {
  const count = i.B === 0 ? L.top - first - 1 : i.B;
  const batch = i.C === 0 ? ci.l_code[ci.l_savedpc++].Ax : i.C;
  const table = L.stack[first].value as LuaTable;
  meter.charge(count);
  for (let index = 1; index <= count; index++) {
    ltable.luaH_setint(table, (batch - 1) * FIELDS_PER_FLUSH + index, L.stack[first + index]);
  }
  ensureTop(L, ci.top);
}

/** Calls a loop's iterator with its state and control variable. */
export function callIterator(L: LuaState, ci: CallInfo, first: number, results: number): void {
  const { stack } = L;
  const [iterator, state] = [stack[first], stack[first + 1]];
  if (iterator.type === NATIVE && state.type === TABLE && results <= 2) {
    const { ofLoop } = iterator.value as Native;
    if (ofLoop?.(L, state.value as LuaTable, first)) return;
  }
  for (let index = 2; index >= 0; index--) stack[first + 3 + index].setfrom(stack[first + index]);
  L.top = first + 6;
  call(L, first + 3, results);
  ensureTop(L, ci.top);
}
