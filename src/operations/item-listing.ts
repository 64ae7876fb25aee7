// Lists items: the most recently used ones, or all of them in slices, since there may be millions.

import { ChunkKind, kindOf } from '../arena/chunk.js';
import { latin1 } from '../base/latin1.js';
import { IndexWalk } from '../store/index-walk.js';
import type { Operations } from './operations.js';
import type { ItemRef } from './outcomes.js';

/** The key, whose characters are bytes. */
export function keyOf({ store }: Operations, item: ItemRef): string {
  const { arena } = store;
  const position = store.keyPosition(item);
  return latin1(arena.viewOf(position), arena.indexOf(position), store.keyLength(item));
}

/** Unix time of the item's expiry, or `never`. */
export function expiryOf({ clock, store }: Operations, item: ItemRef, never: number): number {
  const expiresAt = store.expiresAt(item);
  return expiresAt === 0 ? never : clock.toUnix(expiresAt);
}

/** Visits live items from the most recently used on, until `visit` returns false. */
export function visitRecentItems(operations: Operations, visit: (item: ItemRef) => boolean): void {
  operations.store.forEachItem((item) => isExpired(operations, item) || visit(item));
}

/** A walk over all items that visits one that exists during the whole walk exactly once; see store/index-walk.ts. */
export class ItemWalk {
  readonly #walk: IndexWalk;

  constructor(
    private readonly operations: Operations,
    from = 0,
  ) {
    const { arena, index, lookup } = operations.store;
    this.#walk = new IndexWalk({ words: arena.words, index, lookup }, from);
  }

  get position(): number {
    return this.#walk.position;
  }

  get isDone(): boolean {
    return this.#walk.isDone;
  }

  /** Visits the live items of the next bucket of the index. */
  step(visit: (item: ItemRef) => void): void {
    const { operations } = this;
    const { words } = operations.store.arena;
    this.#walk.step((entry) => {
      const isItem = kindOf(words[entry * 2]) === ChunkKind.item;
      if (isItem && !isExpired(operations, entry as ItemRef)) visit(entry as ItemRef);
    });
  }
}

function isExpired({ clock, store }: Operations, item: ItemRef): boolean {
  const expiresAt = store.expiresAt(item);
  return expiresAt !== 0 && expiresAt <= clock.now;
}
