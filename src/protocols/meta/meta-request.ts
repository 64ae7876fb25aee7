// One meta command as parsed from its line: the key, the length of a data block, and the flags in their order. One object is refilled for
// each command, without allocation. The effects of the flags: each command's handler.

import { latin1 } from '../../base/latin1.js';
import { Unsigned64 } from '../../base/unsigned64.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { NUL, plainEnd, SPACE, ZERO } from '../text/text-bytes.js';
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../text/text-request.js';
import { afterPlus, lowestBitsOf } from '../text/tokens.js';
import { decodeBase64 } from './base64.js';

/** memcached uses 17 of its 24 tokens for flags; there are not many more flags than this. */
const MOST_FLAGS = 22;
/** An opaque token with its letter. */
const MOST_OPAQUE_BYTES = 33;

/** The flags that a reply depends on, and those of which it needs the token too: one letter, or less than MOST_OPAQUE_BYTES. */
const REPLY_FLAGS = 'MObckqsv';
const REPLY_TOKENS = 'MO';

const LOWER_A = 0x61;
const LOWER_Z = 0x7a;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** The flags that are a letter alone, as bits of `lower`. */
export const Lower = bitsOf('bcfhklqstuvx', LOWER_A);
/** The flags that may have a token, as bits of `upper`. */
export const Upper = bitsOf('CDEFIJLMNOPRT', UPPER_A);

const KNOWN_LOWER = Object.values(Lower).reduce((all, bit) => all | bit, 0);
const KNOWN_UPPER = Object.values(Upper).reduce((all, bit) => all | bit, 0);

function bitsOf<Letters extends string>(letters: Letters, first: number): Readonly<Record<string, number>> {
  return Object.fromEntries([...letters].map((letter) => [letter, 1 << (letter.charCodeAt(0) - first)]));
}

/** @perThread */
export class MetaRequest {
  /** Whether the line has a key, and a length where it needs one. */
  hasKey = false;
  /** Which flags there are. */
  lower = 0;
  upper = 0;
  /** The flags in their order, and where the token of each begins and ends. */
  count = 0;
  readonly letters = new Uint8Array(MOST_FLAGS);
  readonly tokenStarts = new Float64Array(MOST_FLAGS);
  readonly tokenEnds = new Float64Array(MOST_FLAGS);
  /** The key as the client sent it, base64 or not. */
  sentKeyAt = 0;
  sentKeyLength = 0;
  /** The key itself, in arena bytes. */
  keyAt = 0;
  keyLength = 0;
  /** For ms. */
  valueLength = 0;
  /** The values of T, N and R, as clients send them. */
  exptime = 0;
  vivifyExptime = 0;
  recacheExptime = 0;
  clientFlags = 0;
  /** The letter of M, 0 without one. */
  mode = 0;
  readonly comparedCas = new Unsigned64();
  readonly assignedCas = new Unsigned64();
  readonly delta = new Unsigned64();
  readonly initial = new Unsigned64();
  readonly #magnitude = new Unsigned64();
  private readonly view: DataView;
  #at = 0;
  /** What is wrong with a token, or with the key that b says is base64: as in memcached the last one that is wrong counts. */
  #tokenError = NO_ERROR;
  #isOpaqueTooLong = false;

  constructor(
    private readonly bytes: Uint8Array,
    /** Position in the arena of room for a key of MAX_KEY_BYTES. */
    private readonly decodedKeyAt: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads the rest of the line after the command word, in [from, end). */
  read(from: number, end: number, hasLength: boolean): ErrorId {
    this.lower = 0;
    this.upper = 0;
    this.count = 0;
    this.exptime = 0;
    this.vivifyExptime = 0;
    this.clientFlags = 0;
    this.mode = 0;
    this.#at = from;
    this.#tokenError = NO_ERROR;
    this.#isOpaqueTooLong = false;
    this.hasKey = this.#readKey(end) && (!hasLength || this.#readLength(end));
    if (!this.hasKey) return ErrorIds.badFormat;
    const error = this.#readFlags(this.#at, end);
    if (error !== NO_ERROR) return this.#hasTooMany(this.#at, end) ? ErrorIds.tooManyFlags : error;
    return this.#isOpaqueTooLong ? ErrorIds.opaqueTooLong : NO_ERROR;
  }

  /** Whether one flag comes before another. Precondition: both are given. */
  precedes(first: number, second: number): boolean {
    return this.letters.indexOf(first) < this.letters.indexOf(second);
  }

  /** The part of the line that a reply needs when it is written after the line has left the input: less than 400 bytes. */
  replyLine(): Uint8Array {
    let text = `${this.#text(this.sentKeyAt, this.sentKeyAt + this.sentKeyLength)} ${this.valueLength}`;
    for (let index = 0; index < this.count; index++) {
      const letter = String.fromCharCode(this.letters[index]);
      if (!REPLY_FLAGS.includes(letter)) continue;
      text += ` ${letter}`;
      if (REPLY_TOKENS.includes(letter)) text += this.#text(this.tokenStarts[index], this.tokenEnds[index]);
    }
    return Buffer.from(text, 'latin1');
  }

  #text(from: number, end: number): string {
    return latin1(this.bytes, from, end - from);
  }

