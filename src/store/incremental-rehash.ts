// Grows the index with its entries, bucket by bucket, and finds memory for it. Splitting a bucket: hash-index.ts.

import type { Allocator } from '../arena/allocator.js';
import { NULL_REF } from '../arena/memory.js';
import type { Metrics } from '../base/metrics.js';
import type { Compaction } from './compaction.js';
import { type HashIndex, SEGMENT_UNITS } from './hash-index.js';
import type { ItemRemover } from './item-remover.js';
import { STORE_METRICS } from './store-metrics.js';

/** Buckets added at most with one entry. One would keep up with the entries; the second lets the index catch up after it was denied
 * memory. */
const BUCKETS_PER_GROWTH = 2;

/** @perThread */
export class IncrementalRehash {
  constructor(
    private readonly index: HashIndex,
    private readonly allocator: Allocator,
    private readonly compaction: Compaction,
    private readonly departures: ItemRemover,
    private readonly metrics: Metrics,
  ) {}

  /** Call this after adding an entry to the index, and in maintenance. */
  growIfDue(): void {
    for (let buckets = 0; buckets < BUCKETS_PER_GROWTH && this.index.wantsGrowth; buckets++) {
      let segment = NULL_REF;
      if (this.index.needsSegment) {
        segment = this.allocator.take(SEGMENT_UNITS);
        if (segment === 0) segment = this.compaction.makeHole(SEGMENT_UNITS);
        if (segment === 0) {
          // The index evicts items as a store does; the next store tries again.
          this.metrics.add(STORE_METRICS.index_segments_denied, 1);
          if (!this.departures.reclaim()) this.departures.evict();
          return;
        }
      }
      this.index.grow(segment);
    }
  }
}
