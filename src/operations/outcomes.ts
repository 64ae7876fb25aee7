// The results of operations: small numbers that every protocol turns into its own replies. The item, number or call result that belongs to
// an outcome is left in a field of the operation.

export type { ItemRef, ReservedRef } from '../store/store.js';

export const ReadResult = {
  /** `Operations.item` is the item. */
  value: 0,
  miss: 1,
  /** The item is an object; `Operations.callContent` makes its JSON. */
  object: 2,
  /** The key names a method; `Operations.callRetrieve` calls it. */
  call: 3,
  /** There is no memory for the item's token or its new expiry. */
  noMemory: 4,
} as const;
export type ReadResult = (typeof ReadResult)[keyof typeof ReadResult];

/** Modifies a read, which otherwise finds the item and makes it the most recently used; combine with `|`. */
export const ReadOption = {
  none: 0,
  /** The item gets a CAS token if it has none. */
  withCas: 1,
  /** The item gets a new expiry. Counted as a touch instead of a get. */
  touch: 2,
  /** The item keeps its place in the LRU list, and does not count as fetched. */
  withoutBump: 4,
  /** Of an item; the caller counts what the read comes to. */
  uncounted: 8,
} as const;

export const WriteKind = { set: 0, add: 1, replace: 2, append: 3, prepend: 4 } as const;
export type WriteKind = (typeof WriteKind)[keyof typeof WriteKind];

/** Modifies a write; combine with a WriteKind by `|`. */
export const WriteOption = {
  /** Only if the item has the token `Operations.comparedCas`. */
  compareCas: 8,
  /** The item gets the token `Operations.assignedCas` instead of the next one. */
  assignCas: 16,
  /** Append and prepend store the value if there is no item. */
  vivify: 32,
  /** A token older than the item's does not match, but the value is stored anyway and marked stale. */
  markStale: 64,
  /** The item gets a CAS token, so that the reply can have it. */
  withCas: 128,
} as const;

/** The kind without its options. */
export const WRITE_KIND_MASK = 7;

export const WriteResult = {
  /** `Operations.item` is the item. */
  stored: 0,
  notStored: 1,
  /** The token differs. */
  exists: 2,
  notFound: 3,
  tooLarge: 4,
  noMemory: 5,
  /** There is an object, which no command of this kind can change. */
  notForObjects: 6,
  /** The key names a method; `Operations.callStore` calls it. */
  call: 7,
} as const;
export type WriteResult = (typeof WriteResult)[keyof typeof WriteResult];

/** Combine with `|`. */
export const ArithmeticOption = {
  none: 0,
  decrement: 1,
  /** A missing item is made, with the value `Arithmetic.initial`. */
  vivify: 2,
  compareCas: 4,
  assignCas: 8,
  /** An item that exists gets the given expiry. */
  touch: 16,
  /** The item gets a CAS token if it has none. */
  withCas: 32,
} as const;

export const ArithmeticResult = {
  /** `Operations.number` is the new value, `Operations.item` the item. */
  changed: 0,
  notFound: 1,
  /** The item was made, with the initial value. */
  created: 2,
  nonNumeric: 3,
  notForObjects: 4,
  noMemory: 5,
  /** The token differs. */
  exists: 6,
} as const;
export type ArithmeticResult = (typeof ArithmeticResult)[keyof typeof ArithmeticResult];

export const TouchResult = { touched: 0, notFound: 1, noMemory: 2 } as const;
export type TouchResult = (typeof TouchResult)[keyof typeof TouchResult];

export const RemoveResult = { removed: 0, notFound: 1, exists: 2, noMemory: 3 } as const;
export type RemoveResult = (typeof RemoveResult)[keyof typeof RemoveResult];

export const FlushResult = { done: 0, notAllowed: 1 } as const;
export type FlushResult = (typeof FlushResult)[keyof typeof FlushResult];

/** Whether a value that is not complete in the input will be received. */
export const ReceiveResult = { accepted: 0, tooLarge: 1, noMemory: 2 } as const;
export type ReceiveResult = (typeof ReceiveResult)[keyof typeof ReceiveResult];
