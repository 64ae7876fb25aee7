// What the parts of a dump share: the server's parts that they use, and the record of an item up to its value.

import type { ByteBuilder } from '../../base/byte-builder.js';
import { isStale } from '../item-state.js';
import type { Operations } from '../operations.js';
import type { ItemRef } from '../outcomes.js';
import type { VirtualKeys } from '../virtual-keys.js';
import { beginItem, RecordMark } from './record.js';

/** A slice ends after this time, or with somewhat more bytes than this; then other clients have their turn. */
export const SLICE_MS = 0.3;
export const SLICE_BYTES = 32 * 1024;
/** Bytes of the length before each record. */
export const LENGTH_BYTES = 4;
/** The version in the record of a plain item, and of an object until it is known. */
const NO_VERSION = 0;

export interface DumpParts extends Pick<Operations, 'store' | 'clock' | 'bytes' | 'scratch'> {
  /** Undefined without objects. */
  readonly virtualKeys: Pick<VirtualKeys, 'portable'> | undefined;
}

/** Appends what comes before the value. */
export function addHeader({ clock, store }: DumpParts, item: ItemRef, isObject: boolean, to: ByteBuilder): void {
  const expiresAt = store.expiresAt(item);
  beginItem(to, {
    isObject,
    marks: isStale(store, item) ? RecordMark.stale : 0,
    version: NO_VERSION,
    clientFlags: store.clientFlags(item),
    expiresAtUnix: expiresAt === 0 ? 0 : clock.toUnix(expiresAt),
    key: keyOf(store, item),
  });
}

/** A copy: what follows may move the item. */
export function keyOf(store: DumpParts['store'], item: ItemRef): Uint8Array {
  const position = store.keyPosition(item);
  const start = store.arena.indexOf(position);
  return store.arena.viewOf(position).slice(start, start + store.keyLength(item));
}
