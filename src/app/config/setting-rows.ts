// The rows of `stats settings`: all that memcached 1.6.45 has, in its order, then our own. Options with a `setting` give theirs; the rest
// are features that are not here, as numbers 0 and switches off. Not for what changes while the server runs.

import type { Config } from './config.js';
import type { Option } from './option.js';
import { OPTIONS } from './option-table.js';

export type SettingRow = readonly [name: string, value: string | number];

/** What no option gives. */
const FIXED: readonly SettingRow[] = [
  ['maxbytes', 0],
  ['maxconns', 0],
  ['tcpport', 0],
  ['udpport', 0],
  ['inter', ''],
  ['verbosity', 0],
  ['oldest', 0],
  ['evictions', 'on'],
  ['domain_socket', 'NULL'],
  ['umask', ''],
  ['shutdown_command', 'no'],
  ['growth_factor', '1.00'],
  ['chunk_size', 0],
  ['num_threads', 0],
  ['num_threads_per_udp', 0],
  ['stat_key_prefix', ':'],
  ['detail_enabled', 'no'],
  ['reqs_per_event', 0],
  ['cas_enabled', 'yes'],
  ['tcp_backlog', 0],
  ['binding_protocol', 'auto-negotiate'],
  ['auth_enabled_sasl', 'no'],
  ['auth_enabled_ascii', 'no'],
  ['item_size_max', 0],
  ['maxconns_fast', 'yes'],
  ['hashpower_init', 0],
  ['slab_reassign', 'no'],
  ['slab_automove', 0],
  ['slab_automove_ratio', '0.00'],
  ['slab_automove_window', 0],
  ['slab_chunk_max', 0],
  ['lru_crawler', 'no'],
  ['lru_crawler_sleep', 0],
  ['lru_crawler_tocrawl', 0],
  ['tail_repair_time', 0],
  ['flush_enabled', 'yes'],
  ['dump_enabled', 'yes'],
  ['hash_algorithm', 'seeded'],
  ['lru_maintainer_thread', 'no'],
  ['lru_segmented', 'no'],
  ['hot_lru_pct', 0],
  ['warm_lru_pct', 0],
  ['hot_max_factor', '0.00'],
  ['warm_max_factor', '0.00'],
  ['temp_lru', 'no'],
  ['temporary_ttl', 0],
  ['idle_timeout', 0],
  ['watcher_logbuf_size', 0],
  ['worker_logbuf_size', 0],
  ['read_buf_mem_limit', 0],
  ['track_sizes', 'no'],
  ['inline_ascii_response', 'no'],
  ['ext_item_size', 0],
  ['ext_item_age', 0],
  ['ext_low_ttl', 0],
  ['ext_recache_rate', 0],
  ['ext_wbuf_size', 0],
  ['ext_compact_under', 0],
  ['ext_drop_under', 0],
  ['ext_max_sleep', 0],
  ['ext_max_frag', '0.00'],
  ['slab_automove_freeratio', '0.000'],
  ['ext_drop_unread', 'no'],
  ['num_napi_ids', 0],
  ['memory_file', '(null)'],
  ['client_flags_size', 4],
];

export function settingRows(config: Config): readonly SettingRow[] {
  const rows = new Map(FIXED);
  for (const option of OPTIONS) {
    if (option.setting !== undefined) rows.set(option.setting, showValue(option, config[option.key as keyof Config]));
  }
  return [...rows];
}

function showValue({ show }: Option, value: unknown): string | number {
  if (show !== undefined) return show(value as never);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === undefined) return 'NULL';
  return typeof value === 'number' ? value : String(value);
}
