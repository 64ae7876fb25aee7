// Starts the worker of a data thread, with limits for its heap. What it does: data-thread.ts; the threads together: data-plane.ts.

import { Worker } from 'node:worker_threads';
import { PACKAGE_URL } from '../../base/package-root.js';
import type { DataThreadStart } from './thread-messages.js';

/** Garbage of requests is short-lived: collecting it often costs hardly more time, and a third of the default's memory. */
const YOUNG_GENERATION_MB = 6;

/** The larger the limit, the longer V8 collects garbage before it aborts; filling a heap of this size takes about a second. */
const OLD_GENERATION_MB = 384;

/** `entry` is the path of the thread's code if it is not in the bundle. */
export function startDataWorker(start: DataThreadStart, entry: URL | undefined): Worker {
  return new Worker(entry ?? new URL('dist/bundle/data-thread-entry.cjs', PACKAGE_URL), {
    workerData: start,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB, maxOldGenerationSizeMb: OLD_GENERATION_MB },
    name: `data ${start.thread}`,
  });
}
