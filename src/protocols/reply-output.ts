// The place of the reply that is being written: a window of the arena and, for large values, parts that lie elsewhere. One per thread,
// used by every protocol. It does not check the window's end at each write: a protocol asks for `room` before it starts a reply. The form
// of replies: each protocol's encoder.

import { copyWordsIn } from '../base/words.js';
import type { ReplyParts } from './reply-parts.js';

/** The end of any reply takes at most this: the rest of a line with a 64-bit token, and END. */
const END_BYTES = 64;

/** @perThread */
export class ReplyOutput {
  /** Position of the next byte. */
  at = 0;
  /** For values that are sent from their place in the arena; undefined if the whole reply must be in the window. */
  parts: ReplyParts | undefined;
  #start = 0;
  #end = 0;
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins a reply at the start of a window. */
  open(at: number, size: number, parts: ReplyParts | undefined): void {
    this.#start = at;
    this.at = at;
    this.#end = at + size;
    this.parts = parts;
    parts?.open(at);
  }

  /** Ends the reply and returns its length. */
  close(): number {
    const length = this.at - this.#start;
    const { parts } = this;
    if (parts === undefined || parts.count === 0) return length;
    parts.end(this.at);
    return length + parts.valueBytes;
  }

  /** From now on only the end of the reply that is being written may follow. */
  closeSoon(): void {
    this.#end = this.at + END_BYTES;
  }

  /** Nothing of a reply has been written. */
  get isEmpty(): boolean {
    return this.at === this.#start;
  }

  get room(): number {
    return this.#end - this.at;
  }

  /** Bytes of a text made outside of the arena: short ones. */
  put(text: Uint8Array): void {
    const bytes = this.bytes;
    const at = this.at;
    const length = text.length;
    for (let index = 0; index < length; index++) bytes[at + index] = text[index];
    this.at = at + length;
  }

  /** The same for a part of a long one. */
  append(text: Uint8Array, offset: number, length: number): void {
    this.bytes.set(text.subarray(offset, offset + length), this.at);
    this.at += length;
  }

  /** A few bytes from elsewhere in the arena's windows, word by word: the bytes written beyond the end are overwritten by what follows. */
  words(from: number, length: number): void {
    copyWordsIn(this.view, from, this.at, length);
    this.at += length;
  }

  /** Bytes from elsewhere in the arena's windows. */
  copy(from: number, length: number): void {
    this.bytes.copyWithin(this.at, from, from + length);
    this.at += length;
  }
}
