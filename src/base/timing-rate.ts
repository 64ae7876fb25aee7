// How many of the events of a thread are timed: one in 64, and beyond 32 timed ones in a second one in 512, each of which then counts as eight.
// Reading the clock twice takes as long as half a get, and what runs for timed events alone is in no cache of the processor.

import type { Clock } from './clock.js';

const TIMED_ONE_IN = 64;
/** A choice: 32 times 64 calls a second are more than a thread can make of those that take a millisecond. */
const FULL_A_SECOND = 32;
const LOAD_WEIGHT = 8;

/** One for each kind of events, in each thread. */
export class TimingRate {
  /** What the event that was last chosen counts as. */
  weight = 1;
  #second = 0;
  #timed = 0;

  constructor(private readonly clock: Clock) {}

  /** An event is chosen. Sets its weight; returns how many events later the next one is due. */
  next(): number {
    const { now } = this.clock;
    if (now !== this.#second) {
      this.#second = now;
      this.#timed = 0;
    }
    this.weight = ++this.#timed > FULL_A_SECOND ? LOAD_WEIGHT : 1;
    return TIMED_ONE_IN * this.weight;
  }
}