  #readKey(end: number): boolean {
    const { bytes } = this;
    let at = this.#at;
    while (at < end && bytes[at] === SPACE) at++;
    this.keyAt = at;
    at = plainEnd(this.view, at, end);
    while (at < end && bytes[at] !== SPACE) {
      if (bytes[at] === NUL) return false;
      at = plainEnd(this.view, at + 1, end);
    }
    this.keyLength = at - this.keyAt;
    this.sentKeyAt = this.keyAt;
    this.sentKeyLength = this.keyLength;
    this.#at = at;
    return this.keyLength > 0 && this.keyLength <= MAX_KEY_BYTES;
  }

  #readLength(end: number): boolean {
    const { bytes } = this;
    let at = this.#at;
    while (at < end && bytes[at] === SPACE) at++;
    const from = at;
    while (at < end && bytes[at] !== SPACE) at++;
    this.valueLength = this.#unsigned(afterPlus(bytes, from), at, MAX_VALUE_BYTES);
    this.#at = at;
    return this.valueLength >= 0;
  }

  #readFlags(from: number, end: number): ErrorId {
    const { bytes } = this;
    let at = from;
    for (;;) {
      while (at < end && bytes[at] === SPACE) at++;
      if (at >= end) return this.#tokenError;
      const letter = bytes[at];
      const start = at + 1;
      at = start;
      while (at < end && bytes[at] !== SPACE) at++;
      if (this.count === MOST_FLAGS) return ErrorIds.tooManyFlags;
      const error = letter >= LOWER_A ? this.#noteLower(letter) : this.#noteUpper(letter, start, at);
      if (error !== NO_ERROR) return error;
      this.letters[this.count] = letter;
      this.tokenStarts[this.count] = start;
      this.tokenEnds[this.count] = at;
      this.count++;
    }
  }

  #noteLower(letter: number): ErrorId {
    if (letter > LOWER_Z) return ErrorIds.badFormat;
    const bit = 1 << (letter - LOWER_A);
    if ((KNOWN_LOWER & bit) === 0) return ErrorIds.invalidFlag;
    if ((this.lower & bit) !== 0) return ErrorIds.duplicateFlag;
    this.lower |= bit;
    if (bit === Lower.b) this.#decodeKey();
    return NO_ERROR;
  }

  #noteUpper(letter: number, start: number, end: number): ErrorId {
    if (letter < UPPER_A || letter > UPPER_Z) return ErrorIds.badFormat;
    const bit = 1 << (letter - UPPER_A);
    if ((KNOWN_UPPER & bit) === 0) return ErrorIds.invalidFlag;
    if ((this.upper & bit) !== 0) return ErrorIds.duplicateFlag;
    this.upper |= bit;
    this.#readToken(bit, start, end);
    return NO_ERROR;
  }

  #readToken(bit: number, start: number, end: number): void {
    switch (bit) {
      case Upper.T:
        this.exptime = this.#signed(start, end);
        break;
      case Upper.N:
        this.vivifyExptime = this.#signed(start, end);
        break;
      case Upper.R:
        this.recacheExptime = this.#signed(start, end);
        break;
      case Upper.F:
        this.#readClientFlags(start, end);
        break;
      case Upper.C:
        this.#readWide(this.comparedCas, start, end, ErrorIds.badToken);
        break;
      case Upper.E:
        this.#readWide(this.assignedCas, start, end, ErrorIds.badToken);
        break;
      case Upper.D:
        this.#readWide(this.delta, start, end, ErrorIds.invalidMetaDelta);
        break;
      case Upper.J:
        this.#readWide(this.initial, start, end, ErrorIds.invalidInitial);
        break;
      case Upper.M:
        this.mode = this.bytes[start];
        if (end - start !== 1) this.#tokenError = ErrorIds.badModeLength;
        break;
      case Upper.O:
        this.#isOpaqueTooLong = end - start >= MOST_OPAQUE_BYTES - 1;
        break;
    }
  }

  /** An expiry. */
  #signed(start: number, end: number): number {
    const number = lowestBitsOf(this.#magnitude, this.bytes, afterPlus(this.bytes, start), end);
    if (Number.isNaN(number)) this.#tokenError = ErrorIds.badToken;
    return number | 0;
  }

  /** As in the text protocol, the lowest 32 bits of a 64-bit number count. Text that is not a number has no special error line. */
  #readClientFlags(start: number, end: number): void {
    if (this.#magnitude.parse(this.bytes, afterPlus(this.bytes, start), end)) this.clientFlags = this.#magnitude.low;
    else if (this.#tokenError === NO_ERROR) this.#tokenError = ErrorIds.badFormat;
  }

  #readWide(number: Unsigned64, start: number, end: number, error: ErrorId): void {
    if (!number.parse(this.bytes, afterPlus(this.bytes, start), end)) this.#tokenError = error;
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

  #decodeKey(): void {
    const length = decodeBase64(this.bytes, this.sentKeyAt, this.sentKeyLength, this.decodedKeyAt);
    if (length <= 0) this.#tokenError = ErrorIds.badBase64Key;
    this.keyAt = this.decodedKeyAt;
    this.keyLength = length;
  }
}
