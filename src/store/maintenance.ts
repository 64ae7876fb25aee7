// Bounded work of the store that no request asks for: due flushes, memory of items that are gone, growth of the index.

import { performance } from 'node:perf_hooks';
import type { Clock } from '../base/clock.js';
import type { IncrementalRehash } from './incremental-rehash.js';
import type { ItemRemover } from './item-remover.js';
import { STORE_ROOTS } from './store-roots.js';
import type { Values } from './values.js';

/** Steps in one batch. A choice: one for each connection of a full batch, so a backlog at most about doubles its time. */
const STEPS_PER_TICK = 32;
/** An idle thread holds the lock this long at a time. */
const RECLAIM_SLICE_MS = 1;

/** @perThread */
export class Maintenance {
  constructor(
    private readonly words: Uint32Array,
    private readonly clock: Clock,
    private readonly values: Values,
    private readonly departures: ItemRemover,
    private readonly indexGrowth: IncrementalRehash,
  ) {}

  tick(): void {
    this.clock.sync();
    this.values.forgetCursor();
    const flushAt = this.words[STORE_ROOTS.flushAt];
    if (flushAt !== 0 && this.clock.now >= flushAt) this.departures.flush();
    for (let step = 0; step < STEPS_PER_TICK; step++) if (!this.departures.reclaim()) break;
    this.indexGrowth.growIfDue();
  }

  slice(): boolean {
    this.clock.sync();
    this.values.forgetCursor();
    const endMs = performance.now() + RECLAIM_SLICE_MS;
    do {
      for (let step = 0; step < STEPS_PER_TICK; step++) {
        if (!this.departures.reclaim() && this.departures.isReclaimed) return false;
      }
    } while (performance.now() < endMs);
    return true;
  }
}
