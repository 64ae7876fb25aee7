// The limits of costs for the tests of both languages: CPU time of the thread per step charged, and retained memory per byte charged.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const STEP_MICROSECONDS = 0.1;
const FREE_MICROSECONDS = 20;
const GROWTH_A_BYTE = 2;
const FREE_GROWTH_BYTES = 64 * 1024;

export interface Cost {
  readonly cpuMicroseconds: number;
  /** Charged. */
  readonly steps: number;
  readonly bytes: number;
  readonly grownBytes: number;
}

export function isWithinTime({ cpuMicroseconds, steps }: Cost): boolean {
  return cpuMicroseconds <= steps * STEP_MICROSECONDS + FREE_MICROSECONDS;
}

export function isWithinMemory({ grownBytes, bytes }: Cost): boolean {
  return grownBytes <= bytes * GROWTH_A_BYTE + FREE_GROWTH_BYTES;
}

/** Other programs may slow the processor down for some time, and the heap may contain objects that the runtime made meanwhile. */
const ROUNDS = 5;
const PAUSE_MS = 200;

/** The minimum of several runs counts, since other programs run too and code has to be compiled first. */
type Run = (withHeap: boolean) => Cost;

/** The cost of one run beyond its charges; undefined when there is none. */
export function excess(run: Run, mostRuns: number, runAllocating?: () => Cost): string | undefined {
  return timeExcess(run, mostRuns) ?? memoryExcess(run, runAllocating);
}

export function timeExcess(run: Run, mostRuns: number): string | undefined {
  const fastest = firstWithin(
    isWithinTime,
    ({ cpuMicroseconds }) => cpuMicroseconds,
    mostRuns,
    () => run(false),
  );
  return isWithinTime(fastest) ? undefined : `time, ${timeRatio(fastest).toFixed(2)} times: ${JSON.stringify(fastest)}`;
}

/** `run` looks at the heap only if it is asked to, since the collection takes long; what `runAllocating` sees grow is everything that was
    allocated, so that within the bar no collection is needed. */
export function memoryExcess(run: Run, runAllocating: () => Cost = () => run(true)): string | undefined {
  if (isWithinMemory(runAllocating())) return undefined;
  const smallest = firstWithin(
    isWithinMemory,
    ({ grownBytes }) => grownBytes,
    2,
    () => run(true),
  );
  return isWithinMemory(smallest) ? undefined : `memory: ${JSON.stringify(smallest)}`;
}

/** The first run that is within its bar, or the least of all of them. */
function firstWithin(
  isWithin: (cost: Cost) => boolean,
  measure: (cost: Cost) => number,
  runsInARound: number,
  run: () => Cost,
): Cost {
  let best = run();
  for (let runs = 1; runs < ROUNDS * runsInARound && !isWithin(best); runs++) {
    if (runs % runsInARound === 0) pause();
    const next = run();
    if (measure(next) < measure(best)) best = next;
  }
  return best;
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

/** The cost of a run relative to its bar. */
export function timeRatio({ cpuMicroseconds, steps }: Cost): number {
  return cpuMicroseconds / (steps * STEP_MICROSECONDS + FREE_MICROSECONDS);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** Bytes that are in use, after a collection. */
export function heapBytes(): number {
  collect();
  return usedBytes();
}

/** Bytes in use after a collection of young objects only, which takes a twentieth of the time. */
export function settledHeapBytes(): number {
  collect({ type: 'minor' });
  return usedBytes();
}

/** Bytes in use and not yet collected. */
export function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
