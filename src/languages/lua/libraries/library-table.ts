// The table library, for Lua's tables and for objects that behave as tables. Every element touched is charged. Functions that
// only objects have: library-object.ts.

import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { NIL, NUMBER } from '../vm/tags.js';
import { getField, setField } from '../vm/vm-access.js';
import { callWithoutYield } from '../vm/vm-calls.js';
import { lessThan } from '../vm/vm-helpers.js';
import { lengthOf, stringOf } from '../vm/vm-operations.js';
import {
  argument,
  argumentCount,
  argumentError,
  CONCATENATION_BYTES,
  checkFunction,
  checkInteger,
  checkLength,
  checkTable,
  isNumber,
  isStringOrNumber,
  isTruthy,
  MOST_RESULTS,
  makeValue,
  optionalInteger,
  optionalText,
  pushJoined,
  pushNil,
  pushNumber,
  pushTable,
  pushValue,
  setTableField,
  typeName,
} from './host-functions.js';
import { reserve } from './library-string.js';
import { insertStored, removeStored, storedList } from './stored-lists.js';

const { ltable } = fengari;
/** Steps of unpacking, in addition to those of its elements. */
const UNPACK_STEPS = 4;
/** Bytes that sorting allocates per element: its value, and its slots in the array and in the copy that V8 sorts. */
const SORTED_BYTES = 80;
/** Sorting more elements would exceed any budget. */
const MOST_SORTED = 1_000_000;

function tableLength(L: LuaState, table: TValue): number {
  const result = makeValue(NIL, null);
  lengthOf(L, table, result);
  if (!isNumber(result) || !Number.isSafeInteger(result.value)) raise(L, 'object length is not an integer');
  return result.value as number;
}

/** The number of indices; beyond 2^53 the next index may be the same number. */
function countOf(from: number, to: number): number {
  return Math.max(0, to - from + 1);
}

function getIndex(L: LuaState, table: TValue, index: number, result: TValue): TValue {
  meter.charge(1);
  getField(L, table, makeValue(NUMBER, index), result);
  return result;
}

function setIndex(L: LuaState, table: TValue, index: number, value: TValue): void {
  meter.charge(1);
  setField(L, table, makeValue(NUMBER, index), value);
}

const concat: Native = (L) => {
  const table = checkTable(L, 1, 'concat');
  const separator = optionalText(L, 2, 'concat', '');
  const from = optionalInteger(L, 3, 'concat', 1);
  const to = argument(L, 4).type === NIL ? tableLength(L, table) : checkInteger(L, 4, 'concat');
  const value = makeValue(NIL, null);
  let text = '';
  const count = countOf(from, to);
  for (let index = 0; index < count; index++) {
    getIndex(L, table, from + index, value);
    if (!isStringOrNumber(value))
      raise(L, `invalid value (a ${typeName(value)}) at index ${from + index} in table for 'concat'`);
    const piece = stringOf(value);
    const isLast = index === count - 1;
    const length = piece.tsslen() + (isLast ? 0 : separator.length);
    checkLength(L, text.length + length);
    meter.chargeBytes(length + CONCATENATION_BYTES);
    text += isLast ? piece.joinable : piece.joinable + separator;
  }
  return pushJoined(L, text);
};

const insert: Native = (L) => {
  const table = checkTable(L, 1, 'insert');
  const end = tableLength(L, table) + 1;
  const count = argumentCount(L);
  if (count !== 2 && count !== 3) raise(L, "wrong number of arguments to 'insert'");
  const position = count === 2 ? end : checkInteger(L, 2, 'insert');
  if (position < 1 || position > end) argumentError(L, 2, 'insert', 'position out of bounds');
  const stored = argument(L, count).type === NIL ? undefined : storedList(L, table);
  if (stored !== undefined) {
    insertStored(L, stored, position, argument(L, count));
    return 0;
  }
  if (count === 2) {
    setIndex(L, table, end, argument(L, 2));
    return 0;
  }
  const moved = makeValue(NIL, null);
  for (let index = end; index > position; index--) setIndex(L, table, index, getIndex(L, table, index - 1, moved));
  setIndex(L, table, position, argument(L, 3));
  return 0;
};

