// Strict parsers of argument bytes: decimal digits, in numbers also a fraction and an exponent as results are written, and nothing else
// that JavaScript's own conversions would let through (no 0x10, blanks, underscores, infinities). Not for messages: a failed parse is NaN or undefined, the caller names the parameter.

import { latin1, utf8Encode } from './latin1.js';

/** JSON in arguments may be nested this deep, as what an object holds. */
export const DEEPEST_JSON = 32;

const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;

/** Digits beyond this many, leading zeros included, are refused before anything is made of them. */
const MOST_DIGITS = 400;

/** A decimal integer with optional sign, within 2^53 of 0; NaN otherwise. */
export function parseInteger(bytes: Uint8Array, at: number, length: number): number {
  const first = length === 0 ? 0 : (bytes[at] as number);
  const signs = first === MINUS || first === PLUS ? 1 : 0;
  if (length === signs || length > MOST_DIGITS) return Number.NaN;
  let value = 0;
  for (let index = signs; index < length; index++) {
    const digit = (bytes[at + index] as number) - ZERO;
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
/** As results write numbers, and a fraction alone. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** A decimal number; NaN for anything else, and for what is beyond all doubles. */
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

/** Whether JSON is nested deeper than it may be; of text that is no JSON either may come. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) inString = !inString;
    else if (character === BACKSLASH) at++;
    else if (inString) continue;
    // Brackets and braces differ in one bit.
    else if ((character | 0x20) === OPENING) {
      if (++depth > DEEPEST_JSON) return true;
    } else if ((character | 0x20) === CLOSING) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = 0x7b;
const CLOSING = 0x7d;

const ESCAPES = /\\(?:u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|u([\da-fA-F]{4})|[^u])/g;

/** JSON of a byte string. Strings in it come out as byte strings: escapes beyond ASCII become their UTF-8 bytes. */
export function parseJson(bytes: string): unknown {
  try {
    return JSON.parse(bytes.includes('\\u') ? bytes.replace(ESCAPES, escapeAsBytes) : bytes);
  } catch {
    return undefined;
  }
}

function escapeAsBytes(sequence: string, high?: string, low?: string, single?: string): string {
  if (high !== undefined && low !== undefined) {
    return utf8Encode(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)));
  }
  if (single === undefined) return sequence;
  const unit = Number.parseInt(single, 16);
  return unit < 0x80 ? sequence : utf8Encode(String.fromCharCode(unit));
}
