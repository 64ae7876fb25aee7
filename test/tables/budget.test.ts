// When a budget reads the clock, and its error when it is spent. Time passes only when the test advances it.

import { describe, expect, test } from 'vitest';
import { Budget, BudgetError } from '../../src/tables/budget.js';

const LIMITS = { steps: 3_000_000, bytes: 100_000_000, milliseconds: 50 };

class Watch {
  ms = 1000;
  /** The wall time in which the thread did not run. */
  idleMs = 0;
  looks = 0;
  cpuReadings = 0;
  readonly budget = new Budget(LIMITS, {
    wallMs: () => {
      this.looks++;
      return this.ms;
    },
    cpuMs: () => {
      this.cpuReadings++;
      return this.ms - this.idleMs;
    },
  });

  /** The thread works, and the budget reads the clock from time to time. */
  work(milliseconds: number): void {
    for (let done = 0; done < milliseconds; done++) {
      this.ms++;
      this.budget.checkTime();
    }
  }

  /** The thread is stopped or waits for a processor. */
  stop(milliseconds: number): void {
    this.ms += milliseconds;
    this.idleMs += milliseconds;
  }
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

describe('the clock is read', () => {
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

test('a call is ended after its time limit less the time for a rollback, and never before half of it', () => {
  for (const [writes, lastMs] of [
    [0, 50],
    [10_000, 40],
    [100_000, 25],
  ] as const) {
    const watch = new Watch();
    for (let write = 0; write < writes; write++) watch.budget.chargeWrite();
    watch.budget.checkTime();
    watch.work(lastMs - 1);
    expect(thrownBy(() => watch.work(3))).toMatch(/^takes longer than 50 ms of CPU time/);
  }
});

test('writing megabytes of long texts reserves time for a rollback', () => {
  const watch = new Watch();
  watch.budget.chargeWrite();
  watch.budget.chargeWritten(32 * 1024 * 1024);
  watch.work(24);
  expect(thrownBy(() => watch.work(3))).toBe('takes longer than 50 ms of CPU time, with the time to undo its changes');
});

test('a thread that is stopped ten times for 200 ms in one call of 40 ms does not lose the call', () => {
  const watch = new Watch();
  watch.budget.checkTime();
  for (let stop = 0; stop < 10; stop++) {
    watch.stop(200);
    watch.work(4);
  }
  watch.budget.demandUnspent();
  expect(thrownBy(() => watch.work(20))).toBe('takes longer than 50 ms of CPU time');
});

test('the CPU time is not read in a call of less than a millisecond, and a few times in one of fifty', () => {
  const watch = new Watch();
  watch.budget.checkTime();
  for (let look = 0; look < 100; look++) {
    watch.ms += 0.009;
    watch.budget.checkTime();
  }
  expect(watch.cpuReadings).toBe(0);
  watch.work(48);
  expect(watch.cpuReadings).toBeLessThan(10);
});

test('a call that sleeps for seconds is ended by the wall clock', () => {
  const watch = new Watch();
  watch.budget.checkTime();
  watch.work(2);
  watch.stop(3000);
  expect(thrownBy(() => watch.work(2))).toBe('takes longer than 3000 ms');
});

test('a spent budget fails every later charge with the same reason', () => {
  const reasons: (readonly [string, (budget: Budget) => void])[] = [
    ['takes more than 3000000 steps', (budget) => budget.charge(LIMITS.steps + 1)],
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
