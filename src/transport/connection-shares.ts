// The number of connections of each thread, in shared memory: one limit holds for all threads, and a new connection goes to the thread with
// the fewest.

/** The most threads that can have connections. */
const MAX_THREADS = 64;

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

  /** Of the given threads, the first with the fewest connections. */
  smallest(threads: readonly number[]): number {
    let smallest = threads[0];
    for (const thread of threads) {
      if (Atomics.load(this.cells, thread) < Atomics.load(this.cells, smallest)) smallest = thread;
    }
    return smallest;
  }
}
