// The whole content of a small store as text, so that two moments can be compared.

import { latin1 } from '../../base/latin1.js';
import type { ObjectCalls } from '../../objects/calls/object-calls.js';
import { ArenaCheck } from '../../store/arena-check.js';
import { ItemOption } from '../../store/item.js';
import type { ItemRef, Store } from '../../store/store.js';
import { contentOf } from './object-content.js';

/** By key: what is stored under it. */
type StorePicture = ReadonlyMap<string, string>;

/** Throws if the arena is damaged. */
export function pictureOf(store: Store, calls: ObjectCalls): StorePicture {
  const check = new ArenaCheck(store);
  while (check.slice());
  const items: ItemRef[] = [];
  // First collected: reading an object makes it the most recently used one.
  store.forEachItem((item) => items.push(item));
  return new Map(items.map((item) => [keyOf(store, item), shown(store, calls, item)]));
}

/** The first difference, in one line; undefined if there is none. */
export function difference(before: StorePicture, after: StorePicture): string | undefined {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key) ?? 'nothing', after.get(key) ?? 'nothing'];
    if (old !== now) return `${key} was ${shortened(old)} and is ${shortened(now)}`;
  }
  return undefined;
}

function keyOf(store: Store, item: ItemRef): string {
  const position = store.keyPosition(item);
  return latin1(store.arena.viewOf(position), store.arena.indexOf(position), store.keyLength(item));
}

function shown(store: Store, calls: ObjectCalls, item: ItemRef): string {
  const expiresAt = store.expiresAt(item);
  const expiry = expiresAt === 0 ? '' : `, expires at ${expiresAt}`;
  if (store.items.has(item, ItemOption.object)) {
    const pinned = store.retained.marks.unitsOf(item) === 0 ? '' : ', pinned';
    return `${contentOf(calls, store, keyOf(store, item))}${expiry}${pinned}`;
  }
  return `${JSON.stringify(plainValue(store, item))} with flags ${store.clientFlags(item)}${expiry}`;
}

/** The bytes of a plain value. */
export function plainValue(store: Store, item: ItemRef): string {
  const { at, size } = store.arena.windows(0).output;
  let text = '';
  for (let offset = 0; offset < store.valueLength(item); offset += size) {
    const length = Math.min(size, store.valueLength(item) - offset);
    store.copyValue(item, offset, length, at);
    text += latin1(store.arena.bytes, at, length);
  }
  return text;
}

const SHOWN_CHARACTERS = 200;

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
