// Writes an arena to a memory file. Nobody may change the arena meanwhile. The file gets its name only when all of it is on the disk, so a
// process that is killed at any time leaves either the whole new file or the one before.

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { HEADER } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';
import { blocksOf, bytesOf, fixedSections, geometryOf, heapBlocks, usedDirectoryOf, viewOf } from './arena-sections.js';
import { checksumOfBlock, checksumOfHeader, encodeHeader, type FileHeader } from './file-header.js';
import { moveForGood, partialOf, removeIfThere } from './file-names.js';
import { type MachineTime, saveClock } from './passed-time.js';

/** Options that must be the same when the file is read. */
export interface MemoryOptions {
  readonly memoryLimitBytes: number;
  readonly itemLimitBytes: number;
}

/** Only the server's own user may read the values. */
const FILE_MODE = 0o600;

/** Returns the bytes of the file. On failure there is no partial file left, and a file with the name is unchanged. */
export function writeMemoryFile(path: string, arena: Arena, options: MemoryOptions, time: MachineTime): number {
  const partial = partialOf(path);
  removeIfThere(partial);
  const descriptor = openSync(partial, 'wx', FILE_MODE);
  try {
    const bytes = writeArena(descriptor, arena, options, time);
    fsyncSync(descriptor);
    moveForGood(partial, path);
    return bytes;
  } catch (error) {
    removeIfThere(partial);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** To an open file, from its start on. */
export function writeArena(descriptor: number, arena: Arena, options: MemoryOptions, time: MachineTime): number {
  const sections = [...fixedSections(arena), usedDirectoryOf(arena)];
  const heap = heapBlocks(arena);
  const blocks = [...sections.flatMap(blocksOf), ...heap];
  const header: FileHeader = {
    id: randomBytes(16).toString('hex'),
    geometry: geometryOf(arena),
    startLimitBytes: options.memoryLimitBytes,
    itemLimitBytes: options.itemLimitBytes,
    limitUnits: arena.words[HEADER.limitUnits],
    clock: saveClock(arena.clockCells, time),
    sections,
    heapBytes: bytesOf(heap),
    blocks: blocks.length,
  };
  const head = encodeHeader(header);
  const headChecksum = checksumOfHeader(head);
  let written = writeAll(descriptor, head);
  const checksums = new Uint32Array(blocks.length + 1);
  for (const [number, block] of blocks.entries()) {
    const view = viewOf(arena, block);
    checksums[number] = checksumOfBlock(view, number, headChecksum);
    written += writeAll(descriptor, view);
  }
  checksums[blocks.length] = crc32(checksums.subarray(0, blocks.length), headChecksum);
  return written + writeAll(descriptor, new Uint8Array(checksums.buffer));
}

function writeAll(descriptor: number, bytes: Uint8Array): number {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
  return bytes.length;
}
