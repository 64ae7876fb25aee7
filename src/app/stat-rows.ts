// Rows of `stats` and its topics that only the application knows: the configuration in memcached's names, and the server as a whole.
// Counters are declared where they are counted.

import { INPUT_HEADROOM_BYTES, INPUT_READ_BYTES } from '../arena/layout.js';
import { listenOptionsOf } from '../transport/transport-options.js';
import { ownSettingRows, type SettingRow, settingRows } from './config/setting-rows.js';
import type { ThreadSettings } from './threads/thread-settings.js';

/** Rows of `stats settings`, with the current value where the server chooses it or a client can change it. */
export function settingsRows(
  { config, dataThreads }: ThreadSettings,
  current: ReadonlyMap<string, string | number>,
): readonly SettingRow[] {
  const { addresses } = listenOptionsOf(config.listeners, config.listenBacklog);
  const now = new Map<string, string | number>([
    ['tcpport', addresses[0]?.port ?? 0],
    ['inter', addresses.map(({ host }) => host ?? '*').join(',')],
    ['num_threads', dataThreads],
    ['num_threads_per_udp', dataThreads],
    ...current,
  ]);
  // Tools expect a value in each row.
  return settingRows(config).map(([name, value]) => {
    const shown = now.get(name) ?? value;
    return [name, shown === '' ? 'NULL' : shown];
  });
}

/** Rows of `stats transport` and `stats objects`. */
export function ownSettings(
  { config, transport }: ThreadSettings,
  topic: 'transport' | 'objects',
): readonly SettingRow[] {
  return ownSettingRows(config)
    .map(([name, value]): SettingRow => [name, name === 'transport' ? transport : value])
    .filter(([name]) => name.startsWith('objects_') === (topic === 'objects'));
}

/** memcached reserves this many descriptors for each thread. */
const RESERVED_DESCRIPTORS = 5;

/** Rows of `stats` and `stats transport` about the whole server. */
export function serverRows(
  { config, dataThreads, transport }: ThreadSettings,
  droppedLogLines: number,
  certificatesAgeSeconds: number | undefined,
  restoreRows: readonly SettingRow[] = [],
): readonly SettingRow[] {
  const rows: SettingRow[] = [
    ['libevent', `none-${transport}`],
    ['max_connections', config.connectionLimit],
    ['threads', dataThreads],
    ['reserved_fds', RESERVED_DESCRIPTORS * dataThreads],
    ['read_buf_count', dataThreads],
    ['read_buf_bytes', (INPUT_HEADROOM_BYTES + INPUT_READ_BYTES) * dataThreads],
    ['log_lines_dropped', droppedLogLines],
    ...restoreRows,
  ];
  if (certificatesAgeSeconds !== undefined) rows.push(['time_since_server_cert_refresh', certificatesAgeSeconds]);
  return rows;
}

const OF_CRAWLER = ['lru_crawler_running', 'lru_crawler_starts'];
const OF_MAINTAINER = [
  ...['lru_maintainer_juggles', 'evicted_active', 'moves_to_cold', 'moves_to_warm', 'moves_within_lru'],
  ...['direct_reclaims', 'lru_bumps_dropped'],
];
const OF_TLS = ['ssl_new_sessions', 'ssl_handshake_errors', 'time_since_server_cert_refresh'];

/** Rows that plain `stats` leaves out, as memcached does, because their feature is not in use. */
export function hiddenStatistics({ config }: ThreadSettings): ReadonlySet<string> {
  const { idleTimeoutSeconds, tls, withoutEffect } = config;
  return new Set([
    ...(withoutEffect.lru_crawler === 'no' ? OF_CRAWLER : []),
    ...(withoutEffect.lru_maintainer === 'no' ? OF_MAINTAINER : []),
    ...(tls === undefined ? OF_TLS : []),
    ...(idleTimeoutSeconds === 0 ? ['idle_kicks'] : []),
  ]);
}
