// Makes the arena of the server, for all threads that will work on it.

import { Arena } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';
import type { Config } from './config/config.js';
import { adviseLargePages } from './large-pages.js';
import type { Plane } from './plane.js';
import { EXIT, StartError } from './start-error.js';

/** For tokens and times that items get when they are read or touched; the limit does not count it. */
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
    throw new StartError(`the system does not give ${size} of memory (-m)`, EXIT.osError, { cause: error });
  }
}
