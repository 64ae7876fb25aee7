// Searches, compares and copies bytes four at a time, at any alignment. The hottest code of the request path. Long copies:
// src/arena/memory.ts.

const EACH_LOWEST_BIT = 0x01010101;
const EACH_HIGHEST_BIT = 0x80808080 | 0;

/** A word that repeats the byte four times. */
export function wordOf(byte: number): number {
  return Math.imul(byte, EACH_LOWEST_BIT);
}

/** The 1 to 3 bytes at a position as a word padded with zeros. Reads four bytes, so those after them must be readable. */
export function partOfWord(view: DataView, at: number, length: number): number {
  return view.getInt32(at, true) & (0xff_ffff >>> (24 - 8 * length));
}

/** Not zero if one of the word's bytes is the one that `pattern`, made by `wordOf`, repeats. */
export function hasByte(word: number, pattern: number): number {
  const difference = word ^ pattern;
  return (difference - EACH_LOWEST_BIT) & ~difference & EACH_HIGHEST_BIT;
}

/** Not zero if one of the word's bytes is below the one that `pattern`, made by `wordOf`, repeats. That byte must be at most 128. */
export function hasByteBelow(word: number, pattern: number): number {
  return (word - pattern) & ~word & EACH_HIGHEST_BIT;
}

/** The index, from 0, of the first byte that made one of the two functions above not zero. */
export function firstByteOf(found: number): number {
  return (31 - Math.clz32(found & -found)) >>> 3;
}

/** Position of the first byte in [from, end) that is the one `pattern` repeats, or `end`. Reads up to three bytes beyond. */
export function indexOfByte(view: DataView, from: number, end: number, pattern: number): number {
  for (let at = from; at < end; at += 4) {
    const found = hasByte(view.getInt32(at, true), pattern);
    if (found !== 0) return Math.min(end, at + firstByteOf(found));
  }
  return end;
}

/** Whether the bytes at two places are the same. Reads up to three bytes beyond both. */
export function sameBytesIn(view: DataView, one: number, other: number, length: number): boolean {
  return sameBytesOf(view, one, view, other, length);
}

/** The same for places in two views. */
export function sameBytesOf(view: DataView, at: number, otherView: DataView, other: number, length: number): boolean {
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    if (view.getInt32(at + index, true) !== otherView.getInt32(other + index, true)) return false;
  }
  if (index === length) return true;
  const difference = view.getInt32(at + index, true) ^ otherView.getInt32(other + index, true);
  return difference << (32 - 8 * (length - index)) === 0;
}

/** Copies two words at a time: up to seven bytes after the copy are overwritten as well. */
export function copyWordsIn(view: DataView, from: number, to: number, length: number): void {
  for (let index = 0; index < length; index += 8) {
    const first = view.getInt32(from + index, true);
    const second = view.getInt32(from + index + 4, true);
    view.setInt32(to + index, first, true);
    view.setInt32(to + index + 4, second, true);
  }
}

/** Copies bytes between two places that do not overlap. */
export function copyBytesIn(view: DataView, from: number, to: number, length: number): void {
  copyBetween(view, from, view, to, length);
}

/** The same between two views. */
export function copyBetween(view: DataView, from: number, target: DataView, to: number, length: number): void {
  let index = 0;
  for (; index + 8 <= length; index += 8) {
    const first = view.getInt32(from + index, true);
    const second = view.getInt32(from + index + 4, true);
    target.setInt32(to + index, first, true);
    target.setInt32(to + index + 4, second, true);
  }
  if (index === length) return;
  if (length >= 8) {
    // Copies the last eight bytes as two words, which overlap the previous ones: cheaper than byte by byte.
    const first = view.getInt32(from + length - 8, true);
    const second = view.getInt32(from + length - 4, true);
    target.setInt32(to + length - 8, first, true);
    target.setInt32(to + length - 4, second, true);
  } else {
    for (; index < length; index++) target.setUint8(to + index, view.getUint8(from + index));
  }
}
