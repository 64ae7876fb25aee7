// Reads the line of a meta command into a MetaRequest. Nearly every line has the usual form, which is read in one pass; for the others the
// end of the line is found first, since a client gets an error line only for a whole line. Finding the end: text-parser.ts.

import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { CARRIAGE_RETURN, LINE_FEED, NUL, plainEnd, SPACE, ZERO } from '../text/text-bytes.js';
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../text/text-request.js';
import { afterPlus } from '../text/tokens.js';
import { LOWER_A, type MetaRequest, MOST_FLAGS } from './meta-request.js';

/** A length of more digits is unusual. */
const USUAL_DIGITS = 9;

/** @perThread */
export class MetaParser {
  private readonly view: DataView;
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly request: MetaRequest,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads a line of the usual form, with single spaces and without a mistake, from the space after the command word on. Returns the
      position after the line, or -1 for a line that `read` has to read when it is complete. */
  readUsual(from: number, to: number, hasLength: boolean): number {
    const { request } = this;
    request.clear();
    const keyAt = from + 1;
    const keyEnd = plainEnd(this.view, keyAt, Math.min(to, keyAt + MAX_KEY_BYTES + 1));
    const keyLength = keyEnd - keyAt;
    if (keyLength <= 0 || keyLength > MAX_KEY_BYTES) return -1;
    request.setKey(keyAt, keyLength);
    const flagsAt = hasLength ? this.#readUsualLength(keyEnd, to) : keyEnd;
    const end = this.#readUsualFlags(flagsAt, to);
    return request.tokenError === NO_ERROR && !request.isOpaqueTooLong ? end : -1;
  }

  /** Reads the rest of any line after the command word, in [from, end). */
  read(from: number, end: number, hasLength: boolean): void {
    this.request.clear();
    this.request.error = this.#readAny(from, end, hasLength);
  }

  /** Returns the position after the length, or `to` if it is unusual. */
  #readUsualLength(from: number, to: number): number {
    const { bytes } = this;
    if (bytes[from] !== SPACE) return to;
    const limit = Math.min(to, from + 1 + USUAL_DIGITS);
    let value = 0;
    let at = from + 1;
    for (; at < limit; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.request.valueLength = value;
    return at === from + 1 ? to : at;
  }

  /** Returns the position after the line, or -1. */
  #readUsualFlags(from: number, to: number): number {
    const { bytes, request } = this;
    let at = from;
    while (at + 1 < to && bytes[at] === SPACE && request.count < MOST_FLAGS) {
      const letter = bytes[at + 1];
      const start = at + 2;
      at = letter >= LOWER_A ? start : plainEnd(this.view, start, to);
      if (request.note(letter, start, at) !== NO_ERROR) return -1;
    }
    return at + 1 < to && bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? at + 2 : -1;
  }

  #readAny(from: number, end: number, hasLength: boolean): ErrorId {
    const { request } = this;
    this.#at = from;
    request.hasKey = this.#readKey(end) && (!hasLength || this.#readLength(end));
    if (!request.hasKey) return ErrorIds.badFormat;
    const error = this.#readFlags(this.#at, end);
    if (error !== NO_ERROR) return this.#hasTooMany(this.#at, end) ? ErrorIds.tooManyFlags : error;
    return request.isOpaqueTooLong ? ErrorIds.opaqueTooLong : NO_ERROR;
  }

  #readKey(end: number): boolean {
    const { bytes, request } = this;
    let at = this.#at;
    while (at < end && bytes[at] === SPACE) at++;
    const keyAt = at;
    for (; at < end && bytes[at] !== SPACE; at++) if (bytes[at] === NUL) return false;
    request.setKey(keyAt, at - keyAt);
    this.#at = at;
    return request.keyLength > 0 && request.keyLength <= MAX_KEY_BYTES;
  }

  #readLength(end: number): boolean {
    const { bytes, request } = this;
    let at = this.#at;
    while (at < end && bytes[at] === SPACE) at++;
    const from = at;
    while (at < end && bytes[at] !== SPACE) at++;
    request.valueLength = this.#unsigned(afterPlus(bytes, from), at, MAX_VALUE_BYTES);
    this.#at = at;
    return request.valueLength >= 0;
  }

  #readFlags(from: number, end: number): ErrorId {
    const { bytes, request } = this;
    let at = from;
    for (;;) {
      while (at < end && bytes[at] === SPACE) at++;
      if (at >= end) return request.tokenError;
      const letter = bytes[at];
      const start = at + 1;
      at = start;
      while (at < end && bytes[at] !== SPACE) at++;
      if (request.count === MOST_FLAGS) return ErrorIds.tooManyFlags;
      const error = request.note(letter, start, at);
      if (error !== NO_ERROR) return error;
    }
  }

  /** A decimal number, or -1 if it is not one or exceeds `most`. */
  #unsigned(start: number, end: number, most: number): number {
    if (start >= end) return -1;
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = this.bytes[at] - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value <= most ? value : -1;
  }

  #hasTooMany(from: number, end: number): boolean {
    let count = 0;
    for (let at = from; at < end; at++) if (this.bytes[at] !== SPACE && this.bytes[at - 1] === SPACE) count++;
    return count > MOST_FLAGS;
  }
}
