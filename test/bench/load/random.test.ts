// Keys are picked as the distributions say, and the same on every run.

import { expect, test } from 'vitest';
import { keyPicker, Random } from './random.js';

const KEYS = 1000;
const DRAWS = 200_000;

function countDraws(pick: () => number): number[] {
  const counts = new Array<number>(KEYS).fill(0);
  for (let draw = 0; draw < DRAWS; draw++) {
    const key = pick();
    counts[key] = counts[key] + 1;
  }
  // A key out of range or not whole would be missing from the sum.
  expect(counts.length).toBe(KEYS);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(DRAWS);
  return counts;
}

test('the same seed gives the same numbers', () => {
  const first = new Random(7);
  const second = new Random(7);
  expect(Array.from({ length: 10 }, () => first.word())).toEqual(Array.from({ length: 10 }, () => second.word()));
});

test('a seed of 0 gives random numbers too', () => {
  expect(new Random(0).word()).not.toBe(0);
});

test('uniform keys are all picked about equally often', () => {
  const counts = countDraws(keyPicker({ kind: 'uniform' }, KEYS, new Random(1)));
  expect(Math.min(...counts)).toBeGreaterThan(120);
  expect(Math.max(...counts)).toBeLessThan(290);
});

test.each([0.9, 0.99, 1, 1.2])('keys by Zipf with exponent %d follow the law', (exponent) => {
  const counts = countDraws(keyPicker({ kind: 'zipf', exponent }, KEYS, new Random(1))).sort((a, b) => b - a);
  const sum = Array.from({ length: KEYS }, (_, index) => (index + 1) ** -exponent).reduce((a, b) => a + b);
  for (const rank of [1, 2, 3, 10, 30]) {
    const expected = (DRAWS * rank ** -exponent) / sum;
    expect(Math.abs(counts[rank - 1] / expected - 1)).toBeLessThan(0.12);
  }
});
