// Starts a check of the arena at a fixed interval and runs it in slices: one per second while the thread is busy, one after another
// while it is idle. The checks: store/arena-check.ts.

import type { Clock } from '../base/clock.js';
import { ArenaCheck } from '../store/arena-check.js';
import type { Store } from '../store/store.js';

export class DebugCheck {
  private readonly check: ArenaCheck;
  #isWalking = false;
  #dueAt: number;

  constructor(
    store: Store,
    private readonly clock: Clock,
    /** 0: never. */
    private readonly seconds: number,
  ) {
    this.check = new ArenaCheck(store);
    this.#dueAt = clock.now + seconds;
  }

  /** Call once a second with the lock held; throws on a broken invariant, as `slice` does. */
  onSecond(): void {
    if (this.seconds === 0) return;
    if (!this.#isWalking && this.clock.now >= this.#dueAt) {
      this.#isWalking = true;
      this.#dueAt = this.clock.now + this.seconds;
    }
    this.slice();
  }

  /** Continues a check that has begun; whether more is left. */
  slice(): boolean {
    if (this.#isWalking) this.#isWalking = this.check.slice();
    return this.#isWalking;
  }
}
