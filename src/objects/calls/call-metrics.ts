// The counters of all object calls together. Those of one method: call-statistics.ts.

import { declareMetrics } from '../../base/metrics.js';

export const OBJECT_METRICS = declareMetrics('objects', {
  object_calls: 'calls of object methods',
  object_errors: 'calls of object methods answered with an error line',
  object_migrations: 'objects that were brought to a newer version of their type',
  object_kills: 'calls of object methods ended because they used up their budget',
  object_log_lines_left_out: 'lines of the log caused by object types that were left out, beyond the bound of a second',
  object_pinned_refusals: 'calls refused because pinned objects would have taken more than --pinned-limit',
  object_refusals: 'calls that a method refused on purpose',
  object_suspensions: 'times that a method was suspended because it was killed three times in a minute',
  object_suspended_calls: 'calls answered with an error line because their method was suspended',
  object_unknown_methods: 'keys that name a loaded type but none of its methods, or a type that failed to load',
});
