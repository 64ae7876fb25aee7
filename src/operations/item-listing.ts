// Lists items: the most recently used ones, or all of them in slices, since there may be millions.

import { ChunkKind, kindOf } from '../arena/chunk.js';
import { latin1 } from '../base/latin1.js';
import { INDEX_NEXT_WORD } from '../store/item.js';
import type { Operations } from './operations.js';
import type { ItemRef } from './outcomes.js';

/** The key, whose characters are bytes. */
export function keyOf({ store }: Operations, item: ItemRef): string {
  const { arena } = store;
  const position = store.keyPosition(item);
  return latin1(arena.viewOf(position), arena.indexOf(position), store.keyLength(item));
}

/** Unix time of the item's expiry, or `never`. */
export function expiryOf({ clock, store }: Operations, item: ItemRef, never: number): number {
  const expiresAt = store.expiresAt(item);
  return expiresAt === 0 ? never : clock.toUnix(expiresAt);
}

/** Visits live items from the most recently used on, until `visit` returns false. */
export function visitRecentItems(operations: Operations, visit: (item: ItemRef) => boolean): void {
  operations.store.forEachItem((item) => isExpired(operations, item) || visit(item));
}

const HASH_BITS = 32;
const HASHES = 2 ** HASH_BITS;

/**
 * A walk over all items that can be interrupted and resumed. It visits an item that exists during the whole walk exactly once, although the
 * index grows and shrinks meanwhile: it follows the hashes of the keys with their bits reversed. In this order the hashes of each bucket
 * are a range, however many buckets there are, so the walk needs to store only the last hash that it has reached.
 */
export class ItemWalk {
  /** The items with smaller reversed hashes have been visited. */
  #reversed = 0;

  constructor(private readonly operations: Operations) {}

  get isDone(): boolean {
    return this.#reversed >= HASHES;
  }

  /** Visits the live items of the next bucket of the index. */
  step(visit: (item: ItemRef) => void): void {
    const { operations } = this;
    const { index, lookup } = operations.store;
    const { words } = operations.store.arena;
    const from = this.#reversed;
    const hash = reverseBits(from);
    for (let entry = words[index.bucketWord(hash)]; entry !== 0; entry = words[entry * 2 + INDEX_NEXT_WORD]) {
      if (kindOf(words[entry * 2]) !== ChunkKind.item) continue;
      const item = entry as ItemRef;
      if (reverseBits(lookup.hashOfItem(item)) >= from && !isExpired(operations, item)) visit(item);
    }
    const range = 2 ** (HASH_BITS - index.bucketBits(hash));
    this.#reversed = from - (from % range) + range;
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

function isExpired({ clock, store }: Operations, item: ItemRef): boolean {
  const expiresAt = store.expiresAt(item);
  return expiresAt !== 0 && expiresAt <= clock.now;
}
