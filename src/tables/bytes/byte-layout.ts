// The layout of byte arrays in the arena: bytes that are changed in place.
//
// The header is a block, to which a field of a spread table refers as to any nested table (tables/table-layout.ts):
//
//   word 0   chunk word, kind block
//   word 1   | 0 16 | order 14: TableKind.byteArray, 0, spread 1 |
//   word 2   the part of the highest level; 0: none   3 unused   4 length in bytes   5 units of all below it   6 next condemned table
//   word 7   header of the table around it
//
// Parts form a tree. A part of level 0 holds bytes, a part of another level refers to up to 256 parts of the level below:
//
//   word 0   chunk word, kind bytes; the level is in its options
//   word 1   the part or the header that refers to this one
//   then     up to 1024 bytes, or up to 256 references of 4 bytes; slack
//
// A part that was never written to does not exist (its reference is 0), and its bytes are 0. So an array takes memory as it is written, and making
// one costs the same whatever its length. An array of up to 1 KiB has one part, one of up to 256 KiB two levels, one of up to 64 MiB three: a byte
// of the largest is found by three more loads than one of the smallest. A full part of any level fills the longest chunk.

import { CHUNK_OPTIONS_SHIFT } from '../../arena/chunk.js';
import { BODY_HEADER_BYTES, SPREAD_HEADER_WORDS } from '../table-layout.js';

export const BYTES_BODY_BYTES = BODY_HEADER_BYTES + SPREAD_HEADER_WORDS * 4;

/** Offsets in bits are whole numbers of 32 bits: 512 MiB, as in Redis. */
export const MAX_ARRAY_BYTES = 2 ** 29;

export const PART_HEADER_BYTES = 8;
/** The word of a part that refers to the part or header above it. */
export const PARENT_WORD = 1;
/** The first word of a part's bytes or references. */
export const FIRST_WORD = 2;

const LEAF_BITS = 10;
const SLOT_BITS = 8;
/** Bytes of a part of level 0. */
export const LEAF_BYTES = 1 << LEAF_BITS;
export const LEAF_MASK = LEAF_BYTES - 1;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** The level of the highest part of an array. */
export function topLevel(length: number): number {
  if (length <= LEAF_BYTES) return 0;
  if (length <= LEAF_BYTES << SLOT_BITS) return 1;
  return length <= LEAF_BYTES << (2 * SLOT_BITS) ? 2 : 3;
}

export function levelOf(word: number): number {
  return word >>> CHUNK_OPTIONS_SHIFT;
}

/** The word of a part above level 0 that refers to the part below it with the byte at `offset`. */
export function slotWord(part: number, level: number, offset: number): number {
  return part * 2 + FIRST_WORD + ((offset >>> (LEAF_BITS + (level - 1) * SLOT_BITS)) & SLOT_MASK);
}

/** Bytes or references, in bytes, of the part of that level with the byte at `offset`. */
export function partBytes(level: number, offset: number, length: number): number {
  const span = LEAF_BYTES * 2 ** (level * SLOT_BITS);
  const covered = Math.min(span, length - (offset - (offset % span)));
  return level === 0 ? covered : Math.ceil((covered * 2 ** SLOT_BITS) / span) * 4;
}
