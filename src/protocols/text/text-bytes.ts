// The bytes that have a meaning in text protocols.

import { firstByteOf, hasByteBelow, wordOf } from '../../base/words.js';

export const CARRIAGE_RETURN = 0x0d;
export const LINE_FEED = 0x0a;
export const SPACE = 0x20;
export const PLUS = 0x2b;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const NUL = 0;

/** The first byte of every request of memcached's binary protocol; no text command begins with it. */
export const BINARY_MAGIC = 0x80;

export function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Whether a byte ends the word of a command. */
export function endsWord(byte: number): boolean {
  return byte === SPACE || byte === CARRIAGE_RETURN || byte === LINE_FEED;
}

/** All bytes that end a key are below this one; other bytes below it are rare in keys. */
const FIRST_PLAIN_BYTES = wordOf(SPACE + 1);

/** First position in [at, limit) of a blank or control character, or `limit`. Reads up to seven bytes beyond it. */
export function plainEnd(view: DataView, at: number, limit: number): number {
  for (let end = at; end < limit; end += 8) {
    const first = hasByteBelow(view.getInt32(end, true), FIRST_PLAIN_BYTES);
    const second = hasByteBelow(view.getInt32(end + 4, true), FIRST_PLAIN_BYTES);
    if ((first | second) === 0) continue;
    const found = first !== 0 ? end + firstByteOf(first) : end + 4 + firstByteOf(second);
    return Math.min(limit, found);
  }
  return limit;
}
