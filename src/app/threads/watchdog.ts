// The watchdog of the main thread over the data threads: logs a call that takes longer than a second, and ends the process when a thread
// has not finished its batch within the limit. Where the main thread serves: watch-thread.ts.

import { type Stall, StallWatch, type StallWatchParts } from './stall-watch.js';

export class Watchdog {
  readonly #watch: StallWatch;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  constructor(parts: StallWatchParts) {
    this.#watch = new StallWatch(parts);
  }

  start(): void {
    this.#lastMs = performance.now();
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A thread serves again after the server was idle. */
  wake(): void {
    if (this.#timer === undefined) return;
    this.#watch.wake();
    clearTimeout(this.#timer);
    this.#arm();
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      const nowMs = performance.now();
      this.#watch.round(nowMs - this.#lastMs);
      this.#lastMs = nowMs;
      if (this.#timer !== undefined) this.#arm();
    }, this.#watch.pauseMs);
  }
}

/** The log line about a slow or stuck thread. */
export function describeStall({ busyMs }: Stall, name: string, work: string): string {
  return `${name} has been busy for ${(busyMs / 1000).toFixed(1)} s${work}`;
}
