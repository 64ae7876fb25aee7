// The rows of `stats settings`: exactly those of memcached 1.6.45, in its order. Options with a `setting` give theirs; the rest are
// memcached's defaults, or what was given for an option that has no effect here.

import type { Config } from './config.js';
import type { Option } from './option.js';
import { OPTIONS } from './option-table.js';

export type SettingRow = readonly [name: string, value: string | number];

/** The rows that memcached 1.6.45 shows by default. */
const DEFAULTS: readonly SettingRow[] = [
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
  ['growth_factor', '1.25'],
  ['chunk_size', 48],
  ['num_threads', 0],
  ['num_threads_per_udp', 0],
  ['stat_key_prefix', ':'],
  ['detail_enabled', 'no'],
  ['reqs_per_event', 20],
  ['cas_enabled', 'yes'],
  ['tcp_backlog', 0],
  ['binding_protocol', 'auto-negotiate'],
  ['auth_enabled_sasl', 'no'],
  ['auth_enabled_ascii', 'no'],
  ['item_size_max', 0],
  ['maxconns_fast', 'yes'],
  ['hashpower_init', 0],
  ['slab_reassign', 'yes'],
  ['slab_automove', 1],
  ['slab_automove_ratio', '0.80'],
  ['slab_automove_window', 10],
  ['slab_chunk_max', 524288],
  ['lru_crawler', 'yes'],
  ['lru_crawler_sleep', 100],
  ['lru_crawler_tocrawl', 0],
  ['tail_repair_time', 0],
  ['flush_enabled', 'yes'],
  ['dump_enabled', 'yes'],
  ['hash_algorithm', 'murmur3'],
  ['lru_maintainer_thread', 'yes'],
  ['lru_segmented', 'yes'],
  ['hot_lru_pct', 20],
  ['warm_lru_pct', 40],
  ['hot_max_factor', '0.20'],
  ['warm_max_factor', '2.00'],
  ['temp_lru', 'no'],
  ['temporary_ttl', 61],
  ['idle_timeout', 0],
  ['watcher_logbuf_size', 262144],
  ['worker_logbuf_size', 65536],
  ['read_buf_mem_limit', 0],
  ['track_sizes', 'no'],
  ['inline_ascii_response', 'no'],
  ['ext_item_size', 512],
  ['ext_item_age', 4294967295],
  ['ext_low_ttl', 0],
  ['ext_recache_rate', 2000],
  ['ext_wbuf_size', 4194304],
  ['ext_compact_under', 0],
  ['ext_drop_under', 0],
  ['ext_max_sleep', 1000000],
  ['ext_max_frag', '0.80'],
  ['slab_automove_freeratio', '0.010'],
  ['ext_drop_unread', 'no'],
  ['num_napi_ids', 0],
  ['memory_file', '(null)'],
  ['client_flags_size', 4],
];

/** The rows of options that have another name here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'slab-growth-factor': 'growth_factor',
  'slab-min-size': 'chunk_size',
  'max-reqs-per-event': 'reqs_per_event',
  'napi-ids': 'num_napi_ids',
  hashpower: 'hashpower_init',
  lru_maintainer: 'lru_maintainer_thread',
  inline_ascii_resp: 'inline_ascii_response',
};

/** Options that are given in a unit and shown in bytes. */
const UNITS: Readonly<Record<string, number>> = {
  read_buf_mem_limit: 1024 * 1024,
  ext_wbuf_size: 1024 * 1024,
};

const DECIMALS = /^\d+\.(\d+)$/;
const ONLY_WITH_TLS = /^ssl_/;

export function settingRows(config: Config): readonly SettingRow[] {
  const rows = new Map(DEFAULTS);
  for (const [given, text] of Object.entries(config.withoutEffect)) {
    const name = OTHER_NAMES[given] ?? given;
    const usual = rows.get(name);
    if (usual !== undefined) rows.set(name, showGiven(name, text, usual));
  }
  if (config.withoutEffect.lru_maintainer === 'no') rows.set('lru_segmented', 'no');
  if (config.withoutEffect.temporary_ttl !== undefined) rows.set('temp_lru', 'yes');
  for (const option of OPTIONS) {
    const { setting } = option;
    if (setting === undefined || (ONLY_WITH_TLS.test(setting) && config.tls === undefined)) continue;
    rows.set(setting, showValue(option, config[option.key as keyof Config]));
  }
  if (config.prefixesCounted) rows.set('detail_enabled', 'yes');
  return [...rows];
}

/** Rows of the options that memcached does not have. */
export function ownSettingRows(config: Config): readonly SettingRow[] {
  return OPTIONS.flatMap((option) => {
    const { ownSetting } = option;
    return ownSetting === undefined
      ? []
      : [[ownSetting, showValue(option, config[option.key as keyof Config])] as const];
  });
}

/** A number with as many decimals as memcached shows. */
function showGiven(name: string, text: string, usual: string | number): string | number {
  const unit = UNITS[name];
  if (unit !== undefined && /^\d+$/.test(text)) return Number(text) * unit;
  const decimals = DECIMALS.exec(String(usual))?.[1];
  return decimals === undefined || Number.isNaN(Number(text)) ? text : Number(text).toFixed(decimals.length);
}

function showValue({ show }: Option, value: unknown): string | number {
  if (show !== undefined) return show(value as never);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === undefined) return 'NULL';
  return typeof value === 'number' ? value : String(value);
}
