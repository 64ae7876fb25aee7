// Facts about an item that protocols report or change: whether it is an object, its marks, and its last access.

import type { Clock } from '../base/clock.js';
import { ACCESS_MASK, ItemOption } from '../store/item.js';
import type { ItemRef, Store } from '../store/store.js';
import { WriteOption } from './outcomes.js';

/** Whether the item's value is an object, which has no bytes that a command could append to or count with. */
export function isObject(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.object);
}

/** Up to some 18 hours, after which the clock of accesses wraps. */
export function secondsSinceAccess(store: Store, clock: Clock, item: ItemRef): number {
  return (clock.now - store.items.access(item)) & ACCESS_MASK;
}

/** Layout options that an item needs for a write with these WriteOptions. */
export function layoutOf(how: number): number {
  return (how & (WriteOption.withCas | WriteOption.assignCas)) === 0 ? 0 : ItemOption.cas;
}

/** Whether the value was marked stale and a client should renew it. */
export function isStale(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.stale);
}

/** Marks the item stale: the next client that reads it may win the right to renew it. */
export function markStale(store: Store, item: ItemRef): void {
  store.items.setOption(item, ItemOption.stale);
  store.items.clearOption(item, ItemOption.win);
}

/** Whether a client has been told that it may renew the value. */
export function isWinSent(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.win);
}

export function markWinSent(store: Store, item: ItemRef): void {
  store.items.setOption(item, ItemOption.win);
}

/** Marks the item as read by a client. */
export function markFetched(store: Store, item: ItemRef): void {
  store.items.setOption(item, ItemOption.fetched);
}

/** Makes the item the most recently used one without marking it as read. */
export function hitUnread(store: Store, item: ItemRef): void {
  const wasFetched = store.wasFetched(item);
  if (isObject(store, item)) store.hitObject(item);
  else store.hit(item);
  if (!wasFetched) store.items.clearOption(item, ItemOption.fetched);
}
