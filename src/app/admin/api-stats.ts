// The metrics as JSON.

import type { FastifyInstance } from 'fastify';
import type { MetricFamily, MetricSeries } from '../../base/metric-family.js';
import { percentile, type TimeCounts } from '../../base/time-histogram.js';
import type { AdminAsker } from './admin-asker.js';
import { prometheusName } from './prometheus-text.js';
import type { RecentTimes } from './recent-times.js';

const NUMBER = { type: 'number' } as const;
const STRING = { type: 'string' } as const;

const SHARES = {
  p50Seconds: NUMBER,
  p99Seconds: NUMBER,
  p999Seconds: NUMBER,
  recentP50Seconds: NUMBER,
  recentP99Seconds: NUMBER,
} as const;

const COMMAND = {
  type: 'object',
  properties: { command: STRING, requests: NUMBER, errors: NUMBER, ...SHARES },
} as const;

const METHOD = {
  type: 'object',
  properties: { type: STRING, method: STRING, calls: NUMBER, errors: NUMBER, kills: NUMBER, ...SHARES },
} as const;

/** They are sent to each dashboard every second. */
const MOST_METHODS = 20;

const STATS = {
  response: {
    200: {
      type: 'object',
      properties: {
        unixMs: NUMBER,
        version: STRING,
        values: { type: 'object', additionalProperties: NUMBER },
        commands: { type: 'array', items: COMMAND },
        methods: { type: 'array', items: METHOD },
      },
    },
  },
} as const;

const METRIC = {
  type: 'object',
  properties: { name: STRING, prometheus: STRING, kind: STRING, unit: STRING, help: STRING },
} as const;

const METRICS = {
  response: { 200: { type: 'object', properties: { metrics: { type: 'array', items: METRIC } } } },
} as const;

export function addStats(app: FastifyInstance, asker: AdminAsker, version: string, recent: RecentTimes): void {
  app.get('/api/stats', { schema: STATS }, async () => statsOf(await asker.metrics(), version, recent));
  app.get('/api/metrics', { schema: METRICS }, async () => {
    const families = await asker.metrics();
    return {
      metrics: families.map(({ name, kind, unit, help }) => ({
        name,
        prometheus: prometheusName(name, { kind, unit }),
        kind,
        unit,
        help,
      })),
    };
  });
}

/** Values of the whole server by the names in `stats`, a row for each command that was used, and for the methods with the most calls. */
export function statsOf(families: readonly MetricFamily[], version: string, recent: RecentTimes) {
  const values = families.flatMap(({ name, series: [first] }): [string, number][] =>
    first?.value === undefined || first.labels !== undefined ? [] : [[name, first.value]],
  );
  return {
    unixMs: Date.now(),
    version,
    values: Object.fromEntries(values),
    commands: commandRows(families, recent),
    methods: methodRows(families, recent),
  };
}

function commandRows(families: readonly MetricFamily[], recent: RecentTimes) {
  const errors = seriesOf(families, 'command_errors');
  const times = seriesOf(families, 'command_time');
  return [...seriesOf(families, 'command_requests')].flatMap(([key, { labels, value: requests = 0 }]) => {
    if (requests === 0) return [];
    const command = labels?.command ?? '';
    return { command, requests, errors: errors.get(key)?.value ?? 0, ...sharesOf(times.get(key), recent) };
  });
}

function methodRows(families: readonly MetricFamily[], recent: RecentTimes) {
  const errors = seriesOf(families, 'method_errors');
  const kills = seriesOf(families, 'method_kills');
  const times = seriesOf(families, 'method_time');
  return [...seriesOf(families, 'method_calls')].slice(0, MOST_METHODS).map(([key, { labels, value: calls = 0 }]) => ({
    type: labels?.type ?? '',
    method: labels?.method ?? '',
    calls,
    errors: errors.get(key)?.value ?? 0,
    kills: kills.get(key)?.value ?? 0,
    ...sharesOf(times.get(key), recent),
  }));
}

/** By their labels. */
function seriesOf(families: readonly MetricFamily[], name: string): Map<string, MetricSeries> {
  const series = families.find((family) => family.name === name)?.series ?? [];
  return new Map(series.map((one) => [Object.values(one.labels ?? {}).join(':'), one]));
}

function sharesOf(series: MetricSeries | undefined, recent: RecentTimes) {
  const late = series && recent.of(series);
  return {
    ...sharesOfTimes(series?.times),
    recentP50Seconds: late === undefined ? 0 : percentile(late, 0.5),
    recentP99Seconds: late === undefined ? 0 : percentile(late, 0.99),
  };
}

function sharesOfTimes(times: TimeCounts | undefined) {
  const share = (part: number) => (times === undefined ? 0 : percentile(times, part));
  return { p50Seconds: share(0.5), p99Seconds: share(0.99), p999Seconds: share(0.999) };
}
