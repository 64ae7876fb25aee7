// Fields drawn at random: each equally often, in packed and spread tables, in one that is all of the store and in one among many other entries.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { StoredTable } from '../../src/tables/table-store.js';
import { TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;
const DRAWS_A_FIELD = 40;

/** The sum of squares of chi-square over the keys of a table, and its degrees of freedom. */
function chiSquareOf(table: StoredTable, seed: number): { readonly sum: number; readonly freedom: number } {
  const random = new Random();
  random.seed(seed, 1);
  const times = new Map([...table.keys()].map((key) => [key, 0]));
  for (let draw = 0; draw < table.count * DRAWS_A_FIELD; draw++) {
    const key = table.randomKey(() => random.fraction()) as string;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  expect(times.size).toBe(table.count);
  const sum = [...times.values()].reduce((all, count) => all + (count - DRAWS_A_FIELD) ** 2 / DRAWS_A_FIELD, 0);
  return { sum, freedom: times.size - 1 };
}

function filled(harness: TableHarness, key: string, fields: number): void {
  harness.write(
    key,
    (table) => {
      for (let field = 0; field < fields; field++) table.set(`field${field}`, true);
    },
    true,
  );
}

describe('a field drawn at random', () => {
  test.each([
    ['a packed table', 20, 0],
    ['a spread table that is all of the store', 1500, 0],
    ['a spread table among as many other fields', 1000, 1000],
    ['a small spread table among many other fields', 200, 10_000],
  ])('of %s is each field equally often', (_what, fields, others) => {
    const harness = new TableHarness(16 * MEBIBYTE);
    filled(harness, 'others', others);
    filled(harness, 'table', fields);
    const { sum, freedom } = harness.read('table', (table) => chiSquareOf(table, fields));
    // The sum has this mean and twice this variance: five standard deviations.
    expect(Math.abs(sum - freedom)).toBeLessThan(5 * Math.sqrt(2 * freedom));
  });

  test('is one of those that a call has made, and none that it has deleted', () => {
    const harness = new TableHarness(16 * MEBIBYTE);
    filled(harness, 'table', 2000);
    harness.write('table', (table) => {
      for (let field = 0; field < 1990; field++) table.delete(`field${field}`);
      table.set('new', 1);
      const { sum, freedom } = chiSquareOf(table, 7);
      expect(freedom).toBe(10);
      expect(sum).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
      table.clear();
      expect(table.randomKey(Math.random)).toBeUndefined();
    });
  });

  test('takes some twenty steps in a table of 100,000 fields, and no more than the square root in a small one', () => {
    const harness = new TableHarness(64 * MEBIBYTE);
    filled(harness, 'large', 100_000);
    filled(harness, 'small', 500);
    const random = new Random();
    random.seed(3, 1);
    const steps = (key: string) =>
      harness.read(key, (table) => {
        const before = harness.budget.stepsUsed;
        for (let draw = 0; draw < 200; draw++) table.randomKey(() => random.fraction());
        return (harness.budget.stepsUsed - before) / 200;
      });
    expect(steps('large')).toBeLessThan(50);
    expect(steps('small')).toBeLessThan(Math.sqrt(16 * 131_072));
  });
});
