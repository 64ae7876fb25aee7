// Writes replies as bytes into an output window. It does not watch the window's end line by line: who writes asks for
// room before starting a reply. Not for sending, and not for the values' bytes, which the store copies.

import { writeDecimal, writeDecimal64 } from '../../base/unsigned64.js';
import { copyWordsIn } from '../../base/words.js';
import { ERROR_LINES, type ErrorId } from '../error-lines.js';
import type { ReplyParts } from '../reply-parts.js';
import { asciiBytes, LINE_FEED, SPACE } from './text-bytes.js';

/** The fixed answers, with their line ends. */
export const Line = {
  stored: asciiBytes('STORED\r\n'),
  notStored: asciiBytes('NOT_STORED\r\n'),
  exists: asciiBytes('EXISTS\r\n'),
  notFound: asciiBytes('NOT_FOUND\r\n'),
  deleted: asciiBytes('DELETED\r\n'),
  touched: asciiBytes('TOUCHED\r\n'),
  ok: asciiBytes('OK\r\n'),
  reset: asciiBytes('RESET\r\n'),
  end: asciiBytes('END\r\n'),
} as const;

/** What any reply but a value or a listing needs at most: a VALUE line with its key and numbers, or an error line. */
export const REPLY_ROOM_BYTES = 2048;

/** Letters of the busiest lines, as little-endian words. */
const VALU = 0x55_4c_41_56;
const E_SPACE = 0x20_45;
const END_CR = 0x0d_44_4e_45;
const CR_LF = 0x0a_0d;

/** What any reply ends with at most. */
const END_BYTES = 64;

/** @perThread */
export class ReplyEncoder {
  /** Where the next byte goes. */
  at = 0;
  /** For values that are to be sent from where they lie; undefined where all has to be in the window. */
  parts: ReplyParts | undefined;
  #start = 0;
  #end = 0;

  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins anew at the start of a window. */
  open(at: number, size: number, parts: ReplyParts | undefined): void {
    this.#start = at;
    this.at = at;
    this.#end = at + size;
    this.parts = parts;
    parts?.open(at);
  }

  /** Ends the reply, and answers its length. */
  close(): number {
    const length = this.at - this.#start;
    const { parts } = this;
    if (parts === undefined || parts.count === 0) return length;
    parts.end(this.at);
    return length + parts.valueBytes;
  }

  /** No more than the end of the reply that is being written. */
  closeSoon(): void {
    this.#end = this.at + END_BYTES;
  }

  get room(): number {
    return this.#end - this.at;
  }

  line(text: Uint8Array): void {
    const bytes = this.bytes;
    const at = this.at;
    const length = text.length;
    for (let index = 0; index < length; index++) bytes[at + index] = text[index] as number;
    this.at = at + length;
  }

  /** END and a line end, in two words. */
  end(): void {
    this.view.setUint32(this.at, END_CR, true);
    this.bytes[this.at + 4] = LINE_FEED;
    this.at += 5;
  }

  error(id: ErrorId): void {
    this.line(ERROR_LINES[id] as Uint8Array);
  }

  /** `VALUE <key> <flags> <bytes>` without its end, so that a token can follow. */
  valueHead(keyAt: number, keyLength: number, clientFlags: number, valueLength: number): void {
    const bytes = this.bytes;
    let at = this.at;
    // Word by word: this is the busiest line of all.
    this.view.setUint32(at, VALU, true);
    this.view.setUint16(at + 4, E_SPACE, true);
    at += 6;
    // What is written too much is written over by what follows.
    copyWordsIn(this.view, keyAt, at, keyLength);
    at += keyLength;
    bytes[at] = SPACE;
    at = writeDecimal(bytes, at + 1, clientFlags);
    bytes[at] = SPACE;
    this.at = writeDecimal(bytes, at + 1, valueLength);
  }

  /** A space and an unsigned 64-bit number. */
  casToken(high: number, low: number): void {
    this.bytes[this.at] = SPACE;
    this.at = writeDecimal64(this.bytes, this.at + 1, high, low);
  }

  lineEnd(): void {
    this.view.setUint16(this.at, CR_LF, true);
    this.at += 2;
  }

  /** A few bytes from elsewhere in the windows, word by word: what is written too much is written over by what follows. */
  words(from: number, length: number): void {
    copyWordsIn(this.view, from, this.at, length);
    this.at += length;
  }

  /** Bytes from elsewhere in the windows. */
  copy(from: number, length: number): void {
    this.bytes.copyWithin(this.at, from, from + length);
    this.at += length;
  }

  /** Bytes of a text made outside the arena. */
  append(text: Uint8Array, offset: number, length: number): void {
    this.bytes.set(text.subarray(offset, offset + length), this.at);
    this.at += length;
  }
}
