// Watches threads that serve: finds the one that has not finished its batch for too long, and keeps the clock of busy threads going.
// Its pace is slow while nobody serves. Not for how the watcher waits between its rounds, nor for ending the process.

import { type ActivityView, WATCHER_REQUEST } from '../../base/activity.js';

/** Between two rounds while threads serve; also how late the clock, which counts seconds, may be. */
const ACTIVE_MS = 250;
/** While none does. */
const IDLE_MS = 2000;
/** So many rounds without a batch make the server idle. */
const QUIET_ROUNDS = 4;
/** A thread that is busy for this long is named in the log. */
const SLOW_MS = 1000;

export interface Stall {
  readonly thread: number;
  readonly busyMs: number;
}

export interface StallWatchParts {
  readonly view: ActivityView;
  readonly threads: readonly number[];
  /** 0: a thread may be busy for ever. */
  readonly limitMs: number;
  readonly onSlow: (stall: Stall) => void;
  readonly onStuck: (stall: Stall) => void;
  /** A thread that was slow has finished. */
  readonly onRecovered?: (stall: Stall) => void;
}

interface Seen {
  readonly thread: number;
  turn: number;
  busyMs: number;
}

export class StallWatch {
  readonly #seen: readonly Seen[];
  #quietRounds = 0;

  constructor(private readonly parts: StallWatchParts) {
    this.#seen = parts.threads.map((thread) => ({ thread, turn: 0, busyMs: 0 }));
  }

  get isIdle(): boolean {
    return this.#quietRounds >= QUIET_ROUNDS;
  }

  /** Somebody serves again. */
  wake(): void {
    this.#quietRounds = 0;
  }

  /** Milliseconds until the next round is due. */
  get pauseMs(): number {
    return this.isIdle ? IDLE_MS : ACTIVE_MS;
  }

  /** `elapsedMs`: since the last round. A process that was stopped meanwhile must not take that for a busy thread. */
  round(elapsedMs: number): void {
    const countedMs = Math.min(elapsedMs, 2 * ACTIVE_MS);
    let isActive = false;
    for (const seen of this.#seen) if (this.#look(seen, countedMs)) isActive = true;
    this.#quietRounds = isActive ? 0 : this.#quietRounds + 1;
    this.parts.view.request(this.isIdle ? WATCHER_REQUEST.wakeWatcher : WATCHER_REQUEST.readClock);
  }

  /** Whether the thread has done anything since the last round. */
  #look(seen: Seen, elapsedMs: number): boolean {
    const turn = this.parts.view.turn(seen.thread);
    const isBusy = (turn & 1) === 1;
    if (!isBusy || turn !== seen.turn) {
      const hasChanged = turn !== seen.turn;
      seen.turn = turn;
      if (seen.busyMs >= SLOW_MS) this.parts.onRecovered?.(seen);
      seen.busyMs = 0;
      return isBusy || hasChanged;
    }
    const { limitMs, onSlow, onStuck } = this.parts;
    const beforeMs = seen.busyMs;
    seen.busyMs += elapsedMs;
    if (beforeMs < SLOW_MS && seen.busyMs >= SLOW_MS) onSlow({ ...seen });
    if (limitMs > 0 && beforeMs < limitMs && seen.busyMs >= limitMs) onStuck({ ...seen });
    return true;
  }
}
