// The store as object calls see it: plain items by key, a walk over the index that can be interrupted and resumed, and removing the
// oldest items. The walk skips objects' fields, which share the index.

import { ChunkKind, kindOf } from '../../arena/chunk.js';
import { INDEX_NEXT_WORD } from '../../store/item.js';
import type { ItemRef, ReservedRef, Store } from '../../store/store.js';

export class StoreItems {
  constructor(private readonly store: Store) {}

  get usedBytes(): number {
    return this.store.usedBytes;
  }

  find(keyAt: number, keyLength: number): ItemRef {
    return this.store.find(keyAt, keyLength);
  }

  hit(item: ItemRef): void {
    this.store.hit(item);
  }

  keyLength(item: ItemRef): number {
    return this.store.keyLength(item);
  }

  keyPosition(item: ItemRef): number {
    return this.store.keyPosition(item);
  }

  valueLength(item: ItemRef): number {
    return this.store.valueLength(item);
  }

  clientFlags(item: ItemRef): number {
    return this.store.clientFlags(item);
  }

  expiresAt(item: ItemRef): number {
    return this.store.expiresAt(item);
  }

  copyValue(item: ItemRef, offset: number, length: number, to: number): void {
    this.store.copyValue(item, offset, length, to);
  }

  fits(keyLength: number, valueLength: number): boolean {
    return this.store.fits(keyLength, valueLength);
  }

  reserve(keyAt: number, keyLength: number, valueLength: number, clientFlags: number, expiresAt: number): ReservedRef {
    return this.store.reserve(keyAt, keyLength, valueLength, clientFlags, expiresAt);
  }

  fill(reserved: ReservedRef, offset: number, from: number, length: number): void {
    this.store.fill(reserved, offset, from, length);
  }

  link(reserved: ReservedRef): ItemRef {
    return this.store.link(reserved);
  }

  /** Frees a reservation that was not linked. */
  release(reserved: ReservedRef): void {
    this.store.release(reserved);
  }

  remove(item: ItemRef): void {
    this.store.remove(item);
  }

  /** Removes the least recently used item; false when none can be removed. It does not count as an eviction, since a script requested
   * it. */
  evict(): boolean {
    const oldest = this.store.lru.oldest as ItemRef;
    if (oldest === 0 || this.store.items.pins(oldest) !== 0) return false;
    this.store.remove(oldest);
    return true;
  }

  /** Visits the items of one bucket of the index; returns the number of the next bucket, 0 after the last. A walk from 0 to 0 visits every
   * item that stays in the store, however the index grows meanwhile; it may visit some twice. */
  scan(bucket: number, visit: (item: ItemRef) => void): number {
    const { index } = this.store;
    const { words } = this.store.arena;
    if (bucket >= index.buckets) return 0;
    // A number below the number of buckets is a hash of its own bucket.
    for (let entry = words[index.bucketWord(bucket)]; entry !== 0; ) {
      const next = words[entry * 2 + INDEX_NEXT_WORD];
      if (kindOf(words[entry * 2]) === ChunkKind.item) visit(entry as ItemRef);
      entry = next;
    }
    return bucket + 1 < index.buckets ? bucket + 1 : 0;
  }
}
