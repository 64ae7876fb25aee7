// The largest items and objects: as data, and as the rows of `stats bigkeys`.

import { encodedKey } from '../encoded-key.js';
import { keyOf } from '../item-listing.js';
import { isObject, secondsSinceAccess } from '../item-state.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';
import type { ItemRef } from '../outcomes.js';

const MOST_KEYS = 20;

export interface BigKeyRow {
  /** Each character is a byte. */
  readonly key: string;
  readonly holds: 'object' | 'item';
  readonly bytes: number;
  readonly idleSeconds: number;
}

/** Undefined if keys may not be listed (-X). */
export function bigKeyList(operations: Operations): readonly BigKeyRow[] | undefined {
  const { clock, options, store } = operations;
  if (!options.dumpEnabled) return undefined;
  return store.largest.list(MOST_KEYS).map(({ item, bytes }): BigKeyRow => {
    const ref = item as ItemRef;
    return {
      key: keyOf(operations, ref),
      holds: isObject(store, ref) ? 'object' : 'item',
      bytes,
      idleSeconds: secondsSinceAccess(store, clock, ref),
    };
  });
}

export function bigKeyRows(operations: Operations): StatRows {
  const list = bigKeyList(operations);
  if (list === undefined) return [['bigkeys_status', 'disabled']];
  return list.flatMap((row, index): [string, string | number][] => [
    [`${index + 1}:key`, encodedKey(row.key)],
    [`${index + 1}:holds`, row.holds],
    [`${index + 1}:bytes`, row.bytes],
    [`${index + 1}:idle_seconds`, row.idleSeconds],
  ]);
}
