// The times of commands and methods of the last ten seconds, from copies of their histograms that are made once a second while somebody reads the
// events. What they show since the start: api-stats.ts.

import type { MetricFamily, MetricSeries } from '../../base/metric-family.js';
import { type TimeCounts, timesBetween } from '../../base/time-histogram.js';

/** Few requests are timed, so that one second would have too few. */
const RECENT_MS = 10_000;
const FAMILIES: ReadonlySet<string> = new Set(['command_time', 'method_time']);

interface Copy {
  readonly atMs: number;
  readonly times: ReadonlyMap<string, TimeCounts>;
}

export class RecentTimes {
  #copies: Copy[] = [];

  /** Call with the metrics of each second; `nowMs` is performance.now(). */
  add(families: readonly MetricFamily[], nowMs: number): void {
    const series = families.filter(({ name }) => FAMILIES.has(name)).flatMap((family) => family.series);
    const times = series.flatMap((one): [string, TimeCounts][] => (one.times ? [[nameOf(one), one.times]] : []));
    this.#copies = [
      ...this.#copies.filter(({ atMs }) => nowMs - atMs <= RECENT_MS),
      { atMs: nowMs, times: new Map(times) },
    ];
  }

  /** Nobody reads the events any more. */
  clear(): void {
    this.#copies = [];
  }

  /** Of a series of the metrics that were added last. Undefined if there were none before them. */
  of(series: MetricSeries): TimeCounts | undefined {
    const [oldest] = this.#copies;
    if (series.times === undefined || this.#copies.length < 2) return undefined;
    return timesBetween(oldest.times.get(nameOf(series)), series.times);
  }
}

function nameOf({ labels = {} }: MetricSeries): string {
  return Object.values(labels).join(':');
}
