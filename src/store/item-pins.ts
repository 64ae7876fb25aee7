// Items that a thread reads without the lock: each thread has one bit in the item, and counts for itself which ones it has pinned more
// than once. The store frees an item whose last pin is removed.

import { CHUNK_PINS_BITS, CHUNK_PINS_SHIFT } from '../arena/chunk.js';
import { assert } from '../base/assert.js';
import type { Items } from './item.js';

/** @perThread */
export class Pins {
  /** Pins beyond the first, which is the bit. */
  private readonly further = new Map<number, number>();
  private readonly bit: number;

  constructor(
    private readonly items: Items,
    thread: number,
  ) {
    assert(thread < CHUNK_PINS_BITS, 'a pin bit for the thread');
    this.bit = 1 << (CHUNK_PINS_SHIFT + thread);
  }

  add(item: number): void {
    if (this.items.has(item, this.bit)) this.further.set(item, (this.further.get(item) ?? 0) + 1);
    else this.items.setOption(item, this.bit);
  }

  remove(item: number): void {
    assert(this.items.has(item, this.bit), 'only a pinned item is unpinned');
    const further = this.further.size === 0 ? 0 : (this.further.get(item) ?? 0);
    if (further > 1) this.further.set(item, further - 1);
    else if (further === 1) this.further.delete(item);
    else this.items.clearOption(item, this.bit);
  }
}
