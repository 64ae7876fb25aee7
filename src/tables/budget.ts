// What one call may use: steps, bytes and CPU time of its thread, shared by both languages and by the tables. TypeScript is trusted: a
// plugin that loops without touching a table is ended only by the watchdog, together with the process. Mean times of methods:
// objects/calls/call-statistics.ts.

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

/** Steps between two reads of the clock; reading it at the start of every call would cost more than a short call. */
const STEPS_BETWEEN_CLOCK_READS = 1000;

/** Copying this many bytes takes about as long as a step, as a power of 2. */
const STEP_BYTES_BITS = 6;

/** Copying this much takes about 0.1 us, the longest time of a step. */
const FREE_TEXT_BYTES = 1024;

/** Larger than any budget, and still a small integer of V8's (Smi), so that comparisons stay integer. */
const ALWAYS = 0x3fff_ffff;

/** A call used up its budget. Nothing in a script may catch it. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';

  constructor(
    message: string,
    /** The option that sets the limit, as in `--call-steps`. */
    readonly option: string | undefined,
  ) {
    super(message);
  }
}

/** The stack of a killed call has to reach the method's own frames. A choice: far more than the frames of the server above them; V8's default of ten
 * is fewer. */
const MOST_FRAMES = 50;

const CALL_MILLISECONDS = '--call-milliseconds';

/** Of an error with its stack, on its way through the frames of a method: measured at 40 us, and 100 us on a slower machine. */
export const ERROR_STEPS = 1800;

/** Measured in new fields of tables that grow, on a busy machine: 0.5 to 2.2 us. The time for undoing ends calls of many writes sooner. */
const WRITE_STEPS = 24;

/** The same for a few bytes of a byte array: 0.1 to 0.3 us. */
const PATCH_STEPS = 5;

/** Nanoseconds kept for undoing a change, and for a piece of a long text. Measured in rollbacks of 20,000 changes: 0.4 to 1.0 us each,
    and never more than making them took. Whole numbers, since each write adds to them and V8 adds fractions more slowly. */
const UNDO_NS_PER_WRITE = 1000;
const UNDO_NS_PER_PIECE = 50;
const UNDO_NS_PER_PATCH = 100;
const NS_PER_MS = 1e6;

/** Before this part of the limit is over in wall time, the CPU time is not read: it cannot be more. Of a call that is 1 ms; a script that loads has
    mostly ended by then, so that its thread need not load the clock. */
const UNREAD_SHARE = 1 / 50;
/** The same for short limits. */
const UNREAD_MS = 1;

/** A thread that is stopped or waits for a processor uses no CPU time; beyond this many times its limit in wall time a call ends
    all the same, since it must be asleep. */
const WALL_FACTOR = 60;

/** @perThread */
export class Budget {
  stepsLeft = 0;
  bytesLeft = 0;
  /** Time that is reserved for rolling back the changes made so far. */
  #undoNs = 0;
  /** Wall time of the first read of the clock, 0 before it. */
  #startedMs = 0;
  /** What the thread's CPU time was when the call began, below 0 while it has not been read. */
  #cpuStartMs = -1;
  /** CPU time used when it was last read, and the wall time of that reading. */
  #usedMs = 0;
  #readAtMs = 0;
  /** The clock is read when fewer steps are left. */
  #nextClockRead = 0;
  /** Why the call must end. It is thrown again if the method continues. */
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

  /** Whether the call has read the clock, and `endTiming` not been called since. */
  get isTimed(): boolean {
    return this.#startedMs !== 0;
  }

  /** After the call: its CPU time since the clock was first read, or the wall time, which is no less, where the CPU time was not read. */
  endTiming(): number {
    const isCpuKnown = this.#cpuStartMs >= 0;
    const milliseconds = isCpuKnown ? this.time.cpuMs() - this.#cpuStartMs : this.time.wallMs() - this.#startedMs;
    this.#startedMs = 0;
    return milliseconds;
  }

