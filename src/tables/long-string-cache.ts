// Cache of recent strings of medium length, such as names of workers and UUIDs: a client passes the same one with each of its calls, and
// methods compare it with the one that they have stored. A string is kept from its second appearance on. Short ones: string-cache.ts.

import type { Arena } from '../arena/memory.js';
import { latin1 } from '../base/latin1.js';

/** 512 slots, which take 52 KB per thread with their strings. */
const SLOT_BITS = 9;
export const LEAST_LONG_BYTES = 17;
export const MOST_LONG_BYTES = 48;
/** A slot holds a string's length and its bytes. */
const SLOT_WORDS = 1 + MOST_LONG_BYTES / 4;
const MULTIPLIER = 0x9e3779b1;

/** @perThread */
export class LongStringCache {
  readonly #words = new Int32Array(SLOT_WORDS << SLOT_BITS);
  /** Empty where the string has appeared only once so far. */
  readonly #strings: string[] = new Array(1 << SLOT_BITS).fill('');
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor({ bytes, view }: Pick<Arena, 'bytes' | 'view'>) {
    this.bytes = bytes;
    this.view = view;
  }

  /** The byte string of a range of LEAST_LONG_BYTES to MOST_LONG_BYTES. */
  string(at: number, length: number): string {
    const slot = this.#slotOf(at, length);
    const made = this.#strings[slot];
    if (this.#holds(slot * SLOT_WORDS, at, length)) {
      if (made !== '') return made;
      const text = latin1(this.bytes, at, length);
      this.#strings[slot] = text;
      return text;
    }
    this.#keep(slot * SLOT_WORDS, at, length);
    if (made !== '') this.#strings[slot] = '';
    return latin1(this.bytes, at, length);
  }

  #slotOf(at: number, length: number): number {
    const { view } = this;
    const last = length - 4;
    let hash = view.getInt32(at + last, true) ^ length;
    for (let offset = 0; offset < last; offset += 4) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at + offset, true), MULTIPLIER);
    }
    return hash >>> (32 - SLOT_BITS);
  }

  /** The last word overlaps the one before it. */
  #holds(slotAt: number, at: number, length: number): boolean {
    const { view } = this;
    const words = this.#words;
    const last = length - 4;
    if (words[slotAt] !== length || words[slotAt + 1] !== view.getInt32(at + last, true)) return false;
    for (let offset = 0, word = slotAt + 2; offset < last; offset += 4, word++) {
      if (words[word] !== view.getInt32(at + offset, true)) return false;
    }
    return true;
  }

  #keep(slotAt: number, at: number, length: number): void {
    const { view } = this;
    const words = this.#words;
    const last = length - 4;
    words[slotAt] = length;
    words[slotAt + 1] = view.getInt32(at + last, true);
    for (let offset = 0, word = slotAt + 2; offset < last; offset += 4, word++) {
      words[word] = view.getInt32(at + offset, true);
    }
  }
}
