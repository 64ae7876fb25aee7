// The rows of `stats slabs`, for tools that show memory by slab class: one class, of which each item takes one chunk of the mean size of
// all items, with as many pages as the memory in use fills. As in memcached the class stays when its items have gone.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

/** The size for a class without items: the `chunk_size` of `stats settings`. */
const SMALLEST_CHUNK_BYTES = 48;
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
  const counted = new Map(describeMetrics().map(({ name, id }) => [name, metrics.total(id)]));
  const { itemBytes, itemCount } = store;
  const isUsed = itemCount > 0 || (counted.get('total_items') ?? 0) > 0;
  const pages = isUsed ? Math.ceil(store.usedBytes / PAGE_BYTES) : 0;
  const totals: [string, number][] = [
    ['active_slabs', Math.min(pages, 1)],
    ['total_malloced', pages * PAGE_BYTES],
  ];
  if (pages === 0) return totals;
  const chunkBytes = itemCount === 0 ? SMALLEST_CHUNK_BYTES : Math.ceil(itemBytes / itemCount);
  const chunksPerPage = Math.max(1, Math.floor(PAGE_BYTES / chunkBytes));
  // Items may lie across pages, so that more may fit than whole chunks do.
  const totalChunks = Math.max(itemCount, chunksPerPage * pages);
  return [
    ['1:chunk_size', chunkBytes],
    ['1:chunks_per_page', chunksPerPage],
    ['1:total_pages', pages],
    ['1:total_chunks', totalChunks],
    ['1:used_chunks', itemCount],
    ['1:free_chunks', totalChunks - itemCount],
    ['1:free_chunks_end', 0],
    ...COUNTERS.map((name): [string, number] => [`1:${name}`, counted.get(name) ?? 0]),
    ...totals,
  ];
}
