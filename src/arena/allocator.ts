// Allocates and frees chunks of the heap. Free neighbours merge immediately, the best fit is found in constant time, and the rest of
// a larger chunk stays free. When nothing fits, another region is opened, and when all are open, it returns 0; evicting is the business
// of store/space-reclaimer.ts. Emptying regions: region-emptier.ts.

import { assert } from '../base/assert.js';
import { Bins } from './bins.js';
import {
  CHUNK_KIND_SHIFT,
  CHUNK_PREVIOUS_FREE,
  CHUNK_UNITS_MASK,
  CHUNK_UNITS_SHIFT,
  CHUNK_USED,
  ChunkKind,
  kindOf,
  MAX_CHUNK_UNITS,
  MAX_PIECE_UNITS,
  MIN_CHUNK_UNITS,
  slackOf,
  unitsOfFree,
  unitsOfUsed,
  wordOfUsed,
} from './chunk.js';
import { ROOTS } from './layout.js';
import { type Arena, NULL_REF, type Ref, UNIT_BYTES } from './memory.js';
import { Regions } from './regions.js';

/** What the limit lets be allocated; less than nothing, as a signed number, while the limit is being lowered. */
export const FREE_UNITS = ROOTS.allocator;

/** Bounds the time that a look at fragmentation takes. They hold 6 MB at least. */
const LONG_CHUNKS_COUNTED = 4096;

/** @perThread */
export class Allocator {
  private readonly words: Uint32Array;
  readonly bins: Bins;
  readonly regions: Regions;

  constructor(arena: Arena) {
    this.words = arena.words;
    this.bins = new Bins(arena.words);
    this.regions = new Regions(arena);
  }

  /** Once, for a new arena: the heap has `units` from `start` on, which is a multiple of a region's size. */
  format(start: Ref, units: number): void {
    this.regions.format(start);
    this.moveEnd(units);
  }

  /** Sets how much the heap may have. Regions beyond it are marked, to be emptied and closed. */
  moveEnd(units: number): void {
    const change = this.regions.moveEnd(this.regions.startOf(0) + units, (region) => this.extend(region));
    this.words[FREE_UNITS] = this.words[FREE_UNITS] + change;
  }

  /** Each region of the heap ends with a guard of one unit. */
  get guardBytes(): number {
    return this.regions.guardUnits * UNIT_BYTES;
  }

  get freeBytes(): number {
    return (this.words[FREE_UNITS] | 0) * UNIT_BYTES;
  }

  /** Free bytes outside of closed regions and of the longest free chunks, which have more than any other chunk needs. */
  get scatteredBytes(): number {
    const units = (this.words[FREE_UNITS] | 0) - this.regions.closedUnits - this.bins.longUnits(LONG_CHUNKS_COUNTED);
    return Math.max(0, units) * UNIT_BYTES;
  }

  /** Returns a used chunk of `units` with kind and options 0, or null. It has one more unit where the rest would be too small for
   * a chunk. */
  take(units: number): Ref {
    // A chunk may have one unit more than was requested, and moving it takes as many.
    assert(units >= MIN_CHUNK_UNITS && units <= MAX_CHUNK_UNITS + 1, 'a chunk size within bounds');
    const chunk = this.bins.smallestFit(units);
    return chunk === 0 ? this.takeFromNext(units) : this.carve(chunk, units);
  }

  private takeFromNext(units: number): Ref {
    while (this.openRegion()) {
      const chunk = this.bins.smallestFit(units);
      if (chunk !== 0) return this.carve(chunk, units);
    }
    return NULL_REF;
  }

