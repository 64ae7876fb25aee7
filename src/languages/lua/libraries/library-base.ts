// The basic functions: types, raw access, iteration, errors. Protected calls: library-protect.ts. dofile, load of binaries, require and
// print are left out; collectgarbage does nothing.

import { isFixed, isFrozen, refuseFrozen } from '../host/frozen.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { LONGEST_POSITION, position, raise, raiseString } from '../vm/lua-error.js';
import { concatenated, type LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { formatNumber, parseInBase } from '../vm/numbers.js';
import { BOOLEAN, NIL, NUMBER, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import type { Userdata } from '../vm/userdata.js';
import { getField, rawField, setField } from '../vm/vm-access.js';
import { callWithoutYield } from '../vm/vm-calls.js';
import { toNumber } from '../vm/vm-operations.js';
import {
  argument,
  argumentCount,
  argumentError,
  checkAny,
  checkInteger,
  checkLength,
  checkTable,
  checkText,
  isString,
  isTruthy,
  pushBoolean,
  pushNil,
  pushNumber,
  pushText,
  pushValue,
  textValue,
  typeName,
} from './host-functions.js';

const { ltable } = fengari;
/** A field of a large table has to be fetched from memory. */
const ITERATION_STEPS = 3;
/** Of a round of a loop over a plain table. */
const LOOP_STEPS = 6;

/** A value as tostring shows it. */
export function describe(L: LuaState, value: TValue): string {
  const handler = metafield(L, value, '__tostring');
  if (handler !== undefined) return describedByHandler(L, handler, value);
  if (value.type === STRING) return (value.value as LuaString).text;
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) {
    meter.charge(4);
    return formatNumber(value.value as number);
  }
  if (value.type === NIL) return 'nil';
  if (value.type === BOOLEAN) return String(value.value);
  const { id } = value.value as { id?: number };
  return `${typeName(value)}: 0x${(id ?? 0).toString(16).padStart(8, '0')}`;
}

function describedByHandler(L: LuaState, handler: TValue, value: TValue): string {
  const off = L.top;
  pushValue(L, handler);
  pushValue(L, value);
  callWithoutYield(L, off, 1);
  L.top = off;
  const result = L.stack[off];
  if (!isString(result)) raise(L, "'__tostring' must return a string");
  return (result.value as LuaString).text;
}

/** A field of a table's metatable, raw. */
function metafield(L: LuaState, value: TValue, name: string): TValue | undefined {
  if (value.type !== TABLE) return undefined;
  const { metatable } = value.value as LuaTable;
  if (metatable === null) return undefined;
  const field = rawField(L, metatable, textValue(name));
  return field.type === NIL ? undefined : field;
}

const tonumber: Native = (L) => {
  if (argument(L, 2).type === NIL) {
    const value = toNumber(checkAny(L, 1, 'tonumber'));
    return value === undefined ? pushNil(L) : pushNumber(L, value);
  }
  const base = checkInteger(L, 2, 'tonumber');
  if (base < 2 || base > 36) argumentError(L, 2, 'tonumber', 'base out of range');
  const text = checkText(L, 1, 'tonumber');
  meter.charge(Math.min(text.length, 1000));
  const value = parseInBase(text, base);
  return value === undefined ? pushNil(L) : pushNumber(L, value);
};

tonumber.ofNumber = (x) => x;

const select: Native = (L) => {
  const count = argumentCount(L) - 1;
  const first = argument(L, 1);
  if (first.type === STRING && (first.value as LuaString).text === '#') return pushNumber(L, count);
  const n = checkInteger(L, 1, 'select');
  const from = n < 0 ? count + n : n - 1;
  if (n === 0 || from < 0) argumentError(L, 1, 'select', 'index out of range');
  return Math.max(0, count - from);
};

const error: Native = (L) => {
  const value = argument(L, 1);
  const level = argument(L, 2).type === NIL ? 1 : checkInteger(L, 2, 'error');
  if (value.type === STRING && level > 0) {
    const text = value.value as LuaString;
    checkLength(L, text.tsslen() + LONGEST_POSITION);
    return raiseString(L, concatenated(luaString(position(L, level)), text));
  }
  pushValue(L, value);
  return fengari.ldebug.luaG_errormsg(L);
};

const assert: Native = (L) => {
  if (isTruthy(checkAny(L, 1, 'assert'))) return argumentCount(L);
  if (argumentCount(L) < 2) return raise(L, 'assertion failed!');
  pushValue(L, argument(L, 2));
  return fengari.ldebug.luaG_errormsg(L);
};

const next: Native = (L) => {
  const container = checkTable(L, 1, 'next');
  const key = argument(L, 2);
  if (container.type === USERDATA) return (container.value as Userdata).next(L, key);
  meter.charge(ITERATION_STEPS);
  pushValue(L, key);
  pushNil(L);
  if (ltable.luaH_next(L, container.value as LuaTable, L.top - 2)) return 2;
  L.top -= 2;
  return pushNil(L);
};

next.ofLoop = (L, table, first) => {
  meter.charge(LOOP_STEPS);
  const { stack } = L;
  stack[first + 3].setfrom(stack[first + 2]);
  if (!ltable.luaH_next(L, table, first + 3)) {
    stack[first + 3].setnilvalue();
    stack[first + 4].setnilvalue();
  }
  return true;
};

const pairs: Native = (L) => {
  const container = checkAny(L, 1, 'pairs');
  if (container.type === USERDATA) return (container.value as Userdata).pairs(L, container);
  const handler = metafield(L, container, '__pairs');
  if (handler !== undefined) {
    const off = L.top;
    pushValue(L, handler);
    pushValue(L, container);
    callWithoutYield(L, off, 3);
    return 3;
  }
  checkTable(L, 1, 'pairs');
  pushValue(L, NEXT);
  pushValue(L, container);
  pushNil(L);
  return 3;
};

/** Steps for a field of an object of the cache. */
const STORED_FIELD_STEPS = 4;

const ipairsStep: Native = (L) => {
  meter.charge(ITERATION_STEPS);
  const container = argument(L, 1);
  if (container.type === USERDATA) meter.charge(STORED_FIELD_STEPS);
  const index = checkInteger(L, 2, 'ipairs') + 1;
  pushNumber(L, index);
  pushNumber(L, index);
  const result = L.stack[L.top - 1];
  getField(L, container, L.stack[L.top - 2], result);
  return result.type === NIL ? 1 : 2;
};

ipairsStep.ofLoop = (L, table, first) => {
  const { stack } = L;
  const last = stack[first + 2];
  if (table.metatable !== null || last.type !== NUMBER || !Number.isInteger(last.value)) return false;
  meter.charge(LOOP_STEPS);
  const index = (last.value as number) + 1;
  const found = ltable.luaH_getint(table, index);
  const key = stack[first + 3];
  if (found.type === NIL) key.setnilvalue();
  else key.setfltvalue(index);
  stack[first + 4].setfrom(found);
  return true;
};

const ipairs: Native = (L) => {
  const container = checkAny(L, 1, 'ipairs');
  pushValue(L, IPAIRS_STEP);
  pushValue(L, container);
  pushNumber(L, 0);
  return 3;
};

const rawget: Native = (L) => {
  const container = checkTable(L, 1, 'rawget');
  const key = checkAny(L, 2, 'rawget');
  if (container.type === USERDATA) {
    pushNil(L);
    getField(L, container, key, L.stack[L.top - 1]);
    return 1;
  }
  return pushValue(L, rawField(L, container.value as LuaTable, key));
};

const rawset: Native = (L) => {
  const container = checkTable(L, 1, 'rawset');
  const key = argument(L, 2);
  const value = checkAny(L, 3, 'rawset');
  if (container.type === USERDATA) setField(L, container, key, value);
  else {
    if (isFixed(container.value as LuaTable, key)) refuseFrozen(L, container.value as LuaTable, key);
    ltable.luaH_setfrom(L, container.value as LuaTable, key, value);
    ltable.invalidateTMcache(container.value as LuaTable);
  }
  return pushValue(L, container);
};

const rawlen: Native = (L) => {
  const value = checkAny(L, 1, 'rawlen');
  if (value.type === STRING) return pushNumber(L, (value.value as LuaString).tsslen());
  const container = checkTable(L, 1, 'rawlen');
  if (container.type === USERDATA) return pushNumber(L, (container.value as Userdata).length(L));
  return pushNumber(L, ltable.luaH_getn(container.value as LuaTable));
};

const rawequal: Native = (L) => {
  const equal = fengari.lvm.luaV_equalobj(null, checkAny(L, 1, 'rawequal'), checkAny(L, 2, 'rawequal'));
  return pushBoolean(L, equal === 1);
};

/** For tables only: scripts cannot see the metatables of strings and of the host's objects. */
const getmetatable: Native = (L) => {
  const value = checkAny(L, 1, 'getmetatable');
  if (value.type !== TABLE || isFrozen(value.value as LuaTable)) return pushNil(L);
  const hidden = metafield(L, value, '__metatable');
  if (hidden !== undefined) return pushValue(L, hidden);
  const { metatable } = value.value as LuaTable;
  if (metatable === null) return pushNil(L);
  pushNil(L);
  L.stack[L.top - 1].sethvalue(metatable);
  return 1;
};

const setmetatable: Native = (L) => {
  const value = checkAny(L, 1, 'setmetatable');
  const metatable = argument(L, 2);
  if (value.type !== TABLE) argumentError(L, 1, 'setmetatable', `table expected, got ${typeName(value)}`);
  if (metatable.type !== NIL && metatable.type !== TABLE) argumentError(L, 2, 'setmetatable', 'nil or table expected');
  if (isFrozen(value.value as LuaTable)) raise(L, 'this table is read-only');
  if (metafield(L, value, '__metatable') !== undefined) raise(L, 'cannot change a protected metatable');
  (value.value as LuaTable).metatable = metatable.type === NIL ? null : (metatable.value as LuaTable);
  return pushValue(L, value);
};

export const BASE_FUNCTIONS: Readonly<Record<string, Native>> = {
  type: (L) => pushText(L, typeName(checkAny(L, 1, 'type'))),
  tostring: (L) => pushText(L, describe(L, checkAny(L, 1, 'tostring'))),
  tonumber,
  select,
  error,
  assert,
  next,
  pairs,
  ipairs,
  rawget,
  rawset,
  rawlen,
  rawequal,
  getmetatable,
  setmetatable,
  // Memory is the host's business; old scripts call this now and then.
  collectgarbage: (L) => pushNumber(L, 0),
};

const NEXT = nativeValue(next);
const IPAIRS_STEP = nativeValue(ipairsStep);

function nativeValue(native: Native): TValue {
  const value = textValue('');
  value.setfvalue(native);
  return value;
}
