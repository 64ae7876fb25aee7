// The longest time for which the server's thread is held while the cache grows from nothing to millions of items: an engine of ours in
// this process serves one read's worth of requests at a time, timed by the thread's own CPU clock. Sockets are left out, since only the
// store (its index and lists) and the garbage collector could stall.

import type { Verdict } from '../host/bars.js';
import { Feeder } from '../host/feeder.js';
import { OwnStore } from '../host/own-store.js';
import { formatTable } from '../host/table.js';
import { buildRequests } from '../load/requests.js';

const VALUE_BYTES = 10;
const SLICE_ITEMS = 250_000;
const MOST_MILLISECONDS = 10;
const BYTES_PER_ITEM = 150;

export interface Stalls {
  readonly items: number;
  readonly batches: number;
  readonly requestsPerBatch: number;
  readonly meanMilliseconds: number;
  readonly longestMilliseconds: number;
  /** The number of items when the longest began. */
  readonly longestAtItems: number;
  /** The longest batch of a fresh process, whose code is not compiled yet: an effect of the start, not of growth. */
  readonly longestColdMilliseconds: number;
}

const COLD_ITEMS = 100_000;

/** Grows a small cache first, which measures the cost of cold code and compiles it as in a running server. */
export function measureStalls(items: number): Stalls {
  const cold = grow(COLD_ITEMS);
  return { ...grow(items), longestColdMilliseconds: cold.longestMilliseconds };
}

function grow(items: number): Omit<Stalls, 'longestColdMilliseconds'> {
  const own = new OwnStore(Math.max(2048 * 2 ** 20, items * BYTES_PER_ITEM));
  const feeder = new Feeder(own, own.makeEngine());
  for (let firstKey = 0; firstKey < items; firstKey += SLICE_ITEMS) {
    const pool = buildRequests({ ...FILL, firstKey, keys: Math.min(SLICE_ITEMS, items - firstKey) });
    feeder.feed(pool.bytes.subarray(0, pool.starts[pool.count]));
  }
  if (own.store.itemCount !== items) throw new Error(`${own.store.itemCount} of ${items} items were stored`);
  const { batches, sumMilliseconds, longestMilliseconds, longestAtItems } = feeder.held;
  return {
    items,
    batches,
    requestsPerBatch: items / batches,
    meanMilliseconds: sumMilliseconds / batches,
    longestMilliseconds,
    longestAtItems,
  };
}

const FILL = {
  protocol: 'memcached',
  mode: 'fill',
  valueBytes: VALUE_BYTES,
  setShare: 1,
  distribution: { kind: 'uniform' },
} as const;

export function formatStalls(stalls: Stalls): string {
  const row = [
    `${stalls.items}`,
    stalls.requestsPerBatch.toFixed(0),
    stalls.meanMilliseconds.toFixed(3),
    stalls.longestMilliseconds.toFixed(3),
    `${stalls.longestAtItems}`,
    stalls.longestColdMilliseconds.toFixed(3),
  ];
  const header = ['grown to', 'sets a batch', 'mean ms', 'longest ms', 'at items', 'longest ms of cold code'];
  return `CPU time for which the thread is held by one batch\n${formatTable(header, [row])}\n`;
}

export function stallVerdict({ longestMilliseconds, items }: Stalls): Verdict {
  return {
    what: `longest time the thread is held while growing to ${items} items, ms of CPU`,
    measured: longestMilliseconds,
    required: MOST_MILLISECONDS,
    relation: 'at most',
  };
}
