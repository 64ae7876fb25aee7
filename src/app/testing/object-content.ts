// The content of an object as JSON, as `get type$key` shows it.

import { latin1, writeLatin1 } from '../../base/latin1.js';
import { OutcomeKind } from '../../objects/calls/call-result.js';
import type { ObjectCalls } from '../../objects/calls/object-calls.js';
import { ItemOption } from '../../store/item.js';
import type { ItemRef, Store } from '../../store/store.js';

/** Key and content are byte strings; undefined if the key holds no object. */
export function contentOf(calls: ObjectCalls, store: Store, key: string): string | undefined {
  const item = itemAt(store, key);
  const { at } = store.arena.windows(0).input;
  if (item === 0 || !store.items.has(item, ItemOption.object)) return undefined;
  const { kind, value } = calls.content(at, key.length);
  const text = textOf(value);
  if (kind !== OutcomeKind.result) throw new Error(text);
  return text;
}

/** The item at a key, which is left in the input window; 0 if there is none. */
export function itemAt(store: Store, key: string): ItemRef {
  const { arena } = store;
  const { at } = arena.windows(0).input;
  writeLatin1(key, arena.bytes, at);
  return store.find(at, key.length);
}

/** The bytes of an outcome as a byte string. */
export function textOf(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : latin1(value, 0, value.length);
}
