// What one call may use: steps, bytes and CPU time of its thread, shared by both languages and by the tables. Not for measuring
// how long methods take, and no shield against trusted TypeScript that never touches a table.

import { type ThreadTime, threadTime } from '../base/thread-time.js';

export interface BudgetLimits {
  /** Virtual machine instructions of Lua, table operations, pieces of work inside natives. */
  readonly steps: number;
  /** Bytes made by a call: strings, results, JSON. */
  readonly bytes: number;
  /** CPU time of the thread. */
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

/** Measured in new fields of tables that grow, on a busy machine: 0.5 to 2.2 us. The time for undoing ends calls of many writes sooner. */
const WRITE_STEPS = 22;

/** Nanoseconds kept for undoing a change, and for a piece of a long text. Measured in rollbacks of 20,000 changes: 0.4 to 1.0 us each,
    and never more than making them took. Whole numbers, since each write adds to them and V8 adds fractions more slowly. */
const UNDO_NS_PER_WRITE = 1000;
const UNDO_NS_PER_PIECE = 50;
const NS_PER_MS = 1e6;

/** Before this much wall time is over, the CPU time is not read: it cannot be more. */
const UNREAD_MS = 1;

/** A thread that is stopped or waits for a processor uses no CPU time; beyond this many times its limit in wall time a call ends
    all the same, since it must be asleep. */
const WALL_FACTOR = 60;

/** @perThread */
export class Budget {
  stepsLeft = 0;
  bytesLeft = 0;
  /** Time that is kept for undoing the changes so far. */
  #undoNs = 0;
  /** Wall time of the first look at the clock, 0 before it. */
  #startedMs = 0;
  /** What the thread's CPU time was when the call began, below 0 while it has not been read. */
  #cpuStartMs = -1;
  /** CPU time used when it was last read, and the wall time of that reading. */
  #usedMs = 0;
  #readAtMs = 0;
  /** The clock is looked at when fewer steps are left. */
  #nextClockRead = 0;
  /** Why the call must end: whoever goes on after it was thrown gets it again. */
  #spent: Error | undefined;

  constructor(
    public limits: BudgetLimits = DEFAULT_BUDGET,
    private readonly time: ThreadTime = threadTime,
  ) {
    this.reset();
  }

  /** Starts a call. */
  reset(): void {
    this.stepsLeft = this.limits.steps;
    this.bytesLeft = this.limits.bytes;
    this.#undoNs = 0;
    this.#startedMs = 0;
    this.#cpuStartMs = -1;
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

  /** Takes off the steps of a change, and of its undoing. */
  chargeWrite(): void {
    this.#undoNs += UNDO_NS_PER_WRITE;
    this.charge(WRITE_STEPS);
  }

  /** Takes off the steps of a change by so many bytes, beside those of any change. */
  chargeWritten(bytes: number): void {
    const steps = bytes >>> STEP_BYTES_BITS;
    if (steps === 0) return;
    this.#undoNs += steps * UNDO_NS_PER_PIECE;
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

  /** Looks at the clock now: for the start of something long that counts no steps. */
  checkTime(): void {
    const wallMs = this.time.wallMs();
    if (this.#startedMs === 0) {
      this.#startedMs = wallMs;
      this.#readAtMs = wallMs;
      this.#usedMs = 0;
      return;
    }
    const limitMs = this.limits.milliseconds - Math.min(this.#undoNs / NS_PER_MS, this.limits.milliseconds / 2);
    // CPU time grows no faster than wall time, so that it is read only where it may have reached the limit.
    if (this.#cpuStartMs >= 0 && this.#usedMs + wallMs - this.#readAtMs <= limitMs) return;
    this.#readTime(wallMs, limitMs);
  }

  #readTime(wallMs: number, limitMs: number): void {
    const elapsedMs = wallMs - this.#startedMs;
    const unreadMs = Math.min(UNREAD_MS, this.limits.milliseconds / 4);
    if (this.#cpuStartMs < 0) {
      if (elapsedMs < unreadMs) return;
      // What came before the first reading is taken for work as far as that may be.
      this.#cpuStartMs = Math.max(0, this.time.cpuMs() - Math.min(elapsedMs, 2 * unreadMs));
    }
    this.#usedMs = this.time.cpuMs() - this.#cpuStartMs;
    this.#readAtMs = wallMs;
    if (this.#usedMs > limitMs) {
      const undoing = limitMs < this.limits.milliseconds * 0.9 ? ', with the time to undo its changes' : '';
      this.#end(`takes longer than ${this.limits.milliseconds} ms of CPU time${undoing}`);
    }
    const wallLimitMs = this.limits.milliseconds * WALL_FACTOR;
    if (elapsedMs > wallLimitMs) this.#end(`takes longer than ${wallLimitMs} ms`);
  }

  #check(): void {
    this.demandUnspent();
    if (this.stepsLeft < 0) this.#end(`takes more than ${this.limits.steps} steps`);
    this.#nextClockRead = this.stepsLeft - STEPS_BETWEEN_CLOCK_READS;
    this.checkTime();
  }

  /** Ends the call by an error that nothing in its method can catch for good. */
  endBy(error: Error): never {
    this.#nextClockRead = ALWAYS;
    this.#spent ??= error;
    throw this.#spent;
  }

  #end(reason: string): never {
    return this.endBy(this.#spent ?? new BudgetError(reason));
  }
}
