// The regions of the heap: 1 MiB each, the last one perhaps shorter. A region that is closed has no content; one is opened when no
// other has a free chunk that fits. So the memory limit can grow by regions that are not yet open, and shrink by regions that are
// emptied and closed. Not for what lies in a region: allocator.ts, region-emptier.ts.
//
// The table has one word for each region: 0 for a closed one, else its units and what is to be done with it:
//
//   | emptying 1 | refilling 1 | 0 ... | units 18 |

import { ROOTS } from './layout.js';
import { type Arena, REGION_SHIFT, REGION_UNITS, type Ref, UNIT_BYTES } from './memory.js';

const AT = ROOTS.allocator + 9;
/** The first region's start, and the end of the heap under the current limit. */
const FIRST = AT;
const END = AT + 1;
/** Closed regions before the end, and the number of the first that may be one. */
const CLOSED = AT + 2;
const LOWEST = AT + 3;

/** Its content is to be moved to other regions, since it lies beyond the limit; then it is closed. */
const EMPTYING = 0x8000_0000;
/** It was being emptied when the limit rose: its retired chunks are to become free ones. */
const REFILLING = 0x4000_0000;
const UNITS_MASK = REGION_UNITS * 2 - 1;

/** A free chunk and the guard at the region's end. */
const MIN_REGION_UNITS = 3;
/** Each region ends with a guard, so that no chunk is merged with one of the next region. */
const GUARD_UNITS = 1;

/** @perThread */
export class Regions {
  private readonly words: Uint32Array;
  private readonly table: number;

  constructor(private readonly arena: Arena) {
    this.words = arena.words;
    this.table = arena.regionTable;
  }

  /** Once, for a new arena: the heap begins at `start`, a multiple of a region's size, and is empty. */
  format(start: Ref): void {
    this.words[FIRST] = start;
    this.words[END] = start;
  }

  /** All that there is room for in the buffer. */
  get count(): number {
    return Math.ceil((this.arena.heapEnd - this.words[FIRST]) / REGION_UNITS);
  }

  get end(): Ref {
    return this.words[END] as Ref;
  }

  get guardUnits(): number {
    return Math.ceil((this.words[END] - this.words[FIRST]) / REGION_UNITS) * GUARD_UNITS;
  }

  /** Number of the region that contains a chunk. */
  of(chunk: Ref): number {
    return (chunk >>> REGION_SHIFT) - (this.words[FIRST] >>> REGION_SHIFT);
  }

  startOf(region: number): Ref {
    return (this.words[FIRST] + region * REGION_UNITS) as Ref;
  }

  /** Units of an open region; 0 for a closed one. */
  openUnits(region: number): number {
    return this.words[this.table + region] & UNITS_MASK;
  }

  isEmptying(region: number): boolean {
    return this.words[this.table + region] >= EMPTYING;
  }

  isRefilling(region: number): boolean {
    return (this.words[this.table + region] & REFILLING) !== 0;
  }

  /** Units that a region may have under the current limit. */
  unitsOf(region: number): number {
    return this.unitsBefore(region, this.words[END]);
  }

  private unitsBefore(region: number, end: number): number {
    const units = Math.min(REGION_UNITS, end - this.startOf(region));
    return units < MIN_REGION_UNITS ? 0 : units;
  }

  /** What the arena may take in memory now: all before the heap, and regions that are open or may be opened. */
  get mostBytes(): number {
    let units: number = this.words[FIRST];
    for (let region = 0; region < this.count; region++) {
      units += Math.max(this.openUnits(region), this.unitsOf(region));
    }
    return units * UNIT_BYTES;
  }

  /** Units that can be allocated in closed regions. */
  get closedUnits(): number {
    let units = 0;
    for (let region = 0; region < this.count; region++) {
      if (this.words[this.table + region] === 0) units += Math.max(0, this.unitsOf(region) - GUARD_UNITS);
    }
    return units;
  }

  /** Opens the lowest closed region before the end; its number, or -1 if all are open. */
  open(): number {
    const words = this.words;
    if (words[CLOSED] === 0) return -1;
    let region = words[LOWEST];
    while (words[this.table + region] !== 0 || this.unitsOf(region) === 0) region++;
    words[this.table + region] = this.unitsOf(region);
    words[LOWEST] = region + 1;
    words[CLOSED] = words[CLOSED] - 1;
    return region;
  }

  /** A region is empty. Where the limit lets it have units, it may be opened again. */
  close(region: number): void {
    const words = this.words;
    words[this.table + region] = 0;
    if (this.unitsOf(region) === 0) return;
    words[CLOSED] = words[CLOSED] + 1;
    words[LOWEST] = Math.min(words[LOWEST], region);
  }

  /** An open region has become longer, or is no longer to be emptied or refilled. */
  setUnits(region: number, units: number): void {
    this.words[this.table + region] = units;
  }

  /** Moves the end of the heap; returns by how many units that changes what can be allocated. Calls `extend` for an open region that may
      become longer. */
  moveEnd(end: number, extend: (region: number) => void): number {
    const words = this.words;
    const old = words[END];
    words[END] = end;
    words[LOWEST] = 0;
    let change = 0;
    let closed = 0;
    for (let region = 0; region < this.count; region++) {
      const units = this.unitsBefore(region, end);
      change += Math.max(0, units - GUARD_UNITS) - Math.max(0, this.unitsBefore(region, old) - GUARD_UNITS);
      const open = this.openUnits(region);
      if (open === 0) closed += units > 0 ? 1 : 0;
      else if (open > units) words[this.table + region] = open | EMPTYING;
      else if (words[this.table + region] !== open) words[this.table + region] = open | REFILLING;
      else if (open < units) extend(region);
    }
    words[CLOSED] = closed;
    return change;
  }

  /** The first region that is to be emptied or refilled, from the given one on; -1 if there is none. */
  nextUnsettled(from: number): number {
    const { count } = this;
    for (let region = from; region < count; region++) {
      if (this.words[this.table + region] >= REFILLING) return region;
    }
    return -1;
  }
}

interface OpenRegion {
  readonly start: number;
  readonly units: number;
}

/** The heap as memory files see it: where its regions begin and may end, and those that are open. */
export function heapOf({ words, regionTable, heapEnd }: Arena): {
  readonly first: number;
  readonly end: number;
  readonly open: readonly OpenRegion[];
} {
  const [first, end] = [words[FIRST], words[END]];
  const open: OpenRegion[] = [];
  for (let start = first, at = regionTable; start < heapEnd; start += REGION_UNITS, at++) {
    const units = words[at] & UNITS_MASK;
    if (units > 0) open.push({ start, units });
  }
  return { first, end, open };
}
