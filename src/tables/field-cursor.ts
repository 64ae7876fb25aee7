// The current field of a search or a walk, packed or spread: where its key and value lie. Reads packed fields. Changes: table-writer.ts.

import { BYTE_VIEW_BYTES } from '../arena/memory.js';
import { positionOf } from './packed-search.js';
import type { KeyBytes } from './scalars.js';
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
  /** The byte view of the last search, and the same memory for words at any byte. */
  #searched: Uint8Array = this.bytes;
  #words = new DataView(this.bytes.buffer);
  /** Of each byte view of the arena that was searched. */
  readonly #wordViews: DataView[] = [];

  get isText(): boolean {
    return this.valueTag === Tag.text || this.valueTag === Tag.longText;
  }

  get isKeyText(): boolean {
    return this.keyTag === Tag.text || this.keyTag === Tag.longText;
  }

  /** Looks for a key among the packed fields of the body at `body`. If it is not there, `start` is the end of the fields. */
  find(bytes: Uint8Array, body: number, key: KeyBytes): boolean {
    const end = body + BODY_HEADER_BYTES + readU16(bytes, body);
    const at = positionOf(this.#wordsOf(bytes), bytes, body + BODY_HEADER_BYTES, end, key);
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

  #wordsOf(bytes: Uint8Array): DataView {
    if (bytes === this.#searched) return this.#words;
    const { buffer, byteLength, byteOffset } = bytes;
    const number = byteOffset / BYTE_VIEW_BYTES;
    const known = this.#wordViews[number];
    const words = known?.buffer === buffer ? known : new DataView(buffer, byteOffset, byteLength);
    this.#wordViews[number] = words;
    this.#searched = bytes;
    this.#words = words;
    return words;
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
