// What invocation needs of the tables on the arena: opening and making objects, the journal of a call. Implemented by
// the arena's tables, and by a fake in tests. Not for what methods see of a table, which object-type.ts declares.

import type { ArgumentSlices } from './argument-slices.js';
import type { Budget } from './budget.js';
import type { PlainTable } from './plain-table.js';
import type { Key, Literal, Scalar, Table } from './table.js';

/** A table of an object, as both languages use it. */
export interface StoredTable extends Table {
  /** A table of Lua is stored too. */
  set(key: Key, value: Scalar | Literal | PlainTable): void;
  child(key: Key): StoredTable;
  /** The key after the given one in order of insertion, the first for undefined; undefined after the last. After a key that was deleted
      during the same call comes the one that followed it. */
  nextKey(key: Key | undefined): Key | undefined;
  /** Whether the table was made as an array: an empty one is `[]` in JSON. */
  readonly isList: boolean;
  /** Identity: two handles of one table within a call are equal. */
  same(other: Table): boolean;
  /** JSON of the content, as `get type$key` answers it: an array when the keys are 1 to n, else an object. */
  toJson(): string;
}

/** There is nothing at the key. */
export const MISSING = 0;
/** A plain value, not an object, stands at the key. */
export const PLAIN = 1;
/** An object stands at the key. */
export const OBJECT = 2;
export type NotOpened = typeof MISSING | typeof PLAIN;

/** Thrown by writes when memory cannot be had without evicting an object in use, or when an object outgrows its bound. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

export interface TableStore {
  /** Starts a call: fresh handles, empty journal. Every table operation charges the budget; a string that the spans
      recognise is copied from the argument's bytes. */
  begin(budget: Budget, spans: ArgumentSlices): void;
  /** What stands at the key before the call's own creations; not a hit. */
  peek(keyAt: number, keyLength: number): typeof MISSING | typeof PLAIN | typeof OBJECT;
  /** The table of the object at the key (arena bytes, which stay as they are until the call ends). Opening counts as a hit when
      the call commits; the item is pinned until its end. A second opening of one object in a call gives the same table, writable if either asked for it.
      `beforeMethod`: the call's method does not run yet, so that it cannot have filled the stack. */
  open(keyAt: number, keyLength: number, forWriting: boolean, beforeMethod?: boolean): StoredTable | NotOpened;
  /** A fresh empty table that takes the place of whatever stands at the key when the call commits. `open` of the same key
      answers this table from now on. */
  create(keyAt: number, keyLength: number): StoredTable;
  /** Takes back the `create` of this call at the key: what stood there stays. */
  abandon(keyAt: number, keyLength: number): void;
  /** Sets the expiry (server second, 0 = never) of an object opened or made in this call, journaled like a write. */
  expire(keyAt: number, keyLength: number, expiresAt: number): void;
  /** Server second, 0 = never; of an object opened or made in this call. */
  expiresAt(keyAt: number, keyLength: number): number;
  /** Does work that makes room in the store, during which nothing that the call has opened is evicted. */
  protecting(work: () => void): void;
  /** Makes the call's writes lasting and ends it: handles die, pins go. Throws OutOfMemoryError when it cannot link (and has
      then rolled back). */
  commit(): void;
  /** Undoes every write of the call and ends it. */
  rollback(): void;
}
