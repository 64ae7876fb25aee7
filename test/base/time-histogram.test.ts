// Histograms of times: which bucket a time is in, and what percentiles they show.

import { expect, test } from 'vitest';
import {
  addTime,
  BUCKET_BOUNDS_SECONDS,
  HISTOGRAM_CELLS,
  percentile,
  readTimes,
  timesBetween,
} from '../../src/base/time-histogram.js';

function histogramOf(milliseconds: readonly number[]) {
  const cells = new Float64Array(HISTOGRAM_CELLS + 1);
  for (const time of milliseconds) addTime(cells, 1, time, 1);
  return readTimes(cells, 1);
}

test('a time is in the first bucket whose bound is not below it', () => {
  for (const [index, seconds] of BUCKET_BOUNDS_SECONDS.entries()) {
    const within = histogramOf([seconds * 1000 * 0.99]);
    const above = histogramOf([seconds * 1000 * 1.01]);
    expect(within.buckets.indexOf(1)).toBe(index);
    expect(above.buckets.indexOf(1)).toBe(index + 1);
  }
});

test('no time, however short or long, is lost', () => {
  const { buckets, count, sumSeconds } = histogramOf([0, 1e-9, 1e9]);
  expect([count, buckets[0], buckets.at(-1)]).toEqual([3, 2, 1]);
  expect(sumSeconds).toBeCloseTo(1e6);
});

test('percentiles are at most 42 % above the times that they stand for', () => {
  const times = Array.from({ length: 10_000 }, (_, index) => (index + 1) / 1000);
  const histogram = histogramOf(times);
  for (const share of [0.5, 0.99, 0.999]) {
    const exact = share * 10_000e-6;
    expect(percentile(histogram, share)).toBeGreaterThanOrEqual(exact);
    expect(percentile(histogram, share)).toBeLessThan(exact * 1.42);
  }
});

test('the times between two copies are those that were added, or all of the later one if it was cleared', () => {
  const before = histogramOf([1, 2]);
  const after = histogramOf([1, 2, 40, 50]);
  expect(timesBetween(before, after)).toEqual(histogramOf([40, 50]));
  expect(timesBetween(after, before)).toEqual(before);
  expect(timesBetween(undefined, after)).toEqual(after);
});

test('a histogram without times has percentiles of 0', () => {
  expect(percentile(histogramOf([]), 0.99)).toBe(0);
});

test('a time with a weight counts as that many', () => {
  const cells = new Float64Array(HISTOGRAM_CELLS);
  addTime(cells, 0, 1, 8);
  addTime(cells, 0, 4, 1);
  const times = readTimes(cells, 0);
  expect([times.count, times.sumSeconds]).toEqual([9, 0.012]);
  expect(percentile(times, 0.8)).toBeLessThan(0.0015);
});
