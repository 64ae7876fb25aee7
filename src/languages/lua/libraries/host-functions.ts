// Helpers of natives: reading arguments, pushing results, making library tables.

import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { LuaString, luaString, partOf, STRING_OVERHEAD_BYTES } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import {
  BOOLEAN,
  NATIVE,
  NIL,
  STRING,
  TABLE,
  TYPE_FUNCTION,
  TYPE_MASK,
  TYPE_NUMBER,
  TYPE_STRING,
  USERDATA,
} from '../vm/tags.js';
import type { Userdata } from '../vm/userdata.js';
import { pushSlot } from '../vm/vm-calls.js';
import { isNumber, isString, LONGEST_STRING, stringOf, toNumber } from '../vm/vm-operations.js';

const { lobject, ltable } = fengari;

/** Bytes of V8's node for two concatenated strings that are not flattened yet. */
export const CONCATENATION_BYTES = 32;
/** More results of one call would not fit on Lua's stack. */
export const MOST_RESULTS = 8000;
/** Bytes that V8 allocates for a function and the objects that it refers to. */
export const HOLDER_BYTES = 500;
const ABSENT: TValue = new lobject.TValue(NIL, null);
const TYPE_NAMES = ['nil', 'boolean', 'userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'];

export function argumentCount(L: LuaState): number {
  return L.top - L.ci.funcOff - 1;
}

/** The nth argument, from 1; nil when absent. */
export function argument(L: LuaState, n: number): TValue {
  const slot = L.ci.funcOff + n;
  return slot < L.top ? L.stack[slot] : ABSENT;
}

export function typeName(value: TValue): string {
  if (value.type === USERDATA) return (value.value as Userdata).luaType;
  return TYPE_NAMES[value.type & TYPE_MASK] ?? 'nil';
}

/** The place and name of an argument, for its error message. */
export function argumentError(L: LuaState, n: number, name: string, problem: string): never {
  return raise(L, `bad argument #${n} to '${name}' (${problem})`);
}

function expected(L: LuaState, n: number, name: string, what: string): never {
  const given = n > argumentCount(L) ? 'no value' : typeName(argument(L, n));
  return argumentError(L, n, name, `${what} expected, got ${given}`);
}

export function checkAny(L: LuaState, n: number, name: string): TValue {
  if (n > argumentCount(L)) argumentError(L, n, name, 'value expected');
  return argument(L, n);
}

/** A string argument, or a number's text. */
export function checkText(L: LuaState, n: number, name: string): string {
  const value = argument(L, n);
  if (isString(value) || isNumber(value)) return stringOf(value).text;
  return expected(L, n, name, 'string');
}

export function optionalText(L: LuaState, n: number, name: string, otherwise: string): string {
  return argument(L, n).type === NIL ? otherwise : checkText(L, n, name);
}

export function checkNumber(L: LuaState, n: number, name: string): number {
  return toNumber(argument(L, n)) ?? expected(L, n, name, 'number');
}

/** A number cut to an integer. */
export function checkInteger(L: LuaState, n: number, name: string): number {
  const value = checkNumber(L, n, name);
  if (Number.isNaN(value)) argumentError(L, n, name, 'number has no integer representation');
  return Math.trunc(value);
}

export function optionalInteger(L: LuaState, n: number, name: string, otherwise: number): number {
  return argument(L, n).type === NIL ? otherwise : checkInteger(L, n, name);
}

/** A table, or an object of the host that behaves as one. */
export function checkTable(L: LuaState, n: number, name: string): TValue {
  const value = argument(L, n);
  return isTable(value) ? value : expected(L, n, name, 'table');
}

export function isTable(value: TValue): boolean {
  return value.type === TABLE || (value.type === USERDATA && (value.value as Userdata).luaType === 'table');
}

export function checkFunction(L: LuaState, n: number, name: string): TValue {
  const value = argument(L, n);
  return isFunction(value) ? value : expected(L, n, name, 'function');
}

export function isFunction(value: TValue): boolean {
  return (value.type & TYPE_MASK) === TYPE_FUNCTION;
}

export function isTruthy(value: TValue): boolean {
  return value.type !== NIL && !(value.type === BOOLEAN && value.value === false);
}

export function pushNil(L: LuaState): number {
  pushSlot(L).setnilvalue();
  return 1;
}

export function pushBoolean(L: LuaState, value: boolean): number {
  pushSlot(L).setbvalue(value);
  return 1;
}

export function pushNumber(L: LuaState, value: number): number {
  pushSlot(L).setfltvalue(value);
  return 1;
}

export function pushText(L: LuaState, text: string): number {
  if (text.length > LONGEST_STRING) raise(L, `string is too long: at most ${LONGEST_STRING} bytes`);
  pushSlot(L).setsvalue(luaString(text));
  return 1;
}

/** A part of a text, charged before it is made. */
export function pushPart(L: LuaState, text: string, from: number, to: number): number {
  meter.chargeBytes(Math.max(0, to - from) + STRING_OVERHEAD_BYTES);
  pushSlot(L).setsvalue(new LuaString(null, partOf(text, from, to)));
  return 1;
}

/** A text whose bytes have been charged piece by piece; V8 joins the pieces when they are first needed. */
export function pushJoined(L: LuaState, text: string): number {
  meter.chargeBytes(STRING_OVERHEAD_BYTES);
  pushSlot(L).setsvalue(new LuaString(null, null, text));
  return 1;
}

/** Refuses a string before it is made. */
export function checkLength(L: LuaState, length: number): void {
  if (!(length <= LONGEST_STRING)) raise(L, `string is too long: at most ${LONGEST_STRING} bytes`);
}

export function pushValue(L: LuaState, value: TValue): number {
  pushSlot(L).setfrom(value);
  return 1;
}

export function pushNative(L: LuaState, native: Native): number {
  pushSlot(L).setfvalue(native);
  return 1;
}

/** Values that a function of the host keeps alive; kept-memory.ts counts them. */
export interface Holder extends Native {
  holds?: readonly TValue[];
}

/** Pushes a function of the host that keeps these values alive. */
export function pushHolder(L: LuaState, native: Native, held: readonly TValue[]): number {
  meter.chargeBytes(HOLDER_BYTES);
  const holder: Holder = native;
  holder.holds = held.map((value) => makeValue(value.type, value.value));
  pushSlot(L).setfvalue(holder);
  return 1;
}

export function pushTable(L: LuaState): LuaTable {
  const table = ltable.luaH_new(L);
  pushSlot(L).sethvalue(table);
  return table;
}

/** A value object that is on no stack. */
export function makeValue(type: number, value: unknown): TValue {
  return new lobject.TValue(type, value);
}

export function textValue(text: string): TValue {
  return makeValue(STRING, new LuaString(null, text));
}

export function setTableField(L: LuaState, table: LuaTable, name: string, value: TValue): void {
  ltable.luaH_setfrom(L, table, textValue(name), value);
  // Fengari's tables start with a note that they have no metamethods.
  ltable.invalidateTMcache(table);
}

/** A library: a table of natives. */
export function makeLibrary(L: LuaState, natives: Readonly<Record<string, Native>>): LuaTable {
  const table = ltable.luaH_new(L);
  for (const [name, native] of Object.entries(natives)) setTableField(L, table, name, makeValue(NATIVE, native));
  return table;
}

export function isStringOrNumber(value: TValue): boolean {
  const type = value.type & TYPE_MASK;
  return type === TYPE_STRING || type === TYPE_NUMBER;
}

export { isNumber, isString };
