// How long the calls of a turn have taken, so that other connections have theirs. The clock is looked at after each call that may have
// been long; what a call has surely not taken is known without it. Not for ending a call, which its budget does.

/** The other connections have their turn once calls have taken this long. */
const TURN_MS = 10;

/** The clock is looked at after this much work, in steps of a call; a step takes 0.1 us at most. */
const STEPS_BETWEEN_LOOKS = 2000;

/** What a call of a script costs beside its steps. */
const STEPS_OF_A_CALL = 5;

/** A call that took longer is one that the clock must be looked at after. */
const QUICK_MS = 0.25;

/** Methods in TypeScript count no steps for what touches no table. One that was quick this many times is looked at once in some calls only:
    reading the clock takes a tenth of a short call. */
const QUICK_CALLS = 256;
const STEPS_OF_A_QUICK_CALL = STEPS_BETWEEN_LOOKS / 8;
/** For each look that finds it slow, it is looked at after this many calls more; that may also have been the thread waiting for a processor. */
const CALLS_OF_DOUBT = 32;

/** What the turn takes a method's calls for; each thread has its own. */
export class CallPace {
  /** Steps that a call counts for beside its own. */
  steps: number;
  /** Calls since the last slow one, as far as they were looked at. */
  #quickCalls = 0;

  constructor(private readonly countsSteps: boolean) {
    this.steps = countsSteps ? STEPS_OF_A_CALL : STEPS_BETWEEN_LOOKS;
  }

  /** A call, or several quick ones, took this long. */
  note(milliseconds: number): void {
    if (this.countsSteps) return;
    if (milliseconds <= QUICK_MS) this.#quickCalls++;
    else this.#quickCalls = Math.max(0, Math.min(this.#quickCalls, QUICK_CALLS) - CALLS_OF_DOUBT);
    this.steps = this.#quickCalls < QUICK_CALLS ? STEPS_BETWEEN_LOOKS : STEPS_OF_A_QUICK_CALL;
  }
}

/** @perThread */
export class Turn {
  /** Time at which the turn began, 0 while it is not known. */
  #startedMs = 0;
  #lookedMs = 0;
  /** Work since the last look. */
  #steps = 0;

  /** A turn begins. */
  begin(): void {
    this.#startedMs = 0;
    this.#steps = 0;
  }

  /** Before a call. */
  noteStart(pace: CallPace): void {
    if (pace.steps === STEPS_BETWEEN_LOOKS && this.#startedMs === 0)
      this.#startedMs = this.#lookedMs = performance.now();
  }

  /** After a call that took so many steps: whether the turn is over. */
  isOver(pace: CallPace, steps: number): boolean {
    this.#steps += steps + pace.steps;
    return this.#steps >= STEPS_BETWEEN_LOOKS && this.#look(pace);
  }

  #look(pace: CallPace): boolean {
    const nowMs = performance.now();
    this.#steps = 0;
    if (this.#startedMs === 0) this.#startedMs = this.#lookedMs = nowMs;
    pace.note(nowMs - this.#lookedMs);
    this.#lookedMs = nowMs;
    return nowMs - this.#startedMs >= TURN_MS;
  }
}
