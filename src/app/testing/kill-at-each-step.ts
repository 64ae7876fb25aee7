// Ends a call at each of its steps, one after the other, and compares the cache before and after. A step is what the budget charges together,
// such as one access to a field.

import type { KillReport } from './test-cache.js';

/** A choice: some seconds. A call with more steps does the same ones again. */
const MOST_KILLS = 20_000;

interface KilledCall {
  /** Makes the call, which ends at the step; whether it was ended. */
  attempt(step: number): boolean;
  /** The result of the last attempt; throws its error. */
  result(): string | undefined;
  /** The first difference between the cache and what it was at the start, in one line. */
  difference(): string | undefined;
}

export function killAtEachStep(key: string, call: KilledCall): KillReport {
  for (let step = 1; step <= MOST_KILLS; step++) {
    if (!call.attempt(step)) return { kills: step - 1, value: resultOf(key, call) };
    demandUnchanged(`${key}, ended at step ${step},`, call);
  }
  throw new Error(`${key} takes more than ${MOST_KILLS} steps: test it with less data`);
}

/** Throws the error of a call that fails by itself, which must not change anything either. */
function resultOf(key: string, call: KilledCall): string | undefined {
  try {
    return call.result();
  } catch (error) {
    demandUnchanged(`${key}, which failed,`, call);
    throw error;
  }
}

function demandUnchanged(what: string, call: KilledCall): void {
  const change = call.difference();
  if (change !== undefined) throw new Error(`${what} has changed the cache: ${change}`);
}
