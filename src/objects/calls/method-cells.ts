// The counters of methods, in memory that all data threads share, since any of them may serve a call. Calls are made and types exchanged
// with the lock held, so plain additions suffice. What the counters mean: call-statistics.ts.
//
//   first cell: the end of the used slots; then one slot per method, with the slots of one load next to each other
//   +------+-------+--------+-------+-------+-----------+-------------+------------+-------+-------------+----------------+-------+
//   | load | calls | errors | steps | bytes | last kill | kill before | suspension | kills | suspensions | unknown logged | times |
//   +------+-------+--------+-------+-------+-----------+-------------+------------+-------+-------------+----------------+-------+
//
//   A kill is four cells: when, the calls that had succeeded by then, the bytes of its arguments, the hash of its object's key. Times are a
//   histogram (base/time-histogram.ts); it, steps and bytes are of the calls that are timed.

import { assert } from '../../base/assert.js';
import { HISTOGRAM_CELLS } from '../../base/time-histogram.js';

/** Cells of a slot, 64-bit floats. */
export const METHOD_CELL = {
  /** The load that the slot is for; 0 when it is free. */
  load: 0,
  calls: 1,
  errors: 2,
  /** That timed calls have used of their budget. */
  timedSteps: 3,
  timedBytes: 4,
  lastKill: 6,
  killBefore: 10,
  /** When the suspension ends, in steady milliseconds; 0 when there is none. */
  suspendedUntilMs: 14,
  /** How long the last one was for. */
  suspendedForMs: 15,
  /** When the last one ended. */
  suspensionEndMs: 16,
  /** Refused are calls with at least this many bytes of arguments (0: all calls), and calls on the object whose key has this hash. */
  suspendedBytes: 17,
  suspendedKey: 18,
  kills: 19,
  suspensions: 20,
  /** In the slot of the type's first method: a bit mask of the unknown names that have been logged. */
  unknownLogged: 21,
  times: 22,
  count: 22 + HISTOGRAM_CELLS,
} as const;

const END = 0;
const FIRST_SLOT = 1;

export interface MethodSlots {
  readonly cells: Float64Array;
  /** The slot of the first method; those of the others follow. */
  readonly at: number;
}

/** @perThread */
export class MethodCells {
  constructor(private readonly cells: Float64Array = new Float64Array(FIRST_SLOT)) {}

  /** The slots of one load of a type, whose number is the same in all threads: those that another thread has already claimed for it, or
      new ones. When no slots are left, the thread counts in memory of its own. */
  claim(load: number, methods: number): MethodSlots {
    assert(load !== 0, 'a number of a load');
    const { cells } = this;
    const end = Math.max(cells[END], FIRST_SLOT);
    const wanted = methods * METHOD_CELL.count;
    let free = FIRST_SLOT;
    let found = 0;
    for (let at = FIRST_SLOT; at < end; at += METHOD_CELL.count) {
      if (cells[at] === load) return { cells, at };
      if (cells[at] !== 0 && found === 0) free = at + METHOD_CELL.count;
      else if (at + METHOD_CELL.count - free === wanted) found = free;
    }
    const at = found === 0 ? free : found;
    if (at + wanted > cells.length) return { cells: new Float64Array(wanted), at: 0 };
    cells.fill(0, at, at + wanted);
    for (let slot = at; slot < at + wanted; slot += METHOD_CELL.count) cells[slot] = load;
    cells[END] = Math.max(end, at + wanted);
    return { cells, at };
  }

  /** By load, the position of the slots that some thread has claimed for it; found in one pass over all slots. */
  claimed(): ReadonlyMap<number, readonly MethodSlots[]> {
    const { cells } = this;
    const claimed = new Map<number, MethodSlots[]>();
    for (let at = FIRST_SLOT; at < cells[END]; at += METHOD_CELL.count) {
      const load = cells[at];
      if (load === 0) continue;
      const slots = claimed.get(load) ?? [];
      claimed.set(load, slots);
      slots.push({ cells, at });
    }
    return claimed;
  }

  /** Frees the slots of a load that was replaced. Threads that do not know yet learn of it before their next call. */
  release(load: number): void {
    const { cells } = this;
    const end = cells[END];
    for (let at = FIRST_SLOT; at < end; at += METHOD_CELL.count) if (cells[at] === load) cells[at] = 0;
  }
}
