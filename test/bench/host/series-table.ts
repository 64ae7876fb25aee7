// Series as a table for a terminal, with notes.

import { median } from './ratios.js';
import { cpuRatio, PERCENTILES, type Series, throughputRatio } from './series.js';
import { figure, formatTable, percent } from './table.js';

const HEADER = [
  'server',
  'ops/s',
  'CPU us/op',
  'server',
  'load',
  ...PERCENTILES.map((percentile) => `p${percentile} us`),
  'ops/s ratio',
  'CPU ratio',
];

/** Above this share of its core the load process may be the bottleneck. */
const LOAD_LIMIT_SHARE = 0.95;

/** `baseOf` returns the series whose figures are divided by those of a series; `threads` the number of processors that its server could
 * fill. */
export function formatSeries(
  title: string,
  all: readonly Series[],
  baseOf: (series: Series) => Series | undefined,
  threads: (series: Series) => number,
): string {
  const rows = all.map((series) => [
    series.name,
    figure(median(series.operationsPerSecond)),
    figure(median(series.cpuMicroseconds)),
    percent(median(series.serverCpuShare)),
    percent(median(series.loadCpuShare)),
    ...PERCENTILES.map((percentile) => figure(median(series.latencyMicroseconds[percentile]))),
    ...ratioCells(baseOf(series), series),
  ]);
  const notes = all.flatMap((series) => notesOn(series, threads(series)));
  return [title, formatTable(HEADER, rows), ...notes, ''].join('\n');
}

function ratioCells(ours: Series | undefined, peer: Series): string[] {
  if (ours === undefined || ours === peer) return ['', ''];
  return [throughputRatio(ours, peer).toFixed(2), cpuRatio(ours, peer).toFixed(3)];
}

function notesOn(series: Series, threads: number): string[] {
  const notes: string[] = [];
  if (series.errors > 0) notes.push(`! ${series.name} answered ${series.errors} errors`);
  if (median(series.loadCpuShare) > LOAD_LIMIT_SHARE && median(series.serverCpuShare) < 0.9 * threads) {
    notes.push(`! the load is what limits ${series.name} here: compare CPU per operation, not throughput`);
  }
  return notes;
}
