// The parts of an arena that a memory file holds: the roots, the list of large items, the table of regions, the directory of the index, and the regions in use. Not
// part of it is what belongs to a process: the lock and the other cells of threads, counters, events, windows. The clock is written apart,
// since it goes on while no server runs (passed-time.ts).

import { endianness } from 'node:os';
import { HEADER, LARGEST_BYTES, LAYOUT_VERSION, ROOTS } from '../arena/layout.js';
import { type Arena, REGION_UNITS, UNIT_BYTES } from '../arena/memory.js';
import { heapOf } from '../arena/regions.js';
import type { ArenaGeometry, Section } from './file-header.js';

/** A range of the arena, by position and length in bytes. */
export interface Piece {
  readonly at: number;
  readonly bytes: number;
}

/** A block has one checksum. The largest is a region. */
const BLOCK_BYTES = REGION_UNITS * UNIT_BYTES;

const WORD_BYTES = 4;

export function geometryOf({ words, threads, heapStart, heapEnd, reserveUnits }: Arena): ArenaGeometry {
  return {
    layoutVersion: LAYOUT_VERSION,
    endianness: endianness(),
    threads,
    heapStart,
    heapEnd,
    reserveUnits,
    mostUnits: words[HEADER.mostUnits],
  };
}

/** The roots, the list of large items, and the table of regions, from which the rest follows. */
export function fixedSections({ heapStart, largestAt, regionTable }: Arena): readonly Section[] {
  const tableAt = regionTable * WORD_BYTES;
  return [
    { name: 'roots', at: ROOTS.allocator * WORD_BYTES, bytes: (ROOTS.end - ROOTS.allocator) * WORD_BYTES },
    { name: 'largest', at: largestAt, bytes: LARGEST_BYTES },
    { name: 'regions', at: tableAt, bytes: heapStart * UNIT_BYTES - tableAt },
  ];
}

/** The directory of the index, all that there is room for. The roots must be in the arena. */
export function directoryOf(arena: Arena): Section {
  const at = arena.heapStart * UNIT_BYTES;
  return { name: 'directory', at, bytes: heapOf(arena).first * UNIT_BYTES - at };
}

/** Without the zeros at its end, as a new arena has them anyway. */
export function usedDirectoryOf(arena: Arena): Section {
  const { name, at, bytes } = directoryOf(arena);
  const first = at / WORD_BYTES;
  let end = first + bytes / WORD_BYTES;
  while (end > first && arena.words[end - 1] === 0) end--;
  return { name, at, bytes: (end - first) * WORD_BYTES };
}

export function blocksOf({ at, bytes }: Piece): Piece[] {
  const blocks: Piece[] = [];
  for (let done = 0; done < bytes; done += BLOCK_BYTES) {
    blocks.push({ at: at + done, bytes: Math.min(BLOCK_BYTES, bytes - done) });
  }
  return blocks;
}

/** One block for each open region. The roots and the table of regions must be in the arena. */
export function heapBlocks(arena: Arena): Piece[] {
  return heapOf(arena).open.map(({ start, units }) => ({ at: start * UNIT_BYTES, bytes: units * UNIT_BYTES }));
}

export function bytesOf(blocks: readonly Piece[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function viewOf({ buffer }: Arena, { at, bytes }: Piece): Uint8Array {
  return new Uint8Array(buffer, at, bytes);
}
