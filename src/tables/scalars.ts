// Keys and values that are written to a table: their tag and the place of their bytes. One instance of each serves all
// calls of a thread. Tables as values: literals.ts.

import { isByteString, latin1, writeLatin1 } from '../base/latin1.js';
import type { ArgumentSlices } from './argument-slices.js';
import { MethodError } from './call-errors.js';
import type { Key } from './table.js';
import { BODY_HEADER_BYTES, LIST_MARK, MAX_KEY_BYTES, TAG_BYTES, Tag } from './table-layout.js';

/** Up to this many characters, encoding a text is faster than recognising it as an argument. */
const KNOWN_CHARACTERS = 6;
/** Up to this many characters, a loop encodes a text faster than Node does. */
const LOOP_CHARACTERS = 48;
/** A larger buffer is dropped after use, so that one long text does not keep its memory in every thread. */
const KEPT_BYTES = 256 * 1024;
/** Memory of its own. */
const OWN_BYTES = 1024;
const BEYOND_BYTES = 'characters beyond bytes; use utf8Encode';

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** Bytes with a tag: encoded in its own memory, or elsewhere. */
abstract class Encoded {
  tag: number = Tag.no;
  bytes: Uint8Array;
  at = 0;
  /** Without the length before a packed text. */
  length = 0;
  spans: ArgumentSlices | undefined;
  /** Its own memory has grown beyond the size that is worth keeping. */
  isLarge = false;
  private readonly own: Uint8Array;
  /** Of texts that are longer than its own memory. */
  #long = new Uint8Array(0);

  /** `memory` is own memory in the arena, where hashing, comparing and copying are quicker. */
  constructor(
    readonly ownAt = 0,
    memory?: Uint8Array,
  ) {
    this.own = memory ?? new Uint8Array(OWN_BYTES);
    this.bytes = this.own;
  }

  /** The tag in a packed table. */
  get packedTag(): number {
    return this.tag === Tag.text && this.length > 0xff ? Tag.longText : this.tag;
  }

  /** Bytes in a packed table. */
  get packedBytes(): number {
    return this.tag === Tag.text ? this.length + (this.length > 0xff ? 2 : 1) : this.length;
  }

  /** Releases the memory of one large value, if `isLarge`. */
  trim(): void {
    this.#long = new Uint8Array(0);
    this.bytes = this.own;
    this.isLarge = false;
  }

  takeBytes(bytes: Uint8Array, at: number, length: number): void {
    this.tag = Tag.text;
    this.bytes = bytes;
    this.at = at;
    this.length = length;
  }

  protected takeText(text: string): void {
    const length = text.length;
    if (length > KNOWN_CHARACTERS && this.#takeArgument(text)) return;
    if (length > LOOP_CHARACTERS) {
      this.#takeLongText(text);
      return;
    }
    const own = this.own;
    const at = this.ownAt;
    let all = 0;
    for (let index = 0; index < length; index++) {
      const character = text.charCodeAt(index);
      own[at + index] = character;
      all |= character;
    }
    if (all > 0xff) throw new MethodError(BEYOND_BYTES);
    this.takeBytes(own, at, length);
  }

  protected takeNumber(value: number): void {
    this.bytes = this.own;
    this.at = this.ownAt;
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) {
      if (value !== 0 || 1 / value > 0) {
        this.#takeWhole(value);
        return;
      }
    } else if (value < 0 && value >= -0xffff_ffff && Math.floor(value) === value) {
      this.tag = Tag.negative;
      this.length = 4;
      this.#writeWhole(-value, 4);
      return;
    }
    this.tag = Tag.double;
    this.length = 8;
    double[0] = value;
    for (let index = 0; index < 8; index++) this.own[this.ownAt + index] = doubleBytes[index];
  }

  takeEmptyTable(isList: boolean): void {
    this.tag = Tag.table;
    const at = this.ownAt;
    this.bytes = this.own;
    this.at = at;
    this.length = BODY_HEADER_BYTES;
    this.own.fill(0, at, at + BODY_HEADER_BYTES);
    if (isList) this.own[at + BODY_HEADER_BYTES - 1] = LIST_MARK >>> 8;
  }

