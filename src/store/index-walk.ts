// A walk over all entries of the index that can be interrupted and resumed, since there may be millions.

import type { HashIndex } from './hash-index.js';
import { INDEX_NEXT_WORD } from './item.js';
import type { Lookup } from './lookup.js';

const HASH_BITS = 32;
const HASHES = 2 ** HASH_BITS;

/**
 * Visits an entry that exists during the whole walk exactly once, although the index grows and shrinks meanwhile: it follows the hashes of
 * the keys with their bits reversed. In this order the hashes of each bucket are a range, however many buckets there are, so the walk needs
 * to store only the last hash that it has reached.
 */
export class IndexWalk {
  /** The entries with smaller reversed hashes have been visited. */
  #reversed = 0;
  /** The same before the last step. */
  #before = 0;

  /** `from` is the position of an earlier walk. */
  constructor(
    private readonly parts: { words: Uint32Array; index: HashIndex; lookup: Lookup },
    from = 0,
  ) {
    this.#reversed = from;
  }

  /** From which another walk can continue; meaningless when it is done. */
  get position(): number {
    return this.#reversed;
  }

  get isDone(): boolean {
    return this.#reversed >= HASHES;
  }

  /** Visits the entries of the next bucket of the index, which must not change meanwhile. */
  step(visit: (entry: number) => void): void {
    const { words, index, lookup } = this.parts;
    const from = this.#reversed;
    this.#before = from;
    const hash = reverseBits(from);
    for (let entry = words[index.bucketWord(hash)]; entry !== 0; entry = words[entry * 2 + INDEX_NEXT_WORD]) {
      if (reverseBits(lookup.hashOfEntry(entry)) >= from) visit(entry);
    }
    const range = 2 ** (HASH_BITS - index.bucketBits(hash));
    this.#reversed = from - (from % range) + range;
  }

  /** The next step visits the bucket of the last one again. */
  repeat(): void {
    this.#reversed = this.#before;
  }
}

/** The 32 bits in reversed order. */
function reverseBits(value: number): number {
  let bits = ((value >>> 1) & 0x5555_5555) | ((value & 0x5555_5555) << 1);
  bits = ((bits >>> 2) & 0x3333_3333) | ((bits & 0x3333_3333) << 2);
  bits = ((bits >>> 4) & 0x0f0f_0f0f) | ((bits & 0x0f0f_0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff_00ff) | ((bits & 0x00ff_00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
