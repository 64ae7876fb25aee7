// Counts the requests of each command, all of them, and times the first request of some runs (base/timing-rate.ts): what a thread works on it,
// without waiting for input or for the lock. Those of methods: objects/calls/call-statistics.ts.

import { assert } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import { COMMAND_TIMES_END, COMMAND_TIMES_START, type Metrics } from '../base/metrics.js';
import { addTime, HISTOGRAM_CELLS, readTimes, type TimeCounts } from '../base/time-histogram.js';
import { TimingRate } from '../base/timing-rate.js';
import { COMMANDS, type Command } from './command-table.js';

/** Cells of a command: requests, errors, then the histogram. */
const REQUESTS = 0;
const ERRORS = 1;
const TIMES = 2;
const CELLS = TIMES + HISTOGRAM_CELLS;

export interface CommandCounts {
  /** The word of the text protocol. */
  readonly command: string;
  readonly requests: number;
  readonly errors: number;
  readonly times: TimeCounts;
}

/** @perThread */
export class CommandTimes {
  private readonly cells: Float64Array;
  private readonly rate: TimingRate;
  private untilTimed = 1;

  constructor(
    private readonly metrics: Metrics,
    clock: Clock,
  ) {
    this.rate = new TimingRate(clock);
    assert(COMMANDS.length * CELLS <= COMMAND_TIMES_END - COMMAND_TIMES_START, 'room for the times of all commands');
    this.cells = metrics.part(COMMAND_TIMES_START, COMMAND_TIMES_END);
  }

  count(command: Command): void {
    const at = command * CELLS;
    this.cells[at] = this.cells[at] + 1;
  }

  /** Call once a run, since a branch for each request would cost 1 % of a get: whether its first request is to be timed. */
  isDue(): boolean {
    if (--this.untilTimed > 0) return false;
    this.untilTimed = this.rate.next();
    return true;
  }

  /** The request waits for the rest of its value, and will be read anew. */
  uncount(command: Command): void {
    const at = command * CELLS;
    this.cells[at] = this.cells[at] - 1;
  }

  time(command: Command, milliseconds: number): void {
    addTime(this.cells, command * CELLS + TIMES, milliseconds, this.rate.weight);
  }

  /** A request is answered with an error line. */
  noteError(command: Command): void {
    const at = command * CELLS + ERRORS;
    this.cells[at] = this.cells[at] + 1;
  }

  /** Of all threads, in the order of the table. */
  list(): CommandCounts[] {
    const sums = this.metrics.sums(COMMAND_TIMES_START, COMMAND_TIMES_END);
    return COMMANDS.map(({ word }, command) => {
      const at = command * CELLS;
      return {
        command: word,
        requests: sums[at + REQUESTS],
        errors: sums[at + ERRORS],
        times: readTimes(sums, at + TIMES),
      };
    });
  }

  reset(): void {
    this.metrics.reset(COMMAND_TIMES_START, COMMAND_TIMES_END);
  }
}
