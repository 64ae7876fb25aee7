// Counts what calls use, and ends a call at a given charge of steps, of which there is one before each access to a table, at least. The budget
// itself ends calls within a thousand steps only. It replaces two methods of the one budget that it watches; a server has no such thing.

import { type Budget, BudgetError } from '../../tables/budget.js';
import type { CallUse } from './test-cache.js';

export class BudgetWatch {
  /** Whether the call was ended by `killAt`. */
  isKilled = false;
  #killAt = Number.POSITIVE_INFINITY;
  #charges = 0;
  #writes = 0;

  constructor(private readonly budget: Budget) {
    const { charge, chargeWrite } = budget;
    const watched: Pick<Budget, 'charge' | 'chargeWrite'> = {
      charge: (steps) => {
        charge.call(budget, steps);
        if (++this.#charges === this.#killAt) this.#kill();
      },
      chargeWrite: () => {
        this.#writes++;
        chargeWrite.call(budget);
      },
    };
    for (const [name, value] of Object.entries(watched)) Object.defineProperty(budget, name, { value });
  }

  /** Before each call, which ends at that charge, counted from 1. */
  begin(killAt = Number.POSITIVE_INFINITY): void {
    // A call that is refused before it begins uses nothing.
    this.budget.reset();
    this.#killAt = killAt;
    this.#charges = 0;
    this.#writes = 0;
    this.isKilled = false;
  }

  /** After the call. */
  end(): CallUse {
    this.#killAt = Number.POSITIVE_INFINITY;
    const { limits, bytesLeft, stepsUsed } = this.budget;
    return { steps: stepsUsed, bytes: limits.bytes - bytesLeft, writes: this.#writes };
  }

  #kill(): never {
    this.isKilled = true;
    return this.budget.endBy(new BudgetError(`ended by the test`, undefined));
  }
}
