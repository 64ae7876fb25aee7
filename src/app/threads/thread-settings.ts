// Settings that all serving threads share.

import type { Config } from '../config/config.js';

/** Slow readers of all threads together may keep a quarter of the memory from being reclaimed. A choice: three quarters stay usable for
 * stores, and a client with a large value has time to read it. */
export const HELD_SHARE = 4;

/** Settings that are the same for all threads. */
export interface ThreadSettings {
  readonly config: Config;
  readonly transport: 'net' | 'epoll';
  /** Threads that serve connections. */
  readonly dataThreads: number;
}
