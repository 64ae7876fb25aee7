// JSON of Lua's values and back, on byte strings: bytes beyond ASCII pass as they are, so UTF-8 stays UTF-8. A table whose
// keys are 1 to n is an array, an empty one too. Every value is charged.

import { parseJson } from '../objects/parse-bytes.js';
import { fengari } from './fengari.js';
import type { LuaState, LuaTable, Native, TValue } from './fengari-types.js';
import { raise } from './lua-error.js';
import { type LuaString, luaString } from './lua-string.js';
import { meter } from './meter.js';
import { checkAny, checkText, makeValue, pushText, typeName } from './native.js';
import { formatNumber } from './numbers.js';
import { DEEPEST_TABLE } from './snapshot.js';
import { TableHandle } from './table-handle.js';
import { BOOLEAN, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from './tags.js';
import { pushSlot } from './vm-calls.js';

const { ltable } = fengari;
/** A part of a list or object on its way into the whole: its place, and its text's header. */
const PART_BYTES = 40;

export function toJson(L: LuaState, value: TValue, depth = 0): string {
  if (depth > DEEPEST_TABLE) raise(L, 'table is nested too deep');
  meter.charge(1);
  if (value.type === NIL) return 'null';
  if (value.type === BOOLEAN) return String(value.value);
  if (value.type === STRING) return quoted((value.value as LuaString).text);
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return numeral(value.value as number);
  if (value.type === TABLE) return tableToJson(L, value.value as LuaTable, depth);
  if (value.type === USERDATA && value.value instanceof TableHandle) return value.value.table(L).toJson();
  return raise(L, `cannot make JSON of a ${typeName(value)}`);
}

/** JSON has no infinities. */
function numeral(value: number): string {
  return Number.isFinite(value) ? formatNumber(value) : 'null';
}

/** What JSON writes as more than one character, six at most. */
const LONGEST_ESCAPE = 6;
const ESCAPED = /["\\\u0000-\u001f]/;

function quoted(text: string): string {
  meter.charge(text.length >>> 4);
  const longest = ESCAPED.test(text) ? LONGEST_ESCAPE : 1;
  meter.charge((text.length * longest) >>> 5);
  meter.chargeBytes(text.length * longest + 2);
  return JSON.stringify(text);
}

function tableToJson(L: LuaState, table: LuaTable, depth: number): string {
  const length = table.strong.size;
  meter.charge(length);
  meter.chargeBytes(length * PART_BYTES);
  const parts: string[] = [];
  if (length === ltable.luaH_getn(table)) {
    for (let index = 1; index <= length; index++) parts.push(toJson(L, ltable.luaH_getint(table, index), depth + 1));
    return `[${parts.join(',')}]`;
  }
  for (const { key, value } of table.strong.values()) {
    parts.push(`${keyToJson(L, key)}:${toJson(L, value, depth + 1)}`);
  }
  return `{${parts.join(',')}}`;
}

function keyToJson(L: LuaState, key: TValue): string {
  if (key.type === STRING) return quoted((key.value as LuaString).text);
  if ((key.type & TYPE_MASK) === TYPE_NUMBER) return `"${numeral(key.value as number)}"`;
  return raise(L, `cannot make JSON of a key that is a ${typeName(key)}`);
}

/** Puts a parsed JSON value, or an argument of a call, into a slot. null is nil. False when it is nested too deep. */
export function setLiteral(L: LuaState, slot: TValue, value: unknown, depth = 0): boolean {
  meter.charge(1);
  if (typeof value === 'string') slot.setsvalue(luaString(value));
  else if (typeof value === 'number') slot.setfltvalue(value);
  else if (typeof value === 'boolean') slot.setbvalue(value);
  else if (typeof value === 'object' && value !== null) {
    if (depth >= DEEPEST_TABLE) return false;
    const table = ltable.luaH_new(L);
    slot.sethvalue(table);
    return Array.isArray(value) ? fillArray(L, table, value, depth + 1) : fillObject(L, table, value, depth + 1);
  } else slot.setnilvalue();
  return true;
}

function fillArray(L: LuaState, table: LuaTable, values: readonly unknown[], depth: number): boolean {
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

/** JSON of so many bytes may hold a small list every third one. */
const PARSED_BYTES = 16;

/** What parsing takes, before it is done. */
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

export const JSON_FUNCTIONS: Readonly<Record<string, Native>> = {
  encode: (L) => pushText(L, toJson(L, checkAny(L, 1, 'encode'))),
  decode,
};
