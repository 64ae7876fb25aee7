// Objects that are made in several calls, between which other calls and other threads run. Until the last call commits, the object is an item
// that is not linked: no client sees it, it is not evicted, and its header does not move. Its fields are in the store's index, and may move, like
// those of any object. What makes it keeps the item, and drops it if the object is not completed. Ending and starting calls: arena-tables.ts.

import { HEADER } from '../arena/layout.js';
import { assert } from '../base/assert.js';
import { type ItemRef, NO_ITEM } from '../store/item.js';
import type { Store } from '../store/store.js';
import type { OpenObject } from './open-object.js';
import type { OpenObjects } from './open-objects.js';
import { PINNED_BY_TYPE, SPREAD } from './table-layout.js';
import type { TableParts } from './table-parts.js';
import type { StoredUnfinished } from './table-store.js';

/** @perThread */
export class UnfinishedObjects implements StoredUnfinished {
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly parts: TableParts,
    private readonly objects: OpenObjects,
  ) {
    this.words = store.arena.words;
  }

  claim(): boolean {
    if (this.words[HEADER.unfinished] !== 0) return false;
    this.words[HEADER.unfinished] = 1;
    return true;
  }

  leave(): void {
    assert(this.words[HEADER.unfinished] === 1, 'an object is being made');
    this.words[HEADER.unfinished] = 0;
  }

  /** Makes the writes of the call to the object that it has made final, without linking the object; its item. */
  keep(): ItemRef {
    const { journal, memory, isChanging } = this.parts;
    if (memory.isExhausted || isChanging) throw this.parts.cutShort();
    const { item, linked } = this.objects.list[0];
    assert(this.objects.count === 1 && linked === 0, 'the call has made one object');
    journal.commit();
    return item;
  }

  /** Opens such an object. */
  open(keyAt: number, keyLength: number, item: ItemRef, isPinned: boolean): OpenObject {
    const { containers, journal, pinned } = this.parts;
    const object = this.objects.take(keyAt, keyLength, NO_ITEM);
    object.item = item;
    // First, so that a rollback frees the item whatever comes next.
    object.madeEntry = journal.itemMade(item);
    object.replacesStored = true;
    object.isWritten = true;
    object.writable = true;
    pinned.mark(object, PINNED_BY_TYPE, isPinned);
    if (!isPinned) return object;
    // The type may have become one that pins its objects.
    this.parts.beginChange();
    containers.makeExpiry(object);
    this.parts.isChanging = false;
    return object;
  }

  /** A flush drops all entries of the index together, so one field tells. */
  isWhole(item: ItemRef): boolean {
    const { fields, layout } = this.parts;
    if (!layout.isSpread(item)) return true;
    const first = this.words[layout.spreadWord(item) + SPREAD.first];
    return first === 0 || this.store.index.holds(fields.hashOf(first), first);
  }

  drop(item: ItemRef): void {
    this.store.freeing.free(item);
  }
}
