// Counters in the arena, one block per thread so that no thread waits for another, summed when read. Each module declares its own next to
// the code that counts, as data: the stats command and the page for Prometheus are written from it.

import { assert } from './assert.js';

export type MetricId = number & { readonly __metric: unique symbol };

/** One thread's block holds this many 64-bit floats, exact to 2^53: the groups of GROUP_SIZE, then the commands' times. */
export const METRICS_PER_THREAD = 2048;

/** First number of each module's group: fixed, so that every thread counts the same thing in the same place. */
const GROUP_START = { store: 0, commands: 64, transport: 128, objects: 192, admin: 256 } as const;
const GROUP_SIZE = 64;

/** What the commands' times take in a thread's block (operations/command-times.ts). */
export const COMMAND_TIMES_START = 320;
export const COMMAND_TIMES_END = METRICS_PER_THREAD;

export interface MetricText {
  /** A gauge can fall; a reset leaves it alone. */
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Empty for plain numbers. */
  readonly unit: '' | 'bytes' | 'seconds';
  /** One sentence. */
  readonly help: string;
}

export function counter(help: string, unit: MetricText['unit'] = ''): MetricText {
  return { kind: 'counter', unit, help };
}

export function gauge(help: string, unit: MetricText['unit'] = ''): MetricText {
  return { kind: 'gauge', unit, help };
}

interface MetricDescription extends MetricText {
  readonly id: MetricId;
  readonly group: string;
  readonly name: string;
}

const declared: MetricDescription[] = [];

/** Declares a group's metrics; a plain sentence is the help of a counter without a unit. */
export function declareMetrics<Name extends string>(
  group: keyof typeof GROUP_START,
  texts: Readonly<Record<Name, string | MetricText>>,
): Readonly<Record<Name, MetricId>> {
  const names = Object.keys(texts) as Name[];
  assert(names.length <= GROUP_SIZE, `metrics group ${group} is full`);
  const ids = names.map((name, index): [Name, MetricId] => [name, (GROUP_START[group] + index) as MetricId]);
  for (const [name, id] of ids) {
    const text = texts[name];
    declared.push({ id, group, name, ...(typeof text === 'string' ? counter(text) : text) });
  }
  // Made at once: an object that is given 20 properties one by one becomes a dictionary of V8, and each look-up in it takes 10 ns.
  return Object.freeze(Object.fromEntries(ids)) as Readonly<Record<Name, MetricId>>;
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

  /** Sets the cells from one number to another, its end excluded, to 0 in every thread's block. */
  reset(from: number, to = from + 1): void {
    for (let block = 0; block < this.cells.length; block += METRICS_PER_THREAD)
      this.cells.fill(0, block + from, block + to);
  }

  /** This thread's cells from one number to another. */
  part(from: number, to: number): Float64Array {
    return this.cells.subarray(this.own + from, this.own + to);
  }

  /** The sums over all threads of the cells from one number to another. */
  sums(from: number, to: number): Float64Array {
    const sums = new Float64Array(to - from);
    for (let block = 0; block < this.cells.length; block += METRICS_PER_THREAD) {
      for (let cell = from; cell < to; cell++) sums[cell - from] += this.cells[block + cell];
    }
    return sums;
  }
}
