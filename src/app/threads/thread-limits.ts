// The number of threads that can serve one arena.

import { CHUNK_PINS_BITS } from '../../arena/chunk.js';

/** An item has one pin bit per thread. */
export const MAX_THREADS = CHUNK_PINS_BITS;
/** The main thread is 0. */
export const FIRST_DATA_THREAD = 1;
/** One of the bits is the main thread's. */
export const MAX_DATA_THREADS = MAX_THREADS - 1;
