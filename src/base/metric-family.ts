// Metrics with their values at one moment, as data. Encoders: operations/statistics (the stats command), app/admin (Prometheus, JSON).

import type { MetricText } from './metrics.js';
import type { TimeCounts } from './time-histogram.js';

export interface MetricSeries {
  /** None for a metric of the whole server. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a counter or gauge. */
  readonly value?: number;
  /** Of a histogram. */
  readonly times?: TimeCounts;
}

/** All series of one metric. */
export interface MetricFamily extends MetricText {
  /** As in `stats`, if it is there. */
  readonly name: string;
  readonly series: readonly MetricSeries[];
}

export function familyOf(name: string, text: MetricText, series: readonly MetricSeries[]): MetricFamily {
  return { name, kind: text.kind, unit: text.unit, help: text.help, series };
}
