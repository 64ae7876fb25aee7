// Listing items: the most recently used ones, or all of them slice by slice, since there may be millions. Not for the form in which a
// protocol sends them.

import { latin1 } from '../base/latin1.js';
import { StoreItems } from '../objects/calls/store-items.js';
import type { Operations } from './operations.js';
import type { ItemRef } from './outcomes.js';

/** The key, whose characters are bytes. */
export function keyOf({ store }: Operations, item: ItemRef): string {
  const { arena } = store;
  const position = store.keyPosition(item);
  return latin1(arena.viewOf(position), arena.indexOf(position), store.keyLength(item));
}

/** Unix time of the item's expiry, or `never`. */
export function expiryOf({ clock, store }: Operations, item: ItemRef, never: number): number {
  const expiresAt = store.expiresAt(item);
  return expiresAt === 0 ? never : clock.toUnix(expiresAt);
}

/** Visits live items from the most recently used on, until `visit` returns false. */
export function visitRecentItems(operations: Operations, visit: (item: ItemRef) => boolean): void {
  operations.store.forEachItem((item) => isExpired(operations, item) || visit(item));
}

/** A walk over all items that can be left and taken up again; an item that is stored meanwhile may be missed. */
export class ItemWalk {
  #bucket = 0;
  #isDone = false;

  constructor(private readonly operations: Operations) {}

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Visits the live items of the next bucket of the index. */
  step(visit: (item: ItemRef) => void): void {
    const { operations } = this;
    this.#bucket = new StoreItems(operations.store).scan(this.#bucket, (item) => {
      if (!isExpired(operations, item)) visit(item);
    });
    this.#isDone = this.#bucket === 0;
  }
}

function isExpired({ clock, store }: Operations, item: ItemRef): boolean {
  const expiresAt = store.expiresAt(item);
  return expiresAt !== 0 && expiresAt <= clock.now;
}
