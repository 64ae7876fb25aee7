// Runs a change of tables in which one internal step fails, for tests in which each step of a change fails once.

import { expect } from 'vitest';
import { checkStore } from '../store/checker.js';
import { type FaultInjector, InjectedFault } from './fault-injector.js';
import type { TableHarness } from './harness.js';

export interface FailedStep {
  /** Whether the change has so many steps. */
  readonly isReached: boolean;
  /** For messages. */
  readonly place: string;
}

/** The change is undone, and the store is checked. */
export function failStep(
  harness: TableHarness,
  injector: FaultInjector,
  step: number,
  change: () => unknown,
): FailedStep {
  harness.begin();
  let isReached = false;
  injector.arm(step);
  try {
    change();
  } catch (error) {
    if (!(error instanceof InjectedFault)) throw error;
    isReached = true;
  }
  injector.disarm();
  const place = `step ${step}, ${injector.failed}`;
  // A method that catches the failure cannot commit; every other one is rolled back.
  if (isReached && harness.tables.parts.isChanging && step % 2 === 0) {
    expect(() => harness.tables.commit(), place).toThrow('cut short');
  } else {
    harness.tables.rollback();
  }
  try {
    checkStore(harness.store);
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`);
  }
  return { isReached, place };
}
