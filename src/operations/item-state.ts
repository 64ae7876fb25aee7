// Facts about an item that protocols report or change: whether it is an object, its marks, and its last access.

import type { Clock } from '../base/clock.js';
import { ItemOption } from '../store/item.js';
import type { ItemRef, Store } from '../store/store.js';
import { WriteOption } from './outcomes.js';

/** Unit and cycle of an item's access clock (store/item.ts). */
const ACCESS_UNIT_SECONDS = 4;
const ACCESS_CYCLE = 2 ** 14;

/** Whether the item's value is an object, which has no bytes that a command could append to or count with. */
export function isObject(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.object);
}

/** In steps of four seconds, up to some 18 hours, after which the clock wraps. */
export function secondsSinceAccess(store: Store, clock: Clock, item: ItemRef): number {
  const steps = Math.floor(clock.now / ACCESS_UNIT_SECONDS) - store.items.access(item);
  return (steps & (ACCESS_CYCLE - 1)) * ACCESS_UNIT_SECONDS;
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
