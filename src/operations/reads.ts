// Reads items: finds the key, counts, and makes the item the most recently used. The protocol writes the reply from `item`.

import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import type { Store } from '../store/store.js';
import type { HotKeys } from './hot-keys.js';
import { isObject } from './item-state.js';
import type { Observer } from './observer.js';
import { OPERATION_METRICS } from './operation-metrics.js';
import { type ItemRef, ReadOption, ReadResult } from './outcomes.js';
import type { KeyResolver } from './virtual-keys.js';

const NO_ITEM = 0 as ItemRef;

/** @perThread */
export class Reads {
  /** The item of the last read that found one. */
  item: ItemRef = NO_ITEM;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly resolver: KeyResolver | undefined,
    private readonly casEnabled: boolean,
    private readonly observer: Observer,
    private readonly hotKeys: HotKeys,
  ) {}

  /** Reads the item at a key (arena bytes), as `get` does. */
  read(keyAt: number, keyLength: number): ReadResult {
    const { metrics, store } = this;
    if (this.resolver?.resolve(keyAt, keyLength)) return ReadResult.call;
    const item = store.findToRead(keyAt, keyLength);
    metrics.add(OPERATION_METRICS.cmd_get, 1);
    if (this.observer.isActive) this.observer.onRead(keyAt, keyLength, item);
    if (this.hotKeys.isDue()) this.hotKeys.noteRead(keyAt, keyLength);
    if (item === NO_ITEM) {
      metrics.add(OPERATION_METRICS.get_misses, 1);
      return ReadResult.miss;
    }
    metrics.add(OPERATION_METRICS.get_hits, 1);
    this.item = item;
    if (isObject(store, item)) return ReadResult.object;
    store.hit(item);
    return ReadResult.value;
  }

  /** The same with ReadOptions; `exptime` counts with `touch`. An object is touched by `Operations.callContent`. */
  readWith(keyAt: number, keyLength: number, options: number, exptime: number): ReadResult {
    const { store } = this;
    if (this.resolver?.resolve(keyAt, keyLength)) return ReadResult.call;
    const touches = (options & ReadOption.touch) !== 0;
    let item = touches ? store.findToUse(keyAt, keyLength) : store.findToRead(keyAt, keyLength);
    if ((options & ReadOption.uncounted) === 0) this.count(item !== NO_ITEM, touches);
    if (this.observer.isActive) this.observer.onRead(keyAt, keyLength, item);
    if (this.hotKeys.isDue()) this.hotKeys.noteRead(keyAt, keyLength);
    if (item === NO_ITEM) return ReadResult.miss;
    this.item = item;
    if (isObject(store, item)) return ReadResult.object;
    if ((options & ReadOption.withoutBump) === 0) store.hit(item);
    // The token first: making room for it would reclaim an item that the new expiry has just let expire.
    if ((options & ReadOption.withCas) !== 0 && this.casEnabled) item = store.ensureCas(item);
    if (item !== NO_ITEM && touches) item = store.touch(item, this.clock.fromClient(exptime));
    this.item = item;
    return item === NO_ITEM ? ReadResult.noMemory : ReadResult.value;
  }

  /** Counts a requested item, as a touch or as a get. */
  count(isHit: boolean, touches: boolean): void {
    const { metrics } = this;
    metrics.add(touches ? OPERATION_METRICS.cmd_touch : OPERATION_METRICS.cmd_get, 1);
    if (touches) metrics.add(isHit ? OPERATION_METRICS.touch_hits : OPERATION_METRICS.touch_misses, 1);
    else metrics.add(isHit ? OPERATION_METRICS.get_hits : OPERATION_METRICS.get_misses, 1);
  }
}
