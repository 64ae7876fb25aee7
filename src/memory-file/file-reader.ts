// Reads a memory file into a new arena. Everything is checked while it is read; on the first fault the arena is emptied again, so that it is
// as if there had been no file.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { HEADER } from '../arena/layout.js';
import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { heapOf } from '../arena/regions.js';
import { reasonOf } from '../base/error-reason.js';
import {
  blocksOf,
  bytesOf,
  directoryOf,
  fixedSections,
  geometryOf,
  heapBlocks,
  type Piece,
  viewOf,
} from './arena-sections.js';
import {
  checksumBytesOf,
  checksumOfBlock,
  checksumOfHeader,
  decodeHeader,
  FILE_HEADER_BYTES,
  type FileHeader,
  fileBytesOf,
  MemoryFileError,
} from './file-header.js';
import type { MemoryOptions } from './file-writer.js';
import { type MachineTime, restoreClock } from './passed-time.js';

interface RestoredFile {
  readonly fileBytes: number;
  /** Milliseconds from the time when the file was written until now. */
  readonly passedMs: number;
}

const MEBIBYTE = 1024 * 1024;

/** Undefined if there is no file. Throws MemoryFileError for one that cannot be used. */
export function readMemoryFile(
  path: string,
  arena: Arena,
  options: MemoryOptions,
  time: MachineTime,
): RestoredFile | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new MemoryFileError(`it cannot be opened: ${reasonOf(error)}`);
  }
  const reading = new Reading(descriptor, arena);
  try {
    const header = reading.readHeader();
    checkSettings(header, arena, options);
    reading.readBlocks(header);
    const passedMs = restoreClock(arena.clockCells, header.clock, time);
    arena.words[HEADER.limitUnits] = header.limitUnits;
    return { fileBytes: fileBytesOf(header), passedMs };
  } catch (error) {
    reading.empty();
    if (error instanceof MemoryFileError) throw error;
    throw new MemoryFileError(`it cannot be read: ${reasonOf(error)}`);
  } finally {
    closeSync(descriptor);
  }
}

class Reading {
  readonly #filled: Piece[] = [];
  #at = 0;
  #headerChecksum = 0;

  constructor(
    private readonly descriptor: number,
    private readonly arena: Arena,
  ) {}

  readHeader(): FileHeader {
    const bytes = Buffer.alloc(FILE_HEADER_BYTES);
    const length = readSync(this.descriptor, bytes, 0, FILE_HEADER_BYTES, 0);
    const header = decodeHeader(bytes.subarray(0, length));
    this.#headerChecksum = checksumOfHeader(bytes);
    this.#at = FILE_HEADER_BYTES;
    return header;
  }

  readBlocks(header: FileHeader): void {
    const { arena } = this;
    this.#checkLength(header);
    const checksums = this.#readChecksums(header.blocks);
    const expected = fixedSections(arena);
    for (const [index, section] of expected.entries()) checkSection(header.sections[index], section, false);
    const directory = header.sections[expected.length];
    const fixed = expected.flatMap(blocksOf);
    this.#fill(fixed, 0, checksums);
    checkRegions(arena);
    checkSection(directory, directoryOf(arena), true);
    const rest = [...blocksOf(directory), ...heapBlocks(arena)];
    if (fixed.length + rest.length !== header.blocks || bytesOf(heapBlocks(arena)) !== header.heapBytes) {
      throw new MemoryFileError('its parts do not fit together');
    }
    this.#fill(rest, fixed.length, checksums);
  }

  /** Makes the arena a new one again. */
  empty(): void {
    const { arena } = this;
    for (const piece of this.#filled) {
      viewOf(arena, piece).fill(0);
      arena.giveBack?.(piece.at, piece.at + piece.bytes);
    }
  }

