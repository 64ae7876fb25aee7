// Facts about an item that protocols report or change: whether it is an object, its marks, and its last access. Not for the LRU list or
// the index, which the store keeps.

import type { Clock } from '../base/clock.js';
import { ItemOption } from '../store/item.js';
import type { ItemRef, Store } from '../store/store.js';
import { WriteOption } from './outcomes.js';

/** Unit and cycle of the time that an item keeps of its last access. */
const ACCESS_UNIT_SECONDS = 4;
const ACCESS_CYCLE = 2 ** 14;

/** Whether the item's value is an object, which has no bytes that a command could append to or count with. */
export function isObject(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.object);
}

/** In steps of four seconds, and no longer than some 18 hours. */
export function secondsSinceAccess(store: Store, clock: Clock, item: ItemRef): number {
  const steps = Math.floor(clock.now / ACCESS_UNIT_SECONDS) - store.items.access(item);
  return (steps & (ACCESS_CYCLE - 1)) * ACCESS_UNIT_SECONDS;
}

/** Layout options that an item needs for what a write with these WriteOptions promises. */
export function layoutOf(how: number): number {
  return (how & (WriteOption.withCas | WriteOption.assignCas)) === 0 ? 0 : ItemOption.cas;
}

/** Whether the value is known to be out of date and waits for a client to renew it. */
export function isStale(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.stale);
}

/** The item is out of date: the next client that reads it may win the right to renew it. */
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

/** The item counts as one that a client has read. */
export function markFetched(store: Store, item: ItemRef): void {
  store.items.setOption(item, ItemOption.fetched);
}

/** Sets the expiry (server second, 0 = never) of an item that no client reads by this; 0 when there is no memory for it. */
export function touchUnread(store: Store, item: ItemRef, expiresAt: number): ItemRef {
  const wasFetched = store.wasFetched(item);
  const touched = store.touch(item, expiresAt);
  if (!wasFetched && touched !== 0) store.items.clearOption(touched, ItemOption.fetched);
  return touched;
}

/** The item is in use, though no client reads its value by this. */
export function hitUnread(store: Store, item: ItemRef): void {
  const wasFetched = store.wasFetched(item);
  store.hit(item);
  if (!wasFetched) store.items.clearOption(item, ItemOption.fetched);
}
