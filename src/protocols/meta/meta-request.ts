// One meta command: the key, the length of a data block, and the flags in their order. One object is refilled for each command, without
// allocation. Finding them in the line: meta-parser.ts. The effects of the flags: each command's handler.

import { Unsigned64 } from '../../base/unsigned64.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { afterPlus, lowestBitsOf } from '../text/tokens.js';
import { decodeBase64 } from './base64.js';

/** memcached uses 17 of its 24 tokens for flags; there are not many more flags than this. */
export const MOST_FLAGS = 22;
/** An opaque token with its letter. */
const MOST_OPAQUE_BYTES = 33;

export const LOWER_A = 0x61;
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
  /** What is wrong with the line. */
  error: ErrorId = NO_ERROR;
  /** Whether the line has a key, and a length where it needs one. */
  hasKey = false;
  /** Which flags there are. */
  lower = 0;
  upper = 0;
  /** The flags in their order, and where the tokens of those of `upper` begin and end. */
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
  /** What is wrong with a token, or with the key that b says is base64: as in memcached the last one that is wrong counts. */
  tokenError = NO_ERROR;
  isOpaqueTooLong = false;

  constructor(
    private readonly bytes: Uint8Array,
    /** Position in the arena of room for a key of MAX_KEY_BYTES. */
    private readonly decodedKeyAt: number,
  ) {}

  /** Before a line is read. */
  clear(): void {
    this.error = NO_ERROR;
    this.hasKey = true;
    this.lower = 0;
    this.upper = 0;
    this.count = 0;
    this.exptime = 0;
    this.vivifyExptime = 0;
    this.clientFlags = 0;
    this.mode = 0;
    this.tokenError = NO_ERROR;
    this.isOpaqueTooLong = false;
  }

  /** Sets the key as the client sent it. */
  setKey(at: number, length: number): void {
    this.keyAt = at;
    this.keyLength = length;
    this.sentKeyAt = at;
    this.sentKeyLength = length;
  }

  /** Whether one flag comes before another. Precondition: both are given. */
  precedes(first: number, second: number): boolean {
    return this.letters.indexOf(first) < this.letters.indexOf(second);
  }

  /** Notes a flag, with the place of its token, which may be empty; returns what is wrong with the flag. */
  note(letter: number, start: number, end: number): ErrorId {
    this.letters[this.count] = letter;
    return letter >= LOWER_A ? this.#noteLower(letter) : this.#noteUpper(letter, start, end);
  }

  #noteLower(letter: number): ErrorId {
    if (letter > LOWER_Z) return ErrorIds.badFormat;
    const bit = 1 << (letter - LOWER_A);
    if ((KNOWN_LOWER & bit) === 0) return ErrorIds.invalidFlag;
    if ((this.lower & bit) !== 0) return ErrorIds.duplicateFlag;
    this.lower |= bit;
    this.count++;
    if (bit === Lower.b) this.#decodeKey();
    return NO_ERROR;
  }

  #noteUpper(letter: number, start: number, end: number): ErrorId {
    if (letter < UPPER_A || letter > UPPER_Z) return ErrorIds.badFormat;
    const bit = 1 << (letter - UPPER_A);
    if ((KNOWN_UPPER & bit) === 0) return ErrorIds.invalidFlag;
    if ((this.upper & bit) !== 0) return ErrorIds.duplicateFlag;
    this.upper |= bit;
    this.tokenStarts[this.count] = start;
    this.tokenEnds[this.count] = end;
    this.count++;
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
        if (end - start !== 1) this.tokenError = ErrorIds.badModeLength;
        break;
      case Upper.O:
        this.isOpaqueTooLong = end - start >= MOST_OPAQUE_BYTES - 1;
        break;
    }
  }

  /** An expiry. */
  #signed(start: number, end: number): number {
    const number = lowestBitsOf(this.#magnitude, this.bytes, afterPlus(this.bytes, start), end);
    if (Number.isNaN(number)) this.tokenError = ErrorIds.badToken;
    return number | 0;
  }

  /** As in the text protocol, the lowest 32 bits of a 64-bit number count. Text that is not a number has no special error line. */
  #readClientFlags(start: number, end: number): void {
    if (this.#magnitude.parse(this.bytes, afterPlus(this.bytes, start), end)) this.clientFlags = this.#magnitude.low;
    else if (this.tokenError === NO_ERROR) this.tokenError = ErrorIds.badFormat;
  }

  #readWide(number: Unsigned64, start: number, end: number, error: ErrorId): void {
    if (!number.parse(this.bytes, afterPlus(this.bytes, start), end)) this.tokenError = error;
  }

  #decodeKey(): void {
    const length = decodeBase64(this.bytes, this.sentKeyAt, this.sentKeyLength, this.decodedKeyAt);
    if (length <= 0) this.tokenError = ErrorIds.badBase64Key;
    this.keyAt = this.decodedKeyAt;
    this.keyLength = length;
  }
}
