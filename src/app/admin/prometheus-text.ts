// Writes metrics in the text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/

import type { MetricFamily, MetricSeries } from '../../base/metric-family.js';
import type { MetricText } from '../../base/metrics.js';
import { BUCKET_BOUNDS_SECONDS, type TimeCounts } from '../../base/time-histogram.js';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One bucket for each doubling; the histograms have two. */
const BUCKETS_PER_LINE = 2;

export function prometheusText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) {
    const name = prometheusName(family.name, family);
    lines.push(`# HELP ${name} ${escaped(family.help)}`, `# TYPE ${name} ${family.kind}`);
    for (const series of family.series) lines.push(...linesOf(name, series));
  }
  return `${lines.join('\n')}\n`;
}

/** The name in `stats` with the prefix of the server, its unit if the name lacks it, and `_total` at the end of counters. */
export function prometheusName(name: string, { kind, unit }: Pick<MetricText, 'kind' | 'unit'>): string {
  const plain = kind === 'counter' ? name.replace(/^total_/, '') : name;
  const measured = unit === '' || plain.includes(unit) ? plain : `${plain}_${unit}`;
  return `cacheismo_${measured}${kind === 'counter' ? '_total' : ''}`;
}

function linesOf(name: string, { labels = {}, value, times }: MetricSeries): string[] {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapedLabel(text)}"`);
  if (times !== undefined) return histogramLines(name, pairs, times);
  return [`${name}${braced(pairs)} ${value}`];
}

function histogramLines(name: string, pairs: readonly string[], { buckets, sumSeconds }: TimeCounts): string[] {
  const lines: string[] = [];
  let count = 0;
  buckets.forEach((times, index) => {
    count += times;
    const bound = BUCKET_BOUNDS_SECONDS[index];
    if (bound !== undefined && index % BUCKETS_PER_LINE === 0) {
      lines.push(`${name}_bucket${braced([...pairs, `le="${bound}"`])} ${count}`);
    }
  });
  lines.push(
    `${name}_bucket${braced([...pairs, 'le="+Inf"'])} ${count}`,
    `${name}_sum${braced(pairs)} ${sumSeconds}`,
    `${name}_count${braced(pairs)} ${count}`,
  );
  return lines;
}

function braced(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}

function escapedLabel(text: string): string {
  return escaped(text).replace(/"/g, '\\"');
}
