// JSON of Lua's values and back, on byte strings, by the rules of objects/json-text.ts: a table whose keys are 1 to n is an array, an
// empty one if `json.array` or an array of JSON made it. Every value is charged.

import { parseJson } from '../../../objects/arguments/parse-bytes.js';
import { jsonNumber, jsonString, numberName } from '../../../tables/json-text.js';
import { MAX_DEPTH } from '../../../tables/plain-table.js';
import { LuaSpecial } from '../host/lua-special.js';
import { LuaTableProxy } from '../host/lua-table-proxy.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { type LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import { rawField } from '../vm/vm-access.js';
import { pushSlot } from '../vm/vm-calls.js';
import {
  argument,
  checkAny,
  checkTable,
  checkText,
  makeLibrary,
  makeValue,
  pushTable,
  pushText,
  setTableField,
  textValue,
  typeName,
} from './host-functions.js';
import { isJsonNull, isMarkedList, JSON_NULL, markList } from './json-values.js';

const { ltable } = fengari;
/** Bytes for a part of a list or object before it is joined: its slot, and its string's header. */
const PART_BYTES = 40;

export function toJson(L: LuaState, value: TValue, depth = 0): string {
  if (depth > MAX_DEPTH) raise(L, 'table is nested too deep');
  meter.charge(2);
  if (value.type === NIL) return 'null';
  if (value.type === BOOLEAN) return String(value.value);
  if (value.type === STRING) return quoted((value.value as LuaString).text);
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return jsonNumber(value.value as number);
  if (value.type === TABLE) return tableToJson(L, value.value as LuaTable, depth);
  if (value.type === USERDATA && value.value instanceof LuaTableProxy) return value.value.table(L).toJson();
  if (value.type === USERDATA && value.value instanceof LuaSpecial) return value.value.toJson(L);
  if (isJsonNull(value)) return 'null';
  return raise(L, `cannot make JSON of a ${typeName(value)}`);
}

function quoted(text: string): string {
  return jsonString(text, meter);
}

function tableToJson(L: LuaState, table: LuaTable, depth: number): string {
  const length = table.strong.size;
  meter.charge(length * 3);
  meter.chargeBytes(length * PART_BYTES);
  const parts: string[] = [];
  if (length === 0 ? isMarkedList(table) : length === ltable.luaH_getn(table)) {
    for (let index = 1; index <= length; index++) parts.push(toJson(L, ltable.luaH_getint(table, index), depth + 1));
    return `[${parts.join(',')}]`;
  }
  for (const { key, value } of table.strong.values()) {
    parts.push(`${keyToJson(L, table, key)}:${toJson(L, value, depth + 1)}`);
  }
  return `{${parts.join(',')}}`;
}

function keyToJson(L: LuaState, table: LuaTable, key: TValue): string {
  if (key.type === STRING) return quoted((key.value as LuaString).text);
  if ((key.type & TYPE_MASK) === TYPE_NUMBER) {
    const name = numberName(
      jsonNumber(key.value as number),
      (text) => rawField(L, table, textValue(text)).type !== NIL,
    );
    return `"${name}"`;
  }
  return raise(L, `cannot make JSON of a key that is a ${typeName(key)}`);
}

/** Puts a parsed JSON value, or an argument of a call, into a slot. undefined is nil. False when it is nested too deep. */
export function setLiteral(L: LuaState, slot: TValue, value: unknown, depth = 0): boolean {
  meter.charge(3);
  if (typeof value === 'string') slot.setsvalue(luaString(value));
  else if (typeof value === 'number') slot.setfltvalue(value);
  else if (typeof value === 'boolean') slot.setbvalue(value);
  else if (typeof value === 'object' && value !== null) {
    if (depth >= MAX_DEPTH) return false;
    const table = ltable.luaH_new(L);
    slot.sethvalue(table);
    return Array.isArray(value) ? fillArray(L, table, value, depth + 1) : fillObject(L, table, value, depth + 1);
  } else if (value === null) slot.setuvalue(JSON_NULL);
  else slot.setnilvalue();
  return true;
}

function fillArray(L: LuaState, table: LuaTable, values: readonly unknown[], depth: number): boolean {
  if (values.length === 0) markList(table);
  const slot = makeValue(NIL, null);
  for (let index = 0; index < values.length; index++) {
    if (!setLiteral(L, slot, values[index], depth)) return false;
    ltable.luaH_setint(table, index + 1, slot);
  }
  return true;
}

function fillObject(L: LuaState, table: LuaTable, object: object, depth: number): boolean {
  const slot = makeValue(NIL, null);
  for (const [key, value] of Object.entries(object)) {
    if (!setLiteral(L, slot, value, depth)) return false;
    ltable.luaH_setfrom(L, table, makeValue(STRING, luaString(key)), slot);
  }
  ltable.invalidateTMcache(table);
  return true;
}

/** Bytes per byte of JSON: every third byte may begin a small list. */
const PARSED_BYTES = 16;

/** Charges for parsing, before it is done. */
export function chargeParsing(text: string): void {
  meter.charge(text.length);
  meter.chargeBytes(text.length * PARSED_BYTES);
}

const decode: Native = (L) => {
  const text = checkText(L, 1, 'decode');
  chargeParsing(text);
  const value = parseJson(text);
  if (value === undefined) return raise(L, 'not JSON');
  if (!setLiteral(L, pushSlot(L), value)) raise(L, 'nested too deep');
  return 1;
};

/** json.array(table): returns the table, which is an array in JSON even while it is empty; without an argument, a new table. */
const array: Native = (L) => {
  const table = argument(L, 1).type === NIL ? pushTable(L) : (checkTable(L, 1, 'array').value as LuaTable);
  markList(table);
  pushSlot(L).sethvalue(table);
  return 1;
};

const FUNCTIONS: Readonly<Record<string, Native>> = {
  encode: (L) => pushText(L, toJson(L, checkAny(L, 1, 'encode'))),
  decode,
  array,
};

export function makeJsonLibrary(L: LuaState): LuaTable {
  const library = makeLibrary(L, FUNCTIONS);
  setTableField(L, library, 'null', makeValue(USERDATA, JSON_NULL));
  return library;
}
