// The header of a memory file: what the arena was like when it was written, as JSON after a magic number and a checksum. The whole file:
// README.md of this folder.
//
//   0        8         12            16                20
//   +--------+---------+-------------+-----------------+--------+--------------------+
//   | magic  | format  | bytes of    | CRC-32 of these | JSON   | zeros up to 4 KiB  |
//   |        | version | the JSON    | 4 KiB, this 0   |        |                    |
//   +--------+---------+-------------+-----------------+--------+--------------------+

import { crc32 } from 'node:zlib';

/** Raise this when the file itself changes; the layout of the arena has a version of its own (arena/layout.ts). */
export const FORMAT_VERSION = 2;
export const FILE_HEADER_BYTES = 4096;

const FILE_MAGIC = Buffer.from('Cismomem', 'latin1');
const FORMAT_AT = 8;
const LENGTH_AT = 12;
const CHECKSUM_AT = 16;
const JSON_AT = 20;

/** The file is not used; the message gives the reason. */
export class MemoryFileError extends Error {
  override readonly name = 'MemoryFileError';

  constructor(
    message: string,
    /** What has to be started for the file to be used, as in `with the old -m`; undefined if nothing can use it. */
    readonly fittingStart?: string,
  ) {
    super(message);
  }
}

/** A part of the arena before the heap's regions. */
export interface Section {
  readonly name: 'roots' | 'largest' | 'regions' | 'directory';
  readonly at: number;
  readonly bytes: number;
}

/** The clock when the file was written; times in milliseconds. */
export interface SavedClock {
  /** Since the first start, with the time that was passed over by restarts. */
  readonly uptimeMs: number;
  /** What methods see of it: it differs after a load. Older files have none. */
  readonly monotonicMs?: number;
  /** The server's own date, and the machine's, which may have been set meanwhile. */
  readonly unixMs: number;
  readonly machineUnixMs: number;
  readonly machineSteadyMs: number;
  /** Names the boot of the machine, which `machineSteadyMs` counts from; empty if the OS has no name for it. */
  readonly boot: string;
  readonly sequence: number;
}

/** Sizes and positions of the arena that must be the same in the process that reads the file. */
export interface ArenaGeometry {
  readonly layoutVersion: number;
  readonly endianness: string;
  readonly threads: number;
  readonly heapStart: number;
  readonly heapEnd: number;
  readonly reserveUnits: number;
  readonly mostUnits: number;
}

export interface FileHeader {
  /** Random: with it in the header's checksum, no block of another file is taken for one of this file. */
  readonly id: string;
  readonly geometry: ArenaGeometry;
  /** The options -m and -I. */
  readonly startLimitBytes: number;
  readonly itemLimitBytes: number;
  /** The memory limit at the end, which clients may have changed. */
  readonly limitUnits: number;
  readonly clock: SavedClock;
  readonly sections: readonly Section[];
  readonly heapBytes: number;
  /** Blocks of the sections and of the heap. */
  readonly blocks: number;
}

/** All of the file: header, blocks, the checksum of each block, the checksum of these. */
export function fileBytesOf({ sections, heapBytes, blocks }: FileHeader): number {
  const sectionBytes = sections.reduce((sum, { bytes }) => sum + bytes, 0);
  return FILE_HEADER_BYTES + sectionBytes + heapBytes + checksumBytesOf(blocks);
}

export function checksumBytesOf(blocks: number): number {
  return (blocks + 1) * Uint32Array.BYTES_PER_ELEMENT;
}

export function encodeHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  FILE_MAGIC.copy(bytes);
  bytes.writeUInt32LE(FORMAT_VERSION, FORMAT_AT);
  bytes.writeUInt32LE(json.length, LENGTH_AT);
  json.copy(bytes, JSON_AT);
  bytes.writeUInt32LE(crc32(bytes), CHECKSUM_AT);
  return bytes;
}

export function checksumOfHeader(bytes: Buffer): number {
  return bytes.readUInt32LE(CHECKSUM_AT);
}

/** The header in the first bytes of a file, which may be any file. */
export function decodeHeader(bytes: Buffer): FileHeader {
  if (!bytes.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC)) {
    throw new MemoryFileError('it is not a memory file of cacheismo');
  }
  if (bytes.length < FILE_HEADER_BYTES) throw new MemoryFileError('it is truncated within its header');
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(0, CHECKSUM_AT);
  if (crc32(copy) !== checksumOfHeader(bytes)) throw new MemoryFileError('its header is damaged');
  const format = bytes.readUInt32LE(FORMAT_AT);
  if (format !== FORMAT_VERSION) {
    const message = `it has format ${format}, and this version reads format ${FORMAT_VERSION}`;
    throw new MemoryFileError(message, 'the version that wrote it');
  }
  return JSON.parse(bytes.toString('utf8', JSON_AT, JSON_AT + bytes.readUInt32LE(LENGTH_AT))) as FileHeader;
}

/** The number and the header's checksum are part of it, so that a block fits in one place of one file. */
export function checksumOfBlock(block: Uint8Array, number: number, headerChecksum: number): number {
  return crc32(block, (headerChecksum + number) >>> 0);
}
