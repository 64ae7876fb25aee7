// Finds chunks for new items: frees what was deleted or has expired, and then evicts the least recently used items.
//
// A need of up to one chunk is met whole if at all possible. Where much memory is free in smaller chunks, or once this store has
// evicted EVICTIONS_BEFORE_COMPACTION items and as many bytes as it needs, others are moved to make a hole. If that fails, the request
// is halved repeatedly. Longer pieces are used where they are free, but nothing is evicted to create them.

import type { Allocator } from '../arena/allocator.js';
import { MAX_CHUNK_UNITS, MAX_PIECE_UNITS, MIN_CHUNK_UNITS } from '../arena/chunk.js';
import { type Arena, NULL_REF, type Ref, UNIT_BYTES } from '../arena/memory.js';
import { assert } from '../base/assert.js';

/** A choice. A higher number lets a store evict more than it needs before anything is moved. A lower one copies up to 1 KB per chunk where
 * one more eviction may have left a hole. */
const EVICTIONS_BEFORE_COMPACTION = 16;
/** Smaller chunks are taken when more than 1/32 of the memory is free; each further 1/32 halves the accepted size. A choice: up to 3 % of
 * the memory may stay free in scattered chunks before values are split more finely. */
const FREE_PARTS = 32;
/** Enough to reduce the largest chunk (129 units) to nothing, so that only the caller's minimum remains. */
const MAX_HALVINGS = 8;
/** A store evicts up to this many items for the reserve. A choice: reads and touches use the reserve up, and refilling it over several
 * stores delays none of them much. */
const EVICTED_FOR_RESERVE = 2;

/** Makes one chunk of `units` out of smaller ones; null if it cannot. */
interface HoleMaker {
  makeHole(units: number): Ref;
}

/** Where memory comes from, in this order. Each call does a bounded amount of work. */
export interface Reclaimer {
  /** Frees some condemned memory, or one expired item; false if there is none. */
  reclaim(): boolean;
  /** Evicts the least recently used item; false if none can be evicted. */
  evict(): boolean;
}

/** @perThread */
export class SpaceReclaimer {
  /** For reads and touches: all free memory is used, and compacted, before anything is evicted. */
  isForReader = false;
  /** Items evicted since the last `begin`. */
  evicted = 0;
  /** Only what reading and touching need takes the last of the free memory. */
  private readonly reserveBytes: number;
  private neededBytes = 0;
  private freeAtBegin = 0;
  private obtainedBytes = 0;
  private impatience = 0;

  constructor(
    private readonly allocator: Allocator,
    private readonly reclaimer: Reclaimer,
    private readonly holeMaker: HoleMaker,
    private readonly arena: Pick<Arena, 'limitBytes' | 'reserveUnits'>,
  ) {
    this.reserveBytes = arena.reserveUnits * UNIT_BYTES;
  }

  /** Bytes in use of the limit and of the reserve beyond it. */
  get takenBytes(): number {
    return this.arena.limitBytes + this.reserveBytes - this.allocator.freeBytes;
  }

  get reserveUsedBytes(): number {
    return Math.max(0, this.takenBytes - this.arena.limitBytes);
  }

  /** Starts the account of a new store that will need about `bytes`. */
  begin(neededBytes: number): void {
    this.evicted = 0;
    this.impatience = 0;
    this.obtainedBytes = 0;
    this.neededBytes = neededBytes;
    this.freeAtBegin = this.allocator.freeBytes;
  }

  /** A chunk of `units`, or of at least `minUnits` if that would cost too many evictions; null when nothing is left to evict. */
  obtain(units: number, minUnits: number): Ref {
    assert(minUnits <= units, 'no more is needed than is wanted');
    const chunk = this.hasFree(units) ? this.allocator.take(units) : NULL_REF;
    const obtained = chunk !== 0 ? chunk : this.makeRoom(units, units, Math.max(MIN_CHUNK_UNITS, minUnits));
    this.obtainedBytes += units * UNIT_BYTES;
    return obtained;
  }

  /** A chunk for a piece of a value that needs `units` more: MAX_CHUNK_UNITS or longer if one is free, otherwise what `obtain` returns. */
  obtainPiece(units: number, minUnits: number): Ref {
    if (units <= MAX_CHUNK_UNITS) return this.obtain(units, Math.min(units, minUnits));
    const mostUnits = Math.min(units, MAX_PIECE_UNITS);
    const chunk = this.hasFree(MAX_CHUNK_UNITS) ? this.allocator.takeLong(mostUnits, MAX_CHUNK_UNITS) : NULL_REF;
    const obtained = chunk !== 0 ? chunk : this.makeRoom(mostUnits, MAX_CHUNK_UNITS, minUnits);
    if (obtained !== 0) this.obtainedBytes += this.allocator.unitsOf(obtained) * UNIT_BYTES;
    return obtained;
  }

  private makeRoom(mostUnits: number, units: number, minUnits: number): Ref {
    while (this.reclaimer.reclaim()) {
      const chunk = this.take(mostUnits, units);
      if (chunk !== 0) return chunk;
    }
    if (this.isForReader) {
      const hole = this.holeMaker.makeHole(units);
      if (hole !== 0) return hole;
    }
    for (;;) {
      const threshold = this.acceptableUnits(units, minUnits);
      if (threshold < units) {
        const hole = this.holeMaker.makeHole(units);
        if (hole !== 0) return hole;
        const smaller = this.allocator.takeLargest(units - 1, threshold);
        if (smaller !== 0) return smaller;
      }
      if (!this.reclaimer.evict()) return this.lastResort(units, minUnits);
      this.evicted++;
      const chunk = this.take(mostUnits, units);
      if (chunk !== 0) return chunk;
    }
  }

  private take(mostUnits: number, units: number): Ref {
    if (!this.hasFree(units)) return NULL_REF;
    return mostUnits > units ? this.allocator.takeLong(mostUnits, units) : this.allocator.take(units);
  }

  /** Whether `units` are free without using the reserve. A store that has evicted EVICTED_FOR_RESERVE items may use the reserve too, and what
      there is while the limit is being lowered. */
  private hasFree(units: number): boolean {
    if (this.isForReader || this.evicted >= EVICTED_FOR_RESERVE) return true;
    return this.allocator.freeBytes - units * UNIT_BYTES >= this.reserveBytes;
  }

  private acceptableUnits(units: number, minUnits: number): number {
    const free = this.allocator.freeBytes;
    const freed = free - this.freeAtBegin + this.obtainedBytes;
    if (this.evicted >= EVICTIONS_BEFORE_COMPACTION && freed >= this.neededBytes) this.impatience++;
    const spare = free - this.reserveBytes;
    const plenty = spare <= 0 ? 0 : Math.floor((spare * FREE_PARTS) / this.arena.limitBytes);
    return Math.max(minUnits, units >> Math.min(MAX_HALVINGS, this.impatience + plenty));
  }

  private lastResort(units: number, minUnits: number): Ref {
    const whole = this.reserveBytes === 0 ? NULL_REF : this.allocator.take(units);
    if (whole !== 0) return whole;
    const smaller = this.allocator.takeLargest(units - 1, minUnits);
    return smaller !== 0 ? smaller : this.holeMaker.makeHole(minUnits);
  }
}
