// How one method does: calls, errors, mean time, and how often its budget had to kill it. Not for the server's totals,
// which are metrics in the arena.

/** One call in so many is timed: reading the clock twice would be a tenth of a short call. */
const TIMED_ONE_IN = 16;

const KILLS_ALLOWED = 3;
const KILL_WINDOW_MS = 60_000;

export class CallStatistics {
  calls = 0;
  errors = 0;
  timedCalls = 0;
  timedMs = 0;
  /** Failures that went into the log. */
  failuresLogged = 0;
  /** Killed too often: refused until a new version comes. */
  refused = false;
  readonly #killsMs: number[] = [];

  /** Counts a call; true when it is one of those to be timed. */
  start(): boolean {
    return this.calls++ % TIMED_ONE_IN === 0;
  }

  time(milliseconds: number): void {
    this.timedCalls++;
    this.timedMs += milliseconds;
  }

  noteKill(nowMs: number): void {
    this.#killsMs.push(nowMs);
    while ((this.#killsMs[0] as number) < nowMs - KILL_WINDOW_MS) this.#killsMs.shift();
    this.refused = this.#killsMs.length >= KILLS_ALLOWED;
  }

  /** Of the calls that were timed; 0 before the first. */
  get meanMicroseconds(): number {
    return this.timedCalls === 0 ? 0 : (this.timedMs * 1000) / this.timedCalls;
  }
}
