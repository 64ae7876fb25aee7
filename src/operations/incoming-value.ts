// Values that arrive in several pieces: each piece is copied into a reserved item, so that no more than the input window is ever buffered.
// Values that are complete in the input: writes.ts.

import type { Clock } from '../base/clock.js';
import type { Store } from '../store/store.js';
import type { Command } from './command-table.js';
import { layoutOf } from './item-state.js';
import type { Window } from './operation-options.js';
import { ReceiveResult, type ReservedRef, WriteResult } from './outcomes.js';
import type { Writes } from './writes.js';

const NO_RESERVATION = 0 as ReservedRef;
const MAX_KEY_BYTES = 250;

/** A value that is being received, with the fields of its request. A session has at most one. */
export class IncomingValue {
  reserved: ReservedRef = NO_RESERVATION;
  receivedBytes = 0;
  valueLength = 0;
  /** WriteKind and WriteOptions. */
  how = 0;
  /** The part of the request that the protocol needs when the value is complete. */
  command: Command = 0;
  isQuiet = false;
  /** The client may not store values: its key must still name a method when the value is complete. */
  mayOnlyCall = false;
  clientFlags = 0;
  exptime = 0;
  /** The tokens of CasTerms. */
  comparedHigh = 0;
  comparedLow = 0;
  assignedHigh = 0;
  assignedLow = 0;
  readonly key = new Uint8Array(MAX_KEY_BYTES);
  keyLength = 0;

  get isActive(): boolean {
    return this.reserved !== NO_RESERVATION;
  }
}

/** @perThread */
export class IncomingValues {
  /** Position of the key of a complete value, valid until something else uses the scratch window. */
  readonly keyAt: number;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly bytes: Uint8Array,
    scratch: Window,
    private readonly writes: Writes,
  ) {
    this.keyAt = scratch.at;
  }

  /** Reserves an item for a value that has not arrived. If it cannot, the value's bytes must be discarded. */
  begin(
    incoming: IncomingValue,
    how: number,
    keyAt: number,
    keyLength: number,
    valueLength: number,
    clientFlags: number,
    exptime: number,
  ): ReceiveResult {
    const { bytes, clock, store, writes } = this;
    if (!store.fits(keyLength, valueLength)) {
      writes.refuseAnnounced(how, keyAt, keyLength, WriteResult.tooLarge);
      return ReceiveResult.tooLarge;
    }
    const reserved = store.reserve(
      keyAt,
      keyLength,
      valueLength,
      clientFlags,
      clock.fromClient(exptime),
      layoutOf(how),
    );
    if (reserved === NO_RESERVATION) {
      writes.refuseAnnounced(how, keyAt, keyLength, WriteResult.noMemory);
      return ReceiveResult.noMemory;
    }
    const { cas } = writes;
    incoming.reserved = reserved;
    incoming.how = how;
    incoming.receivedBytes = 0;
    incoming.valueLength = valueLength;
    incoming.clientFlags = clientFlags;
    incoming.exptime = exptime;
    incoming.comparedHigh = cas.compared.high;
    incoming.comparedLow = cas.compared.low;
    incoming.assignedHigh = cas.assigned.high;
    incoming.assignedLow = cas.assigned.low;
    incoming.keyLength = keyLength;
    for (let index = 0; index < keyLength; index++) incoming.key[index] = bytes[keyAt + index];
    return ReceiveResult.accepted;
  }

  /** Takes bytes of the value from the input in [from, to); returns how many. */
  fill(incoming: IncomingValue, from: number, to: number): number {
    const length = Math.min(incoming.valueLength - incoming.receivedBytes, to - from);
    if (length <= 0) return 0;
    this.store.fill(incoming.reserved, incoming.receivedBytes, from, length);
    incoming.receivedBytes += length;
    return length;
  }

  /** Stores a complete value. Its key is then at `keyAt`. After `WriteResult.call` the value is still reserved. */
  complete(incoming: IncomingValue): WriteResult {
    const { writes } = this;
    const { keyLength, reserved } = incoming;
    this.#restoreKey(incoming);
    writes.cas.compared.set(incoming.comparedHigh, incoming.comparedLow);
    writes.cas.assigned.set(incoming.assignedHigh, incoming.assignedLow);
    const { clientFlags, exptime, how, valueLength } = incoming;
    incoming.reserved = NO_RESERVATION;
    if (incoming.mayOnlyCall && !writes.isCall(this.keyAt, keyLength)) {
      this.store.release(reserved);
      return WriteResult.notStored;
    }
    const result = writes.writeReserved(how, this.keyAt, keyLength, reserved, valueLength, clientFlags, exptime);
    if (result === WriteResult.call) incoming.reserved = reserved;
    return result;
  }

  /** Drops the value, for example when its client has disconnected. */
  release(incoming: IncomingValue): void {
    const { reserved } = incoming;
    if (reserved === NO_RESERVATION) return;
    incoming.reserved = NO_RESERVATION;
    this.store.release(reserved);
  }

  /** Copies the key into the arena's scratch window: its bytes in the input have been overwritten since. */
  #restoreKey(incoming: IncomingValue): void {
    const { bytes, keyAt } = this;
    for (let index = 0; index < incoming.keyLength; index++) bytes[keyAt + index] = incoming.key[index];
  }
}
