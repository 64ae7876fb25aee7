// The memory limit, which an operator may change while the server runs. Raising it takes effect in one step. Lowering it also does, for
// what is stored from then on; the excess is evicted, least recently used first, and the regions beyond the limit are emptied, a bounded
// time at a call of `slice`.

import type { Allocator } from '../arena/allocator.js';
import { HEADER } from '../arena/layout.js';
import { type Arena, REGION_UNITS, type Ref, UNIT_BYTES } from '../arena/memory.js';
import type { Evacuation, IsOver, Progress } from './evacuation.js';
import { HashIndex } from './hash-index.js';
import type { RetainedItems } from './retained-items.js';
import type { Reclaimer } from './space-reclaimer.js';

/** Items freed or evicted from one look at the clock to the next. */
const FREED_A_LOOK = 16;

/** Why a limit cannot be set: what it would have to be, and what keeps it from being otherwise. */
export interface LimitRefusal {
  readonly bound: 'atMost' | 'atLeast';
  readonly bytes: number;
  readonly reason: 'reserved' | 'itemSize' | 'noEvictions' | 'retained';
}

/** Where the heap's first region starts, after the largest directory that the index may need. */
export function firstRegion({ heapStart, mostBytes, reserveUnits }: Arena): Ref {
  const directoryUnits = HashIndex.directoryUnits(mostBytes / UNIT_BYTES + reserveUnits);
  return (Math.ceil((heapStart + directoryUnits) / REGION_UNITS) * REGION_UNITS) as Ref;
}

/** How the memory that the limit counts is divided. */
export function divide({ limitBytes, reserveUnits }: Arena): { directoryUnits: number; chunkUnits: number } {
  const units = limitBytes / UNIT_BYTES + reserveUnits;
  const directoryUnits = HashIndex.directoryUnits(units);
  return { directoryUnits, chunkUnits: units - directoryUnits };
}

interface MemoryLimitParts {
  readonly arena: Arena;
  readonly allocator: Allocator;
  readonly index: HashIndex;
  readonly departures: Reclaimer;
  readonly evacuation: Evacuation;
  readonly retained: Pick<RetainedItems, 'leastMemoryBytes'>;
  readonly evictionsAllowed: boolean;
  readonly itemLimitBytes: number;
}

/** @perThread */
export class MemoryLimit {
  constructor(private readonly parts: MemoryLimitParts) {}

  /** Memory beyond a lowered limit that has yet to be given back: what is to be evicted, and the regions that are to be emptied. */
  get excessBytes(): number {
    const { regions, freeBytes } = this.parts.allocator;
    let units = 0;
    for (let at = regions.nextUnsettled(0); at >= 0; at = regions.nextUnsettled(at + 1)) {
      if (regions.isEmptying(at)) units += regions.openUnits(at) - regions.unitsOf(at);
    }
    return Math.max(units * UNIT_BYTES, -freeBytes, 0);
  }

  /** Why a limit cannot be set, or undefined. */
  refusal(bytes: number): LimitRefusal | undefined {
    const { arena, allocator, evictionsAllowed, itemLimitBytes, retained } = this.parts;
    if (bytes > arena.mostBytes) return { bound: 'atMost', bytes: arena.mostBytes, reason: 'reserved' };
    // The largest item is one half of the memory.
    const leastBytes = Math.min(itemLimitBytes * 2, arena.limitBytes);
    if (bytes < leastBytes) return { bound: 'atLeast', bytes: leastBytes, reason: 'itemSize' };
    const usedBytes = arena.limitBytes + arena.reserveUnits * UNIT_BYTES - allocator.freeBytes;
    if (!evictionsAllowed && bytes < Math.min(usedBytes, arena.limitBytes)) {
      return { bound: 'atLeast', bytes: usedBytes, reason: 'noEvictions' };
    }
    const retainedBytes = Math.min(retained.leastMemoryBytes, arena.limitBytes);
    return bytes < retainedBytes ? { bound: 'atLeast', bytes: retainedBytes, reason: 'retained' } : undefined;
  }

  /** Sets a limit that is not refused. What is then beyond it is left to `slice`. */
  set(bytes: number): void {
    const { arena, allocator, index, evacuation } = this.parts;
    arena.words[HEADER.limitUnits] = Math.floor(bytes / UNIT_BYTES);
    const { directoryUnits, chunkUnits } = divide(arena);
    index.setDirectory(directoryUnits);
    allocator.moveEnd(chunkUnits);
    evacuation.restart();
  }

  /** Evicts and empties until the time is over. */
  slice(isOver: IsOver): Progress {
    if (!this.reclaim(isOver) || !this.evict(isOver)) return 'more';
    return this.parts.evacuation.slice(isOver);
  }

  /** What was deleted before goes first: nothing leads to it, so that it cannot be moved. */
  private reclaim(isOver: IsOver): boolean {
    const { departures } = this.parts;
    for (let freed = 1; departures.reclaim(); freed++) {
      if (freed % FREED_A_LOOK === 0 && isOver()) return false;
    }
    return true;
  }

  private evict(isOver: IsOver): boolean {
    const { allocator, departures } = this.parts;
    for (let freed = 1; allocator.freeBytes < 0; freed++) {
      if (!departures.reclaim() && !departures.evict()) return true;
      if (freed % FREED_A_LOOK === 0 && isOver()) return false;
    }
    return true;
  }
}
