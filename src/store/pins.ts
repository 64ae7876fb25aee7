// Items that a thread reads outside of the lock: each thread has one bit in the item and counts its pins for itself.
// Not for freeing an item whose last pin is gone, which the store does.

import { CHUNK_PINS_BITS, CHUNK_PINS_SHIFT } from '../arena/chunk.js';
import { assert } from '../base/assert.js';
import type { Items } from './item.js';

export class Pins {
  private readonly counts = new Map<number, number>();
  private readonly bit: number;

  constructor(
    private readonly items: Items,
    thread: number,
  ) {
    assert(thread < CHUNK_PINS_BITS, 'a pin bit for the thread');
    this.bit = 1 << (CHUNK_PINS_SHIFT + thread);
  }

  add(item: number): void {
    const count = this.counts.get(item) ?? 0;
    this.counts.set(item, count + 1);
    if (count === 0) this.items.setOption(item, this.bit);
  }

  remove(item: number): void {
    const count = this.counts.get(item) ?? 0;
    assert(count > 0, 'only a pinned item is unpinned');
    if (count > 1) {
      this.counts.set(item, count - 1);
      return;
    }
    this.counts.delete(item);
    this.items.clearOption(item, this.bit);
  }
}
