// The report's texts and charts, made from a few figures.

import { expect, test } from 'vitest';
import type { Figures } from './figures.js';
import { betweenMarks, readmeText, reportText } from './markdown.js';
import { drawChart, shortNumber, yTicks } from './svg.js';
import { chartOf, type Sweep, tableOf } from './sweep.js';

const POINT = { pipeline: 1, operationsPerSecond: 1000, p99Microseconds: 9 };
const SWEEP: Sweep = {
  name: 'idle',
  title: 'Idle <connections>',
  xLabel: 'idle connections',
  points: [
    { ...POINT, server: 'ours', x: 0, cpuMicroseconds: 8 },
    { ...POINT, server: 'ours', x: 1000, cpuMicroseconds: 9 },
    { ...POINT, server: 'peer', x: 0, cpuMicroseconds: 10 },
  ],
};
const FIGURES: Figures = {
  date: '2026-01-02',
  machine: 'a machine',
  servers: ['ours', 'peer'],
  rounds: '3 rounds',
  loadBefore: 4,
  loadHighest: 6,
  groups: [
    {
      title: 'One thread',
      verdicts: [
        { what: 'cost', measured: 1.5, required: 1.2, relation: 'at most' },
        { what: 'speed', measured: 1.5, required: 1.2, aimedAt: 2, relation: 'at least' },
      ],
    },
  ],
  sweeps: [SWEEP],
};

test('the ticks of an axis are round and reach beyond the largest value', () => {
  expect(yTicks(8.3)).toEqual([0, 2.5, 5, 7.5, 10]);
  expect(yTicks(0.07)).toEqual([0, 0.02, 0.04, 0.06, 0.08]);
  expect(yTicks(0)).toEqual([0, 1]);
  expect([1, 1500, 10_000_000].map(shortNumber)).toEqual(['1', '1.5k', '10M']);
});

test('a chart has a line for each server and a place for zero, and escapes names', () => {
  const svg = drawChart(chartOf(SWEEP));
  expect(svg.match(/<polyline/g)).toHaveLength(2);
  expect(svg).toContain('Idle &lt;connections&gt;');
  expect(svg).not.toContain('NaN');
  expect(svg).not.toContain('Infinity');
});

test('a table leaves out points that were not measured', () => {
  expect(tableOf(SWEEP)).toEqual([
    ['idle connections', 'pipeline', 'ours µs', 'ops/s', 'peer µs', 'ops/s'],
    ['0', '1', '8.00', '1,000', '10.0', '1,000'],
    ['1,000', '1', '9.00', '1,000', '', ''],
  ]);
});

test('the report says what falls short and how busy the machine was', () => {
  const text = reportText(FIGURES);
  expect(text).toContain('| cost | 1.50 | at most 1.2 | **falls short** |');
  expect(text).toContain('| speed | 1.50 | at least 1.2 (aimed at 2) | pass |');
  expect(text).toContain('others used the machine');
  expect(text).toContain('![Idle <connections>](idle.svg)');
});

test('report and README name the versions, and say when memcached sends after every get', () => {
  const figures = { ...FIGURES, servers: ['ours on Node 20', 'memcached 1.6.18'] };
  for (const text of [reportText(figures), readmeText(figures, 'figures')]) {
    expect(text).toContain('Measured: ours on Node 20, memcached 1.6.18.');
    expect(text).toContain('memcached before 1.6.35 sends its reply after every get');
  }
  expect(reportText(FIGURES)).not.toContain('1.6.35');
});

test('the README keeps all text outside of the marks', () => {
  const readme = 'before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n';
  const text = readmeText(FIGURES, 'figures');
  expect(betweenMarks(readme, text)).toBe(`before\n<!-- benchmarks -->\n${text}\n<!-- /benchmarks -->\nafter\n`);
  expect(text).toContain('| One thread | 1 | 1 |');
  expect(() => betweenMarks('no marks', '')).toThrow('missing');
});