const remove: Native = (L) => {
  const table = checkTable(L, 1, 'remove');
  const size = tableLength(L, table);
  const position = optionalInteger(L, 2, 'remove', size);
  if (position !== size && (position < 1 || position > size + 1)) {
    argumentError(L, 2, 'remove', 'position out of bounds');
  }
  const stored = position < 1 || position > size ? undefined : storedList(L, table);
  if (stored !== undefined) return removeStored(L, stored, position);
  const removed = makeValue(NIL, null);
  getIndex(L, table, position, removed);
  const moved = makeValue(NIL, null);
  for (let index = position; index < size; index++) setIndex(L, table, index, getIndex(L, table, index + 1, moved));
  setIndex(L, table, Math.max(position, size), makeValue(NIL, null));
  return pushValue(L, removed);
};

const move: Native = (L) => {
  const source = checkTable(L, 1, 'move');
  const from = checkInteger(L, 2, 'move');
  const to = checkInteger(L, 3, 'move');
  const at = checkInteger(L, 4, 'move');
  if (!Number.isSafeInteger(at + countOf(from, to)) && to >= from)
    argumentError(L, 3, 'move', 'too many elements to move');
  const target = argument(L, 5).type === NIL ? source : checkTable(L, 5, 'move');
  const moved = makeValue(NIL, null);
  const count = countOf(from, to);
  if (at > to || at <= from || source.value !== target.value) {
    for (let index = 0; index < count; index++)
      setIndex(L, target, at + index, getIndex(L, source, from + index, moved));
  } else {
    for (let index = count - 1; index >= 0; index--)
      setIndex(L, target, at + index, getIndex(L, source, from + index, moved));
  }
  return pushValue(L, target);
};

const pack: Native = (L) => {
  const count = argumentCount(L);
  const table = pushTable(L);
  meter.charge(count * 2);
  for (let n = 1; n <= count; n++) ltable.luaH_setint(table, n, argument(L, n));
  setTableField(L, table, 'n', makeValue(NUMBER, count));
  return 1;
};

export const unpack: Native = (L) => {
  const table = checkTable(L, 1, 'unpack');
  const from = optionalInteger(L, 2, 'unpack', 1);
  const to = argument(L, 3).type === NIL ? tableLength(L, table) : checkInteger(L, 3, 'unpack');
  const count = countOf(from, to);
  if (!(count <= MOST_RESULTS)) raise(L, 'too many results to unpack');
  meter.charge(UNPACK_STEPS);
  reserve(L, count);
  for (let index = 0; index < count; index++) {
    pushNil(L);
    getIndex(L, table, from + index, L.stack[L.top - 1]);
  }
  return count;
};

/** Sorts a copy, then writes it back, so that an inconsistent comparison function can do no harm. */
const sort: Native = (L) => {
  const table = checkTable(L, 1, 'sort');
  const size = tableLength(L, table);
  if (size > MOST_SORTED) raise(L, 'array too big');
  const isLess = argument(L, 2).type === NIL ? defaultOrder(L) : functionOrder(L, checkFunction(L, 2, 'sort'));
  const values: TValue[] = [];
  for (let index = 1; index <= size; index++) {
    meter.chargeBytes(SORTED_BYTES);
    values.push(getIndex(L, table, index, makeValue(NIL, null)));
  }
  values.sort((a, b) => {
    meter.charge(1);
    return isLess(a, b) ? -1 : 1;
  });
  for (let index = 0; index < size; index++) setIndex(L, table, index + 1, values[index]);
  return 0;
};

function defaultOrder(L: LuaState): (a: TValue, b: TValue) => boolean {
  return (a, b) => lessThan(L, a, b);
}

function functionOrder(L: LuaState, compare: TValue): (a: TValue, b: TValue) => boolean {
  return (a, b) => {
    const off = L.top;
    pushValue(L, compare);
    pushValue(L, a);
    pushValue(L, b);
    callWithoutYield(L, off, 1);
    L.top = off;
    return isTruthy(L.stack[off]);
  };
}

/** Lua 5.1's. */
const maxn: Native = (L) => {
  let largest = 0;
  for (const { key, value } of (checkTable(L, 1, 'maxn').value as LuaTable).strong.values()) {
    meter.charge(1);
    if (typeof key.value === 'number' && value.type !== NIL) largest = Math.max(largest, key.value);
  }
  return pushNumber(L, largest);
};

export const TABLE_FUNCTIONS: Readonly<Record<string, Native>> = { concat, insert, remove, move, pack, unpack, sort };

export const OLD_TABLE_FUNCTIONS: Readonly<Record<string, Native>> = {
  maxn,
  getn: (L) => pushNumber(L, tableLength(L, checkTable(L, 1, 'getn'))),
};
