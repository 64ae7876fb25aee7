// Writes replies as bytes into an output window. It does not watch the window's end line by line: who writes asks for
// room before starting a reply. Not for sending, and not for the values' bytes, which the store copies.

import { asciiBytes, CARRIAGE_RETURN, LINE_FEED, SPACE } from './bytes.js';
import { ERROR_LINES, type ErrorId } from './errors.js';
import { writeDecimal, writeDecimal64 } from './unsigned64.js';

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

export class ReplyWriter {
  /** Where the next byte goes. */
  at = 0;
  #start = 0;
  #end = 0;

  readonly #view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins anew at the start of a window. */
  open(at: number, size: number): void {
    this.#start = at;
    this.at = at;
    this.#end = at + size;
  }

  get length(): number {
    return this.at - this.#start;
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

  error(id: ErrorId): void {
    this.line(ERROR_LINES[id] as Uint8Array);
  }

  /** `VALUE <key> <flags> <bytes>` without its end, so that a token can follow. */
  valueHead(keyAt: number, keyLength: number, clientFlags: number, valueLength: number): void {
    const bytes = this.bytes;
    let at = this.at;
    // The letters of VALUE, one by one: this is the busiest line of all.
    bytes[at] = 0x56;
    bytes[at + 1] = 0x41;
    bytes[at + 2] = 0x4c;
    bytes[at + 3] = 0x55;
    bytes[at + 4] = 0x45;
    bytes[at + 5] = SPACE;
    at += 6;
    copyWords(this.#view, keyAt, at, keyLength);
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
    const at = this.at;
    this.bytes[at] = CARRIAGE_RETURN;
    this.bytes[at + 1] = LINE_FEED;
    this.at = at + 2;
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

/** Short copies are faster word by word, at whatever byte the words begin. */
function copyWords(view: DataView, from: number, to: number, length: number): void {
  let index = 0;
  for (; index + 4 <= length; index += 4) view.setInt32(to + index, view.getInt32(from + index, true), true);
  for (; index < length; index++) view.setUint8(to + index, view.getUint8(from + index));
}
