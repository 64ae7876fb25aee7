// Ways to damage a memory file: in each of its parts, cut at each boundary, with something appended, mixed with another file.

import { FILE_HEADER_BYTES } from '../../src/memory-file/file-header.js';

export interface Damage {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A part of the file, from a position up to another. */
interface Part {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const BLOCK_BYTES = 1024 * 1024;
const FORGED_SIZES = [0, 1, 7, 8, 12, 16, 20, 100];

/** The file's parts, from its header. */
export function partsOf(file: Buffer): Part[] {
  const jsonEnd = 20 + file.readUInt32LE(12);
  const header = JSON.parse(file.toString('utf8', 20, jsonEnd)) as {
    sections: { name: string; bytes: number }[];
    heapBytes: number;
    blocks: number;
  };
  const parts: Part[] = [
    { name: 'the magic number', from: 0, to: 8 },
    { name: 'the format version', from: 8, to: 12 },
    { name: 'the length of the header', from: 12, to: 16 },
    { name: 'the checksum of the header', from: 16, to: 20 },
    { name: 'the header', from: 20, to: jsonEnd },
    { name: 'the rest of the header', from: jsonEnd, to: FILE_HEADER_BYTES },
  ];
  let at = FILE_HEADER_BYTES;
  const heap = Array.from({ length: Math.ceil(header.heapBytes / BLOCK_BYTES) }, (_, index) => ({
    name: `heap block ${index}`,
    bytes: Math.min(BLOCK_BYTES, header.heapBytes - index * BLOCK_BYTES),
  }));
  for (const { name, bytes } of [...header.sections, ...heap]) {
    parts.push({ name, from: at, to: at + bytes });
    at += bytes;
  }
  parts.push({ name: 'the checksums', from: at, to: at + header.blocks * 4 });
  parts.push({ name: 'the checksum of the checksums', from: at + header.blocks * 4, to: file.length });
  return parts;
}

/** Endless: each part in turn, with a random place and a random kind of damage. */
export function* damages(file: Buffer, other: Buffer, random: (below: number) => number): Generator<Damage> {
  const parts = partsOf(file);
  yield* cuts(file, parts);
  yield* mixtures(file, other, parts);
  for (;;) {
    for (const part of parts) yield inPart(file, part, random);
    yield { name: 'cut anywhere', bytes: file.subarray(0, random(file.length)) };
    const more = Buffer.alloc(1 + random(10_000), random(256));
    yield { name: `${more.length} bytes appended`, bytes: Buffer.concat([file, more]) };
  }
}

function* cuts(file: Buffer, parts: readonly Part[]): Generator<Damage> {
  for (const size of FORGED_SIZES) yield { name: `cut after ${size} bytes`, bytes: file.subarray(0, size) };
  for (const { name, to } of parts) {
    for (const size of [to - 1, to, to + 1]) {
      if (size < file.length) yield { name: `cut after ${name} at ${size}`, bytes: file.subarray(0, size) };
    }
  }
  yield { name: 'one byte appended', bytes: Buffer.concat([file, Buffer.alloc(1)]) };
  yield { name: 'the file twice', bytes: Buffer.concat([file, file]) };
}

/** Parts of two files that are whole themselves. */
function* mixtures(file: Buffer, other: Buffer, parts: readonly Part[]): Generator<Damage> {
  for (const { name, from, to } of parts) {
    const bytes = Buffer.concat([file.subarray(0, from), other.subarray(from, to), file.subarray(to)]);
    yield { name: `${name} of another file`, bytes };
  }
  yield { name: 'an empty file', bytes: Buffer.alloc(0) };
  yield { name: 'zeros', bytes: Buffer.alloc(file.length) };
  yield { name: 'a text', bytes: Buffer.from('listen: 127.0.0.1\n'.repeat(1000)) };
}

function inPart(file: Buffer, { name, from, to }: Part, random: (below: number) => number): Damage {
  const bytes = Buffer.from(file);
  const at = from + random(to - from);
  const kind = random(4);
  if (kind === 0) {
    bytes[at] ^= 1 << random(8);
  } else if (kind === 1) {
    bytes.fill(random(256), at, Math.min(to, at + 1 + random(64)));
  } else if (kind === 2) {
    // A sector that was never written.
    bytes.fill(0, at & ~511, Math.min(file.length, (at & ~511) + 512));
  } else {
    const source = random(file.length - 64);
    file.copy(bytes, at, source, source + Math.min(64, to - at));
  }
  return { name: `kind ${kind} in ${name} at ${at}`, bytes };
}
