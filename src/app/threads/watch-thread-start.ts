// The start data of the watch thread, its messages, and how it is woken. The thread itself: watch-thread.ts.

import { type ActivityCells, REQUEST_CELL } from '../../base/activity.js';

export interface WatchThreadStart {
  readonly cells: ActivityCells;
  readonly arena: SharedArrayBuffer;
  /** One cell: how many signals the main thread has handled. The watcher sleeps on it. */
  readonly heard: Int32Array<SharedArrayBuffer>;
  /** 0: the thread may be busy for ever. */
  readonly limitSeconds: number;
  /** The process ends when it takes this much memory in addition to the arena's. */
  readonly otherBytes: number;
  /** Whether the log has coloured lines rather than JSON. */
  readonly isPretty: boolean;
}

/** The message to the watch thread after each change of types: the file of each type, by its name. */
export type FilesOfTypes = ReadonlyMap<string, string>;

/** Called by the watched thread when it has handled a signal. */
export function noteHeard(cells: ActivityCells, heard: Int32Array<SharedArrayBuffer>): void {
  Atomics.add(heard, 0, 1);
  Atomics.notify(heard, 0);
  wakeWatcher(cells);
}

/** Called by the watched thread after it has replied to the watcher's request. */
export function wakeWatcher(cells: ActivityCells): void {
  Atomics.notify(cells, REQUEST_CELL);
}
