// The counters of object calls. Not for figures of one method (call-statistics.ts).

import { declareMetrics } from '../base/metrics.js';

export const OBJECT_METRICS = declareMetrics('objects', {
  object_calls: 'calls of object methods',
  object_errors: 'calls of object methods answered with an error line',
  object_kills: 'calls of object methods ended because they used up their budget',
  object_log_lines_left_out: 'lines of the log caused by object types that were left out, beyond the bound of a second',
});
