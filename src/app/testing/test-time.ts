// The clock of a test: it stands still until the test moves it.

import { CLOCK_CELLS, type TimeSource } from '../../base/clock.js';

/** The same in every run, so that types that depend on the date behave the same. */
const FIRST_UNIX_MS = Date.UTC(2026, 0, 1);

export class TestTime implements TimeSource {
  #elapsedMs = 0;

  steadyMs(): number {
    return this.#elapsedMs;
  }

  unixMs(): number {
    return FIRST_UNIX_MS + this.#elapsedMs;
  }

  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`advance(${milliseconds}): time passes by 0 milliseconds or more`);
    this.#elapsedMs += milliseconds;
  }

  /** As if the machine's date had been set: nothing expires earlier or later. */
  setDate(clockCells: Float64Array, unixMs: number): void {
    if (!(unixMs > 0)) throw new RangeError(`setUnixTime(${unixMs / 1000}): must be seconds since 1970`);
    const startUnixMs = unixMs - this.#elapsedMs;
    clockCells[CLOCK_CELLS.monotonicFromMs] += startUnixMs - clockCells[CLOCK_CELLS.startUnixMs];
    clockCells[CLOCK_CELLS.startUnixMs] = startUnixMs;
  }
}
