// All metrics of the server with their values, as data: the counters, the figures, and what each command has done. Those of methods:
// objects/calls/method-figures.ts.

import { familyOf, type MetricFamily } from '../../base/metric-family.js';
import { counter, describeMetrics, gauge, type MetricText } from '../../base/metrics.js';
import type { CommandCounts } from '../command-times.js';
import type { Operations } from '../operations.js';
import { FIGURES } from './figures.js';

/** Of the figures that only the application knows, those that can change or that others are compared with. */
const SERVER_FIGURES: Readonly<Record<string, MetricText>> = {
  max_connections: gauge('the most connections at a time'),
  threads: gauge('threads that serve connections'),
  log_lines_dropped: counter('lines of the log that could not be written'),
  time_since_server_cert_refresh: gauge('time since the certificates were loaded', 'seconds'),
};

/** Few requests are timed, so that the number of times is not that of the requests. */
const COMMAND_TIME: MetricText = {
  kind: 'histogram',
  unit: 'seconds',
  help: 'time that a thread works on a request; measured for the first request of one read in 64, of many one in 512, which counts eightfold',
};

/** The metrics of the whole server. */
export function serverFamilies(operations: Operations): MetricFamily[] {
  const { metrics, options } = operations;
  const own = new Map<string, string | number>(options.serverStats());
  return [
    ...describeMetrics().map((metric) => familyOf(metric.name, metric, [{ value: metrics.total(metric.id) }])),
    ...Object.entries(FIGURES).map(([name, figure]) => familyOf(name, figure, [{ value: figure.read(operations) }])),
    ...Object.entries(SERVER_FIGURES)
      .filter(([name]) => own.has(name))
      .map(([name, text]) => familyOf(name, text, [{ value: Number(own.get(name)) }])),
    ...commandFamilies(operations.times.list()),
  ];
}

function commandFamilies(commands: readonly CommandCounts[]): MetricFamily[] {
  const timed = commands.filter(({ times }) => times.count > 0);
  const values = (read: (counts: CommandCounts) => number) =>
    commands.map((counts) => ({ labels: { command: counts.command }, value: read(counts) }));
  return [
    familyOf(
      'command_requests',
      counter('requests by command'),
      values(({ requests }) => requests),
    ),
    familyOf(
      'command_errors',
      counter('requests answered with an error'),
      values(({ errors }) => errors),
    ),
    familyOf(
      'command_time',
      COMMAND_TIME,
      timed.map(({ command, times }) => ({ labels: { command }, times })),
    ),
  ];
}
