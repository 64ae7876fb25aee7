// Makes room: chunks for whoever needs them, by freeing what is condemned or expired and then evicting the least recently used
// items. Not for how items are laid out.
//
// A need of up to one chunk is met whole if at all possible. When sizes have shifted, many small items may be free without a
// hole that is large enough; so once this store has evicted PATIENCE items and as many bytes as it needs, smaller chunks will do: half
// of what is wanted, and half of that with each further eviction.

import type { Allocator } from '../arena/allocator.js';
import { MIN_CHUNK_UNITS } from '../arena/chunk.js';
import { NULL_REF, type Ref, UNIT_BYTES } from '../arena/memory.js';

const PATIENCE = 16;

/** What the room can be made of, in this order. Each call does a bounded amount of work. */
export interface Reclaimer {
  /** Frees some condemned memory, or one expired item; false if there is none. */
  reclaim(): boolean;
  /** Evicts the least recently used item; false if there is none left that may go. */
  evict(): boolean;
}

export class Room {
  /** Items evicted since the last `begin`. */
  evicted = 0;
  private neededBytes = 0;
  private freeAtBegin = 0;
  private obtainedBytes = 0;
  private impatience = 0;

  constructor(
    private readonly allocator: Allocator,
    private readonly reclaimer: Reclaimer,
  ) {}

  /** A new store begins that will need about so many bytes. */
  begin(neededBytes: number): void {
    this.evicted = 0;
    this.impatience = 0;
    this.obtainedBytes = 0;
    this.neededBytes = neededBytes;
    this.freeAtBegin = this.allocator.freeBytes;
  }

  /** A chunk of `units`, or of at least `minUnits` if that cannot be had at a fair price; null when nothing is left to evict. */
  obtain(units: number, minUnits: number): Ref {
    const chunk = this.allocator.take(units);
    const obtained = chunk !== 0 ? chunk : this.makeRoom(units, Math.max(MIN_CHUNK_UNITS, minUnits));
    this.obtainedBytes += units * UNIT_BYTES;
    return obtained;
  }

  private makeRoom(units: number, minUnits: number): Ref {
    while (this.reclaimer.reclaim()) {
      const chunk = this.allocator.take(units);
      if (chunk !== 0) return chunk;
    }
    for (;;) {
      const threshold = this.acceptableUnits(units, minUnits);
      if (threshold < units) {
        const smaller = this.allocator.takeLargest(units - 1, threshold);
        if (smaller !== 0) return smaller;
      }
      if (!this.reclaimer.evict()) return minUnits < units ? this.allocator.takeLargest(units - 1, minUnits) : NULL_REF;
      this.evicted++;
      const chunk = this.allocator.take(units);
      if (chunk !== 0) return chunk;
    }
  }

  private acceptableUnits(units: number, minUnits: number): number {
    if (this.evicted < PATIENCE) return units;
    const freed = this.allocator.freeBytes - this.freeAtBegin + this.obtainedBytes;
    if (freed < this.neededBytes) return units;
    this.impatience++;
    return Math.max(minUnits, units >> this.impatience);
  }
}
