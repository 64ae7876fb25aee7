// The rows of `stats slabs`, for tools that show memory by slab class: one class, whose chunks are the allocator's units, with as many
// pages as the memory in use fills.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

/** The allocator's unit. */
const UNIT_BYTES = 8;
const PAGE_BYTES = 1024 * 1024;

/** memcached's names of counters that also exist for the whole server. */
const COUNTERS: readonly string[] = [
  'get_hits',
  'cmd_set',
  'delete_hits',
  'incr_hits',
  'decr_hits',
  'cas_hits',
  'cas_badval',
  'touch_hits',
];

export function slabRows({ metrics, store }: Operations): StatRows {
  const pages = store.itemCount === 0 ? 0 : Math.ceil(store.usedBytes / PAGE_BYTES);
  const totals: [string, number][] = [
    ['active_slabs', Math.min(pages, 1)],
    ['total_malloced', pages * PAGE_BYTES],
  ];
  if (pages === 0) return totals;
  const totalChunks = (pages * PAGE_BYTES) / UNIT_BYTES;
  const usedChunks = Math.ceil(store.usedBytes / UNIT_BYTES);
  const counted = new Map(describeMetrics().map(({ name, id }) => [name, metrics.total(id)]));
  return [
    ['1:chunk_size', UNIT_BYTES],
    ['1:chunks_per_page', PAGE_BYTES / UNIT_BYTES],
    ['1:total_pages', pages],
    ['1:total_chunks', totalChunks],
    ['1:used_chunks', usedChunks],
    ['1:free_chunks', totalChunks - usedChunks],
    ['1:free_chunks_end', 0],
    ...COUNTERS.map((name): [string, number] => [`1:${name}`, counted.get(name) ?? 0]),
    ...totals,
  ];
}
