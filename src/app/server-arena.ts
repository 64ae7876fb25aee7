// Creates the arena that all threads of the server share.

import { Arena, largestLimitBytes } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';
import { isAddressSpaceLimited } from './address-space.js';
import type { Config } from './config/config.js';
import { adviseLargePages } from './large-pages.js';
import type { Plane } from './plane.js';
import { EXIT, StartError } from './start-error.js';
import { MAX_THREADS } from './threads/thread-limits.js';

/** Memory beyond the limit for tokens and times that items get when they are read or touched. An item grows by at most 24 bytes, so this is
 * enough for some 10,000 of them before a store refills it. */
const RESERVE_BYTES = 256 * 1024;

/** Room for a higher limit, unless the user says how much. Pages of it that are never written to cost no memory. */
const HIGHER_LIMIT_FACTOR = 4;
const LEAST_ROOM_BYTES = 1024 ** 3;
/** Beyond 8 GiB V8 checks positions in the arena with numbers of 64 bits. */
const MOST_ROOM_BYTES = 7.5 * 1024 ** 3;

export function makeServerArena(config: Config, { dataThreads, libc, transport }: Plane): Arena {
  // With a memory file the arena is laid out for the most threads, so that the next start may have any number of them.
  const threads = config.memoryFile !== undefined ? MAX_THREADS : transport === 'net' ? 1 : dataThreads + 1;
  const arena = createArena(config, threads);
  syncCells(arena)[SYNC.verbosity] = config.verbosity;
  if (libc !== undefined) adviseLargePages(libc, arena);
  return arena;
}

/** Without room for a higher limit, where the OS does not provide that, the server is as good as with it. */
function createArena({ memoryLimitBytes, memoryLocked, memoryReserveBytes }: Config, threads: number): Arena {
  // All of the buffer is locked, so that nothing can be reserved.
  const wantedBytes = memoryLocked ? 0 : (memoryReserveBytes ?? defaultRoom(memoryLimitBytes));
  const roomBytes = Math.max(memoryLimitBytes, Math.min(wantedBytes, largestLimitBytes(threads)));
  const sizes = memoryReserveBytes === undefined ? [roomBytes, memoryLimitBytes] : [roomBytes];
  for (const mostBytes of new Set(sizes)) {
    try {
      return Arena.create({ limitBytes: memoryLimitBytes, mostBytes, reserveBytes: RESERVE_BYTES, threads });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const size = `${(sizes.at(-1) ?? 0) / 1024 ** 2} MiB`;
  throw new StartError(
    `the OS does not provide ${size} of memory (${memoryReserveBytes === undefined ? '-m' : '--memory-reserve'})`,
    EXIT.osError,
  );
}

function defaultRoom(limitBytes: number): number {
  if (isAddressSpaceLimited()) return limitBytes;
  return Math.min(Math.max(HIGHER_LIMIT_FACTOR * limitBytes, LEAST_ROOM_BYTES), MOST_ROOM_BYTES);
}
