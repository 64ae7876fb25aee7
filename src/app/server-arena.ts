// Creates the arena that all threads of the server share.

import { Arena } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';
import type { Config } from './config/config.js';
import { adviseLargePages } from './large-pages.js';
import type { Plane } from './plane.js';
import { EXIT, StartError } from './start-error.js';

/** Memory beyond the limit for tokens and times that items get when they are read or touched. An item grows by at most 24 bytes, so this is
 * enough for some 10,000 of them before a store refills it. */
const RESERVE_BYTES = 256 * 1024;

export function makeServerArena(
  { memoryLimitBytes, verbosity }: Config,
  { dataThreads, libc, transport }: Plane,
): Arena {
  try {
    const arenaThreads = transport === 'net' ? 1 : dataThreads + 1;
    const arena = Arena.create({ limitBytes: memoryLimitBytes, reserveBytes: RESERVE_BYTES, threads: arenaThreads });
    syncCells(arena)[SYNC.verbosity] = verbosity;
    if (libc !== undefined) adviseLargePages(libc, arena);
    return arena;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const size = `${memoryLimitBytes / 1024 ** 2} MiB`;
    throw new StartError(`the OS does not provide ${size} of memory (-m)`, EXIT.osError, { cause: error });
  }
}
