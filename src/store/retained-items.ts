// Items that are not evicted: they are in a list of their own instead of the LRU list, so that no eviction passes over them. Users know
// them as pinned objects (tables/pinned-objects.ts); the pins of a reading thread are something else (item-pins.ts).
//
// The list is a ring through a place in the roots of the store that stands for an item. So no link is 0, and an item is unlinked or
// moved as in the LRU list.

import type { Arena } from '../arena/memory.js';
import { NEWER_WORD, OLDER_WORD } from './item.js';
import type { LruList } from './lru-list.js';
import { STORE_ROOTS } from './store-roots.js';

/** Stands for an item, of which it has the two links only. */
const RING = STORE_ROOTS.retainedRing / 2;
/** Whatever the limit, and with the reserve: a store needs something that it can evict. A choice. */
const LARGEST_PART = 0.9;
/** Of the limit: what calls that end something may take beyond it. A choice. */
const RESERVE_PART = 0.1;

/** Part of the memory: a number of bytes, or a percentage of the memory limit, which may change. */
export type MemoryShare = { readonly bytes: number } | { readonly percent: number };

/** What an item says about being retained. Only objects are (tables/pinned-objects.ts). */
export interface RetentionMarks {
  /** Units of a retained object with all below it; 0 for other objects. */
  unitsOf(item: number): number;
  /** Makes it one that is not retained. */
  clear(item: number): void;
}

const NOTHING_RETAINED: RetentionMarks = { unitsOf: () => 0, clear: () => undefined };

/** @perThread */
export class RetainedItems {
  marks: RetentionMarks = NOTHING_RETAINED;

  constructor(
    private readonly words: Uint32Array,
    private readonly arena: Pick<Arena, 'limitBytes'>,
    private readonly lru: LruList,
    private readonly share: MemoryShare | undefined,
  ) {}

  /** Once, for a new arena. */
  format(): void {
    this.words[RING * 2 + NEWER_WORD] = RING;
    this.words[RING * 2 + OLDER_WORD] = RING;
  }

  get count(): number {
    return this.words[STORE_ROOTS.retainedItems];
  }

  get bytes(): number {
    return this.words[STORE_ROOTS.retainedUnits] * 8;
  }

  /** What they may take of the memory limit as it is now. */
  get limitBytes(): number {
    const { share } = this;
    const { limitBytes } = this.arena;
    const most = (limitBytes * LARGEST_PART) / (1 + RESERVE_PART);
    if (share === undefined) return Math.floor(most);
    return Math.floor(Math.min(most, 'bytes' in share ? share.bytes : (limitBytes * share.percent) / 100));
  }

  /** What some calls may take beyond that, so that what they end can be ended where the limit is reached. */
  get reserveBytes(): number {
    return Math.floor(this.limitBytes * RESERVE_PART);
  }

  /** The lowest memory limit that they leave possible. */
  get leastMemoryBytes(): number {
    return Math.ceil(this.bytes / LARGEST_PART);
  }

  /** Takes an item over from the LRU list. */
  add(item: number, units: number): void {
    const { words } = this;
    this.lru.remove(item);
    const newest = words[RING * 2 + OLDER_WORD];
    words[item * 2 + NEWER_WORD] = RING;
    words[item * 2 + OLDER_WORD] = newest;
    words[newest * 2 + NEWER_WORD] = item;
    words[RING * 2 + OLDER_WORD] = item;
    words[STORE_ROOTS.retainedItems] = this.count + 1;
    this.grow(units);
  }

  /** Takes over an object that has been laid out again, if it was retained. */
  addCopy(item: number): void {
    const units = this.marks.unitsOf(item);
    if (units !== 0) this.add(item, units);
  }

  /** Returns an item to the LRU list as the most recently used one. */
  release(item: number, units: number): void {
    this.lru.remove(item);
    this.lru.addNewest(item);
    this.leave(units);
  }

  /** An item has left the store, and this list like any other. */
  leave(units: number): void {
    this.words[STORE_ROOTS.retainedItems] = this.count - 1;
    this.grow(-units);
  }

  /** An item with all below it has grown by `units`, or has shrunk where they are negative. */
  grow(units: number): void {
    this.words[STORE_ROOTS.retainedUnits] = this.words[STORE_ROOTS.retainedUnits] + units;
  }

  /** Cuts the whole list off and puts it before another, given by its newest item; returns the newest item of both. */
  detachBefore(other: number): number {
    const { words } = this;
    const newest = words[RING * 2 + OLDER_WORD];
    if (newest === RING) return other;
    words[words[RING * 2 + NEWER_WORD] * 2 + OLDER_WORD] = other;
    this.format();
    words[STORE_ROOTS.retainedItems] = 0;
    words[STORE_ROOTS.retainedUnits] = 0;
    return newest;
  }

  /** The one retained last, the one before an item, and the one after it; 0 for none. */
  get newest(): number {
    return this.older(RING);
  }

  older(item: number): number {
    const older = this.words[item * 2 + OLDER_WORD];
    return older === RING ? 0 : older;
  }

  newer(item: number): number {
    const newer = this.words[item * 2 + NEWER_WORD];
    return newer === RING ? 0 : newer;
  }

  /** From the one retained last to the first, until `visit` returns false. */
  visit(visit: (item: number) => unknown): void {
    const { words } = this;
    for (let item = words[RING * 2 + OLDER_WORD]; item !== RING; item = words[item * 2 + OLDER_WORD]) {
      if (visit(item) === false) return;
    }
  }
}
