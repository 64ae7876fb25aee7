// The bits of a byte array that a hash chooses, as Bloom filters have them. The memory of most of them is in no cache of the processor: those to set
// are read once before anything depends on them, so that the processor fetches the memory of several at the same time.

import { Kind } from '../journal-kinds.js';
import type { TableLocation } from '../open-object.js';
import { SPREAD } from '../table-layout.js';
import type { TableParts } from '../table-parts.js';
import { MOST_HASHED_BITS } from './byte-arguments.js';
import { FIRST_WORD, LEAF_BYTES, LEAF_MASK, PART_HEADER_BYTES, slotWord, topLevel } from './byte-layout.js';

const BITS_PER_WORD_BITS = 5;
const LEAF_WORD_MASK = LEAF_BYTES / 4 - 1;

/** @perThread */
export class HashedBits {
  private readonly words: Uint32Array;
  private readonly bits = new Uint32Array(MOST_HASHED_BITS);
  /** The part that each of them is in, 0 for one that does not exist. */
  private readonly leaves = new Uint32Array(MOST_HASHED_BITS);
  private readonly read = new Uint32Array(MOST_HASHED_BITS);

  constructor(private readonly parts: TableParts) {
    this.words = parts.store.arena.words;
  }

  /** Sets the bits; how many have changed. `length` is that of the array, of which the bytes before `from` take no part. One has been charged. */
  set(place: TableLocation, high: number, low: number, count: number, from: number, length: number): number {
    const { parts } = this;
    parts.budget.chargePatches(count - 1);
    if (!this.#choose(place.header, high, low, count, from, length)) return this.#setAnywhere(place, count);
    parts.isChanging = true;
    const changed = this.#turnOn(count);
    parts.isChanging = false;
    if (changed > 0) place.object.isWritten = true;
    return changed;
  }

  /** Whether all of them are set. */
  has(header: number, high: number, low: number, count: number, from: number, length: number): boolean {
    const { words } = this;
    this.parts.budget.charge(count);
    const most = (length - from) * 8;
    const first = header === 0 ? 0 : words[header + SPREAD.first];
    const top = topLevel(length);
    for (let left = count, word = high; left > 0; left--, word = wordAfter(word, low)) {
      const bit = from * 8 + bitOf(word, most);
      const leaf = this.#leaf(first, top, bit >>> 3);
      // Most members that are not there differ in one of the first bits.
      if (leaf === 0 || ((words[wordOf(leaf, bit)] >>> (bit & 31)) & 1) === 0) return false;
    }
    return true;
  }

  /** Chooses the bits, and reads the words that they are in; whether all their parts exist. */
  #choose(header: number, high: number, low: number, count: number, from: number, length: number): boolean {
    const { words, bits, leaves, read } = this;
    const most = (length - from) * 8;
    const first = words[header + SPREAD.first];
    const top = topLevel(length);
    let areThere = true;
    for (let index = 0, word = high; index < count; index++, word = wordAfter(word, low)) {
      const bit = from * 8 + bitOf(word, most);
      const leaf = this.#leaf(first, top, bit >>> 3);
      bits[index] = bit;
      leaves[index] = leaf;
      if (leaf === 0) areThere = false;
      else read[index] = words[wordOf(leaf, bit)];
    }
    return areThere;
  }

  /** The part with the byte at `offset` in a tree whose highest part, of the level `top`, is `first`. */
  #leaf(first: number, top: number, offset: number): number {
    let part = first;
    for (let level = top; level > 0 && part !== 0; level--) part = this.words[slotWord(part, level, offset)];
    return part;
  }

  /** Sets the chosen bits, whose parts exist; how many have changed. */
  #turnOn(count: number): number {
    const { words, bits, leaves } = this;
    const { journal } = this.parts;
    let changed = 0;
    for (let index = 0; index < count; index++) {
      const bit = bits[index];
      const leaf = leaves[index];
      const at = wordOf(leaf, bit);
      const old = words[at];
      if (((old >>> (bit & 31)) & 1) !== 0) continue;
      const offset = bit >>> 3;
      journal.note(
        Kind.byteSaved,
        leaf,
        PART_HEADER_BYTES + (offset & LEAF_MASK),
        (old >>> ((offset & 3) << 3)) & 0xff,
      );
      words[at] = old | (1 << (bit & 31));
      changed++;
    }
    return changed;
  }

  /** The same where some of the parts have to be made. */
  #setAnywhere(place: TableLocation, count: number): number {
    const { parts, bits } = this;
    let changed = 0;
    for (let index = 0; index < count; index++) {
      const bit = bits[index];
      if (parts.byteTree.leaf(place.header, bit >>> 3) === 0) parts.budget.chargeWrite();
      parts.isChanging = true;
      const isNew = parts.byteWriter.setBit(place, bit, true);
      parts.isChanging = false;
      if (isNew) changed++;
    }
    return changed;
  }
}

/** The word of a part that has the bit. */
function wordOf(leaf: number, bit: number): number {
  return leaf * 2 + FIRST_WORD + ((bit >>> BITS_PER_WORD_BITS) & LEAF_WORD_MASK);
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
