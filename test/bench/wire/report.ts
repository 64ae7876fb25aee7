// Prints what the rounds gave, and judges it by the required ratios. Not for measuring.

import { formatVerdict, type Verdict } from '../host/bars.js';
import { median, medianOfPairedRatios } from '../host/ratios.js';
import { OURS } from '../host/servers.js';
import { figure, formatTable, percent } from '../host/table.js';
import type { Scenario } from './options.js';
import type { Series } from './rounds.js';

/** Server CPU per operation against memcached 1.6.18 with one thread, by mode and pipeline. */
const CPU_BARS: readonly { readonly modes: readonly string[]; readonly pipeline: number; readonly atMost: number }[] = [
  { modes: ['get', 'set', 'mix'], pipeline: 1, atMost: 1.35 },
  { modes: ['get'], pipeline: 16, atMost: 0.3 },
  { modes: ['get'], pipeline: 64, atMost: 0.15 },
];

const HEADER = [
  'server',
  'ops/s',
  'CPU us/op',
  'server',
  'load',
  'p50 us',
  'p99 us',
  'p99.9 us',
  'ops/s ratio',
  'CPU ratio',
];

/** Above this share of its core the load process may be what is measured. */
const LOAD_LIMIT_SHARE = 0.95;

export function formatScenario(scenario: Scenario, all: readonly Series[], threads: number): string {
  const ours = all.find((series) => series.server === OURS);
  const rows = all.map((series) => [
    series.server,
    figure(median(series.operationsPerSecond)),
    figure(median(series.cpuMicroseconds)),
    percent(median(series.serverCpuShare)),
    percent(median(series.loadCpuShare)),
    ...[50, 99, 99.9].map((percentile) => figure(series.latency.microsecondsAt(percentile))),
    ...ratioCells(ours, series),
  ]);
  const notes = all.flatMap((series) => [...errorNotes(series), ...loadNotes(series, threads)]);
  return [`${scenario.name}`, formatTable(HEADER, rows), ...notes, ''].join('\n');
}

function ratioCells(ours: Series | undefined, peer: Series): string[] {
  if (ours === undefined || ours === peer) return ['', ''];
  return [
    medianOfPairedRatios(ours.operationsPerSecond, peer.operationsPerSecond).toFixed(2),
    medianOfPairedRatios(ours.cpuMicroseconds, peer.cpuMicroseconds).toFixed(3),
  ];
}

function errorNotes(series: Series): string[] {
  return series.errors > 0 ? [`! ${series.server} answered ${series.errors} errors`] : [];
}

function loadNotes(series: Series, threads: number): string[] {
  const full = median(series.loadCpuShare) > LOAD_LIMIT_SHARE && median(series.serverCpuShare) < 0.9 * threads;
  return full ? [`! the load is what limits ${series.server} here: compare CPU per operation, not throughput`] : [];
}

export function scenarioVerdicts(scenario: Scenario, all: readonly Series[], threads: number): Verdict[] {
  const ours = all.find((series) => series.server === OURS);
  const peer = all.find((series) => series.server === 'memcached');
  if (ours === undefined || peer === undefined || threads !== 1) return [];
  return CPU_BARS.filter((bar) => bar.pipeline === scenario.pipeline && bar.modes.includes(scenario.mode)).map(
    (bar) => ({
      what: `server CPU per operation against memcached, ${scenario.name}`,
      measured: medianOfPairedRatios(ours.cpuMicroseconds, peer.cpuMicroseconds),
      required: bar.atMost,
      relation: 'at most',
    }),
  );
}

export function formatVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts.map(formatVerdict).join('\n');
}

/** The same figures for a file: all rounds, so that others can compute what they like from them. */
export function scenarioRecord(scenario: Scenario, all: readonly Series[]): object {
  return {
    scenario,
    servers: all.map(({ latency, ...series }) => ({
      ...series,
      latencyMicroseconds: {
        p50: latency.microsecondsAt(50),
        p99: latency.microsecondsAt(99),
        p999: latency.microsecondsAt(99.9),
        max: latency.microsecondsAt(100),
      },
    })),
  };
}
