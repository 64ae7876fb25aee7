// Ends a connection's turn when its calls have taken too long, so that other connections are served. Reading the clock takes a tenth of a
// short call, so it is read only after calls that may have been long, judged by their steps. Ending one call: src/tables/budget.ts.

import { performance } from 'node:perf_hooks';

/** Length of a turn. Other clients wait at most this long, and one call more, behind a pipeline of calls. */
const TURN_MS = 10;

/** The clock is read after this many steps; a step takes at most 0.1 us, so after 0.2 ms at most. */
const STEPS_BETWEEN_LOOKS = 2000;

/** Fixed cost of calling a script, in steps: 0.5 us at most. */
const STEPS_OF_A_CALL = 5;

/** After calls of a method that took longer than this, the clock is read each time. */
const QUICK_MS = 0.25;

/** Methods in TypeScript count steps only for access to tables. After this many quick calls of a method, the clock is read only once in
    16 of its calls: if they become slow all at once, each is ended by its budget after 5 ms. */
const QUICK_CALLS = 256;
const STEPS_OF_A_QUICK_CALL = STEPS_BETWEEN_LOOKS / 16;
/** Each slow call takes this many off the count of quick ones, not all: the thread may only have waited for a processor. */
const CALLS_OF_DOUBT = 32;

/** The assumed cost of a method's calls; each thread has its own. */
export class CallPace {
  /** Steps that each call adds to those it counts itself. */
  steps: number;
  /** Timed calls that were quick, less CALLS_OF_DOUBT for each slow one. */
  #quickCalls = 0;

  constructor(private readonly countsSteps: boolean) {
    this.steps = countsSteps ? STEPS_OF_A_CALL : STEPS_BETWEEN_LOOKS;
  }

  /** Records the time that a call, or several quick ones, took. */
  note(milliseconds: number): void {
    if (this.countsSteps) return;
    if (milliseconds <= QUICK_MS) this.#quickCalls++;
    else this.#quickCalls = Math.max(0, Math.min(this.#quickCalls, QUICK_CALLS) - CALLS_OF_DOUBT);
    this.steps = this.#quickCalls < QUICK_CALLS ? STEPS_BETWEEN_LOOKS : STEPS_OF_A_QUICK_CALL;
  }
}

/** @perThread */
export class Turn {
  /** When the turn began; 0 until the clock has been read. */
  #startedMs = 0;
  #lookedMs = 0;
  /** Steps since the clock was last read. */
  #steps = 0;

  /** Starts a turn. */
  begin(): void {
    this.#startedMs = 0;
    this.#steps = 0;
  }

  /** Whether calls have ended since the clock was last read; they have taken less time than STEPS_BETWEEN_LOOKS. */
  get isUnderWay(): boolean {
    return this.#steps > 0;
  }

  /** Called before each call. */
  noteStart(pace: CallPace): void {
    if (pace.steps === STEPS_BETWEEN_LOOKS && this.#startedMs === 0)
      this.#startedMs = this.#lookedMs = performance.now();
  }

  /** Called after each call with its steps; whether the turn is over. */
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
