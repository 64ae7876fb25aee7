// Statistics of a method over all threads: calls, errors, mean time. The server's totals: call-metrics.ts. What happens to a method that
// exceeds its budget: suspensions.ts.

import { METHOD_CELL } from './method-cells.js';

/** One call in this many is timed: reading the clock twice takes a tenth of a short call. */
const TIMED_ONE_IN = 64;

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

  get timedCalls(): number {
    return this.cell(METHOD_CELL.timedCalls);
  }

  get timedMs(): number {
    return this.cell(METHOD_CELL.timedMs);
  }

  /** Whether some calls are refused at present. */
  get isSuspended(): boolean {
    return this.cell(METHOD_CELL.suspendedUntilMs) !== 0;
  }

  /** Counts a call; true when it is one of those to be timed. */
  start(): boolean {
    this.add(METHOD_CELL.calls, 1);
    if (this.#untilTimed-- > 0) return false;
    this.#untilTimed = TIMED_ONE_IN - 1;
    return true;
  }

  time(milliseconds: number): void {
    this.add(METHOD_CELL.timedCalls, 1);
    this.add(METHOD_CELL.timedMs, milliseconds);
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
