// The metrics as JSON.

import type { FastifyInstance } from 'fastify';
import type { MetricFamily } from '../../base/metric-family.js';
import { percentile } from '../../base/time-histogram.js';
import type { AdminAsker } from './admin-asker.js';
import { prometheusName } from './prometheus-text.js';

const NUMBER = { type: 'number' } as const;
const STRING = { type: 'string' } as const;

const COMMAND = {
  type: 'object',
  properties: {
    command: STRING,
    requests: NUMBER,
    errors: NUMBER,
    p50Seconds: NUMBER,
    p99Seconds: NUMBER,
    p999Seconds: NUMBER,
  },
} as const;

const STATS = {
  response: {
    200: {
      type: 'object',
      properties: {
        unixMs: NUMBER,
        version: STRING,
        values: { type: 'object', additionalProperties: NUMBER },
        commands: { type: 'array', items: COMMAND },
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

export function addStats(app: FastifyInstance, asker: AdminAsker, version: string): void {
  app.get('/api/stats', { schema: STATS }, async () => statsOf(await asker.metrics(), version));
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

/** Values of the whole server by the names in `stats`, and a row for each command that was used. */
export function statsOf(families: readonly MetricFamily[], version: string) {
  const values = families.flatMap(({ name, series: [first] }): [string, number][] =>
    first?.value === undefined || first.labels !== undefined ? [] : [[name, first.value]],
  );
  return { unixMs: Date.now(), version, values: Object.fromEntries(values), commands: commandRows(families) };
}

function commandRows(families: readonly MetricFamily[]) {
  const seriesOf = (name: string) => {
    const series = families.find((family) => family.name === name)?.series ?? [];
    return new Map(series.map((one) => [one.labels?.command ?? '', one]));
  };
  const errors = seriesOf('command_errors');
  const times = seriesOf('command_time');
  return [...seriesOf('command_requests')].flatMap(([command, { value: requests = 0 }]) => {
    if (requests === 0) return [];
    const own = times.get(command)?.times;
    const share = (part: number) => (own === undefined ? 0 : percentile(own, part));
    return {
      command,
      requests,
      errors: errors.get(command)?.value ?? 0,
      p50Seconds: share(0.5),
      p99Seconds: share(0.99),
      p999Seconds: share(0.999),
    };
  });
}
