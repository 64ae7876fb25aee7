// Whether a store holds nothing but plain values, which a server without objects can serve.

import { ChunkKind, kindOf } from '../arena/chunk.js';
import type { Clock } from '../base/clock.js';
import { IndexWalk } from '../store/index-walk.js';
import { ItemOption, type ItemRef } from '../store/item.js';
import type { Store } from '../store/store.js';

/** Looks at all items, before clients are served. */
export function hasPlainValuesOnly({ store, clock }: { readonly store: Store; readonly clock: Clock }): boolean {
  const { arena, index, items, lookup } = store;
  const { words } = arena;
  const walk = new IndexWalk({ words, index, lookup }, 0);
  let isPlain = true;
  while (isPlain && !walk.isDone) {
    walk.step((entry) => {
      const item = entry as ItemRef;
      if (kindOf(words[entry * 2]) !== ChunkKind.item || !items.has(item, ItemOption.object)) return;
      const expiresAt = store.expiresAt(item);
      if (expiresAt === 0 || expiresAt > clock.now) isPlain = false;
    });
  }
  return isPlain;
}
