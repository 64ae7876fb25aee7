// How many connections each thread has been given, in shared memory, so that one limit holds for all threads and the
// next connection goes where there are fewest. Not for the connections themselves.

/** Threads that can have connections of their own. */
const MAX_THREADS = 64;

/** @perThread */
export class ConnectionShares {
  constructor(readonly cells = new Int32Array(new SharedArrayBuffer(MAX_THREADS * 4))) {}

  get total(): number {
    let total = 0;
    for (let thread = 0; thread < this.cells.length; thread++) total += Atomics.load(this.cells, thread);
    return total;
  }

  add(thread: number): void {
    Atomics.add(this.cells, thread, 1);
  }

  remove(thread: number): void {
    Atomics.sub(this.cells, thread, 1);
  }

  /** The one of the given threads with the fewest connections; among equals the first. */
  smallest(threads: readonly number[]): number {
    let smallest = threads[0];
    for (const thread of threads) {
      if (Atomics.load(this.cells, thread) < Atomics.load(this.cells, smallest)) smallest = thread;
    }
    return smallest;
  }
}
