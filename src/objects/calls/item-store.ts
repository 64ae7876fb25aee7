// What object calls need of the store beyond their tables: plain items for scripts in the original's style, and walks over
// keys.

import type { ItemRef, ReservedRef } from '../../store/store.js';

export interface ItemStore {
  find(keyAt: number, keyLength: number): ItemRef;
  hit(item: ItemRef): void;
  keyLength(item: ItemRef): number;
  keyPosition(item: ItemRef): number;
  valueLength(item: ItemRef): number;
  clientFlags(item: ItemRef): number;
  expiresAt(item: ItemRef): number;
  copyValue(item: ItemRef, offset: number, length: number, to: number): void;
  fits(keyLength: number, valueLength: number): boolean;
  reserve(keyAt: number, keyLength: number, valueLength: number, clientFlags: number, expiresAt: number): ReservedRef;
  fill(reserved: ReservedRef, offset: number, from: number, length: number): void;
  link(reserved: ReservedRef): ItemRef;
  /** Gives up what was reserved and not linked. */
  release(reserved: ReservedRef): void;
  remove(item: ItemRef): void;
  /** Evicts the least recently used item; false when there is none to evict. */
  evict(): boolean;
  readonly usedBytes: number;
  /** Visits the items of one bucket of the index; returns the number of the next bucket, 0 after the last. Every item that stays
      is seen by a walk from 0 to 0, however the index grows meanwhile; some may be seen twice. */
  scan(bucket: number, visit: (item: ItemRef) => void): number;
}
