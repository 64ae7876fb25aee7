// Memory for objects during a call: chunks that are made by evicting others, never the objects in use. Not for what is put
// into the chunks.

import type { Allocator } from '../../arena/allocator.js';
import { CHUNK_PINS_SHIFT, MIN_CHUNK_UNITS } from '../../arena/chunk.js';
import { type Ref, UNIT_BYTES } from '../../arena/memory.js';
import { assert } from '../../base/assert.js';
import type { ItemRef, ReservedRef, Store } from '../../store/store.js';
import { OutOfMemoryError } from '../table-store.js';

export class ObjectMemory {
  /** Set once memory ran out: whatever a method does about the error, the call cannot commit. */
  isExhausted = false;
  /** Largest object: all chunks below its item. */
  readonly objectLimitUnits: number;
  private readonly words: Uint32Array;
  private readonly allocator: Allocator;
  private readonly pin: number;
  /** Linked items of the objects of this call. */
  private readonly inUse: number[] = [];
  private inUseCount = 0;
  private readonly pinnedHere: boolean[] = [];

  constructor(
    private readonly store: Store,
    thread: number,
  ) {
    this.words = store.arena.words;
    this.allocator = store.allocator;
    this.pin = 1 << (CHUNK_PINS_SHIFT + thread);
    this.objectLimitUnits = Math.floor(store.limitBytes / 2 / UNIT_BYTES);
  }

  begin(): void {
    this.isExhausted = false;
    this.inUseCount = 0;
  }

  /** From now on to the end of the call the item is not evicted. */
  use(item: number): void {
    this.inUse[this.inUseCount++] = item;
  }

  /** A chunk of so many units, or a little more. */
  obtain(units: number): number {
    const wanted = Math.max(MIN_CHUNK_UNITS, units);
    const free = this.allocator.take(wanted);
    if (free !== 0) return free;
    this.protect();
    this.store.room.begin(wanted * UNIT_BYTES);
    const chunk = this.store.room.obtain(wanted, wanted);
    this.unprotect();
    if (chunk === 0) this.fail('out of memory');
    return chunk;
  }

  obtainItem(keyAt: number, keyLength: number, bodyBytes: number, options: number): ReservedRef {
    this.protect();
    const item = this.store.reserveObject(keyAt, keyLength, bodyBytes, options);
    this.unprotect();
    if (item === 0) this.fail('out of memory');
    return item;
  }

  /** To be called when the index has got another entry; what the growth takes may be evicted, too. */
  growIndex(): void {
    if (!this.store.index.wantsGrowth) return;
    this.protect();
    this.store.growIndexIfDue();
    this.unprotect();
  }

  /** The item may go again. */
  release(item: ItemRef): void {
    for (let index = 0; index < this.inUseCount; index++) {
      if (this.inUse[index] !== item) continue;
      this.inUse[index] = this.inUse[--this.inUseCount] as number;
      return;
    }
  }

  /** Publishes an item in the place of what stands at its key, which is in use no longer. */
  link(item: ItemRef): void {
    this.protect();
    this.store.link(item as Ref as ReservedRef);
    this.unprotect();
  }

  fail(message: string): never {
    this.isExhausted = true;
    throw new OutOfMemoryError(message);
  }

  // Pins last only while something may be evicted: hardly any call comes to that, and all calls would pay for more.

  private protect(): void {
    for (let index = 0; index < this.inUseCount; index++) {
      const word = (this.inUse[index] as number) * 2;
      this.pinnedHere[index] = ((this.words[word] as number) & this.pin) === 0;
      this.words[word] = (this.words[word] as number) | this.pin;
    }
  }

  private unprotect(): void {
    for (let index = this.inUseCount - 1; index >= 0; index--) {
      if (this.pinnedHere[index] !== true) continue;
      const word = (this.inUse[index] as number) * 2;
      assert(((this.words[word] as number) & this.pin) !== 0, 'an item in use stays pinned');
      this.words[word] = (this.words[word] as number) & ~this.pin;
    }
  }
}
