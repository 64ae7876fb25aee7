// The memory of all objects, estimated when it is asked for: counting it as objects change would cost each call. The largest ones are known
// (store/largest-items.ts); the others are taken from a sample of the index that begins anywhere.

import { UNIT_BYTES } from '../../arena/memory.js';
import { ITEM_HEADER_BYTES } from '../../store/item.js';
import { ItemWalk } from '../item-listing.js';
import { isObject } from '../item-state.js';
import type { Operations } from '../operations.js';
import type { ItemRef } from '../outcomes.js';

/** A tenth of a millisecond (estimated). A cache with fewer buckets is counted. */
const BUCKETS_SAMPLED = 512;
const POSITIONS = 2 ** 32;

interface Sums {
  all: number;
  objects: number;
}

export function estimatedObjectBytes(operations: Operations): number {
  const { store } = operations;
  const large = store.largest.list(Number.POSITIVE_INFINITY);
  const known: Sums = { all: 0, objects: 0 };
  for (const { item } of large) add(operations, item as ItemRef, known);
  const largeItems = new Set(large.map(({ item }) => item));
  const sampled: Sums = { all: 0, objects: 0 };
  const isCounted = store.index.buckets <= BUCKETS_SAMPLED;
  let walk = new ItemWalk(operations, isCounted ? 0 : Math.floor(Math.random() * POSITIONS));
  for (let bucket = 0; bucket < BUCKETS_SAMPLED; bucket++) {
    if (walk.isDone && isCounted) break;
    if (walk.isDone) walk = new ItemWalk(operations);
    walk.step((item) => {
      if (!largeItems.has(item)) add(operations, item, sampled);
    });
  }
  const rest = Math.max(0, store.itemBytes - known.all);
  const share = sampled.all === 0 ? 0 : sampled.objects / sampled.all;
  return Math.round(Math.min(store.itemBytes, known.objects + rest * share));
}

function add({ store }: Operations, item: ItemRef, sums: Sums): void {
  const isTable = isObject(store, item);
  const bytes = isTable
    ? store.largest.objectBytes(item)
    : Math.ceil((ITEM_HEADER_BYTES + store.keyLength(item) + store.valueLength(item)) / UNIT_BYTES) * UNIT_BYTES;
  sums.all += bytes;
  if (isTable) sums.objects += bytes;
}