  /**
   * For a piece: `mostUnits` in one chunk, or the largest free chunk if that has at least `minUnits`; otherwise null. Takes the lower
   * end, so that small chunks stay together at the upper one: the heads of large items share the processor's caches.
   */
  takeLong(mostUnits: number, minUnits: number): Ref {
    assert(minUnits <= MAX_CHUNK_UNITS && mostUnits <= MAX_PIECE_UNITS, 'a piece within bounds');
    let fitting = this.bins.smallestLongFit(mostUnits);
    while (fitting === 0 && this.openRegion()) fitting = this.bins.smallestLongFit(mostUnits);
    if (fitting !== 0) return this.carveFront(fitting, mostUnits);
    const chunk = this.bins.largest(minUnits);
    if (chunk === 0) return NULL_REF;
    return this.carveFront(chunk, mostUnits);
  }

  /** The largest free chunk of at most `maxUnits` and at least `minUnits`, whole; or null. */
  takeLargest(maxUnits: number, minUnits: number): Ref {
    const chunk = this.bins.largestWithin(maxUnits, minUnits);
    return chunk === 0 ? NULL_REF : this.carve(chunk, unitsOfFree(this.words[chunk * 2]));
  }

  release(chunk: Ref): void {
    const words = this.words;
    const word = words[chunk * 2];
    assert((word & CHUNK_USED) !== 0, 'a released chunk was in use');
    let start: number = chunk;
    let units = unitsOfUsed(word);
    words[FREE_UNITS] = words[FREE_UNITS] + units;
    const after = chunk + units;
    const afterWord = words[after * 2];
    if ((afterWord & CHUNK_USED) === 0) {
      const afterUnits = unitsOfFree(afterWord);
      this.bins.remove(after, afterUnits);
      units += afterUnits;
    }
    if ((word & CHUNK_PREVIOUS_FREE) !== 0) {
      const beforeUnits = words[chunk * 2 - 1];
      start = chunk - beforeUnits;
      units += beforeUnits;
      if (this.bins.sameBin(beforeUnits, units)) {
        this.makeFree(start, units);
        return;
      }
      this.bins.remove(start, beforeUnits);
    }
    this.makeFree(start, units);
    this.bins.add(start, units);
  }

  /** Units of a used chunk. */
  unitsOf(chunk: Ref): number {
    return unitsOfUsed(this.words[chunk * 2]);
  }

  isUsed(chunk: Ref): boolean {
    return (this.words[chunk * 2] & CHUNK_USED) !== 0;
  }

  /** Takes a given free chunk, or its first `maxUnits` where it is larger. */
  takeWhole(chunk: Ref, maxUnits: number): void {
    this.carveFront(chunk, maxUnits);
  }

  /** Makes one used chunk of two neighbours, both without a kind; only the first one's word is kept. */
  join(chunk: Ref, after: Ref): void {
    const word = this.words[chunk * 2];
    const afterWord = this.words[after * 2];
    const units = unitsOfUsed(afterWord);
    assert(kindOf(word) === 0 && kindOf(afterWord) === 0, 'only chunks without a kind are joined');
    assert(unitsOfUsed(word) + units <= CHUNK_UNITS_MASK, 'the size of a joined chunk fits its field');
    this.words[chunk * 2] = word + (units << CHUNK_UNITS_SHIFT);
  }

  /** Releases what a used chunk has beyond `units`, where that is enough for a free chunk. One with a kind must count no slack. */
  trim(chunk: Ref, units: number): void {
    const word = this.words[chunk * 2];
    const rest = unitsOfUsed(word) - units;
    if (rest < MIN_CHUNK_UNITS) return;
    assert(slackOf(word) === 0, 'a chunk with slack is not trimmed');
    this.words[chunk * 2] = word - (rest << CHUNK_UNITS_SHIFT);
    this.words[(chunk + units) * 2] = wordOfUsed(rest);
    this.release((chunk + units) as Ref);
  }

  /** Splits a used chunk in two, the first of `units`, kind and options 0; returns the second, a piece with the rest. */
  cutPiece(chunk: Ref, units: number): Ref {
    const word = this.words[chunk * 2];
    const rest = (chunk + units) as Ref;
    this.words[rest * 2] = wordOfUsed(unitsOfUsed(word) - units) | (ChunkKind.piece << CHUNK_KIND_SHIFT);
    this.words[chunk * 2] = wordOfUsed(units) | (word & CHUNK_PREVIOUS_FREE);
    return rest;
  }

