// Counters of the transport. Each reason for which the server closes a connection has its own counter, so that nothing is lost silently.
// Requests: src/operations/operation-metrics.ts.

import { counter, declareMetrics, gauge } from '../base/metrics.js';

export const TRANSPORT_METRICS = declareMetrics('transport', {
  curr_connections: gauge('connections that are open now'),
  total_connections: 'connections accepted since the start',
  rejected_connections: 'connections refused because of the connection limit or for lack of descriptors',
  listen_disabled_num: 'times accepting was paused at the connection limit (-o no_maxconns_fast)',
  time_in_listen_disabled_us: 'microseconds for which accepting was paused',
  listen_paused: gauge('1 while accepting is paused'),
  accept_errors: 'connections that could not be accepted',
  bytes_read: counter('bytes read from clients', 'bytes'),
  bytes_written: counter('bytes of replies passed to the kernel', 'bytes'),
  idle_kicks: 'connections closed because they were idle for too long',
  value_timeouts:
    'connections closed because they stalled inside a request, or sent less than 1024 bytes a second of it',
  write_timeouts: 'connections closed because the client did not read its replies',
  held_closes: 'connections closed because slow readers and writers held too much memory',
  resets: 'connections that ended with an error, such as a reset by the client',
  engine_failures: 'connections closed because a request met a bug of the server',
  drain_cuts: 'connections cut off because the server stopped before they were done',
  ssl_new_sessions: 'TLS handshakes that made a new session, not resumed an earlier one',
  ssl_handshake_errors: 'connections closed because their TLS handshake failed or was not done within 10 seconds',
  conn_yields: 'turns given to other connections by one that had more to do',
});
