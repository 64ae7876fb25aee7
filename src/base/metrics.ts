// Counters in the arena, one block per thread so that no thread waits for another, summed when read.
// Each module declares its own next to the code that counts. The stats command decides their order and how they are printed.

import { assert } from './assert.js';

export type MetricId = number & { readonly __metric: unique symbol };

/** One thread's block holds this many 64-bit floats, exact to 2^53: four groups of GROUP_SIZE. */
export const METRICS_PER_THREAD = 256;

/** First number of each module's group: fixed, so that every thread counts the same thing in the same place. */
const GROUP_START = { store: 0, commands: 64, transport: 128, objects: 192 } as const;
const GROUP_SIZE = 64;

interface MetricDescription {
  readonly id: MetricId;
  readonly group: string;
  readonly name: string;
  readonly help: string;
}

const declared: MetricDescription[] = [];

/** Declares a group's counters; `helps` maps each name to one sentence with its unit. */
export function declareMetrics<Name extends string>(
  group: keyof typeof GROUP_START,
  helps: Readonly<Record<Name, string>>,
): Readonly<Record<Name, MetricId>> {
  const names = Object.keys(helps) as Name[];
  assert(names.length <= GROUP_SIZE, `metrics group ${group} is full`);
  const ids = {} as Record<Name, MetricId>;
  names.forEach((name, index) => {
    const id = (GROUP_START[group] + index) as MetricId;
    ids[name] = id;
    declared.push({ id, group, name, help: helps[name] });
  });
  return ids;
}

export function describeMetrics(): readonly MetricDescription[] {
  return declared;
}

/** @perThread */
export class Metrics {
  private readonly own: number;

  /** `cells` holds the blocks of all threads one after the other. */
  constructor(
    private readonly cells: Float64Array,
    thread: number,
  ) {
    assert((thread + 1) * METRICS_PER_THREAD <= cells.length, 'a metrics block for the thread');
    this.own = thread * METRICS_PER_THREAD;
  }

  add(id: MetricId, amount: number): void {
    const cell = this.own + id;
    this.cells[cell] = this.cells[cell] + amount;
  }

  /** For levels such as current connections: this thread's share. */
  set(id: MetricId, value: number): void {
    this.cells[this.own + id] = value;
  }

  /** A copy of this thread's counts, for `restore`. */
  snapshot(): Float64Array {
    return this.cells.slice(this.own, this.own + METRICS_PER_THREAD);
  }

  restore(counted: Float64Array): void {
    this.cells.set(counted, this.own);
  }

  total(id: MetricId): number {
    let sum = 0;
    for (let cell: number = id; cell < this.cells.length; cell += METRICS_PER_THREAD) sum += this.cells[cell];
    return sum;
  }

  /** Sets one counter to 0 in every thread's block. */
  reset(id: MetricId): void {
    for (let cell: number = id; cell < this.cells.length; cell += METRICS_PER_THREAD) this.cells[cell] = 0;
  }
}
