// The bits of a byte array that a hash chooses, as Bloom filters have them. The memory of most of them is in no cache of the processor: those to set
// are read once before anything depends on them, so that the processor fetches the memory of several at the same time.

import type { TableLocation } from '../open-object.js';
import type { TableParts } from '../table-parts.js';
import { MOST_HASHED_BITS } from './byte-arguments.js';
import { FIRST_WORD, LEAF_BYTES, LEAF_MASK } from './byte-layout.js';

const BITS_PER_WORD_BITS = 5;
const LEAF_WORD_MASK = LEAF_BYTES / 4 - 1;

/** @perThread */
export class HashedBits {
  private readonly words: Uint32Array;
  private readonly bits = new Uint32Array(MOST_HASHED_BITS);
  private readonly read = new Uint32Array(MOST_HASHED_BITS);

  constructor(private readonly parts: TableParts) {
    this.words = parts.store.arena.words;
  }

  /** Sets the bits; how many have changed. `length` is that of the array, of which the bytes before `from` take no part. One has been charged. */
  set(place: TableLocation, high: number, low: number, count: number, from: number, length: number): number {
    const { parts, bits } = this;
    parts.budget.chargePatches(count - 1);
    this.#choose(place.header, high, low, count, from, length);
    let changed = 0;
    for (let index = 0; index < count; index++) {
      const bit = bits[index];
      const offset = bit >>> 3;
      const leaf = parts.byteTree.leaf(place.header, offset);
      if (leaf === 0) parts.budget.chargeWrite();
      parts.isChanging = true;
      const isNew =
        leaf === 0
          ? parts.byteWriter.setBit(place, bit, true)
          : parts.byteWriter.turnOn(place, leaf, offset & LEAF_MASK, 1 << (bit & 7));
      parts.isChanging = false;
      if (isNew) changed++;
    }
    return changed;
  }

  /** Whether all of them are set. */
  has(header: number, high: number, low: number, count: number, from: number, length: number): boolean {
    this.parts.budget.charge(count);
    const most = (length - from) * 8;
    for (let left = count, word = high; left > 0; left--, word = wordAfter(word, low)) {
      const bit = from * 8 + bitOf(word, most);
      // Most members that are not there differ in one of the first bits.
      if (((this.#wordWith(header, bit) >>> (bit & 31)) & 1) === 0) return false;
    }
    return true;
  }

  /** Chooses the bits, and reads the words that they are in. */
  #choose(header: number, high: number, low: number, count: number, from: number, length: number): void {
    const { bits, read } = this;
    const most = (length - from) * 8;
    for (let index = 0, word = high; index < count; index++, word = wordAfter(word, low)) {
      const bit = from * 8 + bitOf(word, most);
      bits[index] = bit;
      read[index] = this.#wordWith(header, bit);
    }
  }

  #wordWith(header: number, bit: number): number {
    const leaf = this.parts.byteTree.leaf(header, bit >>> 3);
    return leaf === 0 ? 0 : this.words[leaf * 2 + FIRST_WORD + ((bit >>> BITS_PER_WORD_BITS) & LEAF_WORD_MASK)];
  }
}

/** The one of `bits` bits that a word of 32 bits chooses. */
function bitOf(word: number, bits: number): number {
  return Math.floor((word * bits) / 2 ** 32);
}

/** The word for the next bit, a mix of the last one and of the hash. By double hashing, members of a small filter would share whole series of bits,
    14 times as often as an error of 1e-4 allows. */
function wordAfter(word: number, low: number): number {
  const mixed = Math.imul((word + low) ^ (word >>> 15), 0x9e3779b1);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
