// Rounds become series, and series are compared and printed.

import { expect, test } from 'vitest';
import { Latency } from '../load/latency.js';
import type { LoadResult } from '../load/plan.js';
import { cpuRatio, latencyRatio, newSeries, note, type Series, throughputRatio } from './series.js';
import { formatSeries } from './series-table.js';

function resultOf(operations: number, cpuNanoseconds: number, milliseconds: number): LoadResult {
  const latency = new Latency();
  latency.record(milliseconds);
  return {
    operations,
    seconds: 1,
    errors: 0,
    hits: operations,
    serverCpuNanoseconds: cpuNanoseconds,
    loadCpuShare: 0.99,
    latency: latency.encode(),
  };
}

function seriesOf(name: string, results: readonly LoadResult[]): Series {
  const series = newSeries(name);
  for (const result of results) note(series, result);
  return series;
}

const OURS = seriesOf('ours', [resultOf(100, 200_000, 1), resultOf(50, 200_000, 2)]);
const PEER = seriesOf('peer', [resultOf(50, 100_000, 2), resultOf(25, 100_000, 4)]);

test('series are compared round by round', () => {
  expect(throughputRatio(OURS, PEER)).toBe(2);
  expect(cpuRatio(OURS, PEER)).toBe(1);
  expect(latencyRatio(OURS, PEER, 99)).toBeCloseTo(0.5, 2);
});

test('a table says when the load process limits a server', () => {
  const text = formatSeries(
    'get',
    [OURS, PEER],
    (series) => (series === PEER ? OURS : undefined),
    () => 1,
  );
  expect(text.split('\n')[4]).toMatch(/^peer .* 2\.00 {6}1\.000$/);
  expect(text).toContain('! the load is what limits peer here');
});
