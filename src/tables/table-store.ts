// The tables on the arena as object calls use them: opening and creating objects, committing or rolling back a call. What methods see of
// a table: table.ts.

import type { ItemRef } from '../store/item.js';
import type { ArgumentSlices } from './argument-slices.js';
import type { Budget } from './budget.js';
import type { PlainTable } from './plain-table.js';
import type { ByteArray, Key, Literal, OrderedIndex, Scalar, Table, Ties } from './table.js';

/** What a field can be set to; a table of Lua as its copy. */
export type Storable = Scalar | Literal | PlainTable;

/** A table of an object, as both languages use it. */
export interface StoredTable extends Table {
  set(key: Key, value: Storable): void;
  push(...values: readonly Storable[]): number;
  splice(start: number, removed?: number, ...values: readonly Storable[]): (Scalar | Literal)[];
  child(key: Key): StoredTable;
  /** Those that come after a key, if one is given. */
  entries(after?: Key): IterableIterator<[Key, Scalar | Table]>;
  ordered(key: Key, ties?: Ties): StoredIndex;
  bytes(key: Key, length?: number): StoredBytes;
  /** After a key that was deleted during the same call comes the one that followed it. */
  nextKey(key?: Key): Key | undefined;
  /** A key, each with the same probability; undefined if there is none. `random` returns numbers from 0 up to, but not including, 1. */
  randomKey(random: () => number): Key | undefined;
  /** Whether the table was made as an array, or used as a list; an empty one is then `[]` in JSON. */
  readonly isList: boolean;
  /** Identity: two handles of one table within a call are equal. */
  same(other: Table): boolean;
  /** JSON of the content, as in the reply to `get type$key`: an array if the keys are 1 to n, otherwise an object. */
  toJson(): string;
}

/** An ordered index of an object, as both languages use it. */
export interface StoredIndex extends OrderedIndex {
  /** How it orders members of the same score. */
  readonly ties: Ties;
  toJson(): string;
  /** Called where a table is copied into a field: an index cannot be. */
  toPlain(): never;
}

/** A byte array of an object, as both languages use it. */
export interface StoredBytes extends ByteArray {
  toJson(): string;
  /** Called where a table is copied into a field: a byte array cannot be. */
  toPlain(): never;
}

// Symbols: V8 compares one with an object by a single instruction, but calls a function, for 10 ns, to compare a number with an object.

/** There is no item at the key. */
export const MISSING: unique symbol = Symbol('missing');
/** There is a plain value at the key, not an object. */
export const PLAIN: unique symbol = Symbol('plain');
/** There is an object at the key. */
export const OBJECT: unique symbol = Symbol('object');
export type NotOpened = typeof MISSING | typeof PLAIN;
export type KindOfItem = NotOpened | typeof OBJECT;

/** Thrown by writes when memory cannot be had without evicting an object in use, or when an object outgrows its bound. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** The pinned objects of a call that may grow beyond the limit, into the reserve: none, those that were pinned before the call, or all. */
export type ReserveUse = 'none' | 'pinnedBefore' | 'all';

/** The versions of the types that have written the objects of a call, and whether these are pinned. */
export interface StoredVersions {
  at(keyAt: number, keyLength: number): number;
  pinsAt(keyAt: number, keyLength: number): { readonly byType: boolean; readonly byCall: boolean };
  /** Of the object that the call has opened first. */
  first(): number;
  /** The same for the last one. */
  last(): number;
  /** Sets the version of the object at the key, and calls `change` while it can be written to. */
  upgrade(keyAt: number, keyLength: number, version: number, change: () => void): void;
}

/** Objects that are made in several calls, between which other calls run. */
export interface StoredUnfinished {
  /** Whether this thread may make one now: each may take half of the memory and is not evicted, so there is one at a time in all threads. */
  claim(): boolean;
  /** After `claim`: another may be made. */
  leave(): void;
  /** Whether nothing of an object that was paused is lost: a flush drops its fields from the index. If not, it can only be dropped. */
  isWhole(item: ItemRef): boolean;
  /** Frees an object that was paused. */
  drop(item: ItemRef): void;
}

