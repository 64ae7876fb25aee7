// Rows of `stats` that only the application knows: the configuration in memcached's names, and the server as a whole. Counters are
// declared where they are counted.

import { listenOptionsOf } from '../transport/transport-options.js';
import { type SettingRow, settingRows } from './config/setting-rows.js';
import type { ThreadSettings } from './threads/thread-settings.js';

/** Rows of `stats settings`, with the current value where the server chooses it or a client can change it. */
export function settingsRows(
  { config, transport, dataThreads }: ThreadSettings,
  verbosity: number,
): readonly SettingRow[] {
  const { addresses } = listenOptionsOf(config.listeners, config.listenBacklog);
  const now = new Map<string, string | number>([
    ['tcpport', addresses[0]?.port ?? 0],
    ['inter', addresses.map(({ host }) => host ?? '*').join(',')],
    ['verbosity', verbosity],
    ['num_threads', dataThreads],
    ['transport', transport],
  ]);
  return settingRows(config).map(([name, value]) => [name, now.get(name) ?? value]);
}

/** Rows of `stats` on the server as a whole. */
export function serverRows(
  { config, dataThreads }: ThreadSettings,
  droppedLogLines: number,
  certificatesAgeSeconds: number | undefined,
): readonly SettingRow[] {
  const rows: SettingRow[] = [
    ['max_connections', config.connectionLimit],
    ['threads', dataThreads],
    ['log_lines_dropped', droppedLogLines],
  ];
  if (certificatesAgeSeconds !== undefined) rows.push(['time_since_server_cert_refresh', certificatesAgeSeconds]);
  return rows;
}
