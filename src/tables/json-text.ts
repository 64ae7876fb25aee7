// JSON of plain values and of byte strings, by the rules that hold for stored tables and for both languages. JSON of stored tables:
// table-serializer.ts.
//
// - A table is an array if its keys are exactly 1 to n, in whatever order they were set. An empty one is if it was made as an array, or if push,
//   pop, shift or splice have been used on it: then its header has a mark.
// - Bytes that are UTF-8 pass as they are; any other byte from 128 on is written as \u0080 to \u00ff.
// - A number as key is written as its text, in brackets where the table has that text as a key, too: {"[1]":..., "1":...}.
// - Infinity is 1e999, which every parser reads as infinity or as its largest number.

import { isUtf8 } from 'node:buffer';
import { types } from 'node:util';
import { isByteString, latin1 } from '../base/latin1.js';
import type { Budget } from './budget.js';
import { MethodError } from './call-errors.js';
import { isPlainObject } from './plain-table.js';
import type { StoredTable } from './table-store.js';

/** A deeper value is assumed to contain itself. */
const MAX_DEPTH = 100;
/** A part of the text while it is put together. */
const PART_BYTES = 40;

const SEQUENCES =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
const ESCAPED = /["\\\u0000-\u001f]/;
const BEYOND_ASCII = /[\x80-\xff]/;
const LONGEST_ESCAPE = 6;

/** Up to this many characters, a loop finds out faster than a regular expression. */
const LOOP_CHARACTERS = 48;
const BLANK = 32;
const QUOTE = 34;
const COMMA = 44;
const BRACKET = 91;
const BACKSLASH = 92;
const CLOSING_BRACKET = 93;
const DELETE = 127;
/** Characters that stay as they are in a text of JSON, up to DELETE. */
const IS_SIMPLE = Uint8Array.from({ length: DELETE + 1 }, (_, code) =>
  code < BLANK || code === QUOTE || code === BACKSLASH || code === DELETE ? 0 : 1,
);
/** Lists of short texts are put together here; longer ones part by part. */
const TEXTS_BYTES = 4096;
const listBytes = new Uint8Array(TEXTS_BYTES);

/** Whether a text is short, and stays as it is between quotes. */
function isSimple(bytes: string): boolean {
  if (bytes.length > LOOP_CHARACTERS) return false;
  for (let index = 0; index < bytes.length; index++) {
    const code = bytes.charCodeAt(index);
    if (code > DELETE || IS_SIMPLE[code] === 0) return false;
  }
  return true;
}

/** Steps of JSON of a text that needs escapes, or is long, in addition to those of its length. */
const ESCAPING_STEPS = 8;

/** JSON of a byte string. Its cost is charged before it is made. */
export function jsonString(bytes: string, budget: Pick<Budget, 'charge' | 'chargeBytes'>): string {
  if (isSimple(bytes)) {
    budget.chargeBytes(bytes.length + 2);
    return `"${bytes}"`;
  }
  budget.charge(ESCAPING_STEPS + (bytes.length >>> 3));
  const isAscii = !BEYOND_ASCII.test(bytes);
  const isValid = isAscii || isUtf8(Buffer.from(bytes, 'latin1'));
  // A step takes about as long as five characters of a replacement.
  if (!isValid) budget.charge(bytes.length * 2);
  const longest = isValid && !ESCAPED.test(bytes) ? 1 : LONGEST_ESCAPE;
  budget.charge((bytes.length * longest) >>> 5);
  budget.chargeBytes(bytes.length * longest + 2);
  const json = JSON.stringify(bytes);
  return isValid ? json : json.replace(SEQUENCES, (found) => (found.length > 1 ? found : `\\u00${hex(found)}`));
}

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).padStart(2, '0');
}

export function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'null' : value > 0 ? '1e999' : '-1e999';
}

/** The name of a number as key, among the other keys of its table. */
export function numberName(key: number | string, hasText: (text: string) => boolean): string {
  let name = String(key);
  while (hasText(name)) name = `[${name}]`;
  return name;
}

/** A value as the JSON that a script has made of it, to be told from a text. */
export class JsonText {
  constructor(private readonly json: string) {}

  toJson(): string {
    return this.json;
  }
}

/** JSON of a method's result. Throws MethodError for a value that has none. */
export function plainJson(value: unknown, budget: Budget, depth = 0): string {
  budget.charge(2);
  budget.chargeBytes(PART_BYTES);
  if (typeof value === 'string') {
    if (isSimple(value)) return `"${value}"`;
    if (!isByteString(value)) throw new MethodError('returned characters beyond bytes; use utf8Encode');
    return jsonString(value, budget);
  }
  if (typeof value === 'number') return jsonNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') throw new MethodError(`returned a ${typeof value} inside an object`);
  if (depth > MAX_DEPTH) throw new MethodError('returned an object that is nested too deep');
  if (Array.isArray(value)) return arrayJson(value, budget, depth);
  if (isTable(value)) return value.toJson();
  if (types.isMap(value)) return objectJson(value as ReadonlyMap<unknown, unknown>, budget, depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainJson(value.toJSON(), budget, depth + 1);
  if (isIterable(value)) return listJson(value, budget, depth);
  if (types.isNativeError(value)) throw new MethodError(`returned an error: ${value.message}; throw it instead`);
  const fields = Object.entries(value);
  // Then the class keeps its content elsewhere: in private fields, or in the engine.
  if (fields.length === 0 && !isPlainObject(value)) {
    throw new MethodError(
      `returned ${className(value)}, which has no fields; return a plain object, or give it toJSON()`,
    );
  }
  return objectJson(fields, budget, depth);
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object';
}

/** Sets, and iterators such as `self.keys()`, whose content is not in their fields. */
function isIterable(value: object): value is Iterable<unknown> {
  return !(value instanceof String) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

/** JSON of a list of short texts; undefined where it has anything else. */
function textsJson(values: readonly unknown[], budget: Budget): string | undefined {
  let at = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'string' || at + value.length + 4 > TEXTS_BYTES) return undefined;
    listBytes[at++] = index === 0 ? BRACKET : COMMA;
    listBytes[at++] = QUOTE;
    for (let character = 0; character < value.length; character++) {
      const code = value.charCodeAt(character);
      if (code > DELETE || IS_SIMPLE[code] === 0) return undefined;
      listBytes[at++] = code;
    }
    listBytes[at++] = QUOTE;
  }
  listBytes[at++] = CLOSING_BRACKET;
  budget.charge(values.length + (at >>> 5));
  budget.chargeBytes(at + values.length * PART_BYTES);
  return latin1(listBytes, 0, at);
}

function arrayJson(values: readonly unknown[], budget: Budget, depth: number): string {
  return (values.length > 0 ? textsJson(values, budget) : undefined) ?? listJson(values, budget, depth);
}

function listJson(values: Iterable<unknown>, budget: Budget, depth: number): string {
  const parts: string[] = [];
  for (const value of values) parts.push(plainJson(value, budget, depth + 1));
  return `[${parts.join(',')}]`;
}

function objectJson(fields: Iterable<readonly [unknown, unknown]>, budget: Budget, depth: number): string {
  const parts: string[] = [];
  for (const [key, value] of fields) {
    if (typeof key === 'object' && key !== null) throw new MethodError('returned a map with a key that is an object');
    if (value === undefined || typeof value === 'function') continue;
    parts.push(`${plainJson(String(key), budget)}:${plainJson(value, budget, depth + 1)}`);
  }
  return `{${parts.join(',')}}`;
}

function isTable(value: object): value is StoredTable {
  return 'toJson' in value && typeof value.toJson === 'function';
}
