// One lock for several threads, on one word of shared memory: free, held, or held with others waiting. Whoever finds it held looks
// again for a moment and then sleeps; who gives it back wakes one sleeper, and makes no call when there is none. A lock whose
// holder has failed is never given again. Not reentrant, not fair.

import { InvariantError } from './assert.js';

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;
const BROKEN = 3;

/** Looks before sleeping, some 2 us: longer than a short batch, and less than a sleep and a wake cost. */
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

  /** Does something that leaves nothing torn even if it fails. */
  hold<Result>(work: () => Result): Result {
    this.acquire();
    try {
      return work();
    } finally {
      this.release();
    }
  }

  /** To be called by a holder that cannot vouch for what the lock protects: everybody else gets a BrokenLockError. */
  break(): void {
    Atomics.store(this.cells, this.at, BROKEN);
    Atomics.notify(this.cells, this.at);
  }

  #wait(): void {
    const { cells, at } = this;
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(cells, at) === FREE && Atomics.compareExchange(cells, at, FREE, HELD) === FREE) return;
    }
    // From here on the word says that somebody waits, even if that is no longer so when this thread has the lock: a wake too
    // many does no harm.
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