  #checkLength(header: FileHeader): void {
    const wanted = fileBytesOf(header);
    const { size } = fstatSync(this.descriptor);
    if (size === wanted) return;
    const fault = size < wanted ? 'it is truncated' : 'something was appended to it';
    throw new MemoryFileError(`it has ${size} bytes instead of ${wanted}: ${fault}`);
  }

  #readChecksums(blocks: number): Uint32Array {
    const checksums = new Uint32Array(blocks + 1);
    const at = fstatSync(this.descriptor).size - checksumBytesOf(blocks);
    this.#read(new Uint8Array(checksums.buffer), at);
    if (crc32(checksums.subarray(0, blocks), this.#headerChecksum) !== checksums[blocks]) {
      throw new MemoryFileError('the checksums at its end are damaged');
    }
    return checksums;
  }

  #fill(blocks: readonly Piece[], first: number, checksums: Uint32Array): void {
    for (const [index, block] of blocks.entries()) {
      const number = first + index;
      const view = viewOf(this.arena, block);
      this.#filled.push(block);
      this.#read(view, this.#at);
      this.#at += block.bytes;
      if (checksumOfBlock(view, number, this.#headerChecksum) === checksums[number]) continue;
      throw new MemoryFileError(`it is damaged: block ${number + 1} of ${checksums.length - 1} has a wrong checksum`);
    }
  }

  #read(view: Uint8Array, at: number): void {
    for (let done = 0; done < view.length; ) {
      const length = readSync(this.descriptor, view, done, view.length - done, at + done);
      if (length === 0) throw new MemoryFileError('it became shorter while it was read');
      done += length;
    }
  }
}

/** What the options have to be for the file to fit. */
function checkSettings(header: FileHeader, arena: Arena, options: MemoryOptions): void {
  const { geometry } = header;
  const own = geometryOf(arena);
  if (geometry.layoutVersion !== own.layoutVersion) {
    const versions = `${geometry.layoutVersion}, and this version of the server has ${own.layoutVersion}`;
    throw new MemoryFileError(`its layout is number ${versions}`, 'the version that wrote it');
  }
  if (geometry.endianness !== own.endianness) {
    throw new MemoryFileError('it was written by a machine with another order of bytes');
  }
  refuseChange('-m', header.startLimitBytes / MEBIBYTE, options.memoryLimitBytes / MEBIBYTE, ' MiB');
  refuseChange('-I', header.itemLimitBytes, options.itemLimitBytes, ' bytes');
  const room = ({ mostUnits }: { mostUnits: number }) => Math.floor((mostUnits * UNIT_BYTES) / MEBIBYTE);
  refuseChange('--memory-reserve (or -k, or ulimit -v)', room(geometry), room(own), ' MiB');
  if (JSON.stringify(geometry) !== JSON.stringify(own)) throw new MemoryFileError('its memory is divided otherwise');
  const { limitUnits } = header;
  if (!(limitUnits > 0 && limitUnits <= own.mostUnits)) throw new MemoryFileError('its memory limit is impossible');
}

function refuseChange(option: string, written: number, now: number, unit: string): void {
  if (written === now) return;
  const message = `it was written with ${option} ${written}${unit}, and now it is ${now}${unit}`;
  throw new MemoryFileError(message, `with the old ${option}`);
}

function checkSection(found: Piece | undefined, expected: Piece, mayBeShorter: boolean): void {
  const fits = mayBeShorter
    ? found !== undefined && found.bytes >= 0 && found.bytes <= expected.bytes
    : found?.bytes === expected.bytes;
  if (found?.at !== expected.at || !fits) throw new MemoryFileError('its parts are not where they belong');
}

/** The regions that the table names lie within the heap. */
function checkRegions(arena: Arena): void {
  const { heapStart, heapEnd } = arena;
  const { first, end, open } = heapOf(arena);
  const fits = first >= heapStart && first < heapEnd && end <= heapEnd;
  if (!fits || open.some(({ start, units }) => start + units > heapEnd)) {
    throw new MemoryFileError('its regions lie outside of the memory');
  }
}
