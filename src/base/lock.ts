// One lock for several threads, on one word of shared memory: free, held, or held with others waiting. A thread that finds it held
// spins for a moment and then sleeps. The holder wakes one sleeper when it releases the lock, and makes no system call when there is
// none. If the holder fails, the lock is poisoned: all later attempts throw. Not reentrant, not fair.

import { InvariantError } from './assert.js';

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;
const BROKEN = 3;

/** Spins before sleeping, about 2 us: longer than a short batch takes, shorter than a sleep/wake cycle. */
const LOOKS = 100;

/** Another thread failed while it held the lock. */
export class BrokenLockError extends InvariantError {}

/** @perThread */
export class Lock {
  constructor(
    private readonly cells: Int32Array,
    private readonly at: number,
  ) {}

  acquire(): void {
    if (Atomics.compareExchange(this.cells, this.at, FREE, HELD) !== FREE) this.#wait();
  }

  release(): void {
    if (Atomics.exchange(this.cells, this.at, FREE) === CONTENDED) Atomics.notify(this.cells, this.at, 1);
  }

  /** Runs `work` with the lock held. For work that leaves nothing half-changed if it throws: the lock is not poisoned. */
  hold<Result>(work: () => Result): Result {
    this.acquire();
    try {
      return work();
    } finally {
      this.release();
    }
  }

  /** Poisons the lock. Called by a holder that may have left the protected data half-changed: all others get a BrokenLockError. */
  break(): void {
    Atomics.store(this.cells, this.at, BROKEN);
    Atomics.notify(this.cells, this.at);
  }

  #wait(): void {
    const { cells, at } = this;
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(cells, at) === FREE && Atomics.compareExchange(cells, at, FREE, HELD) === FREE) return;
    }
    // From here on the word says that a thread waits, even if none does any more once this thread has the lock: a needless wake does
    // no harm.
    for (let found = Atomics.exchange(cells, at, CONTENDED); found !== FREE; ) {
      if (found === BROKEN) {
        this.break();
        throw new BrokenLockError('another thread failed while it held the lock');
      }
      Atomics.wait(cells, at, CONTENDED);
      found = Atomics.exchange(cells, at, CONTENDED);
    }
  }
}
