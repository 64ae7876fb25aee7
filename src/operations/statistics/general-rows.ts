// The rows of plain `stats`: exactly those of memcached 1.6.45, in its order. Rows without a meaning here are 0. Further figures:
// own-rows.ts.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';
import { figuresOf } from './figures.js';

/** Counters are found by name among all that are declared. */
const NAMES =
  'pid uptime time version libevent pointer_size rusage_user rusage_system max_connections curr_connections total_connections ' +
  'rejected_connections connection_structures response_obj_oom response_obj_count response_obj_bytes read_buf_count read_buf_bytes ' +
  'read_buf_bytes_free read_buf_oom reserved_fds cmd_get cmd_set cmd_flush cmd_touch cmd_meta get_hits get_misses get_expired ' +
  'get_flushed delete_misses delete_hits incr_misses incr_hits decr_misses decr_hits cas_misses cas_hits cas_badval touch_hits ' +
  'touch_misses store_too_large store_no_memory auth_cmds auth_errors idle_kicks bytes_read bytes_written limit_maxbytes ' +
  'accepting_conns listen_disabled_num time_in_listen_disabled_us threads conn_yields hash_power_level hash_bytes ' +
  'hash_is_expanding slab_reassign_rescues slab_reassign_chunk_rescues slab_reassign_inline_reclaim slab_reassign_busy_items ' +
  'slab_reassign_busy_deletes slab_reassign_busy_nomem slab_reassign_last_busy_status slab_reassign_running slabs_moved ' +
  'lru_crawler_running lru_crawler_starts lru_maintainer_juggles malloc_fails log_worker_dropped log_worker_written ' +
  'log_watcher_skipped log_watcher_sent log_watchers unexpected_napi_ids round_robin_fallback ssl_new_sessions ' +
  'ssl_handshake_errors time_since_server_cert_refresh bytes curr_items total_items slab_global_page_pool expired_unfetched ' +
  'evicted_unfetched evicted_active evictions reclaimed crawler_reclaimed crawler_items_checked lrutail_reflocked moves_to_cold ' +
  'moves_to_warm moves_within_lru direct_reclaims lru_bumps_dropped';
const ORDER: readonly string[] = NAMES.split(' ');

const MEMCACHED_NAMES: ReadonlySet<string> = new Set(ORDER);

/** memcached's word for the width of its pointers; clients print it. */
const POINTER_BITS = 64;

export function generalRows(operations: Operations): StatRows {
  const { clock, metrics, options, store } = operations;
  const usage = process.cpuUsage();
  const values = new Map<string, string | number>([
    ...describeMetrics().map(({ name, id }): [string, number] => [name, metrics.total(id)]),
    ...figuresOf(operations, 'general'),
  ]);
  const own: Readonly<Record<string, string | number>> = {
    pid: process.pid,
    time: clock.unixNow,
    version: options.version,
    pointer_size: POINTER_BITS,
    rusage_user: seconds(usage.user),
    rusage_system: seconds(usage.system),
    connection_structures: values.get('curr_connections') ?? 0,
    accepting_conns: 1 - Number(values.get('listen_paused') ?? 0),
    hash_power_level: Math.floor(Math.log2(store.index.buckets)),
    slab_reassign_last_busy_status: 'none',
    // Expired items are removed in the background, as by memcached's crawler.
    crawler_reclaimed: values.get('reclaimed') ?? 0,
  };
  for (const [name, value] of [...Object.entries(own), ...options.serverStats()]) values.set(name, value);
  const isHidden = (name: string): boolean =>
    OF_CRAWLER.includes(name) ? !isCrawlerOn(operations) : options.hiddenStatistics.has(name);
  return ORDER.filter((name) => !isHidden(name)).map((name) => [name, values.get(name) ?? 0]);
}

/** As in memcached, clients can switch these rows on and off together with the crawler. */
const OF_CRAWLER: readonly string[] = ['lru_crawler_running', 'lru_crawler_starts'];

/** Whether memcached's crawler would run. */
export function isCrawlerOn({ options, switches }: Operations): boolean {
  return switches.isOn('lru_crawler', !options.hiddenStatistics.has('lru_crawler_running'));
}

/** Whether plain `stats` has the row. */
export function isGeneralRow(name: string): boolean {
  return MEMCACHED_NAMES.has(name);
}

function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}
