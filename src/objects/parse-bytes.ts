// Strict parsers of argument bytes: decimal digits and nothing that JavaScript's own conversions would let through (no
// 1e3, 0x10, blanks, underscores). Not for messages: a failed parse is NaN or undefined, the caller names the parameter.

import { utf8Encode } from './latin1.js';

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
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

/** A decimal number: sign, digits, and a fraction with digits on both sides of the point; NaN otherwise. */
export function parseNumber(bytes: Uint8Array, at: number, length: number): number {
  const whole = parseInteger(bytes, at, length);
  if (!Number.isNaN(whole)) return whole;
  if (length > MOST_DIGITS) return Number.NaN;
  let text = '';
  let points = 0;
  for (let index = 0; index < length; index++) {
    const byte = bytes[at + index] as number;
    const isDigit = byte >= ZERO && byte <= ZERO + 9;
    const isSign = index === 0 && (byte === MINUS || byte === PLUS);
    const isPoint = byte === DOT && points++ === 0 && index > 0 && index < length - 1 && text !== '-' && text !== '+';
    if (!isDigit && !isSign && !isPoint) return Number.NaN;
    text += String.fromCharCode(byte);
  }
  // What is left is digits and at most one point, so that Number can read nothing unexpected in it; a bare sign is NaN.
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** `true`, `false`, `1` or `0`. */
export function parseBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return undefined;
}

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
