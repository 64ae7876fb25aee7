// The arguments of one call, still as bytes: where each lies and how long it is, so that each language makes values of
// its own kind without a detour. One instance serves all calls of a thread. Not for conversion or validation.

import { latin1 } from './latin1.js';

/** More parts than this go into the last argument when it is a string, and are too many when it is not. */
export const MAX_ARGUMENTS = 64;

export class ArgumentSpans {
  count = 0;
  readonly #starts = new Float64Array(MAX_ARGUMENTS);
  readonly #lengths = new Float64Array(MAX_ARGUMENTS);
  /** The array in which an argument's start counts: the arena's bytes, or a buffer of its own for a long data block. */
  readonly #sources: Uint8Array[] = [];
  /** Strings made of arguments so far, by argument. Tables recognise them and copy from the argument's own bytes. */
  readonly #strings: (string | undefined)[] = [];

  constructor(private readonly arenaBytes: Uint8Array) {
    for (let index = 0; index < MAX_ARGUMENTS; index++) {
      this.#sources.push(arenaBytes);
      this.#strings.push(undefined);
    }
  }

  clear(): void {
    for (let index = 0; index < this.count; index++) {
      this.#strings[index] = undefined;
      this.#sources[index] = this.arenaBytes;
    }
    this.count = 0;
  }

  /** False when there are too many already. */
  add(at: number, length: number, source: Uint8Array = this.arenaBytes): boolean {
    if (this.count === MAX_ARGUMENTS) return false;
    this.#starts[this.count] = at;
    this.#lengths[this.count] = length;
    if (source !== this.arenaBytes) this.#sources[this.count] = source;
    this.count++;
    return true;
  }

  at(index: number): number {
    return this.#starts[index] as number;
  }

  length(index: number): number {
    return this.#lengths[index] as number;
  }

  source(index: number): Uint8Array {
    return this.#sources[index] as Uint8Array;
  }

  /** The argument as a byte string; the same string object each time it is asked for during a call. */
  string(index: number): string {
    const known = this.#strings[index];
    if (known !== undefined) return known;
    const made = latin1(this.source(index), this.at(index), this.length(index));
    this.#strings[index] = made;
    return made;
  }

  /** A copy of the argument's bytes, for those who keep them (a Lua string). */
  copy(index: number): Uint8Array {
    const at = this.at(index);
    // A slice of a view of shared memory is a copy in memory of its own kind only by way of a new array.
    const copy = new Uint8Array(this.length(index));
    const source = this.source(index);
    for (let offset = 0; offset < copy.length; offset++) copy[offset] = source[at + offset] as number;
    return copy;
  }

  /** The number of the argument that `text` was made of, -1 when it is of other origin. Compares identity in effect: equal
      strings that are not the same object are equal bytes as well. */
  recognise(text: string): number {
    for (let index = 0; index < this.count; index++) if (this.#strings[index] === text) return index;
    return -1;
  }
}
