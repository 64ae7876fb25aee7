// The atomic cells through which the threads of an arena coordinate. One of them is the lock that protects the data.

import { HEADER } from './layout.js';
import type { Arena } from './memory.js';

/** Cell numbers; the lock and what is read right after taking it share a cache line. */
export const SYNC = {
  lock: 0,
  /** Number of the current set of object types; a thread that finds it changed switches to the new set. */
  typesVersion: 8,
  /** What clients have set by `verbosity`. */
  verbosity: 16,
  /** Lines of the log that could not be written. */
  droppedLogLines: 17,
  /** Which observers are active: one bit for statistics by prefix and one for each kind of event (operations/observer.ts). */
  observers: 18,
  /** What became of the memory file at the start (app/restore-outcome.ts): its state, items, milliseconds. */
  restoreState: 24,
  restoredItems: 25,
  restoreMs: 26,
  /** What clients have tuned (operations/switches.ts). */
  switches: 32,
  /** The number of watchers of each kind of event. */
  watchers: 48,
  count: 64,
} as const;

export function syncCells({ buffer }: Arena): Int32Array {
  return new Int32Array(buffer, HEADER.sync * 4, SYNC.count);
}
