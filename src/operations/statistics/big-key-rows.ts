// The rows of `stats bigkeys`: the largest items and objects.

import { encodedKey } from '../encoded-key.js';
import { keyOf } from '../item-listing.js';
import { isObject, secondsSinceAccess } from '../item-state.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';
import type { ItemRef } from '../outcomes.js';

const MOST_KEYS = 20;

export function bigKeyRows(operations: Operations): StatRows {
  const { clock, options, store } = operations;
  if (!options.dumpEnabled) return [['bigkeys_status', 'disabled']];
  return store.largest.list(MOST_KEYS).flatMap(({ item, bytes }, index): [string, string | number][] => {
    const ref = item as ItemRef;
    const rank = index + 1;
    return [
      [`${rank}:key`, encodedKey(keyOf(operations, ref))],
      [`${rank}:holds`, isObject(store, ref) ? 'object' : 'item'],
      [`${rank}:bytes`, bytes],
      [`${rank}:idle_seconds`, secondsSinceAccess(store, clock, ref)],
    ];
  });
}
