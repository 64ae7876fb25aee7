// Strict parsers of argument bytes: decimal integers, and numbers with a fraction and an exponent in the form of results. Other forms that
// JavaScript converts (0x10, blanks, underscores, infinities) are refused. A failed parse returns NaN or undefined, and
// convert-arguments.ts makes the message.

import { latin1 } from '../../base/latin1.js';
import { MAX_DEPTH } from '../../tables/plain-table.js';

const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;

/** Numbers with more digits, leading zeros included, are refused without being converted. */
const MOST_DIGITS = 400;

/** A decimal integer with optional sign, within 2^53 of 0; NaN otherwise. */
export function parseInteger(bytes: Uint8Array, at: number, length: number): number {
  const first = length === 0 ? 0 : bytes[at];
  const signs = first === MINUS || first === PLUS ? 1 : 0;
  if (length === signs || length > MOST_DIGITS) return Number.NaN;
  let value = 0;
  for (let index = signs; index < length; index++) {
    const digit = bytes[at + index] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return first === MINUS && value !== 0 ? -value : value;
}

/** Whether it is a decimal integer of any size. */
export function isWhole(bytes: Uint8Array, at: number, length: number): boolean {
  return length <= MOST_DIGITS && WHOLE.test(latin1(bytes, at, length));
}

const WHOLE = /^[+-]?\d+$/;
/** The form of numbers in results, and a fraction without a leading digit. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** A decimal number; NaN for anything else, and for numbers too large for a double. */
export function parseNumber(bytes: Uint8Array, at: number, length: number): number {
  const whole = parseInteger(bytes, at, length);
  if (!Number.isNaN(whole)) return whole;
  if (length > MOST_DIGITS) return Number.NaN;
  const text = latin1(bytes, at, length);
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** `true`, `false`, `1` or `0`. */
export function parseBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return undefined;
}

/** Whether JSON is nested too deeply; for text that is not JSON the result is arbitrary. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(json, at);
      if (at < 0) return false;
    }
    // Brackets and braces differ in one bit.
    else if ((character | 0x20) === OPENING) {
      if (++depth > MAX_DEPTH) return true;
    } else if ((character | 0x20) === CLOSING) depth--;
  }
  return false;
}

/** The quote that ends the string that begins there; -1 if there is none. Searches for it, since strings may be long. */
function endOfString(json: string, start: number): number {
  let quote = start;
  do {
    quote = json.indexOf('"', quote + 1);
  } while (quote > 0 && isEscaped(json, quote));
  return quote;
}

/** Whether an odd number of backslashes is right before it. */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = 0x7b;
const CLOSING = 0x7d;

const LETTER_U = 0x75;
const ESCAPE_BYTES = 6;
const REPLACEMENT_CHARACTER = 0xfffd;

/** JSON of a byte string. Strings in it come out as byte strings: escapes beyond ASCII become their UTF-8 bytes. */
export function parseJson(bytes: string): unknown {
  try {
    return JSON.parse(bytes.includes('\\u') ? escapesAsBytes(bytes) : bytes);
  } catch {
    return undefined;
  }
}

/** The same JSON with UTF-8 in place of escapes beyond ASCII. A loop over bytes: a replacement by a regular expression takes a
    microsecond for each escape. What is written is never longer than what was read. */
function escapesAsBytes(json: string): string {
  const bytes = Buffer.from(json, 'latin1');
  let written = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at];
    const unit = byte === BACKSLASH && bytes[at + 1] === LETTER_U ? unitAt(bytes, at) : -1;
    if (unit >= 0x80) {
      const low = isHighSurrogate(unit) ? unitAt(bytes, at + ESCAPE_BYTES) : -1;
      const isPair = (low & 0xfc00) === 0xdc00;
      const lone = (unit & 0xf800) === 0xd800 ? REPLACEMENT_CHARACTER : unit;
      written = writeUtf8(bytes, written, isPair ? (((unit & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000 : lone);
      at += isPair ? 2 * ESCAPE_BYTES : ESCAPE_BYTES;
      continue;
    }
    bytes[written++] = byte;
    at++;
    // An escaped backslash does not start an escape.
    if (byte === BACKSLASH && at < bytes.length) bytes[written++] = bytes[at++];
  }
  return latin1(bytes, 0, written);
}

/** The code unit of the escape at this position; -1 when there is none. */
function unitAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U || at + ESCAPE_BYTES > bytes.length) return -1;
  let unit = 0;
  for (let index = 2; index < ESCAPE_BYTES; index++) {
    const digit = hexDigit(bytes[at + index]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

/** The UTF-8 bytes of a code point of at least 0x80. */
function writeUtf8(bytes: Uint8Array, at: number, point: number): number {
  let to = at;
  if (point < 0x800) bytes[to++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) bytes[to++] = 0xe0 | (point >> 12);
    else {
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[to++] = 0x80 | (point & 0x3f);
  return to;
}

/** The value of a hexadecimal digit; -1 for any other byte. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
