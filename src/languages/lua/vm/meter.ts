// The meter of the running call: counts steps and bytes of the virtual machine and the libraries against the call's budget. When the budget
// is spent, or host code has failed, every further step throws the same error again, so that no handler of a script can continue.

import { Budget, ERROR_STEPS } from '../../../tables/budget.js';

/** Steps are charged to the budget in portions of this size; within a portion only a counter is decremented. A portion takes at most
 * 26 us, by which a call may exceed its time. */
const PORTION = 256;
/** Copying this many bytes, as a power of 2, takes less time than a step. */
const STEP_BYTES_BITS = 6;
/** Larger than any budget, and still a Smi. */
const MOST_STEPS = 0x3fff_ffff;
/** The budget for running the main chunk of a script and setting up a state. Serving threads do this too, so it is less than three
    calls'; text of 700 KB compiles within it. */
const LOAD_LIMITS = { steps: 5_000_000, bytes: 128 * 1024 * 1024, milliseconds: 1000 };

class Meter {
  private readonly loading = new Budget(LOAD_LIMITS);
  budget = this.loading;
  /** Steps left of the portion. Public because the virtual machine counts it down at every instruction. */
  countdown = PORTION;
  /** Why the call must end: a used-up budget or an error of the host. Undefined while it may go on. */
  fatal: unknown;

  /** Starts a call, whose budget has been reset. */
  begin(budget: Budget): void {
    this.budget = budget;
    this.countdown = PORTION;
    this.fatal = undefined;
  }

  /** Starts work without a caller's budget, such as loading a script. */
  beginLoading(): void {
    this.loading.reset();
    this.begin(this.loading);
  }

  /** Charges steps before the work is done. */
  charge(steps: number): void {
    this.countdown -= steps;
    if (this.countdown < 0) this.refill();
  }

  /** Charges bytes before they are allocated, and the steps of copying them. */
  chargeBytes(bytes: number): void {
    this.budget.bytesLeft -= bytes;
    this.countdown -= bytes >>> STEP_BYTES_BITS;
    if (this.budget.bytesLeft < 0 || this.countdown < 0) this.refill();
  }

  /** Charges the product of two lengths in steps, which may exceed a Smi. */
  chargeProduct(units: number, unitsPerStep: number): void {
    this.charge(Math.min(MOST_STEPS, Math.ceil(units / unitsPerStep)));
  }

  /** Charges the steps counted so far to the budget. */
  refill(): void {
    if (this.fatal !== undefined) throw this.fatal;
    try {
      this.budget.charge(PORTION - this.countdown);
      this.budget.chargeBytes(0);
      this.countdown = PORTION;
    } catch (error) {
      this.end(error);
    }
  }

  /** Stores the reason why the call must end, and throws it. */
  end(error: unknown): never {
    if (this.fatal === undefined) {
      this.fatal = error;
      // A call creates at most one such error, so it is charged once, here, for every part of the host.
      this.budget.stepsLeft -= ERROR_STEPS;
    }
    this.countdown = -1;
    throw this.fatal;
  }

  /** Handles an error that was caught while a script ran: an error of the host ends the call, whatever the script's handlers do. */
  passOn(thrown: unknown): never {
    if (thrown instanceof Error) this.end(thrown);
    throw thrown;
  }

  /** Ends the count of a call: returns the rest of the portion to the budget. */
  finish(): void {
    const { countdown } = this;
    this.budget.stepsLeft -= PORTION - (this.fatal === undefined ? countdown : Math.max(0, countdown));
  }
}

export const meter = new Meter();
