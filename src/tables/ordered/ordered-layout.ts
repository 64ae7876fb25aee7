// The layout of ordered indexes in the arena: members with a score, in the order of their scores.
//
// The header is a block, to which a field of a spread table refers as to any nested table (tables/table-layout.ts):
//
//   word 0   chunk word, kind block
//   word 1   | 0 16 | order 14, 0, spread 1 |       order: how equal scores are ordered (Ties)
//   word 2   root node, 0: no members   3 unused   4 members   5 units of all below it   6 next condemned table   7 header of the table around it
//   word 8   number of the next arrival, its lower 32 bits   9 the higher ones
//
// A member is a chunk of kind field, found by its text through the store's index as a field is:
//
//   word 0   as that of a field, value tag 0      word 1   next entry in the same bucket      word 2   header; 0 while not linked
//   word 3   score, 8 bytes
//   then     the text (its length in two bytes before it when the 7 bits are all set); ties by arrival: number of arrival, 6 bytes; slack
//
// A node is a block. Leaves are level 0; a leaf's entries are sorted, and so are the children of an inner node:
//
//   word 0   chunk word, kind block
//   word 1   | count 8 | capacity 8 | level 8 | 0 8 |       low bits first
//   leaf     capacity scores, 8 bytes each;                 capacity members, 4 bytes each
//   inner    capacity scores, 8 bytes each;                 for each child the score of its first entry, which is
//            capacity members, capacity nodes, capacity     of this member; the child; the number of entries below it
//            numbers, 4 bytes each
//
// Score and member of an inner node's first child are never read: they need not be right.

import { BODY_HEADER_BYTES, SPREAD, SPREAD_HEADER_WORDS, TableKind } from '../table-layout.js';

/** How members of one score are ordered: the kind of the table. */
export const Ties = { arrival: TableKind.orderedByArrival, bytes: TableKind.orderedByBytes } as const;

/** The first of two words of a header that other spread tables do not have, counted from its first. */
export const NEXT_ARRIVAL = SPREAD.parent + 1;
export const ORDERED_BODY_BYTES = BODY_HEADER_BYTES + (SPREAD_HEADER_WORDS + 2) * 4;

/** Byte of a member's score. */
export const SCORE_BYTES_AT = 12;
export const ARRIVAL_BYTES = 6;

export const NODE_COUNT_MASK = 0xff;
const CAPACITY_SHIFT = 8;
const LEVEL_SHIFT = 16;

/** Measured with a million members, random and rising scores: 32 take more memory, 100 more time to move entries. */
export const LEAF_CAPACITY = 64;
/** Of the first leaf, which is replaced by larger ones. */
export const FIRST_LEAF_CAPACITY = 4;
export const INNER_CAPACITY = 48;
/** More than a tree of 2^32 members can have. */
export const MAX_LEVELS = 12;

/** First words of the parts of an inner node, counted from its first. */
export const INNER_MEMBERS = 2 + INNER_CAPACITY * 2;
export const INNER_CHILDREN = INNER_MEMBERS + INNER_CAPACITY;
export const INNER_COUNTS = INNER_CHILDREN + INNER_CAPACITY;

const LEAF_ENTRY_BYTES = 12;
const CHILD_BYTES = 20;
/** Bytes of a node before its entries. */
export const NODE_HEADER_BYTES = 8;

/** Bytes of a node, but for its chunk word. */
export function nodeBodyBytes(level: number, capacity: number): number {
  return NODE_HEADER_BYTES - 4 + capacity * (level === 0 ? LEAF_ENTRY_BYTES : CHILD_BYTES);
}

export function nodeHead(level: number, capacity: number, count: number): number {
  return (level << LEVEL_SHIFT) | (capacity << CAPACITY_SHIFT) | count;
}

export function capacityOf(head: number): number {
  return (head >>> CAPACITY_SHIFT) & 0xff;
}

export function levelOf(head: number): number {
  return head >>> LEVEL_SHIFT;
}

/** First word of a leaf's members, counted from the node's first. */
export function leafMembers(head: number): number {
  return 2 + capacityOf(head) * 2;
}
