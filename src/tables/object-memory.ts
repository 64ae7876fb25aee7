// Memory for objects during a call: allocates chunks, evicting other items but never the objects in use.
//
// A chunk is loose until an entry of the journal records it: after an interrupted change the rollback finds it here. Allocating a chunk
// and storing its number is one expression, without a call in between that could fail.

import type { Allocator } from '../arena/allocator.js';
import { CHUNK_PINS_SHIFT, MIN_CHUNK_UNITS } from '../arena/chunk.js';
import { type Ref, UNIT_BYTES } from '../arena/memory.js';
import { assert } from '../base/assert.js';
import type { ItemRef, ReservedRef, Store } from '../store/store.js';
import { OutOfMemoryError } from './table-store.js';

/** A longer list is cut after the call, so that one large call does not keep its memory in every thread. */
const KEPT_LOOSE = 4096;

/** @perThread */
export class ObjectMemory {
  /** Set once memory ran out: even if the method catches the error, the call cannot commit. */
  isExhausted = false;
  /** Largest object: all chunks below its item. */
  objectLimitUnits = 0;
  private readonly words: Uint32Array;
  private readonly allocator: Allocator;
  private readonly pin: number;
  /** Linked items of the objects of this call. */
  private readonly inUse: number[] = [];
  private inUseCount = 0;
  private readonly pinnedHere: boolean[] = [];
  private isProtecting = false;
  readonly loose: number[] = [];
  looseCount = 0;
  /** An item that no entry of the journal knows; 0: none. */
  looseItem = 0;
  /** Whether that item's table has been marked as spread; before, its body may hold anything. */
  isLooseItemSpread = false;

  constructor(
    private readonly store: Store,
    thread: number,
  ) {
    this.words = store.arena.words;
    this.allocator = store.allocator;
    this.pin = 1 << (CHUNK_PINS_SHIFT + thread);
  }

  begin(): void {
    this.isExhausted = false;
    this.objectLimitUnits = this.store.limitBytes / 2 / UNIT_BYTES;
    this.inUseCount = 0;
    if (this.loose.length > KEPT_LOOSE) this.loose.length = KEPT_LOOSE;
  }

  /** Frees what an interrupted change has allocated. */
  abort(): void {
    if (this.isProtecting) this.unprotect();
  }

  /** From now on to the end of the call the item is not evicted. */
  use(item: number): void {
    this.inUse[this.inUseCount++] = item;
  }

  /** A chunk of `units`, or a little more. */
  obtain(units: number): number {
    const wanted = Math.max(MIN_CHUNK_UNITS, units);
    const { loose } = this;
    const at = this.looseCount;
    loose[at] = this.allocator.take(wanted);
    if (loose[at] === 0) {
      this.protect();
      this.store.room.begin(wanted * UNIT_BYTES);
      loose[at] = this.store.room.obtain(wanted, wanted);
    }
    if (loose[at] !== 0) this.looseCount = at + 1;
    if (this.isProtecting) this.unprotect();
    if (loose[at] === 0) this.fail('out of memory');
    return loose[at];
  }

  obtainItem(keyAt: number, keyLength: number, bodyBytes: number, options: number): ReservedRef {
    this.protect();
    this.isLooseItemSpread = false;
    this.looseItem = this.store.reserveObject(keyAt, keyLength, bodyBytes, options);
    this.unprotect();
    if (this.looseItem === 0) this.fail('out of memory');
    return this.looseItem as ReservedRef;
  }

  /** Call this when the index has got another entry; its growth may evict items, too. */
  growIndex(): void {
    if (!this.store.index.wantsGrowth) return;
    this.protect();
    this.store.growIndexIfDue();
    this.unprotect();
  }

  /** The item may be evicted again. */
  release(item: ItemRef): void {
    for (let index = 0; index < this.inUseCount; index++) {
      if (this.inUse[index] !== item) continue;
      this.inUse[index] = this.inUse[--this.inUseCount];
      return;
    }
  }

  protecting(work: () => void): void {
    this.protect();
    work();
    this.unprotect();
  }

  /** Publishes an item, replacing the one at its key, which is no longer in use. */
  link(item: ItemRef): void {
    this.protect();
    this.store.link(item as Ref as ReservedRef);
    this.unprotect();
  }

  fail(message: string): never {
    this.isExhausted = true;
    throw new OutOfMemoryError(message);
  }

  // Items are pinned only while something may be evicted: few calls get there, and pinning always would slow down all calls.

  private protect(): void {
    this.isProtecting = true;
    for (let index = 0; index < this.inUseCount; index++) {
      const word = this.inUse[index] * 2;
      this.pinnedHere[index] = (this.words[word] & this.pin) === 0;
      this.words[word] = this.words[word] | this.pin;
    }
  }

  private unprotect(): void {
    for (let index = this.inUseCount - 1; index >= 0; index--) {
      if (this.pinnedHere[index] !== true) continue;
      const word = this.inUse[index] * 2;
      assert((this.words[word] & this.pin) !== 0, 'an item in use stays pinned');
      this.words[word] = this.words[word] & ~this.pin;
    }
    this.isProtecting = false;
  }
}
