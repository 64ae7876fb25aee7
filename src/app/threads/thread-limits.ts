// The number of threads that can serve one arena, and how long the end of the server waits for them.

import { CHUNK_PINS_BITS } from '../../arena/chunk.js';

/** An item has one pin bit per thread. */
export const MAX_THREADS = CHUNK_PINS_BITS;
/** The main thread is 0. */
export const FIRST_DATA_THREAD = 1;
/** One of the bits is the main thread's. */
export const MAX_DATA_THREADS = MAX_THREADS - 1;

/** A thread ends its own drain; the main thread waits this much longer. With DRAIN_MS (server.ts) the end stays below 5 seconds. */
const LATE_MS = 400;
/** The same where the data is to be saved, which is lost if a thread has not ended: a call may take until the watchdog ends the server, and the thread
    drains after it. On a busy machine the end of a thread alone has taken half a second. */
const LATE_TO_SAVE_MS = 10_000;

export function lateMs({ memoryFile }: { readonly memoryFile?: string | undefined }): number {
  return memoryFile === undefined ? LATE_MS : LATE_TO_SAVE_MS;
}
