// The current field of a search or a walk, packed or spread: where its key and value lie. Reads packed fields. Changes: table-writer.ts.

import { type KeyBytes, sameBytes } from './scalars.js';
import { BODY_HEADER_BYTES, readU16, TAG_BYTES, Tag } from './table-layout.js';

export class FieldCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Chunk of a spread table's field; 0 for a packed one. */
  field = 0;
  /** First byte of a packed field, first byte of its value including the length before it, and the end of the field. */
  start = 0;
  valueStart = 0;
  end = 0;
  keyTag = 0;
  keyAt = 0;
  keyLength = 0;
  valueTag = 0;
  /** Without the length before a text. */
  valueAt = 0;
  valueLength = 0;

  get isText(): boolean {
    return this.valueTag === Tag.text || this.valueTag === Tag.longText;
  }

  get isKeyText(): boolean {
    return this.keyTag === Tag.text || this.keyTag === Tag.longText;
  }

  /** Looks for a key among the packed fields of the body at `body`. If it is not there, `start` is the end of the fields. */
  find(bytes: Uint8Array, body: number, key: KeyBytes): boolean {
    const end = body + BODY_HEADER_BYTES + readU16(bytes, body);
    const at = positionOf(bytes, body + BODY_HEADER_BYTES, end, key);
    if (at === end) {
      this.start = end;
      return false;
    }
    this.read(bytes, at);
    return true;
  }

  /** Reads the packed field at `at`. */
  read(bytes: Uint8Array, at: number): void {
    const head = bytes[at];
    const tag = head >>> 4;
    let keyAt = at + 1;
    let length = TAG_BYTES[tag];
    if (tag === Tag.text) length = bytes[keyAt++];
    else if (tag === Tag.longText) {
      length = readU16(bytes, keyAt);
      keyAt += 2;
    }
    this.setKey(bytes, at, tag, keyAt, length);
    this.readValue(bytes, head & 15, keyAt + length);
  }

  private setKey(bytes: Uint8Array, start: number, tag: number, at: number, length: number): void {
    this.bytes = bytes;
    this.field = 0;
    this.start = start;
    this.keyTag = tag;
    this.keyAt = at;
    this.keyLength = length;
  }

  private readValue(bytes: Uint8Array, tag: number, at: number): void {
    this.valueTag = tag;
    this.valueStart = at;
    if (tag === Tag.text) {
      this.valueAt = at + 1;
      this.valueLength = bytes[at];
    } else if (tag === Tag.longText) {
      this.valueAt = at + 2;
      this.valueLength = readU16(bytes, at);
    } else {
      this.valueAt = at;
      this.valueLength = tag === Tag.table ? BODY_HEADER_BYTES + readU16(bytes, at) : TAG_BYTES[tag];
    }
    this.end = this.valueAt + this.valueLength;
  }
}

/** Where the packed field of a key begins, or `end`. Counts from `from`, so that V8 needs no arithmetic beyond 32 bits: positions reach up to
    4 GiB. Most fields that are passed over differ in the last byte of the key. */
function positionOf(bytes: Uint8Array, from: number, end: number, key: KeyBytes): number {
  const wanted = key.bytes;
  const wantedAt = key.at;
  const wantedLength = key.length;
  const wantedTag = key.packedTag;
  const last = wantedLength === 0 ? 0 : wanted[wantedAt + wantedLength - 1];
  const size = (end - from) | 0;
  let at = 0;
  while (at < size) {
    const head = bytes[(from + at) >>> 0];
    const tag = head >>> 4;
    let keyAt = (at + 1) | 0;
    let length = 0;
    if (tag === Tag.text) {
      length = bytes[(from + keyAt) >>> 0];
      keyAt = (at + 2) | 0;
    } else if (tag !== Tag.longText) length = TAG_BYTES[tag];
    else {
      length = readU16(bytes, from + keyAt);
      keyAt = (at + 3) | 0;
    }
    const valueAt = (keyAt + length) | 0;
    if (
      length === wantedLength &&
      (length === 0 || bytes[(from + valueAt - 1) >>> 0] === last) &&
      tag === wantedTag &&
      sameBytes(bytes, from + keyAt, wanted, wantedAt, length)
    ) {
      return from + at;
    }
    at = (head & 15) <= Tag.yes ? valueAt : (endOfValue(bytes, head & 15, from + valueAt) - from) | 0;
  }
  return end;
}

function endOfValue(bytes: Uint8Array, tag: number, at: number): number {
  if (tag === Tag.text) return at + 1 + bytes[at];
  if (tag === Tag.longText) return at + 2 + readU16(bytes, at);
  if (tag === Tag.table) return at + BODY_HEADER_BYTES + readU16(bytes, at);
  return at + TAG_BYTES[tag];
}
