// The arguments of one call, still as bytes: position and length of each, so that each language makes values of
// its own kind directly. One instance serves all calls of a thread. Conversion and validation: objects/arguments.

import type { Arena } from '../arena/memory.js';
import { bytesOf, latin1 } from '../base/latin1.js';
import type { Budget } from './budget.js';
import { LEAST_LONG_BYTES, LongStringCache, MOST_LONG_BYTES } from './long-string-cache.js';
import { MOST_SEEN_BYTES, StringCache } from './string-cache.js';

/** Bounds the parts of a key, of which 250 bytes allow 125. Further parts belong to the last argument if it is a string; otherwise they
    are an error. */
const MAX_ARGUMENTS = 64;

const NO_BYTES = new Uint8Array(0);

/** The arguments of a call while another call runs within it. */
interface TakenArguments {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly sources: readonly Uint8Array[];
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

/** The length of an argument that the client has left out. */
const LEFT_OUT = -1;

/** @perThread */
export class ArgumentSlices {
  count = 0;
  /** Pays for the conversion of arguments. */
  budget: Budget | undefined;
  // Positions fit in 32 bits because windows lie at the start of the arena; an Int32Array keeps the arithmetic on them integer.
  readonly #starts = new Int32Array(MAX_ARGUMENTS);
  readonly #lengths = new Int32Array(MAX_ARGUMENTS);
  /** The array that an argument's start refers to: the arena's bytes, or a separate buffer for a long data block. */
  readonly #sources: Uint8Array[] = [];
  /** Strings made from arguments so far, by argument, otherwise empty. Tables recognise them and copy the argument's bytes directly. */
  readonly #strings: string[] = [];
  /** Lists and objects that a method has passed to another one. */
  readonly #values: unknown[] = [];
  private readonly seen: StringCache;
  private readonly seenLong: LongStringCache;
  private readonly arenaBytes: Uint8Array;

  constructor(arena: Pick<Arena, 'bytes' | 'view'>) {
    const arenaBytes = arena.bytes;
    this.seen = new StringCache(arena);
    this.seenLong = new LongStringCache(arena);
    this.arenaBytes = arenaBytes;
    for (let index = 0; index < MAX_ARGUMENTS; index++) {
      this.#sources.push(arenaBytes);
      this.#strings.push('');
    }
  }

  clear(): void {
    for (let index = 0; index < this.count; index++) {
      this.#strings[index] = '';
      if (this.#sources[index] !== this.arenaBytes) this.#sources[index] = this.arenaBytes;
    }
    this.count = 0;
    if (this.#values.length > 0) this.#values.length = 0;
  }

  /** False when there are MAX_ARGUMENTS already. */
  add(at: number, length: number, source: Uint8Array = this.arenaBytes): boolean {
    if (this.count === MAX_ARGUMENTS) return false;
    this.#starts[this.count] = at;
    this.#lengths[this.count] = length;
    if (source !== this.arenaBytes) this.#sources[this.count] = source;
    this.count++;
    return true;
  }

  /** Adds a byte string of a method. */
  addText(text: string): boolean {
    if (!this.add(0, text.length, bytesOf(text))) return false;
    this.#strings[this.count - 1] = text;
    return true;
  }

  /** Adds a list or an object of a method; `length` as if it were JSON. */
  addValue(value: unknown, length: number): boolean {
    if (!this.add(0, length, NO_BYTES)) return false;
    this.#values[this.count - 1] = value;
    return true;
  }

  /** The list or the object that `addValue` has added; undefined for any other argument. */
  value(index: number): unknown {
    return this.#values[index];
  }

  /** Takes all arguments out, for a call within the call. */
  takeOut(): TakenArguments {
    const { count } = this;
    const taken = {
      starts: this.#starts.slice(0, count),
      lengths: this.#lengths.slice(0, count),
      sources: this.#sources.slice(0, count),
      strings: this.#strings.slice(0, count),
      values: this.#values.slice(),
    };
    this.clear();
    return taken;
  }

  putBack({ starts, lengths, sources, strings, values }: TakenArguments): void {
    this.clear();
    for (let index = 0; index < starts.length; index++) {
      this.add(starts[index], lengths[index], sources[index]);
      this.#strings[index] = strings[index];
      if (values[index] !== undefined) this.#values[index] = values[index];
    }
  }

  /** Adds arguments that the client has left out, until there are `count`: their parameters have their defaults. */
  leaveOut(count: number): void {
    while (this.count < count) this.add(0, LEFT_OUT);
  }

  /** Whether the client has given the argument. */
  has(index: number): boolean {
    return index < this.count && this.#lengths[index] !== LEFT_OUT;
  }

  /** Moves an argument to its decoded form elsewhere in the arena. Called before a string is made of it. */
  move(index: number, at: number, length: number): void {
    this.#starts[index] = at;
    this.#lengths[index] = length;
  }

  at(index: number): number {
    return this.#starts[index];
  }

  length(index: number): number {
    return this.#lengths[index];
  }

  source(index: number): Uint8Array {
    return this.#sources[index];
  }

  /** The argument as a byte string; the same string object each time during a call. */
  string(index: number): string {
    const known = this.#strings[index];
    if (known !== '') return known;
    const source = this.source(index);
    const at = this.at(index);
    const length = this.length(index);
    const isSeen = length > 1 && length <= MOST_SEEN_BYTES && source === this.arenaBytes;
    const made = isSeen ? this.seen.string(at, length) : this.text(source, at, length);
    this.#strings[index] = made;
    return made;
  }

  /** The byte string of a range: the same string object where one of medium length has appeared before, as one that was stored often has. */
  text(bytes: Uint8Array, at: number, length: number): string {
    const isSeen = length >= LEAST_LONG_BYTES && length <= MOST_LONG_BYTES && bytes === this.arenaBytes;
    return isSeen ? this.seenLong.string(at, length) : latin1(bytes, at, length);
  }

  /** The number of the argument whose bytes `text` has, if a string was made of that argument; else -1. Comparing the very
      string object with itself costs nothing, which is the usual case. */
  recognise(text: string): number {
    if (text === '') return -1;
    for (let index = 0; index < this.count; index++) if (this.#strings[index] === text) return index;
    return -1;
  }
}
