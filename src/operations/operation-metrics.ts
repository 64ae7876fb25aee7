// The counters of operations, shared by all protocols. The names are those of memcached's `stats`.

import { declareMetrics, gauge } from '../base/metrics.js';

export const OPERATION_METRICS = declareMetrics('commands', {
  cmd_get: 'keys requested by get and gets',
  cmd_set: 'values received by storage commands',
  cmd_flush: 'flush_all commands',
  cmd_touch: 'keys requested by touch, gat and gats',
  cmd_meta: 'meta commands',
  get_hits: 'keys found by get and gets',
  get_misses: 'keys not found by get and gets',
  delete_hits: 'items deleted',
  delete_misses: 'deletes of missing keys',
  incr_hits: 'items incremented',
  incr_misses: 'incr of missing keys',
  decr_hits: 'items decremented',
  decr_misses: 'decr of missing keys',
  cas_hits: 'items stored by cas',
  cas_misses: 'cas of missing keys',
  cas_badval: 'cas with a token that is no longer current',
  touch_hits: 'keys found by touch, gat and gats',
  touch_misses: 'keys not found by touch, gat and gats',
  requests_refused: 'lines and binary frames that are no request, such as an unknown command or a wrong argument',
  binary_refused: 'connections closed because their first byte was that of the binary protocol',
  auth_cmds: 'logins of clients',
  auth_errors: 'refused logins',
  log_worker_written: 'events written for watchers',
  log_watcher_sent: 'events sent to watchers',
  log_watcher_skipped: 'events that watchers lost because they were too slow',
  log_watchers: gauge('current watchers'),
  prefixes_left_out: 'requests not counted by stats detail because there was no room for their prefix',
  store_too_large: 'values refused because they are over the item limit',
});