  /** Cuts the used chunk from the upper end of a free one, so that the rest keeps its place in its list where it can. */
  private carve(chunk: Ref, wanted: number): Ref {
    const words = this.words;
    const units = unitsOfFree(words[chunk * 2]);
    const rest = units - wanted;
    assert(rest >= 0, 'a chunk is cut from one that is long enough');
    if (rest < MIN_CHUNK_UNITS) {
      this.bins.remove(chunk, units);
      words[chunk * 2] = wordOfUsed(units);
      words[(chunk + units) * 2] = words[(chunk + units) * 2] & ~CHUNK_PREVIOUS_FREE;
      words[FREE_UNITS] = words[FREE_UNITS] - units;
      return chunk;
    }
    if (this.bins.sameBin(units, rest)) {
      words[chunk * 2] = rest << CHUNK_UNITS_SHIFT;
      words[(chunk + rest) * 2 - 1] = rest;
    } else {
      this.bins.remove(chunk, units);
      words[chunk * 2] = rest << CHUNK_UNITS_SHIFT;
      words[(chunk + rest) * 2 - 1] = rest;
      this.bins.add(chunk, rest);
    }
    words[(chunk + rest) * 2] = wordOfUsed(wanted) | CHUNK_PREVIOUS_FREE;
    words[(chunk + units) * 2] = words[(chunk + units) * 2] & ~CHUNK_PREVIOUS_FREE;
    words[FREE_UNITS] = words[FREE_UNITS] - wanted;
    return (chunk + rest) as Ref;
  }

  /** Makes a used chunk of the lower end of a free one, or of all of it. */
  private carveFront(chunk: Ref, mostUnits: number): Ref {
    const words = this.words;
    const units = unitsOfFree(words[chunk * 2]);
    this.bins.remove(chunk, units);
    const taken = units - mostUnits < MIN_CHUNK_UNITS ? units : mostUnits;
    words[chunk * 2] = wordOfUsed(taken);
    words[FREE_UNITS] = words[FREE_UNITS] - taken;
    if (taken === units) {
      words[(chunk + units) * 2] = words[(chunk + units) * 2] & ~CHUNK_PREVIOUS_FREE;
    } else {
      this.makeFree(chunk + taken, units - taken);
      this.bins.add(chunk + taken, units - taken);
    }
    return chunk;
  }

  /** Opens the next region as one free chunk; false if all are open. */
  private openRegion(): boolean {
    const region = this.regions.open();
    if (region < 0) return false;
    const start = this.regions.startOf(region);
    const units = this.regions.openUnits(region) - 1;
    this.words[(start + units) * 2] = wordOfUsed(1);
    this.makeFree(start, units);
    this.bins.add(start, units);
    return true;
  }

  /** Makes an open region as long as the limit lets it be: its guard becomes the start of a free chunk. */
  extend(region: number): void {
    const { regions, words } = this;
    const units = regions.unitsOf(region);
    let chunk = regions.startOf(region) + regions.openUnits(region) - 1;
    let added = units - regions.openUnits(region);
    if (added <= 0) return;
    if ((words[chunk * 2] & CHUNK_PREVIOUS_FREE) !== 0) {
      const before = words[chunk * 2 - 1];
      chunk -= before;
      added += before;
      this.bins.remove(chunk, before);
    }
    regions.setUnits(region, units);
    words[(chunk + added) * 2] = wordOfUsed(1);
    this.makeFree(chunk, added);
    this.bins.add(chunk, added);
  }

  private makeFree(chunk: number, units: number): void {
    assert(units >= MIN_CHUNK_UNITS, 'a free chunk has at least two units');
    const after = (chunk + units) * 2;
    this.words[chunk * 2] = units << CHUNK_UNITS_SHIFT;
    this.words[after - 1] = units;
    this.words[after] = this.words[after] | CHUNK_PREVIOUS_FREE;
  }
}
