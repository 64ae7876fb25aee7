// What compiled code calls for operations that it does not do itself, because the operands are of rare types. Each puts the operands where
// the virtual machine has them, so that errors name the same variables and lines, and takes back the steps of the segment's rest, which
// is not run if the operation fails.

import { fengari } from '../vm/fengari.js';
import type { CallInfo, LuaClosure, LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { LuaString, luaS_eqlngstr } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { EVENT } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';
import { getField, setField } from '../vm/vm-access.js';
import { equals, lessOrEqual, lessThan } from '../vm/vm-helpers.js';
import { arithmetic, bitOperation, lengthOf, prepareLoop } from '../vm/vm-operations.js';
import { CONSTANT, Opcode } from './instruction-layout.js';
import { put, type RawValue } from './raw-values.js';

const { Table, luaH_new } = fengari.ltable;
const EVENT_OF_OPCODE = EVENT.add - Opcode.add;

/** Where the code is: for what may fail. */
export function enter(ci: CallInfo, pc: number, rest: number): void {
  ci.l_savedpc = pc + 1;
  meter.countdown += rest;
}

/** The box of an operand: a constant's, or the register's after its value has been put there. */
function boxOf(L: LuaState, ci: CallInfo, index: number, raw: RawValue): TValue {
  if (index & CONSTANT) return (ci.func.value as LuaClosure).p.k[index & 255];
  return put(L, ci.l_base + index, raw);
}

/** An empty box for the result in the register that gets it. */
function resultBox(L: LuaState, ci: CallInfo, register: number): TValue {
  return L.stack[ci.l_base + register] ?? put(L, ci.l_base + register, null);
}

export function calculate(L: LuaState, ci: CallInfo, pc: number, rest: number, b: RawValue, c: RawValue): RawValue {
  enter(ci, pc, rest);
  const { opcode, A, B, C } = ci.l_code[pc];
  const left = boxOf(L, ci, B, b);
  const isBits = (opcode >= Opcode.bitAnd && opcode <= Opcode.shiftRight) || opcode === Opcode.bitNot;
  const isUnary = opcode === Opcode.minus || opcode === Opcode.bitNot;
  const right = isUnary ? left : boxOf(L, ci, C, c);
  const result = resultBox(L, ci, A);
  const event = opcode === Opcode.minus ? EVENT.unm : opcode === Opcode.bitNot ? EVENT.bnot : opcode + EVENT_OF_OPCODE;
  if (isBits) bitOperation(L, event, left, right, result);
  else arithmetic(L, event, left, right, result);
  meter.countdown -= rest;
  return result.value;
}

/** A field of a plain table by a text or a number. Undefined if it takes more to find it. */
export function plainField(container: RawValue, key: RawValue): RawValue {
  if (!(container instanceof Table)) return undefined;
  const entry = container.strong.get(key);
  if (entry === undefined) return container.metatable === null ? null : undefined;
  const { value } = entry.value;
  return value ?? (container.metatable === null ? null : undefined);
}

/** The box of a field that a plain table has. Undefined if it takes more to change it. */
export function plainEntry(container: RawValue, key: RawValue): TValue | undefined {
  if (!(container instanceof Table) || container.metatable !== null) return undefined;
  return container.strong.get(key)?.value;
}

/** `upvalue`: the box of the container if that is a captured variable. */
export function get(
  L: LuaState,
  ci: CallInfo,
  pc: number,
  rest: number,
  container: RawValue,
  key: RawValue,
  upvalue?: TValue,
): RawValue {
  enter(ci, pc, rest);
  const { A, B, C } = ci.l_code[pc];
  const keyBox = boxOf(L, ci, C, key);
  const result = resultBox(L, ci, A);
  if (container instanceof Userdata) container.index(L, keyBox, result);
  else getField(L, upvalue ?? put(L, ci.l_base + B, container), keyBox, result);
  meter.countdown -= rest;
  return result.value;
}

/** `upvalue` as for `get`. */
export function set(
  L: LuaState,
  ci: CallInfo,
  pc: number,
  rest: number,
  container: RawValue,
  key: RawValue,
  value: RawValue,
  upvalue?: TValue,
): void {
  enter(ci, pc, rest);
  const { A, B, C } = ci.l_code[pc];
  const keyBox = boxOf(L, ci, B, key);
  const valueBox = boxOf(L, ci, C, value);
  if (container instanceof Userdata) container.newIndex(L, keyBox, valueBox);
  else setField(L, upvalue ?? put(L, ci.l_base + A, container), keyBox, valueBox);
  meter.countdown -= rest;
}

export function newTable(L: LuaState, ci: CallInfo, pc: number, rest: number): LuaTable {
  enter(ci, pc, rest);
  const table = luaH_new(L);
  meter.countdown -= rest;
  return table;
}

export function equal(L: LuaState, ci: CallInfo, pc: number, rest: number, b: RawValue, c: RawValue): boolean {
  if (b === c) return true;
  if (typeof b !== 'object' || typeof c !== 'object' || b === null || c === null) return (b ?? null) === (c ?? null);
  enter(ci, pc, rest);
  const { B, C } = ci.l_code[pc];
  const isEqual =
    b instanceof LuaString && c instanceof LuaString
      ? luaS_eqlngstr(b, c)
      : equals(L, boxOf(L, ci, B, b), boxOf(L, ci, C, c));
  meter.countdown -= rest;
  return isEqual;
}

/** Less, or less or equal. */
export function compare(L: LuaState, ci: CallInfo, pc: number, rest: number, b: RawValue, c: RawValue): boolean {
  enter(ci, pc, rest);
  const { opcode, B, C } = ci.l_code[pc];
  const [left, right] = [boxOf(L, ci, B, b), boxOf(L, ci, C, c)];
  const isSo = opcode === Opcode.less ? lessThan(L, left, right) : lessOrEqual(L, left, right);
  meter.countdown -= rest;
  return isSo;
}

export function length(L: LuaState, ci: CallInfo, pc: number, rest: number, b: RawValue): RawValue {
  if (b instanceof LuaString) return b.tsslen();
  enter(ci, pc, rest);
  const { A, B } = ci.l_code[pc];
  const result = resultBox(L, ci, A);
  lengthOf(L, put(L, ci.l_base + B, b), result);
  meter.countdown -= rest;
  return result.value;
}

/** Puts start, limit and step of a loop on the stack as numbers. */
export function prepare(L: LuaState, ci: CallInfo, pc: number, ...values: RawValue[]): void {
  enter(ci, pc, 0);
  const first = ci.l_base + ci.l_code[pc].A;
  for (let index = 0; index < values.length; index++) put(L, first + index, values[index]);
  prepareLoop(L, first);
}
