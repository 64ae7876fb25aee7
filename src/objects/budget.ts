// What one call may use: steps, bytes and time, shared by both languages and by the tables. Not for measuring how
// long methods take, and no shield against trusted TypeScript that never touches a table.

export interface BudgetLimits {
  /** Virtual machine instructions of Lua, table operations, pieces of work inside natives. */
  readonly steps: number;
  /** Bytes made by a call: strings, results, JSON. */
  readonly bytes: number;
  readonly milliseconds: number;
}

export const DEFAULT_BUDGET: BudgetLimits = { steps: 2_000_000, bytes: 64 * 1024 * 1024, milliseconds: 50 };

/** The clock is looked at once in so many steps; reading it at the start of every call would cost more than a short call. */
const STEPS_BETWEEN_CLOCK_READS = 1000;

/** Copying so many bytes takes about as long as a step, as 2 to a power. */
const STEP_BYTES_BITS = 6;

const FREE_TEXT_BYTES = 1024;

/** More steps than any budget has, in an integer: with another kind of number all comparing would be of doubles. */
const ALWAYS = 0x3fff_ffff;

/** A call used up its budget. Nothing in a script may catch it. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

/** With more changes than these, half of the time is kept for undoing them. */
const WRITES_QUICKLY_UNDONE = 100;

export class Budget {
  stepsLeft = 0;
  bytesLeft = 0;
  /** Changes so far, a long text as many; undoing them takes at most as long as making them. */
  #writes = 0;
  /** Time of the first look at the clock, 0 before it. */
  #startedMs = 0;
  /** The clock is looked at when fewer steps are left. */
  #nextClockRead = 0;
  /** Why the call must end: whoever goes on after it was thrown gets it again. */
  #spent: BudgetError | undefined;

  constructor(
    public limits: BudgetLimits = DEFAULT_BUDGET,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.reset();
  }

  /** Starts a call. */
  reset(): void {
    this.stepsLeft = this.limits.steps;
    this.bytesLeft = this.limits.bytes;
    this.#writes = 0;
    this.#startedMs = 0;
    this.#nextClockRead = this.stepsLeft - STEPS_BETWEEN_CLOCK_READS;
    this.#spent = undefined;
  }

  get stepsUsed(): number {
    return this.limits.steps - this.stepsLeft;
  }

  /** Takes steps off the budget; throws BudgetError when there are none left or the time is over. */
  charge(steps: number): void {
    this.stepsLeft -= steps;
    if (this.stepsLeft < this.#nextClockRead) this.#check();
  }

  /** Takes off the step of a change, and of its undoing. */
  chargeWrite(): void {
    this.#writes++;
    this.charge(2);
  }

  /** Takes off the steps of a change by so many bytes, beside those of any change. */
  chargeWritten(bytes: number): void {
    const steps = bytes >>> STEP_BYTES_BITS;
    if (steps === 0) return;
    this.#writes += steps;
    this.charge(steps);
  }

  /** Takes off what making a text of so many bytes costs, before it is made. Short ones are part of the step that makes them. */
  chargeText(bytes: number): void {
    if (bytes > FREE_TEXT_BYTES) this.charge(bytes >>> STEP_BYTES_BITS);
    this.chargeBytes(bytes);
  }

  /** Takes bytes off the budget. Steps they cost none, but the clock is looked at the sooner. */
  chargeBytes(bytes: number): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft < 0) this.#end(`makes more than ${this.limits.bytes} bytes`);
    this.#nextClockRead += bytes >>> STEP_BYTES_BITS;
    if (this.stepsLeft < this.#nextClockRead) this.#check();
  }

  /** A method that caught the end of its call is at its end all the same. */
  demandUnspent(): void {
    if (this.#spent !== undefined) throw this.#spent;
  }

  /** Looks at the clock at once: for the start of something long that counts no steps. */
  checkTime(): void {
    const now = this.nowMs();
    if (this.#startedMs === 0) this.#startedMs = now;
    const half = this.#writes > WRITES_QUICKLY_UNDONE ? 2 : 1;
    if (now - this.#startedMs > this.limits.milliseconds / half) {
      const undoing = half === 2 ? ', with the time to undo its changes' : '';
      this.#end(`takes longer than ${this.limits.milliseconds} ms${undoing}`);
    }
  }

  #check(): void {
    this.demandUnspent();
    if (this.stepsLeft < 0) this.#end(`takes more than ${this.limits.steps} steps`);
    this.#nextClockRead = this.stepsLeft - STEPS_BETWEEN_CLOCK_READS;
    this.checkTime();
  }

  #end(reason: string): never {
    this.#nextClockRead = ALWAYS;
    this.#spent ??= new BudgetError(reason);
    throw this.#spent;
  }
}
