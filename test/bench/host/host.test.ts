// Medians, paired ratios, verdicts, tables and the operating system's accounts.

import { expect, test } from 'vitest';
import { cpuNanoseconds, residentBytes } from './accounts.js';
import { formatVerdict, passes } from './bars.js';
import { median, medianOfPairedRatios } from './ratios.js';
import { figure, formatTable } from './table.js';

test('a median of an odd and an even number of values', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('ratios are taken round by round, so that a slow round of both does not count', () => {
  expect(medianOfPairedRatios([100, 10, 100], [50, 5, 50])).toBe(2);
  expect(medianOfPairedRatios([1, 9, 4], [2, 3, 4])).toBe(1);
});

test('a verdict passes on its bar', () => {
  const verdict = { what: 'cost', measured: 1.5, required: 1.5, relation: 'at most' } as const;
  expect(passes(verdict)).toBe(true);
  expect(passes({ ...verdict, measured: 1.51 })).toBe(false);
  expect(passes({ ...verdict, measured: 1.51, relation: 'at least' })).toBe(true);
  expect(passes({ ...verdict, measured: Number.NaN })).toBe(false);
  expect(formatVerdict({ ...verdict, measured: 2 })).toBe('FALLS SHORT  cost: 2.000 (required: at most 1.5)');
});

test('a table is aligned', () => {
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a', '10'],
        ['long', '5'],
      ],
    ),
  ).toBe('name   n\n----  --\na     10\nlong   5');
});

test('figures have three digits', () => {
  expect([figure(0.01234), figure(12.345), figure(1234567), figure(Number.NaN)]).toEqual([
    '0.0123',
    '12.3',
    '1,234,567',
    '-',
  ]);
});

test.runIf(process.platform === 'linux')('the accounts of this process are plausible', () => {
  const before = cpuNanoseconds(process.pid);
  expect(before).toBeGreaterThan(0);
  expect(cpuNanoseconds(process.pid)).toBeGreaterThanOrEqual(before);
  expect(residentBytes(process.pid)).toBeGreaterThan(2 ** 20);
});
