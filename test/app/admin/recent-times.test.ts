// Which times of the commands count as recent.

import { expect, test } from 'vitest';
import { RecentTimes } from '../../../src/app/admin/recent-times.js';
import { familyOf } from '../../../src/base/metric-family.js';
import { addTime, HISTOGRAM_CELLS, percentile, readTimes } from '../../../src/base/time-histogram.js';

const TEXT = { kind: 'histogram', unit: 'seconds', help: '' } as const;

test('recent times are those of the last ten seconds, however many came before, and none without a copy to compare with', () => {
  const recent = new RecentTimes();
  const cells = new Float64Array(HISTOGRAM_CELLS);
  const series = () => ({ labels: { command: 'get' }, times: readTimes(cells, 0) });
  const second = (number: number, milliseconds: number) => {
    for (let time = 0; time < 100; time++) addTime(cells, 0, milliseconds, 1);
    recent.add([familyOf('command_time', TEXT, [series()])], number * 1000);
  };
  const p50Ms = () => percentile(recent.of(series()) ?? readTimes(new Float64Array(HISTOGRAM_CELLS), 0), 0.5) * 1000;
  second(0, 1);
  expect(recent.of(series())).toBeUndefined();
  for (let number = 1; number <= 20; number++) second(number, 1);
  for (let number = 21; number <= 25; number++) second(number, 30);
  expect([p50Ms() < 2, recent.of(series())?.count]).toEqual([true, 1000]);
  for (let number = 26; number <= 31; number++) second(number, 30);
  expect(p50Ms()).toBeGreaterThan(29);
  expect(percentile(series().times, 0.5) * 1000).toBeLessThan(2);
  recent.clear();
  expect(recent.of(series())).toBeUndefined();
});
