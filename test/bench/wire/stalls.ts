// The longest time for which the server's thread is held while the cache grows from nothing to millions of items:
// every read's worth of requests goes through an engine of ours in this process and is timed by the thread's own CPU
// clock. The socket is left out, because what could stall is the store: its index, its lists, the garbage collector.

import type { Verdict } from '../host/bars.js';
import { OwnStore } from '../host/own-store.js';
import { formatTable } from '../host/table.js';
import { threadCpuMilliseconds } from '../host/thread-clock.js';
import { buildRequests } from '../load/requests.js';

const VALUE_BYTES = 10;
const READ_BYTES = 64 * 1024;
const SLICE_ITEMS = 250_000;
const MOST_MILLISECONDS = 10;
const BYTES_PER_ITEM = 150;

export interface Stalls {
  readonly items: number;
  readonly batches: number;
  readonly requestsPerBatch: number;
  readonly meanMilliseconds: number;
  readonly longestMilliseconds: number;
  /** How many items there were when the longest began. */
  readonly longestAtItems: number;
  /** The longest batch of a fresh process, whose code is not compiled yet: a matter of the start, not of growth. */
  readonly longestColdMilliseconds: number;
}

const COLD_ITEMS = 100_000;

/** Grows a small cache first, which shows what cold code costs and leaves it as warm as in a server that has run. */
export function measureStalls(items: number): Stalls {
  const cold = grow(COLD_ITEMS);
  return { ...grow(items), longestColdMilliseconds: cold.longestMilliseconds };
}

function grow(items: number): Omit<Stalls, 'longestColdMilliseconds'> {
  const own = new OwnStore(Math.max(2048 * 2 ** 20, items * BYTES_PER_ITEM));
  const engine = own.makeEngine();
  const session = engine.open();
  const { bytes } = own.arena;
  const readAt = engine.input.at + engine.input.size - READ_BYTES;
  let batches = 0;
  let sumMilliseconds = 0;
  let longestMilliseconds = 0;
  let longestAtItems = 0;
  for (let firstKey = 0; firstKey < items; firstKey += SLICE_ITEMS) {
    const keys = Math.min(SLICE_ITEMS, items - firstKey);
    const pool = buildRequests({ ...FILL, firstKey, keys });
    const end = pool.starts[pool.count] as number;
    for (let from = 0; from < end; ) {
      const chunk = Math.min(READ_BYTES, end - from);
      bytes.set(pool.bytes.subarray(from, from + chunk), readAt);
      const itemsBefore = own.store.itemCount;
      const before = threadCpuMilliseconds();
      engine.run(session, readAt, readAt + chunk);
      const held = threadCpuMilliseconds() - before;
      // What is not used (the start of a request, or all after the output was full) is presented again.
      from += engine.consumed - readAt;
      batches++;
      sumMilliseconds += held;
      if (held > longestMilliseconds) {
        longestMilliseconds = held;
        longestAtItems = itemsBefore;
      }
    }
  }
  if (own.store.itemCount !== items) throw new Error(`${own.store.itemCount} of ${items} items were stored`);
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
