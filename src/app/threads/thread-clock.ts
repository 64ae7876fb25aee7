// The clock of a data thread's transport, which refreshes the time of all threads.

import type { Clock } from '../../base/clock.js';
import type { LockedEngine } from '../../transport/locked-engine.js';
import type { TransportClock } from '../../transport/transport-options.js';

/** A class, not an object literal: V8 does not inline accessors of literals. */
export class ThreadClock implements TransportClock {
  constructor(
    private readonly clock: Clock,
    private readonly engine: Pick<LockedEngine, 'exclusively'>,
  ) {}

  get now(): number {
    return this.clock.now;
  }

  /** Called with the lock held, so that the time never goes back for the store. */
  refresh(): void {
    this.engine.exclusively(() => this.clock.refresh());
  }
}