export interface TableStore {
  /** Starts a call: fresh handles, empty journal. Every table operation charges the budget; a string that the spans
      recognise is copied from the argument's bytes. */
  begin(budget: Budget, spans: ArgumentSlices): void;
  /** MISSING, PLAIN or OBJECT for the key, without objects that the call itself has created; not a hit. */
  peek(keyAt: number, keyLength: number): KindOfItem;
  /** The same as the call sees it: with the objects that it has created, and without those that it has removed, or made by `createIfWritten`
      and left empty. */
  kind(keyAt: number, keyLength: number): KindOfItem;
  /** The table of the object at the key (arena bytes, which stay as they are until the call ends). Opening counts as a hit when
      the call commits; the item is pinned until its end. A second opening of one object in a call gives the same table, writable if either asked for it.
      `beforeMethod`: the call's method does not run yet, so that it cannot have filled the stack. `isPinned`: whether the object's type is
      pinned, which counts for an object that is opened for writing; undefined leaves it as it is. */
  open(
    keyAt: number,
    keyLength: number,
    forWriting: boolean,
    beforeMethod?: boolean,
    isPinned?: boolean,
  ): StoredTable | NotOpened;
  /** A new, empty table that replaces any item at the key when the call commits. `open` of the same key returns this table from now
      on. `isPinned`: whether its type is pinned, as for the following two; `version`: of that type. */
  create(keyAt: number, keyLength: number, isPinned?: boolean, version?: number): StoredTable;
  /** The same where `open` has found nothing: the object is kept only if it is not empty when the call commits. */
  createIfWritten(keyAt: number, keyLength: number, isPinned?: boolean, version?: number): StoredTable;
  /** Like `create`; handles of an object that the call has at the key become invalid. */
  replace(keyAt: number, keyLength: number, isPinned?: boolean, version?: number): StoredTable;
  /** Removes the item at the key when the call commits; handles of its object are invalid from now on. Whether there was an object, by
      `kind`. */
  remove(keyAt: number, keyLength: number): boolean;
  /** Whether the call has an object at the key that is not removed. */
  isOpen(keyAt: number, keyLength: number): boolean;
  /** Whether the call may write to the object at the key; false when it has none. */
  isWritable(keyAt: number, keyLength: number): boolean;
  /** Sets that of an object that the call has at the key. */
  setWritable(keyAt: number, keyLength: number, isWritable: boolean): void;
  /** Of the objects that the call has opened or made. */
  readonly versions: StoredVersions;
  /** Number of objects that the call has opened, made or removed, each of which refers to the bytes of its key. One that is made has the
      last number. */
  readonly openCount: number;
  /** Undoes a `create` or `replace` of this call, by the object's number from 0: an existing item, or what the call had at the key before, is
      kept. */
  abandon(number: number): void;
  /** Sets the expiry (server second, 0 = never) of an object opened or made in this call, journaled like a write. Throws MethodError when
      the call has removed it. */
  expire(keyAt: number, keyLength: number, expiresAt: number): void;
  /** Server second, 0 = never; of an object opened or made in this call. */
  expiresAt(keyAt: number, keyLength: number): number;
  /** Pins an object opened or made in this call, so that it is not evicted, or takes such a pin back; that of its type stays. Throws
      MethodError when the call has removed it. */
  pin(keyAt: number, keyLength: number, isPinned: boolean): void;
  /** Runs work that evicts items of the store; nothing that the call has opened is evicted. */
  protecting(work: () => void): void;
  /** Commits the call's writes and ends it: handles become invalid, pins are removed. Throws OutOfMemoryError when it cannot link, and
      PinnedLimitError when pinned objects would take more than they may; it has then rolled back. */
  commit(reserve?: ReserveUse): void;
  /** Ends the call and keeps what it has written to the one object that it has made. Clients do not see the object; its item is the caller's, until
      another call resumes it. Throws what `commit` throws; the call has not ended then. */
  pause(): ItemRef;
  /** Continues with an object that was paused, which is now the call's own: a rollback frees all of it. `isPinned` as for `create`. */
  resume(keyAt: number, keyLength: number, item: ItemRef, isPinned: boolean): StoredTable;
  readonly unfinished: StoredUnfinished;
  /** Rolls back every write of the call and ends it. */
  rollback(): void;
}
