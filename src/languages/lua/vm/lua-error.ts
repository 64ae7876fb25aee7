// Raises errors in scripts, and makes one clean line of an error that reached the host. Errors that end a call from outside: meter.ts.

import { fengari } from './fengari.js';
import type { CallInfo, LuaClosure, LuaState, LuaTable, TValue } from './fengari-types.js';
import { type LuaString, luaString } from './lua-string.js';
import { meter } from './meter.js';
import { formatNumber } from './numbers.js';
import { BOOLEAN, IN_LUA, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER } from './tags.js';

/** The limit of a reply's message (tables/call-errors.ts). */
const LONGEST_LINE = 200;
/** C Lua's LUA_IDSIZE without the final NUL. */
const LONGEST_CHUNK_NAME = 59;
/** A chunk's name, a line number and two colons. */
export const LONGEST_POSITION = 80;
/** Steps of throwing and catching an error, and of each frame that it may have to pass. */
const RAISE_STEPS = 400;
const UNWOUND_STEPS = 5;
/** A mask: passing this many frames takes a step. */
const FRAMES_PER_STEP = 15;

/** `file:line: ` of the script's code that runs, or an empty string. */
export function position(L: LuaState, level = 1): string {
  let left = level;
  let frames = 0;
  for (let ci: CallInfo | null = L.ci; ci !== null; ci = ci.previous) {
    if ((++frames & FRAMES_PER_STEP) === 0) meter.charge(1);
    if ((ci.callstatus & IN_LUA) === 0) continue;
    if (--left > 0) continue;
    const { source, lineinfo } = (ci.func.value as LuaClosure).p;
    return `${source === null ? '?' : chunkName(source.text)}:${lineinfo[ci.l_savedpc - 1] ?? '?'}: `;
  }
  return '';
}

/** A chunk's name without the sign for its kind, truncated as in C Lua. */
function chunkName(source: string): string {
  return source.slice(1, LONGEST_CHUNK_NAME + 1);
}

/** Raises an error that the script may catch, with the place where it happened. */
export function raise(L: LuaState, message: string): never {
  return raiseBare(L, position(L) + message);
}

/** Raises a message unchanged. */
function raiseBare(L: LuaState, message: string): never {
  return raiseString(L, luaString(message));
}

export function raiseString(L: LuaState, message: LuaString): never {
  const { TValue } = fengari.lobject;
  L.stack[L.top++] = new TValue(STRING, message);
  return fengari.ldebug.luaG_errormsg(L);
}

const throwError = fengari.ldo.luaD_throw;
fengari.ldo.luaD_throw = (L, status) => {
  let frames = 0;
  for (let ci: CallInfo | null = L.ci; ci !== null; ci = ci.previous) frames++;
  meter.charge(RAISE_STEPS + frames * UNWOUND_STEPS);
  return throwError(L, status);
};

/** The text of an error value, read raw: no metamethod of the script runs. */
export function errorText(value: TValue | undefined): string {
  if (value === undefined) return 'error without a value';
  if (value.type === STRING) return (value.value as LuaString).text;
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return formatNumber(value.value as number);
  if (value.type === BOOLEAN) return String(value.value);
  return `error() was given a ${kindOf(value)}${fieldsShown(value)}: give it a text, as in error("not enough left")`;
}

function kindOf(value: TValue): string {
  if (value.type === TABLE) return 'table';
  return value.type === NIL ? 'nil' : 'value that is no text';
}

/** The fields of an error that is a table, up to the length of a line. */
function fieldsShown(value: TValue): string {
  if (value.type !== TABLE) return '';
  const fields = [...(value.value as LuaTable).strong.values()].slice(0, FIELDS_SHOWN).flatMap((field) => {
    const { key, value: content } = field;
    const shown =
      key.type === STRING && content.type !== TABLE ? [`${(key.value as LuaString).text} = ${textShown(content)}`] : [];
    return shown;
  });
  return fields.length === 0 ? '' : ` {${fields.join(', ')}}`;
}

function textShown(value: TValue): string {
  if (value.type === STRING) return JSON.stringify((value.value as LuaString).text.slice(0, 50));
  return (value.type & TYPE_MASK) === TYPE_NUMBER || value.type === BOOLEAN ? errorText(value) : '...';
}

/** Five fields fill a line of 200 bytes. */
const FIELDS_SHOWN = 5;

/** One line without control characters, of at most 200 bytes. */
export function errorLine(text: string): string {
  const line = text.slice(0, 4 * LONGEST_LINE).replace(/[\u0000-\u001f\u007f]+/g, ' ');
  return line.trim().slice(0, LONGEST_LINE);
}
