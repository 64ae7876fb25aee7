// Every way in which an item leaves the store: deleted, replaced, expired, evicted, flushed. space-reclaimer.ts decides when to evict.

import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import type { ExpiryWheel } from './expiry-wheel.js';
import type { HashIndex } from './hash-index.js';
import type { HitRatioCurve } from './hit-ratio-curve.js';
import { ItemOption, type Items } from './item.js';
import type { ItemReclaimer } from './item-reclaimer.js';
import type { Lookup } from './lookup.js';
import type { LruList } from './lru-list.js';
import type { RetainedItems } from './retained-items.js';
import type { Reclaimer } from './space-reclaimer.js';
import { STORE_METRICS } from './store-metrics.js';
import { STORE_ROOTS } from './store-roots.js';

/** Steps of the expiry wheel in the search for one expired item: as many as a window has seconds, so that one call crosses a whole window.
 * */
const WHEEL_STEPS = 256;

interface RemoverParts {
  readonly words: Uint32Array;
  readonly items: Items;
  readonly lookup: Lookup;
  readonly index: HashIndex;
  readonly lru: LruList;
  readonly retained: RetainedItems;
  readonly wheel: ExpiryWheel;
  readonly freeing: ItemReclaimer;
  readonly curve: HitRatioCurve;
}

/** @perThread */
export class ItemRemover implements Reclaimer {
  private readonly words: Uint32Array;
  private readonly items: Items;
  private readonly lookup: Lookup;
  private readonly index: HashIndex;
  private readonly lru: LruList;
  private readonly retained: RetainedItems;
  private readonly wheel: ExpiryWheel;
  private readonly freeing: ItemReclaimer;
  private readonly curve: HitRatioCurve;

  constructor(
    parts: RemoverParts,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly evictionsAllowed: boolean,
  ) {
    this.words = parts.words;
    this.items = parts.items;
    this.lookup = parts.lookup;
    this.index = parts.index;
    this.lru = parts.lru;
    this.retained = parts.retained;
    this.wheel = parts.wheel;
    this.freeing = parts.freeing;
    this.curve = parts.curve;
  }

  /** Called for each item that is evicted, before it goes. */
  onEvict: (item: number) => void = () => undefined;
  /** Called for each expired item that a request has found, before it goes. */
  onExpire: (item: number) => void = () => undefined;

  /** An item that is deleted or has expired, so that no larger cache would have it either. */
  remove(item: number): void {
    const hash = this.lookup.hashOfItem(item);
    if (this.curve.isSampled(hash)) this.curve.forget(hash);
    this.unlink(hash, item);
  }

  private unlink(hash: number, item: number): void {
    this.index.remove(hash, item);
    this.leaveLists(item);
    this.freeing.freeOrDefer(item);
    this.index.shrinkIfSparse();
    this.index.shrinkIfSparse();
  }

  /** Puts `item`, which has the same key, in the place of `old`. */
  replace(hash: number, old: number, item: number): void {
    this.index.replace(hash, old, item);
    this.leaveLists(old);
    this.freeing.freeOrDefer(old);
  }

  /** Removes an expired item that a request has found. */
  expireFound(item: number): void {
    this.metrics.add(STORE_METRICS.get_expired, 1);
    this.onExpire(item);
    this.expire(item);
  }

  expire(item: number): void {
    this.metrics.add(STORE_METRICS.reclaimed, 1);
    if (!this.items.has(item, ItemOption.fetched)) this.metrics.add(STORE_METRICS.expired_unfetched, 1);
    this.remove(item);
  }

  /** Evicts the least recently used item that no thread reads; false if there is none. Retained items are not in the LRU list. */
  evict(): boolean {
    if (!this.evictionsAllowed) return false;
    const first = this.lru.oldest;
    let item = first;
    while (item !== 0 && this.items.pins(item) !== 0) {
      // A pinned item counts as used: it moves to the head, so that evictions do not scan it again.
      this.lru.moveToNewest(item);
      item = this.lru.oldest;
      if (item === first) return false;
    }
    if (item === 0) return false;
    this.metrics.add(STORE_METRICS.evictions, 1);
    if (!this.items.has(item, ItemOption.fetched)) this.metrics.add(STORE_METRICS.evicted_unfetched, 1);
    this.onEvict(item);
    const hash = this.lookup.hashOfItem(item);
    if (this.curve.isSampled(hash)) this.curve.noteEviction(hash);
    this.unlink(hash, item);
    return true;
  }

  /** Frees some condemned memory, or one expired item; false if there is none. */
  reclaim(): boolean {
    if (this.freeing.freeCondemned() || this.freeFlushed()) return true;
    if (this.wheel.isUpToDate(this.clock.now)) return false;
    const expired = this.wheel.nextExpired(this.clock.now, WHEEL_STEPS);
    if (expired === 0) return false;
    this.expire(expired);
    return true;
  }

  /** Removes an expired item ahead of memory that waits to be freed, or looks for one in some places; false if none is left. */
  expireNext(): boolean {
    if (this.wheel.isUpToDate(this.clock.now)) return false;
    const expired = this.wheel.nextExpired(this.clock.now, WHEEL_STEPS);
    if (expired !== 0) this.expire(expired);
    return true;
  }

  /** Whether `reclaim` has nothing to do until the clock advances. */
  get isReclaimed(): boolean {
    const words = this.words;
    return (
      words[STORE_ROOTS.condemnedPieces] === 0 &&
      words[STORE_ROOTS.flushedItems] === 0 &&
      words[STORE_ROOTS.condemnedSegments] === 0 &&
      this.wheel.isUpToDate(this.clock.now)
    );
  }

  /** Drops all items in constant time: detaches the lists and starts a new index. Their memory is freed later. */
  flush(): void {
    if (this.words[STORE_ROOTS.items] > 0) {
      let dropped = this.retained.detachBefore(this.words[STORE_ROOTS.flushedItems]);
      if (this.lru.oldest !== 0) {
        this.lru.appendAfterOldest(dropped);
        dropped = this.lru.detach();
      }
      this.words[STORE_ROOTS.flushedItems] = dropped;
      this.index.clear();
      this.curve.forgetAll();
    }
    this.metrics.add(STORE_METRICS.flushed_items, this.words[STORE_ROOTS.items]);
    this.words[STORE_ROOTS.items] = 0;
    this.words[STORE_ROOTS.flushAt] = 0;
  }

  private freeFlushed(): boolean {
    const item = this.words[STORE_ROOTS.flushedItems];
    if (item === 0) return this.index.freeSegment();
    this.words[STORE_ROOTS.flushedItems] = this.lru.older(item);
    if (this.items.expiresAt(item) !== 0) this.wheel.remove(item);
    this.items.clearOption(item, ItemOption.linked);
    if (this.items.has(item, ItemOption.object)) this.retained.marks.clear(item);
    this.freeing.freeOrDefer(item);
    return true;
  }

  private leaveLists(item: number): void {
    this.lru.remove(item);
    if (this.items.expiresAt(item) !== 0) this.wheel.remove(item);
    this.items.clearOption(item, ItemOption.linked);
    this.words[STORE_ROOTS.items] = this.words[STORE_ROOTS.items] - 1;
  }
}
