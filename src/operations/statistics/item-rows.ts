// The rows of `stats items` and `stats sizes`. memcached counts by slab class; here all items are of class 1.

import { describeMetrics } from '../../base/metrics.js';
import { secondsSinceAccess } from '../item-state.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

/** memcached's names after those of numbers and ages, with the counters of the same meaning; no counter if there is nothing to count. */
const COUNTERS: readonly (readonly [name: string, ...counters: string[]])[] = [
  ['evicted', 'evictions'],
  ['evicted_nonzero'],
  ['evicted_time'],
  ['outofmemory', 'store_no_memory'],
  ['tailrepairs'],
  ['reclaimed', 'reclaimed'],
  ['expired_unfetched', 'expired_unfetched'],
  ['evicted_unfetched', 'evicted_unfetched'],
  ['evicted_active'],
  ['crawler_reclaimed', 'reclaimed'],
  ['crawler_items_checked'],
  ['lrutail_reflocked'],
  ['moves_to_cold'],
  ['moves_to_warm'],
  ['moves_within_lru'],
  ['direct_reclaims'],
  ['hits_to_hot'],
  ['hits_to_warm'],
  ['hits_to_cold', 'get_hits', 'touch_hits'],
  ['hits_to_temp'],
];

export function itemRows({ clock, metrics, store }: Operations): StatRows {
  const { itemBytes, itemCount, leastRecent } = store;
  if (itemCount === 0) return [];
  const totals = new Map(describeMetrics().map(({ name, id }) => [name, metrics.total(id)]));
  const rows: [string, number][] = [
    ['number', itemCount],
    ['number_hot', 0],
    ['number_warm', 0],
    ['number_cold', itemCount],
    ['age_hot', 0],
    ['age_warm', 0],
    ['age', leastRecent === 0 ? 0 : secondsSinceAccess(store, clock, leastRecent)],
    ['mem_requested', itemBytes],
    ...COUNTERS.map(([name, ...names]): [string, number] => [
      name,
      names.reduce((sum, counter) => sum + (totals.get(counter) ?? 0), 0),
    ]),
  ];
  return rows.map(([name, value]) => [`items:1:${name}`, value]);
}

const SIZE_STEP_BYTES = 32;

/** Only the most recent items are sampled, so that the command cannot delay other clients for long. */
const ITEMS_LOOKED_AT = 100_000;

/** The number of items of each size, header included, in memcached's steps of 32 bytes; empty unless memcached's option asks
    for it. */
export function sizeRows(operations: Operations): StatRows {
  const { options, store } = operations;
  if (!options.sizesTracked) return [['sizes_status', 'disabled']];
  const counts = new Map<number, number>();
  let seen = 0;
  store.forEachItem((item) => {
    const size = HEADER_BYTES + store.keyLength(item) + store.valueLength(item);
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

/** The header of a memcached item with a CAS token. */
const HEADER_BYTES = 56;
