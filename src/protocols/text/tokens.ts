// A line split at its spaces, as positions, and strict parsers of single tokens.

import { Unsigned64 } from '../../base/unsigned64.js';
import { equalBytes } from './command-words.js';
import { MINUS, NUL, PLUS, SPACE, ZERO } from './text-bytes.js';
import { MAX_KEY_BYTES, type Request } from './text-request.js';

/** No command takes this many; the rest of a longer line is not split. */
const MAX_TOKENS = 8;

/** High half of the first magnitude that a signed 64-bit exptime cannot have; a negative one can just have it. */
const EXPTIME_LIMIT_HIGH = 2 ** 31;

/** @perThread */
export class Tokens {
  /** The number of tokens; MAX_TOKENS means that or more. */
  count = 0;
  readonly starts: number[] = new Array<number>(MAX_TOKENS).fill(0);
  readonly ends: number[] = new Array<number>(MAX_TOKENS).fill(0);

  private readonly magnitude = new Unsigned64();

  constructor(readonly bytes: Uint8Array) {}

  split(from: number, to: number): void {
    const bytes = this.bytes;
    let count = 0;
    let at = from;
    while (count < MAX_TOKENS) {
      while (at < to && bytes[at] === SPACE) at++;
      if (at >= to) break;
      this.starts[count] = at;
      while (at < to && bytes[at] !== SPACE) at++;
      this.ends[count] = at;
      count++;
    }
    this.count = count;
  }

  start(index: number): number {
    return this.starts[index];
  }

  end(index: number): number {
    return this.ends[index];
  }

  is(index: number, word: Uint8Array): boolean {
    const start = this.start(index);
    return equalBytes(this.bytes, start, this.end(index) - start, word);
  }

  /** Decimal digits, optionally after a plus sign; -1 for anything else, infinite for very many digits. */
  decimal(index: number): number {
    return parseDecimal(this.bytes, this.#digitsAt(index), this.end(index));
  }

  /** Puts an unsigned number of up to 64 bits into `into`; false if the token is not one. */
  unsigned(index: number, into: Unsigned64): boolean {
    return into.parse(this.bytes, this.#digitsAt(index), this.end(index));
  }

  /** Puts flags into the request; false if the token is not a number of up to 64 bits. As in memcached, its lowest 32 bits count. */
  clientFlags(index: number, request: Request): boolean {
    if (!this.unsigned(index, this.magnitude)) return false;
    request.clientFlags = this.magnitude.low;
    return true;
  }

  /** Puts a signed number into the request's exptime; false if the token is not one. */
  exptime(index: number, request: Request): boolean {
    const exptime = lowestBitsOf(this.magnitude, this.bytes, this.#digitsAt(index), this.end(index));
    if (Number.isNaN(exptime)) return false;
    request.exptime = exptime;
    return true;
  }

  #digitsAt(index: number): number {
    return afterPlus(this.bytes, this.start(index));
  }

  /** Puts the key into the request; false when it is too long or holds a NUL, at which memcached ends a line. */
  key(index: number, request: Request): boolean {
    const start = this.start(index);
    const end = this.end(index);
    if (end - start > MAX_KEY_BYTES) return false;
    for (let at = start; at < end; at++) if (this.bytes[at] === NUL) return false;
    request.keyAt = start;
    request.keyLength = end - start;
    return true;
  }
}

/** Start of a number that may have a plus sign before it. */
export function afterPlus(bytes: Uint8Array, start: number): number {
  return bytes[start] === PLUS && bytes[start + 1] !== MINUS ? start + 1 : start;
}

/** A signed number, or NaN if the token is not one. As in memcached, a number of up to 64 bits is read, and its lowest 32 bits count:
 * 4294967295 is -1, as some clients write it. */
export function lowestBitsOf(magnitude: Unsigned64, bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  if (!magnitude.parse(bytes, isNegative ? start + 1 : start, end)) return Number.NaN;
  const { high, low } = magnitude;
  if (high > EXPTIME_LIMIT_HIGH || (high === EXPTIME_LIMIT_HIGH && (low > 0 || !isNegative))) return Number.NaN;
  return (isNegative ? -low : low) | 0;
}

function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