  #takeWhole(value: number): void {
    let length = 0;
    for (let limit = 1; value >= limit; limit *= 256) length++;
    this.tag = Tag.whole + length;
    this.length = length;
    this.#writeWhole(value, length);
  }

  #writeWhole(value: number, length: number): void {
    const own = this.own;
    const at = this.ownAt;
    const low = Math.min(length, 4);
    for (let index = 0, rest = value | 0; index < low; index++, rest >>>= 8) own[at + index] = rest;
    if (length <= 4) return;
    for (let index = 4, rest = (value / 2 ** 32) | 0; index < length; index++, rest >>>= 8) own[at + index] = rest;
  }

  /** Whether the text is an argument of the call, whose bytes can be used instead. */
  #takeArgument(text: string): boolean {
    const { spans } = this;
    if (spans === undefined) return false;
    const argument = spans.recognise(text);
    if (argument < 0) return false;
    this.takeBytes(spans.source(argument), spans.at(argument), spans.length(argument));
    return true;
  }

  #takeLongText(text: string): void {
    if (!isByteString(text)) throw new MethodError(BEYOND_BYTES);
    if (text.length <= OWN_BYTES) {
      writeLatin1(text, this.own, this.ownAt);
      this.takeBytes(this.own, this.ownAt, text.length);
      return;
    }
    if (this.#long.length < text.length) {
      this.#long = new Uint8Array(text.length + OWN_BYTES);
      this.isLarge = this.#long.length > KEPT_BYTES;
    }
    writeLatin1(text, this.#long, 0);
    this.takeBytes(this.#long, 0, text.length);
  }
}

export class KeyBytes extends Encoded {
  take(key: Key): void {
    if (typeof key === 'string') {
      // Before it is encoded: it may be very long.
      if (key.length > MAX_KEY_BYTES) throw new MethodError(`a key has at most ${MAX_KEY_BYTES} bytes`);
      this.takeText(key);
    } else if (typeof key === 'number') this.#takeNumber(key);
    else throw new MethodError(`a key is a string or a number, not ${nameOfKind(key)}`);
    if (this.length > MAX_KEY_BYTES) throw new MethodError(`a key has at most ${MAX_KEY_BYTES} bytes`);
  }

  /** The key as JavaScript has it. */
  toKey(): Key {
    return this.tag === Tag.text ? latin1(this.bytes, this.at, this.length) : readNumber(this.bytes, this.at, this.tag);
  }

  equals(other: KeyBytes): boolean {
    return (
      this.tag === other.tag &&
      this.length === other.length &&
      sameBytes(this.bytes, this.at, other.bytes, other.at, this.length)
    );
  }

  #takeNumber(key: number): void {
    if (Number.isNaN(key)) throw new MethodError('a key cannot be NaN; check how it was computed');
    this.takeNumber(key === 0 ? 0 : key);
  }
}

export class ValueBytes extends Encoded {
  /** False when the value is an object, which becomes a table, or cannot be stored. */
  take(value: unknown): boolean {
    if (typeof value === 'string') {
      this.takeText(value);
    } else if (typeof value === 'number') {
      this.takeNumber(value);
    } else if (typeof value === 'boolean') {
      this.tag = value ? Tag.yes : Tag.no;
      this.length = 0;
    } else if (value instanceof Uint8Array) {
      this.takeBytes(value, 0, value.length);
    } else {
      return false;
    }
    return true;
  }
}

function nameOfKind(value: unknown): string {
  return value === null
    ? 'null'
    : typeof value === 'undefined'
      ? 'undefined'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
}

/** The number whose tag and bytes these are. */
export function readNumber(bytes: Uint8Array, at: number, tag: number): number {
  if (tag >= Tag.whole) return readWhole(bytes, at, TAG_BYTES[tag]);
  if (tag === Tag.negative) return -readWhole(bytes, at, 4);
  for (let index = 0; index < 8; index++) doubleBytes[index] = bytes[at + index];
  return double[0];
}

function readWhole(bytes: Uint8Array, at: number, length: number): number {
  if (length < 4) {
    let number = 0;
    for (let index = length - 1; index >= 0; index--) number = (number << 8) | bytes[at + index];
    return number;
  }
  const low = (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
  if (length === 4) return low;
  // At most seven bytes. Numbers of the sequence have all of them.
  let high = bytes[at + 4];
  if (length > 5) high |= bytes[at + 5] << 8;
  if (length > 6) high |= bytes[at + 6] << 16;
  return high * 2 ** 32 + low;
}

/** Compares from the end on, where keys of one table differ most. */
export function sameBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let index = length - 1; index >= 0; index--) if (a[aAt + index] !== b[bAt + index]) return false;
  return true;
}

/** Up to this length a loop is faster than creating a view. */
const LOOP_BYTES = 96;

/** Copies between any two arrays, overlapping or not. */
export function copyBytes(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, length: number): void {
  if (from === to && (length > LOOP_BYTES || (toAt > fromAt && toAt < fromAt + length))) {
    to.copyWithin(toAt, fromAt, fromAt + length);
  } else if (length > LOOP_BYTES) to.set(from.subarray(fromAt, fromAt + length), toAt);
  else for (let index = 0; index < length; index++) to[toAt + index] = from[fromAt + index];
}
