// The facts in a meta reply about an item or a call's result, gathered before the reply is written. Its form: meta-replies.ts.

import { isObject, isStale, isWinSent, secondsSinceAccess } from '../../operations/item-state.js';
import type { Operations } from '../../operations/operations.js';
import type { ItemRef } from '../../operations/outcomes.js';
import { Lower } from './meta-request.js';

const NEVER = -1;

/** @perThread */
export class MetaFacts {
  size = 0;
  clientFlags = 0;
  casHigh = 0;
  casLow = 0;
  /** NEVER for an item that does not expire. */
  ttlSeconds = NEVER;
  wasFetched = false;
  idleSeconds = 0;
  /** This client may renew the value; another one has been told that it may; the value is out of date. */
  isWon = false;
  isWinSent = false;
  isStale = false;

  /** Sets the facts of a miss, a call or a refused request. */
  clear(size = 0): void {
    this.size = size;
    this.clientFlags = 0;
    this.casHigh = 0;
    this.casLow = 0;
    this.ttlSeconds = NEVER;
    this.wasFetched = false;
    this.idleSeconds = 0;
    this.isWon = false;
    this.isWinSent = false;
    this.isStale = false;
  }

  /** The facts that the next hit changes. */
  noteAccess({ clock, store }: Operations, item: ItemRef): void {
    this.wasFetched = store.wasFetched(item);
    this.idleSeconds = secondsSinceAccess(store, clock, item);
  }

  /** The marks, and what the flags without a token, as bits of `lower`, ask for. */
  noteItem(operations: Operations, item: ItemRef, lower: number): void {
    const { store } = operations;
    this.size = isObject(store, item) ? 0 : store.valueLength(item);
    if ((lower & Lower.f) !== 0) this.clientFlags = store.clientFlags(item);
    if ((lower & Lower.c) !== 0) {
      this.casHigh = store.casHigh(item);
      this.casLow = store.casLow(item);
    }
    if ((lower & Lower.t) !== 0) this.noteExpiry(operations, store.expiresAt(item));
    this.isStale = isStale(store, item);
    this.isWinSent = isWinSent(store, item);
    this.isWon = false;
  }

  /** Sets the remaining time from a server second; 0 is never. For a time in the past it is 0. */
  noteExpiry({ clock }: Operations, expiresAt: number): void {
    this.ttlSeconds = expiresAt === 0 ? NEVER : Math.max(0, expiresAt - clock.now);
  }
}
