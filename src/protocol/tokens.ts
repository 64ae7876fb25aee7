// A line cut at its spaces, as positions, and strict readers of single tokens. Not for the meaning of commands.

import { isKeyByte, MINUS, SPACE, ZERO } from './bytes.js';
import { equalBytes } from './command-words.js';
import { MAX_KEY_BYTES, type Request } from './request.js';

/** No command takes as many; a line with more is cut no further. */
export const MAX_TOKENS = 8;

/** First magnitude that a signed 64-bit exptime cannot have. */
const EXPTIME_LIMIT = 2 ** 63;

export class Tokens {
  /** How many there are; MAX_TOKENS stands for that or more. */
  count = 0;
  readonly starts: number[] = new Array<number>(MAX_TOKENS).fill(0);
  readonly ends: number[] = new Array<number>(MAX_TOKENS).fill(0);

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
    return this.starts[index] as number;
  }

  end(index: number): number {
    return this.ends[index] as number;
  }

  is(index: number, word: Uint8Array): boolean {
    const start = this.start(index);
    return equalBytes(this.bytes, start, this.end(index) - start, word);
  }

  /** Decimal digits only: -1 for anything else, infinite when there are very many. */
  decimal(index: number): number {
    return parseDecimal(this.bytes, this.start(index), this.end(index));
  }

  /** Puts a signed number into the request's exptime; false for what is none. */
  exptime(index: number, request: Request): boolean {
    const start = this.start(index);
    const isNegative = this.bytes[start] === MINUS;
    const magnitude = parseDecimal(this.bytes, isNegative ? start + 1 : start, this.end(index));
    if (magnitude < 0 || magnitude >= EXPTIME_LIMIT) return false;
    request.exptime = isNegative ? -magnitude : magnitude;
    return true;
  }

  /** Puts the key into the request; false when it is too long or holds a control character. */
  key(index: number, request: Request): boolean {
    const start = this.start(index);
    const end = this.end(index);
    if (end - start > MAX_KEY_BYTES) return false;
    for (let at = start; at < end; at++) if (!isKeyByte(this.bytes[at] as number)) return false;
    request.keyAt = start;
    request.keyLength = end - start;
    return true;
  }
}

function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
