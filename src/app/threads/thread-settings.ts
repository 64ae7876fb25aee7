// What all threads that serve have in common.

import type { Config } from '../config/config.js';

/** Readers that are slow may keep a quarter of the memory from being reclaimed, all threads together. */
export const HELD_SHARE = 4;

/** What is the same for all threads. */
export interface ThreadSettings {
  readonly config: Config;
  readonly transport: 'net' | 'epoll';
  /** Threads that serve connections. */
  readonly dataThreads: number;
}
