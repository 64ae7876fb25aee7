// Tables against a model: 70,000 operations in every run, a million in long ones.

import { expect, test } from 'vitest';
import { MODEL_CASES, TableModel } from './model.js';

const isLong = process.env.LONG_TESTS !== undefined;
const SEEDS = isLong ? 10 : 1;
const LONG_OPERATIONS = 1_000_000 / MODEL_CASES.length / SEEDS;

test.each(MODEL_CASES)(
  '$name behave like maps',
  ({ operations, options }) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const model = new TableModel({
        ...options,
        seed,
        operations: isLong ? LONG_OPERATIONS : operations,
        operationsBetweenChecks: 1000,
      });
      const tally = model.run();
      expect(tally.commits).toBeGreaterThan(50);
      expect(tally.rollbacks).toBeGreaterThan(20);
      if ('pinnedPercent' in options) expect(tally.pinnedRefusals).toBeGreaterThan(5);
    }
  },
  600_000,
);
