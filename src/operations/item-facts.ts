// Items as data, for people who look into the cache: single ones, and those with a prefix page by page.

import { ItemWalk, keyOf } from './item-listing.js';
import { isObject, secondsSinceAccess } from './item-state.js';
import type { Operations } from './operations.js';
import type { ItemRef } from './outcomes.js';

export interface ItemFacts {
  /** Each character is a byte. */
  readonly key: string;
  /** Of the value; of an object all memory that it takes. */
  readonly bytes: number;
  readonly isObject: boolean;
  /** Null if it does not expire. */
  readonly ttlSeconds: number | null;
  readonly idleSeconds: number;
  readonly clientFlags: number;
}

export interface ItemPage {
  readonly items: readonly ItemFacts[];
  /** Where the next page begins; null after the last. */
  readonly next: number | null;
}

/** Buckets of the index that one page covers at most: about half a millisecond, in which no request is served. */
const BUCKETS_A_PAGE = 4096;

export function itemFacts(operations: Operations, item: ItemRef): ItemFacts {
  const { clock, store } = operations;
  const expiresAt = store.expiresAt(item);
  const isTable = isObject(store, item);
  return {
    key: keyOf(operations, item),
    bytes: isTable ? store.largest.objectBytes(item) : store.valueLength(item),
    isObject: isTable,
    ttlSeconds: expiresAt === 0 ? null : Math.max(0, expiresAt - clock.now),
    idleSeconds: secondsSinceAccess(store, clock, item),
    clientFlags: store.clientFlags(item),
  };
}

/** At least one bucket; a page may exceed `most` by the items of its last one, and may be empty although others follow. An item that exists
 * throughout is on exactly one page. */
export function itemPage(operations: Operations, prefix: string, from: number, most: number): ItemPage {
  const walk = new ItemWalk(operations, from);
  const items: ItemFacts[] = [];
  for (let bucket = 0; bucket < BUCKETS_A_PAGE && items.length < most && !walk.isDone; bucket++) {
    walk.step((item) => {
      if (keyOf(operations, item).startsWith(prefix)) items.push(itemFacts(operations, item));
    });
  }
  return { items, next: walk.isDone ? null : walk.position };
}
