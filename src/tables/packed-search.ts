// Finds a key among the packed fields of a table. A search passes half of the fields. The position of the next one depends on the length of this
// one, so the processor would wait for each load. But fields with equal heads have equal lengths, and most members of a set have keys of one
// length: within a run of equal heads, the position is known before the load, and the load only checks that the run continues.

import { type KeyBytes, sameBytes } from './scalars.js';
import { BODY_HEADER_BYTES, readU16, TAG_BYTES, Tag } from './table-layout.js';

const KEY_TAG_MASK = 0xf0;
const VALUE_TAG_MASK = 0x0f;
const TEXT_KEY = Tag.text << 4;
/** In the first 16 bits of a field with a text as key. */
const LENGTH_SHIFT = 8;
const KEY_MASK = 0xffff & ~VALUE_TAG_MASK;
/** Bytes of such a field before the key. */
const HEAD_BYTES = 2;

/** Where the field begins, or `end`. `words` views the same memory as `bytes`. Positions are added to `from` and then made unsigned, so that V8 needs
    no arithmetic beyond 32 bits: they reach up to 4 GiB. */
export function positionOf(words: DataView, bytes: Uint8Array, from: number, end: number, key: KeyBytes): number {
  return key.packedTag === Tag.text
    ? positionOfText(words, bytes, from, end, key)
    : positionOfOther(bytes, from, end, key);
}

/** For a text of up to 255 bytes. */
function positionOfText(words: DataView, bytes: Uint8Array, from: number, end: number, key: KeyBytes): number {
  const wanted = key.bytes;
  const wantedAt = key.at;
  const length = key.length | 0;
  const head = TEXT_KEY | (length << LENGTH_SHIFT);
  const last = length > 0 ? wanted[wantedAt + length - 1] << 8 : 0;
  const tail = length > 1 ? last | wanted[wantedAt + length - 2] : last;
  const tailMask = length > 1 ? 0xffff : length > 0 ? 0xff00 : 0;
  // The last byte may be a field of its own, but none with a text as key.
  const size = (end - from - 1) | 0;
  let at = 0;
  let word = size > 0 ? words.getUint16(from, true) : 0;
  while (at < size) {
    const valueTag = word & VALUE_TAG_MASK;
    if ((word & KEY_TAG_MASK) !== TEXT_KEY) {
      at = (endOfField(bytes, (from + at) >>> 0) - from) | 0;
    } else if (valueTag > Tag.yes) {
      const valueAt = (at + HEAD_BYTES + (word >>> LENGTH_SHIFT)) | 0;
      const keyTail = words.getUint16((from + valueAt - 2) >>> 0, true);
      if ((((word ^ head) & KEY_MASK) | ((keyTail ^ tail) & tailMask)) === 0) {
        if (length <= 2 || sameBytes(bytes, from + at + HEAD_BYTES, wanted, wantedAt, length - 2)) return from + at;
      }
      at = (endOfValue(bytes, valueTag, (from + valueAt) >>> 0) - from) | 0;
    } else {
      const step = (HEAD_BYTES + (word >>> LENGTH_SHIFT)) | 0;
      let next = (at + step) | 0;
      if (((word ^ head) & KEY_MASK) !== 0) {
        // Fields with keys of another length: passes those that have the same head.
        let nextWord = word;
        while (next < size) {
          nextWord = words.getUint16((from + next) >>> 0, true);
          at = next;
          if (nextWord !== word) break;
          next = (next + step) | 0;
        }
        if (next >= size) return end;
        word = nextWord;
        continue;
      }
      // One load has the last two bytes of this key and the head of the next field.
      const expected = (word << 16) | tail;
      let difference = 0;
      while (next < size) {
        difference = words.getInt32((from + next - 2) >>> 0, true) ^ expected;
        if ((difference & tailMask) === 0) {
          if (length <= 2 || sameBytes(bytes, from + at + HEAD_BYTES, wanted, wantedAt, length - 2)) return from + at;
        }
        at = next;
        if (difference >>> 16 !== 0) break;
        next = (next + step) | 0;
      }
      if (next < size) {
        word ^= difference >>> 16;
        continue;
      }
      const keyTail = words.getUint16((from + next - 2) >>> 0, true);
      if (((keyTail ^ tail) & tailMask) !== 0) return end;
      return length <= 2 || sameBytes(bytes, from + at + HEAD_BYTES, wanted, wantedAt, length - 2) ? from + at : end;
    }
    if (at < size) word = words.getUint16((from + at) >>> 0, true);
  }
  return end;
}

/** For a number or a longer text. */
function positionOfOther(bytes: Uint8Array, from: number, end: number, key: KeyBytes): number {
  const wanted = key.bytes;
  const wantedAt = key.at;
  const wantedLength = key.length;
  const wantedTag = key.packedTag;
  const bytesBefore = wantedTag === Tag.longText ? 3 : 1;
  const size = (end - from) | 0;
  let at = 0;
  while (at < size) {
    const position = (from + at) >>> 0;
    if (
      bytes[position] >>> 4 === wantedTag &&
      (wantedTag !== Tag.longText || readU16(bytes, position + 1) === wantedLength) &&
      sameBytes(bytes, position + bytesBefore, wanted, wantedAt, wantedLength)
    ) {
      return from + at;
    }
    at = (endOfField(bytes, position) - from) | 0;
  }
  return end;
}

function endOfField(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  const tag = head >>> 4;
  let valueAt = at + 1;
  if (tag === Tag.text) valueAt += 1 + bytes[valueAt];
  else if (tag === Tag.longText) valueAt += 2 + readU16(bytes, valueAt);
  else valueAt += TAG_BYTES[tag];
  return endOfValue(bytes, head & VALUE_TAG_MASK, valueAt);
}

function endOfValue(bytes: Uint8Array, tag: number, at: number): number {
  if (tag === Tag.text) return at + 1 + bytes[at];
  if (tag === Tag.longText) return at + 2 + readU16(bytes, at);
  if (tag === Tag.table) return at + BODY_HEADER_BYTES + readU16(bytes, at);
  return at + TAG_BYTES[tag];
}
