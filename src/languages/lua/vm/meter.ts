// The meter of the running call: counts steps and bytes against its budget, whatever part of the virtual machine or of the natives uses
// them. Once the budget is used up, or host code failed, every further step throws the same error again, so that nothing in a script can go
// on.

import { Budget } from '../../../tables/budget.js';

/** Steps taken off the budget at a time; below this only a counter goes down. */
const PORTION = 256;
/** Copying so many bytes, as 2 to a power, takes less than a step may take. */
const STEP_BYTES_BITS = 6;
/** More than any budget has, and a small integer. */
const MOST_STEPS = 0x3fff_ffff;
/** Chunks of loaded scripts and the set-up of states run under this budget. Threads that serve run them too, so it is hardly more than a
    call's; text of 700 KB compiles within it. */
const LOAD_LIMITS = { steps: 3_000_000, bytes: 128 * 1024 * 1024, milliseconds: 1000 };
/** Of an error of the host, with its stack and on its way through the script's frames; measured at up to 60 us. */
const HOST_ERROR_STEPS = 600;

class Meter {
  private readonly loading = new Budget(LOAD_LIMITS);
  budget = this.loading;
  /** Steps left of the portion. Public because the virtual machine counts it down at every instruction. */
  countdown = PORTION;
  /** Why the call must end: a used-up budget or an error of the host. Undefined while it may go on. */
  fatal: unknown;

  /** Starts a call. The budget is at its start already. */
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

  /** Takes steps off before the work that they stand for. */
  charge(steps: number): void {
    this.countdown -= steps;
    if (this.countdown < 0) this.refill();
  }

  /** Takes bytes off before they are made, and the steps that copying them costs. */
  chargeBytes(bytes: number): void {
    this.budget.bytesLeft -= bytes;
    this.countdown -= bytes >>> STEP_BYTES_BITS;
    if (this.budget.bytesLeft < 0 || this.countdown < 0) this.refill();
  }

  /** Takes the steps off that a product of two lengths costs, which may be beyond what fits in a small integer. */
  chargeProduct(units: number, unitsPerStep: number): void {
    this.charge(Math.min(MOST_STEPS, Math.ceil(units / unitsPerStep)));
  }

  /** Takes the steps counted so far off the budget. */
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

  /** Remembers why the call must end, and ends it. */
  end(error: unknown): never {
    if (this.fatal === undefined) {
      this.fatal = error;
      // The call makes one such error, so that it is charged once, and here for every part of the host.
      this.budget.stepsLeft -= HOST_ERROR_STEPS;
    }
    this.countdown = -1;
    throw this.fatal;
  }

  /** An error that came up in the script's work: one of the host ends the call, whatever handlers of the script are told. */
  passOn(thrown: unknown): never {
    if (thrown instanceof Error) this.end(thrown);
    throw thrown;
  }

  /** Ends the count of a call: what is left of the portion goes back. */
  finish(): void {
    this.budget.stepsLeft -= PORTION - Math.max(0, this.countdown);
  }
}

export const meter = new Meter();