  get bytesUsed(): number {
    return this.limits.bytes - this.bytesLeft;
  }

  /** Charges steps; throws BudgetError when none are left or the time is over. */
  charge(steps: number): void {
    this.stepsLeft -= steps;
    if (this.stepsLeft < this.#nextClockRead) this.#check();
  }

  /** Charges the steps of a change, and reserves the time for its rollback. */
  chargeWrite(): void {
    this.#undoNs += UNDO_NS_PER_WRITE;
    this.charge(WRITE_STEPS);
  }

  /** Charges a change of a few bytes in place, which makes nothing. */
  chargePatch(): void {
    this.#undoNs += UNDO_NS_PER_PATCH;
    this.charge(PATCH_STEPS);
  }

  /** The same for several changes. */
  chargePatches(count: number): void {
    this.#undoNs += count * UNDO_NS_PER_PATCH;
    this.charge(count * PATCH_STEPS);
  }

  /** Charges the steps of a change of `bytes`, in addition to those of any change. */
  chargeWritten(bytes: number): void {
    const steps = bytes >>> STEP_BYTES_BITS;
    if (steps === 0) return;
    this.#undoNs += steps * UNDO_NS_PER_PIECE;
    this.charge(steps);
  }

  /** Charges a text of `bytes` before it is made. Short ones are part of the step that makes them. */
  chargeText(bytes: number): void {
    if (bytes > FREE_TEXT_BYTES) this.charge(bytes >>> STEP_BYTES_BITS);
    this.chargeBytes(bytes);
  }

  /** Charges bytes; costs no steps, but brings the next read of the clock forward. */
  chargeBytes(bytes: number): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft < 0) this.#end(`makes more than ${this.limits.bytes} bytes`, '--call-bytes');
    this.#nextClockRead += bytes >>> STEP_BYTES_BITS;
    if (this.stepsLeft < this.#nextClockRead) this.#check();
  }

  /** Throws again if a method swallowed a BudgetError: it fails anyway. */
  demandUnspent(): void {
    if (this.#spent !== undefined) throw this.#spent;
  }

  /** Reads the clock now: before a long piece of work that counts no steps. */
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
    const { milliseconds } = this.limits;
    const unreadMs = Math.max(Math.min(UNREAD_MS, milliseconds / 4), milliseconds * UNREAD_SHARE);
    if (this.#cpuStartMs < 0) {
      if (elapsedMs < unreadMs) return;
      // The wall time before the first reading counts as work, as far as it can be.
      this.#cpuStartMs = Math.max(0, this.time.cpuMs() - Math.min(elapsedMs, 2 * unreadMs));
    }
    this.#usedMs = this.time.cpuMs() - this.#cpuStartMs;
    this.#readAtMs = wallMs;
    if (this.#usedMs > limitMs) {
      const undoing = limitMs < this.limits.milliseconds * 0.9 ? ', with the time to undo its changes' : '';
      this.#end(`takes longer than ${this.limits.milliseconds} ms of CPU time${undoing}`, CALL_MILLISECONDS);
    }
    const wallLimitMs = this.limits.milliseconds * WALL_FACTOR;
    if (elapsedMs > wallLimitMs) this.#end(`takes longer than ${wallLimitMs} ms`, CALL_MILLISECONDS);
  }

  #check(): void {
    this.demandUnspent();
    if (this.stepsLeft < 0) this.#end(`takes more than ${this.limits.steps} steps`, '--call-steps');
    this.#nextClockRead = this.stepsLeft - STEPS_BETWEEN_CLOCK_READS;
    this.checkTime();
  }

  /** Ends the call by an error that nothing in its method can catch for good. */
  endBy(error: Error): never {
    this.#nextClockRead = ALWAYS;
    this.#spent ??= error;
    throw this.#spent;
  }

  #end(reason: string, option: string): never {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = MOST_FRAMES;
    const error = this.#spent ?? new BudgetError(reason, option);
    Error.stackTraceLimit = stackTraceLimit;
    return this.endBy(error);
  }
}
