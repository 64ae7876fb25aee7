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
    const wantedTag = key.packedTag;
    const wantedLength = key.length;
    let at = body + BODY_HEADER_BYTES;
    const wanted = key.bytes;
    const wantedAt = key.at;
    while (at < end) {
      const head = bytes[at];
      const tag = head >>> 4;
      let keyAt = at + 1;
      let length = 0;
      if (tag === Tag.text) length = bytes[keyAt++];
      else if (tag !== Tag.longText) length = TAG_BYTES[tag];
      else {
        length = readU16(bytes, keyAt);
        keyAt += 2;
      }
      if (tag === wantedTag && length === wantedLength && sameBytes(bytes, keyAt, wanted, wantedAt, length)) {
        this.setKey(bytes, at, tag, keyAt, length);
        this.readValue(bytes, head & 15, keyAt + length);
        return true;
      }
      at = (head & 15) <= Tag.yes ? keyAt + length : endOfValue(bytes, head & 15, keyAt + length);
    }
    this.start = end;
    return false;
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

function endOfValue(bytes: Uint8Array, tag: number, at: number): number {
  if (tag === Tag.text) return at + 1 + bytes[at];
  if (tag === Tag.longText) return at + 2 + readU16(bytes, at);
  if (tag === Tag.table) return at + BODY_HEADER_BYTES + readU16(bytes, at);
  return at + TAG_BYTES[tag];
}
