// The numbers that a call gets from outside: the time, random numbers, the sequence. A call that is given the same numbers again does the
// same, so methods take them from here only.

import { randomFillSync } from 'node:crypto';
import type { Clock } from '../../base/clock.js';
import { Random } from '../../base/random.js';

/** @perThread */
export class CallNumbers {
  /** Of the thread: gives each call a seed. */
  private readonly seeds = new Random();
  private readonly random = new Random();
  #unixMs = 0;
  #isSeeded = false;
  /** The next call gets the time that the one before it has read: it follows shortly after. Holds for one call. */
  isTimeKept = false;

  constructor(private readonly clock: Clock) {
    const [high, low] = randomFillSync(new Int32Array(2));
    this.seeds.seed(high, low);
  }

  /** Starts a call. The time is read when it is first asked for: reading it takes 1/20 of a short call. */
  begin(): void {
    if (!this.isTimeKept) this.#unixMs = 0;
    this.isTimeKept = false;
    this.#isSeeded = false;
  }

  /** Milliseconds since 1970, the same throughout a call. */
  get unixMs(): number {
    if (this.#unixMs === 0) this.#unixMs = this.clock.unixMs;
    return this.#unixMs;
  }

  /** The same instant in milliseconds since the start of the server, or of the one whose dump it has loaded. */
  get monotonicMs(): number {
    return this.unixMs - this.clock.monotonicFromMs;
  }

  /** A whole number that is larger than any before, on this server. */
  sequence(): number {
    return this.clock.nextSequence(this.unixMs);
  }

  /** At least 0 and below 1. */
  fraction(): number {
    if (!this.#isSeeded) {
      this.#isSeeded = true;
      this.random.seed(this.seeds.word(), this.seeds.word());
    }
    return this.random.fraction();
  }
}
