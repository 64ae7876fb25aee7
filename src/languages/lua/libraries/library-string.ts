// The string library, and the metatable by which strings have methods. Pattern functions are in library-match.ts,
// string.format in format.ts. string.dump, pack and unpack are left out on purpose.

import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { STRING, TABLE, TYPE_MASK } from '../vm/tags.js';
import { ensureTop } from '../vm/vm-calls.js';
import { LONGEST_STRING } from '../vm/vm-operations.js';
import { formatText } from './format.js';
import {
  argumentCount,
  argumentError,
  checkInteger,
  checkText,
  MOST_RESULTS,
  makeLibrary,
  makeValue,
  optionalInteger,
  optionalText,
  pushJoined,
  pushNumber,
  pushPart,
  pushText,
  setTableField,
} from './host-functions.js';
import { MATCH_FUNCTIONS, offsetOf } from './library-match.js';

function sub(L: LuaState): number {
  const text = checkText(L, 1, 'sub');
  const from = offsetOf(optionalInteger(L, 2, 'sub', 1), text.length);
  return pushPart(L, text, from, endOf(optionalInteger(L, 3, 'sub', -1), text.length));
}

/** An inclusive end position as an exclusive offset; negative counts from the end. */
function endOf(position: number, length: number): number {
  if (position >= 0) return Math.min(position, length);
  return Math.max(0, length + position + 1);
}

function byte(L: LuaState): number {
  const text = checkText(L, 1, 'byte');
  const first = optionalInteger(L, 2, 'byte', 1);
  const from = offsetOf(first, text.length);
  const end = endOf(optionalInteger(L, 3, 'byte', first), text.length);
  const count = Math.max(0, end - from);
  if (count > MOST_RESULTS) raise(L, 'string slice too long');
  meter.charge(count);
  reserve(L, count);
  for (let index = 0; index < count; index++) pushNumber(L, text.charCodeAt(from + index));
  return count;
}

/** Reserves stack slots for `count` results. */
export function reserve(L: LuaState, count: number): void {
  meter.charge(count >>> 1);
  fengari.ldo.luaD_checkstack(L, count);
  const { top } = L;
  ensureTop(L, top + count);
  L.top = top;
  if (L.ci.top < top + count) L.ci.top = top + count;
}

function char(L: LuaState): number {
  const count = argumentCount(L);
  meter.charge(count >>> 1);
  let text = '';
  for (let n = 1; n <= count; n++) {
    const code = checkInteger(L, n, 'char');
    if (code < 0 || code > 255) argumentError(L, n, 'char', 'value out of range');
    text += String.fromCharCode(code);
  }
  return pushText(L, text);
}

function rep(L: LuaState): number {
  const text = checkText(L, 1, 'rep');
  const count = Math.max(0, checkInteger(L, 2, 'rep'));
  if (!Number.isFinite(count)) argumentError(L, 2, 'rep', 'number has no integer representation');
  const separator = optionalText(L, 3, 'rep', '');
  if (count === 0 || (text === '' && separator === '')) return pushText(L, '');
  const length = (text.length + separator.length) * count - separator.length;
  if (length > LONGEST_STRING) raise(L, `resulting string too large: ${length} bytes, at most ${LONGEST_STRING}`);
  meter.chargeBytes(length);
  return pushJoined(L, separator === '' ? text.repeat(count) : (text + separator).repeat(count - 1) + text);
}

/** Steps of converting a text to bytes and back, in addition to those of its length. */
const MAPPING_STEPS = 14;

/** Changes the bytes of a text in place in a buffer, piece by piece, so that a long text is not in memory twice. */
function mapped(name: string, change: (bytes: Buffer) => void): Native {
  return (L) => {
    const text = checkText(L, 1, name);
    meter.charge(MAPPING_STEPS + (text.length >>> 3));
    meter.chargeBytes(text.length);
    let result = '';
    for (let at = 0; at < text.length; at += SCRATCH.length) {
      const length = SCRATCH.write(text.slice(at, at + SCRATCH.length), 'latin1');
      const bytes = SCRATCH.subarray(0, length);
      change(bytes);
      const piece = bytes.toString('latin1');
      result = name === 'reverse' ? piece + result : result + piece;
    }
    return pushJoined(L, result);
  };
}

const SCRATCH = Buffer.alloc(64 * 1024);

/** Maps the letters from `first` on by a distance; bytes beyond ASCII stay as they are. */
function shift(bytes: Buffer, first: number, distance: number): void {
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte >= first && byte < first + 26) bytes[index] = byte + distance;
  }
}

const STRING_FUNCTIONS: Readonly<Record<string, Native>> = {
  ...MATCH_FUNCTIONS,
  sub,
  byte,
  char,
  rep,
  len: (L) => pushNumber(L, checkText(L, 1, 'len').length),
  format: (L) => pushJoined(L, formatText(L)),
  upper: mapped('upper', (bytes) => shift(bytes, 97, -32)),
  lower: mapped('lower', (bytes) => shift(bytes, 65, 32)),
  reverse: mapped('reverse', (bytes) => bytes.reverse()),
};

/** The library for scripts; Lua 5.1's name for gmatch is kept. */
export function makeStringLibrary(L: LuaState): LuaTable {
  return makeLibrary(L, { ...STRING_FUNCTIONS, gfind: STRING_FUNCTIONS.gmatch });
}

/** Gives strings their methods from a table of their own, which no script can reach. */
export function installStringMethods(L: LuaState): void {
  const metatable = makeLibrary(L, {});
  setTableField(L, metatable, '__index', makeValue(TABLE, makeLibrary(L, STRING_FUNCTIONS)));
  L.l_G.mt[STRING & TYPE_MASK] = metatable;
}
