// The rows of plain `stats`: memcached's names in memcached's order, then what else has been declared. Not for the
// other topics.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

/** Counters are found by name among all that are declared; a name that nobody counts is left out. */
const ORDER: readonly string[] = [
  'pid',
  'uptime',
  'time',
  'version',
  'pointer_size',
  'rusage_user',
  'rusage_system',
  'max_connections',
  'curr_connections',
  'total_connections',
  'rejected_connections',
  'connection_structures',
  'cmd_get',
  'cmd_set',
  'cmd_flush',
  'cmd_touch',
  'cmd_meta',
  'get_hits',
  'get_misses',
  'get_expired',
  'get_flushed',
  'delete_misses',
  'delete_hits',
  'incr_misses',
  'incr_hits',
  'decr_misses',
  'decr_hits',
  'cas_misses',
  'cas_hits',
  'cas_badval',
  'touch_hits',
  'touch_misses',
  'store_too_large',
  'store_no_memory',
  'auth_cmds',
  'auth_errors',
  'bytes_read',
  'bytes_written',
  'limit_maxbytes',
  'accepting_conns',
  'listen_disabled_num',
  'threads',
  'conn_yields',
  'bytes',
  'curr_items',
  'total_items',
  'expired_unfetched',
  'evicted_unfetched',
  'evictions',
  'reclaimed',
];

/** memcached's word for the width of its pointers; clients print it. */
const POINTER_BITS = 64;

export function generalRows(operations: Operations): StatRows {
  const { clock, metrics, options, store } = operations;
  const usage = process.cpuUsage();
  const values = new Map<string, string | number>([
    ['pid', process.pid],
    ['uptime', clock.uptimeSeconds],
    ['time', clock.unixNow],
    ['version', options.version],
    ['pointer_size', POINTER_BITS],
    ['rusage_user', seconds(usage.user)],
    ['rusage_system', seconds(usage.system)],
    ['limit_maxbytes', store.limitBytes],
    ['bytes', store.usedBytes],
    ['reserve_bytes', store.room.reserveUsedBytes],
    ['curr_items', store.itemCount],
    ['evicted_by_one_store_max', store.evictedByOneStoreMax],
  ]);
  for (const { name, id } of describeMetrics()) values.set(name, metrics.total(id));
  for (const [name, value] of options.serverStats()) values.set(name, value);
  const known = ORDER.filter((name) => values.has(name));
  const others = [...values.keys()].filter((name) => !ORDER.includes(name));
  return [...known, ...others].map((name) => [name, values.get(name) as string | number]);
}

function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}
