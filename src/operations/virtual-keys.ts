// The interface between operations and objects: whether a key names a method, the calls, and objects that are read or touched by their own
// key. A server without objects has no implementation.

import type { ReplyText } from '../base/reply-text.js';
import type { PortableObjects } from '../objects/calls/portable-objects.js';
import type { CallResult } from './call-outcomes.js';
import type { Command } from './command-table.js';
import type { ReservedRef } from './outcomes.js';
import type { Principal } from './rights.js';

export interface KeyResolver {
  /** Whether the key (arena bytes) names a method. If so, `retrieve`, `store` or `storeReserved` follows while its bytes are in place. It
   * is asked for every key, so it has to recognize an ordinary key by its first bytes. */
  resolve(keyAt: number, keyLength: number): boolean;
}

/** Notes which objects are used most. */
export interface UsedObjects {
  /** `type$key` of an object, without the type and its `$` at `keyAt` (arena bytes), and whether the method only reads. */
  noteCall(type: string, keyAt: number, keyLength: number, isRead: boolean): void;
}

export interface VirtualKeys {
  /** Bytes of the last result or of its error message: a byte string or an array. Valid until the next call. */
  readonly value: string | Uint8Array;
  /** The first value that a script in the original's style has written, if any. */
  readonly firstValue: string | Uint8Array | undefined;
  /** A batch of requests begins: the time of a turn's calls counts from here. */
  beginTurn(): void;
  readonly resolver: KeyResolver;
  /** Has the bytes of the last result that is a short text. */
  readonly replyText: ReplyText;
  /** Writes and makes whole objects, for dumps. */
  readonly portable: PortableObjects;
  /** Whether the client may call the method of the key that was resolved last. If not, `value` has the error message. */
  permits(principal: Principal): boolean;
  /** Notes that the object of the key that was resolved last is used. */
  noteUse(noted: UsedObjects): void;
  /** Calls the method for a retrieval command; `exptime` is that of gat, 0 without. */
  retrieve(command: Command, exptime: number): CallResult;
  /** Calls the method for a storage command, with the data block at `valueAt` as its last argument. */
  store(
    command: Command,
    clientFlags: number,
    exptime: number,
    isQuiet: boolean,
    valueAt: number,
    valueLength: number,
  ): CallResult;
  /** The same with a data block that was received into a reserved item, which is released. */
  storeReserved(
    command: Command,
    clientFlags: number,
    exptime: number,
    isQuiet: boolean,
    reserved: ReservedRef,
    valueLength: number,
  ): CallResult;
  /** The object at the key as JSON; sets its expiry (server second, 0 = never) too if one is given. */
  content(keyAt: number, keyLength: number, expiresAt: number | undefined): CallResult;
  /** Sets the expiry of the object at the key; false when there is no memory for it. */
  touch(keyAt: number, keyLength: number, expiresAt: number): boolean;
  /** Call this after a call: whether this turn's calls have taken so long that other connections should be served. */
  isTurnOver(): boolean;
}
