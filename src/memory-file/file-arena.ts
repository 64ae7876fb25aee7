// Reads a memory file of any size into an arena made for it, for programs that are no server. The file stays as it is.

import { closeSync, openSync, readSync } from 'node:fs';
import { LAYOUT_VERSION } from '../arena/layout.js';
import { Arena, UNIT_BYTES } from '../arena/memory.js';
import { reasonOf } from '../base/error-reason.js';
import { decodeHeader, FILE_HEADER_BYTES, type FileHeader, MemoryFileError } from './file-header.js';
import { readMemoryFile } from './file-reader.js';
import { machineTime } from './passed-time.js';

interface FileArena {
  readonly arena: Arena;
  /** The option -I. */
  readonly itemLimitBytes: number;
}

/** Throws MemoryFileError for a file that cannot be used. */
export function arenaOfFile(path: string): FileArena {
  const { geometry, itemLimitBytes, startLimitBytes } = headerOf(path);
  const { layoutVersion, mostUnits, reserveUnits, threads } = geometry;
  if (layoutVersion !== LAYOUT_VERSION) {
    const versions = `${layoutVersion}, and this version of cacheismo has ${LAYOUT_VERSION}`;
    throw new MemoryFileError(`its layout is number ${versions}; dump it with the version that wrote it`);
  }
  const arena = makeArena(startLimitBytes, mostUnits * UNIT_BYTES, reserveUnits * UNIT_BYTES, threads);
  readMemoryFile(path, arena, { memoryLimitBytes: startLimitBytes, itemLimitBytes }, machineTime());
  return { arena, itemLimitBytes };
}

function headerOf(path: string): FileHeader {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new MemoryFileError(`it cannot be opened: ${reasonOf(error)}`);
  }
  try {
    const bytes = Buffer.alloc(FILE_HEADER_BYTES);
    return decodeHeader(bytes.subarray(0, readSync(descriptor, bytes, 0, FILE_HEADER_BYTES, 0)));
  } finally {
    closeSync(descriptor);
  }
}

function makeArena(limitBytes: number, mostBytes: number, reserveBytes: number, threads: number): Arena {
  try {
    return Arena.create({ limitBytes, mostBytes, reserveBytes, threads });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MemoryFileError(`the OS does not provide its ${Math.round(mostBytes / 1024 ** 2)} MiB of memory`);
  }
}
