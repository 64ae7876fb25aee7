// The rows of `stats items` and `stats sizes`. memcached tells them by slab class; here all items are of class 1.
// Not for listing keys.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

/** memcached's names, and the counters that have their meaning. */
const COUNTERS: Readonly<Record<string, string>> = {
  evicted: 'evictions',
  outofmemory: 'store_no_memory',
  reclaimed: 'reclaimed',
  expired_unfetched: 'expired_unfetched',
  evicted_unfetched: 'evicted_unfetched',
};

export function itemRows(operations: Operations): StatRows {
  const { metrics, store } = operations;
  if (store.itemCount === 0) return [];
  const totals = new Map(describeMetrics().map(({ name, id }) => [name, metrics.total(id)]));
  const rows: [string, number][] = [
    ['items:1:number', store.itemCount],
    ['items:1:mem_requested', store.itemBytes],
  ];
  for (const [name, counter] of Object.entries(COUNTERS)) {
    const total = totals.get(counter);
    if (total !== undefined) rows.push([`items:1:${name}`, total]);
  }
  return rows;
}

const SIZE_STEP_BYTES = 32;

/** The most recent items stand for all, so that the command cannot hold up other clients for long. */
const ITEMS_LOOKED_AT = 100_000;

/** How many items there are of each size of key and value, in steps of 32 bytes as memcached has them. */
export function sizeRows(operations: Operations): StatRows {
  const { store } = operations;
  const counts = new Map<number, number>();
  let seen = 0;
  store.forEachItem((item) => {
    const size = store.keyLength(item) + store.valueLength(item);
    const step = Math.ceil(size / SIZE_STEP_BYTES) * SIZE_STEP_BYTES;
    counts.set(step, (counts.get(step) ?? 0) + 1);
    seen++;
    return seen < ITEMS_LOOKED_AT;
  });
  const rows: [string, string | number][] = [...counts]
    .sort(([left], [right]) => left - right)
    .map(([step, count]) => [`${step}`, count]);
  if (seen < store.itemCount) rows.push(['sizes_items_looked_at', `${seen} of ${store.itemCount}`]);
  return rows;
}
