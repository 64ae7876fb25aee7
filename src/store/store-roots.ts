// Word numbers of the store's roots in the arena. Nothing of the store's state lies outside of the arena, so that several
// threads can work on it in turn.

import { ROOTS } from '../arena/layout.js';

const AT = ROOTS.store;

export const STORE_ROOTS = {
  /** Random key of the hash. */
  hashKey0: AT,
  hashKey1: AT + 1,
  /** Index: buckets now, entries now, segments that the directory has room for. */
  buckets: AT + 2,
  entries: AT + 3,
  segmentsMax: AT + 4,
  /** First word of the directory of segments. */
  directory: AT + 5,
  newest: AT + 6,
  oldest: AT + 7,
  items: AT + 8,
  /** Server second of a delayed flush; 0: none. */
  flushAt: AT + 10,
  /** Items that a flush has dropped, still linked as in the LRU list. */
  flushedItems: AT + 11,
  /** Chains of pieces of freed items; the first piece's third word links to the next chain. */
  condemnedPieces: AT + 12,
  /** The last CAS token given out. */
  casHigh: AT + 13,
  casLow: AT + 14,
  /** Most items that one store has evicted. */
  evictedByOneStoreMax: AT + 15,
  /** Segments of the index that a flush has detached, each with a link to the next. */
  condemnedSegments: AT + 16,
  /** Server second of the last maintenance. */
  maintainedAt: AT + 17,
  /** In the place of an item: the list of retained items, of which only the last two of four words are used; its number is even. */
  retainedRing: AT + 18,
  /** Retained items, and the units that they take with all below them. */
  retainedItems: AT + 22,
  retainedUnits: AT + 23,
  /** Roots of the objects. */
  objects: AT + 64,
} as const;
