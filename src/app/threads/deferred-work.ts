// What a data thread does between its waits: it runs the promises of types, and gives watchers their events. If the main thread serves, its
// event loop does the former and watcher-turns.ts the latter.

import type { Activity } from '../../base/activity.js';
import type { Watchers } from '../../protocols/text/watchers.js';
import { runDeferredWork } from '../late-work.js';

/** A thread that hangs in promises counts as busy. */
export class DeferredWork {
  constructor(
    private readonly activity: Activity,
    private readonly watchers: Watchers,
  ) {}

  get isDue(): boolean {
    return this.activity.hasCalled || !this.watchers.isEmpty;
  }

  run(): void {
    this.watchers.wake();
    if (!this.activity.hasCalled) return;
    this.activity.hasCalled = false;
    this.activity.beginUpkeep();
    runDeferredWork();
    this.activity.endUpkeep();
  }
}
