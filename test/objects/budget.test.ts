// When a budget looks at the clock, and what it says when it is spent. Time passes only as the test tells.

import { describe, expect, test } from 'vitest';
import { Budget, BudgetError } from '../../src/objects/budget.js';

const LIMITS = { steps: 1_000_000, bytes: 100_000_000, milliseconds: 50 };

class Watch {
  ms = 1000;
  looks = 0;
  readonly budget = new Budget(LIMITS, () => {
    this.looks++;
    return this.ms;
  });
}

/** What a charge throws, if anything. */
function thrownBy(charge: () => void): string | undefined {
  try {
    charge();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(BudgetError);
    return (error as Error).message;
  }
}

describe('the clock is looked at', () => {
  test.each<[string, (budget: Budget) => void, number]>([
    ['once in a thousand steps', (budget) => budget.charge(1), 10],
    ['sooner where long texts are written', (budget) => budget.chargeWritten(1000), 149],
    ['sooner where long texts are made', (budget) => budget.chargeBytes(1000), 149],
    ['no sooner for short texts', (budget) => budget.chargeBytes(60), 0],
  ])('%s', (_, charge, looks) => {
    const watch = new Watch();
    for (let count = 0; count < 10_010; count++) charge(watch.budget);
    expect(watch.looks).toBe(looks);
  });
});

test('time is over after the limit, or after half of it when there is much to undo', () => {
  for (const [writes, lastMs] of [
    [100, 50],
    [101, 25],
  ] as const) {
    const watch = new Watch();
    for (let write = 0; write < writes; write++) watch.budget.chargeWrite();
    watch.budget.checkTime();
    watch.ms += lastMs;
    expect(thrownBy(() => watch.budget.checkTime())).toBeUndefined();
    watch.ms += 1;
    expect(thrownBy(() => watch.budget.checkTime())).toMatch(/^takes longer than 50 ms/);
  }
});

test('a few long texts are as much to undo as many short ones', () => {
  const watch = new Watch();
  watch.budget.chargeWrite();
  watch.budget.chargeWritten(100_000);
  watch.ms += 26;
  expect(thrownBy(() => watch.budget.checkTime())).toBe('takes longer than 50 ms, with the time to undo its changes');
});

test('once spent it stays so for whoever goes on, with the same reason', () => {
  const reasons: (readonly [string, (budget: Budget) => void])[] = [
    ['takes more than 1000000 steps', (budget) => budget.charge(LIMITS.steps + 1)],
    ['makes more than 100000000 bytes', (budget) => budget.chargeBytes(LIMITS.bytes + 1)],
  ];
  for (const [reason, spend] of reasons) {
    const { budget } = new Watch();
    budget.demandUnspent();
    expect(thrownBy(() => spend(budget))).toBe(reason);
    for (const charge of [() => budget.charge(1), () => budget.chargeWrite(), () => budget.chargeBytes(1)]) {
      expect(thrownBy(charge)).toBe(reason);
    }
    expect(thrownBy(() => budget.demandUnspent())).toBe(reason);
    budget.reset();
    budget.charge(1);
    budget.demandUnspent();
  }
});
