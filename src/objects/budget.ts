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

/** A call used up its budget. Nothing in a script may catch it. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

/** With more changes than these, half of the time is kept for undoing them. */
const WRITES_QUICKLY_UNDONE = 100;

export class Budget {
  stepsLeft = 0;
  bytesLeft = 0;
  /** Changes so far; undoing them takes about as long as making them. */
  #writes = 0;
  /** Time of the first look at the clock, 0 before it. */
  #startedMs = 0;
  #nextClockRead = 0;

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

  chargeBytes(bytes: number): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft < 0) throw new BudgetError(`makes more than ${this.limits.bytes} bytes`);
  }

  /** Looks at the clock at once: for the start of something long that counts no steps. */
  checkTime(): void {
    const now = this.nowMs();
    if (this.#startedMs === 0) this.#startedMs = now;
    const half = this.#writes > WRITES_QUICKLY_UNDONE ? 2 : 1;
    if (now - this.#startedMs > this.limits.milliseconds / half) {
      const undoing = half === 2 ? ', with the time to undo its changes' : '';
      throw new BudgetError(`takes longer than ${this.limits.milliseconds} ms${undoing}`);
    }
  }

  #check(): void {
    if (this.stepsLeft < 0) throw new BudgetError(`takes more than ${this.limits.steps} steps`);
    this.#nextClockRead = this.stepsLeft - STEPS_BETWEEN_CLOCK_READS;
    this.checkTime();
  }
}
