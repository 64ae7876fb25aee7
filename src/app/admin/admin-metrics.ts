// The counters of the admin interface. They are in `stats transport` and on the page for Prometheus like all others.

import { declareMetrics, gauge } from '../../base/metrics.js';

export const ADMIN_METRICS = declareMetrics('admin', {
  admin_requests: 'requests to the admin port',
  admin_refused:
    'requests to the admin port that were refused: with a wrong host, origin or token, no valid HTTP, or sent ahead',
  admin_connections: gauge('connections to the admin port that are open now'),
  admin_connections_refused: 'connections to the admin port that were closed because there were too many',
  admin_accept_pauses:
    'pauses of the admin port, each for the rest of a second, because it had accepted too many connections',
  admin_events_dropped: 'events that clients of the admin port lost because they read too slowly',
  admin_cuts: 'connections to the admin port that were cut off because a reply was not read in time',
});
