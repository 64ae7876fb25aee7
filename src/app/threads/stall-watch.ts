// Watches the threads that serve: finds the one that has been in one batch for too long, and advances the clock for busy threads. Only
// the time in which a thread used the processor or slept counts, so a stopped process or a busy machine never ends a server. Rounds are
// rare while the server is idle. watchdog.ts and watch-thread.ts run the rounds and end the process.

import { type ActivityView, WATCHER_REQUEST } from '../../base/activity.js';
import { readTaskState, type TaskState } from '../../base/task-state.js';

/** Between two rounds while threads serve; also how late the clock, which counts seconds, may be. */
const ACTIVE_MS = 250;
/** Between two rounds while none serves. */
const IDLE_MS = 2000;
/** Rounds without a batch after which the server counts as idle. */
const QUIET_ROUNDS = 4;
/** A thread that is busy for this long is named in the log. */
const SLOW_MS = 1000;

export interface Stall {
  readonly thread: number;
  /** Without the time in which the thread waited for a processor. */
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
  /** Reads a task's state by its kernel number; tests pass another function. */
  readonly readTask?: (task: number) => TaskState | undefined;
}

interface Seen {
  readonly thread: number;
  turn: number;
  busyMs: number;
  /** CPU time at the last round, if the thread was busy then and the kernel reports it. */
  processorMs: number | undefined;
}

export class StallWatch {
  readonly #seen: readonly Seen[];
  #quietRounds = 0;

  constructor(private readonly parts: StallWatchParts) {
    this.#seen = parts.threads.map((thread) => ({ thread, turn: 0, busyMs: 0, processorMs: undefined }));
  }

  get isIdle(): boolean {
    return this.#quietRounds >= QUIET_ROUNDS;
  }

  /** Called when a thread serves again after the server was idle. */
  wake(): void {
    this.#quietRounds = 0;
  }

  /** Milliseconds until the next round is due. */
  get pauseMs(): number {
    return this.isIdle ? IDLE_MS : ACTIVE_MS;
  }

  /** `elapsedMs`: since the last round. If the process or the watcher was stopped meanwhile, that counts as one late round. */
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
      seen.processorMs = undefined;
      return isBusy || hasChanged;
    }
    const { limitMs, onSlow, onStuck } = this.parts;
    const beforeMs = seen.busyMs;
    seen.busyMs += this.#spentMs(seen, elapsedMs);
    if (beforeMs < SLOW_MS && seen.busyMs >= SLOW_MS) onSlow({ ...seen });
    if (limitMs > 0 && beforeMs < limitMs && seen.busyMs >= limitMs) onStuck({ ...seen });
    return true;
  }

  /** The part of the time since the last round in which the thread did not wait for a processor. */
  #spentMs(seen: Seen, elapsedMs: number): number {
    const { view, readTask = readTaskState } = this.parts;
    const state = readTask(view.task(seen.thread));
    const before = seen.processorMs;
    seen.processorMs = state?.processorMs;
    if (state === undefined || before === undefined || state.isAsleep) return elapsedMs;
    return Math.min(elapsedMs, state.processorMs - before);
  }
}
