// The generator of random numbers: repeatable, and evenly spread.

import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';

function fractions(high: number, low: number, count: number): number[] {
  const random = new Random();
  random.seed(high, low);
  return Array.from({ length: count }, () => random.fraction());
}

test('the same seed gives the same numbers, another seed others', () => {
  expect(fractions(1, 2, 10)).toEqual(fractions(1, 2, 10));
  expect(fractions(1, 2, 10)).not.toEqual(fractions(1, 3, 10));
  expect(fractions(1, 2, 10)).not.toEqual(fractions(2, 2, 10));
});

test('fractions are at least 0, below 1, and equally often in each of sixteen parts', () => {
  const parts = new Array<number>(16).fill(0);
  for (const fraction of fractions(7, 8, 16_000)) parts[Math.floor(fraction * 16)]++;
  expect(parts.reduce((sum, count) => sum + count, 0)).toBe(16_000);
  for (const count of parts) expect(Math.abs(count - 1000)).toBeLessThan(200);
});
