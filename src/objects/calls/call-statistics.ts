// Statistics of a method over all threads: calls, errors, times. The server's totals: call-metrics.ts. What happens to a method that
// exceeds its budget: suspensions.ts.

import { addTime, readTimes, type TimeCounts } from '../../base/time-histogram.js';
import type { TimingRate } from '../../base/timing-rate.js';
import { METHOD_CELL } from './method-cells.js';

export class CallStatistics {
  /** This thread's countdown to the next call that is timed. */
  #untilTimed = 0;

  /** The method's slot of MethodCells. */
  constructor(
    private readonly cells: Float64Array,
    private readonly at: number,
  ) {}

  get calls(): number {
    return this.cell(METHOD_CELL.calls);
  }

  get errors(): number {
    return this.cell(METHOD_CELL.errors);
  }

  get kills(): number {
    return this.cell(METHOD_CELL.kills);
  }

  /** Of the calls that were timed. */
  get times(): TimeCounts {
    return readTimes(this.cells, this.at + METHOD_CELL.times);
  }

  /** Whether some calls are refused at present. */
  get isSuspended(): boolean {
    return this.cell(METHOD_CELL.suspendedUntilMs) !== 0;
  }

  /** Counts a call; true when it is one of those to be timed. */
  start(rate: TimingRate): boolean {
    this.count();
    if (this.#untilTimed-- > 0) return false;
    this.#untilTimed = rate.next() - 1;
    return true;
  }

  /** Counts a call that is not timed, being a part of another one. */
  count(): void {
    this.add(METHOD_CELL.calls, 1);
  }

  /** The end of a timed call, with the steps and bytes of its budget that it used, and what it counts as. */
  time(milliseconds: number, steps: number, bytes: number, weight: number): void {
    addTime(this.cells, this.at + METHOD_CELL.times, milliseconds, weight);
    this.add(METHOD_CELL.timedSteps, weight * steps);
    this.add(METHOD_CELL.timedBytes, weight * bytes);
  }

  noteError(): void {
    this.add(METHOD_CELL.errors, 1);
  }

  cell(cell: number): number {
    return this.cells[this.at + cell];
  }

  setCell(cell: number, value: number): void {
    this.cells[this.at + cell] = value;
  }

  add(cell: number, amount: number): void {
    const at = this.at + cell;
    this.cells[at] = this.cells[at] + amount;
  }
}
