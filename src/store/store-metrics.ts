// The store's counters.

import { declareMetrics } from '../base/metrics.js';

export const STORE_METRICS = declareMetrics('store', {
  total_items: 'items stored since the start',
  get_expired: 'items found by their key that had expired',
  evictions: 'live items removed to make room',
  evicted_unfetched: 'evicted items that were never read',
  reclaimed: 'expired items removed',
  expired_unfetched: 'expired items that were never read',
  store_no_memory: 'stores refused because no room could be made',
  flushed_items: 'items removed by flush_all',
  index_segments_denied: 'times the index could not grow for lack of memory',
});
