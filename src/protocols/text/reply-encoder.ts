// The lines of the text protocol's replies. Their place: reply-output.ts. Bytes of values: value-output.ts.

import { writeDecimal, writeDecimal64 } from '../../base/unsigned64.js';
import { copyWordsIn } from '../../base/words.js';
import { ERROR_LINES, type ErrorId } from '../error-lines.js';
import type { ReplyOutput } from '../reply-output.js';
import { asciiBytes, LINE_FEED, SPACE } from './text-bytes.js';

/** The fixed replies, with their line ends. */
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

/** Letters of the most frequent lines, as little-endian words. */
const VALU = 0x55_4c_41_56;
const E_SPACE = 0x20_45;
const END_CR = 0x0d_44_4e_45;
const CR_LF = 0x0a_0d;

/** @perThread */
export class ReplyEncoder {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(private readonly output: ReplyOutput) {
    this.bytes = output.bytes;
    this.view = output.view;
  }

  /** END and a line end, in two words. */
  end(): void {
    const { output } = this;
    this.view.setUint32(output.at, END_CR, true);
    this.bytes[output.at + 4] = LINE_FEED;
    output.at += 5;
  }

  error(id: ErrorId): void {
    this.output.put(ERROR_LINES[id]);
  }

  /** `VALUE <key> <flags> <bytes>` without its end, so that a token can follow. */
  valueHeader(keyAt: number, keyLength: number, clientFlags: number, valueLength: number): void {
    const { bytes, output } = this;
    let at = output.at;
    // Word by word: this is the most frequent line.
    this.view.setUint32(at, VALU, true);
    this.view.setUint16(at + 4, E_SPACE, true);
    at += 6;
    // The bytes written beyond the key's end are overwritten by what follows.
    copyWordsIn(this.view, keyAt, at, keyLength);
    at += keyLength;
    bytes[at] = SPACE;
    at = writeDecimal(bytes, at + 1, clientFlags);
    bytes[at] = SPACE;
    output.at = writeDecimal(bytes, at + 1, valueLength);
  }

  /** A space and an unsigned 64-bit number. */
  casToken(high: number, low: number): void {
    const { output } = this;
    this.bytes[output.at] = SPACE;
    output.at = writeDecimal64(this.bytes, output.at + 1, high, low);
  }

  lineEnd(): void {
    const { output } = this;
    this.view.setUint16(output.at, CR_LF, true);
    output.at += 2;
  }
}
