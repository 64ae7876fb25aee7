// Empties the regions of the heap that lie beyond a lowered memory limit: moves what they hold to other regions, a bounded time at a
// call, and evicts when there is no room for it. What may not move yet, such as an item that a thread is sending, is tried again in
// the next pass. Lowering the limit and evicting down to it: memory-limit.ts.

import type { Allocator } from '../arena/allocator.js';
import { CHUNK_USED, ChunkKind, kindOf, MAX_CHUNK_UNITS, unitsOfUsed } from '../arena/chunk.js';
import type { Ref } from '../arena/memory.js';
import type { RegionEmptier } from '../arena/region-emptier.js';
import type { ChunkMover } from './chunk-mover.js';
import type { Compaction } from './compaction.js';
import type { HashIndex } from './hash-index.js';
import { IndexWalk } from './index-walk.js';
import { ItemOption, type Items } from './item.js';
import type { Lookup } from './lookup.js';
import type { Reclaimer } from './space-reclaimer.js';

/** Moves parts of objects, between calls. Whether it could; the chunk stays in use, empty. */
export interface ObjectMover {
  moveItem(item: Ref): boolean;
  moveField(field: Ref): boolean;
  moveBytes(part: Ref): boolean;
  /** Moves what a field's value refers to in regions that are being emptied, and retires those chunks. */
  moveBelow(field: Ref, emptying: EmptyingRegions): BelowOutcome;
}

/** `stays`: some of it may not move. `more`: the time is up, and something has been moved. */
export type BelowOutcome = 'moved' | 'stays' | 'more';

export interface EmptyingRegions {
  /** Whether the chunk is in one of them. */
  has(chunk: Ref): boolean;
  /** What was in the chunk has been moved. */
  retire(chunk: Ref): void;
  readonly isOver: IsOver;
}

const NO_OBJECTS: ObjectMover = {
  moveItem: () => false,
  moveField: () => false,
  moveBytes: () => false,
  moveBelow: () => 'moved',
};

/** Chunks looked at from one look at the clock to the next. */
const CHUNKS_A_LOOK = 16;
/** Items evicted at a time for what has to be moved. */
const EVICTED_FOR_ROOM = 32;

/** Whether the time that a call may take is over. */
export type IsOver = () => boolean;

/** `unused`: only another hole could be made, and nothing has moved into the one before. */
type Room = 'made' | 'unused' | 'none';
type Outcome = 'moved' | 'stays' | 'noRoom' | 'again';
/** `more`: the time is up. `stuck`: what is left may not move at the moment. */
export type Progress = 'done' | 'more' | 'stuck';

interface EvacuationParts {
  readonly words: Uint32Array;
  readonly allocator: Allocator;
  readonly emptier: RegionEmptier;
  readonly items: Items;
  readonly index: HashIndex;
  readonly lookup: Lookup;
  readonly mover: ChunkMover;
  readonly compaction: Compaction;
  readonly departures: Reclaimer;
}

/** @perThread */
export class Evacuation {
  objects: ObjectMover = NO_OBJECTS;
  /** The regions before this one have been visited in this pass. The lowest goes first: what the limit leaves of it can then be used for
      what the others hold. */
  private next = 0;
  private stuckRegions = 0;
  /** In this pass there was something that only the walk over the index finds its owner of. */
  private isWalkNeeded = false;
  private walk: IndexWalk | undefined;
  /** That walk went before this pass. */
  private hasWalked = false;
  /** A hole was made, and nothing has been moved since. */
  private isHoleUnused = false;

  constructor(private readonly parts: EvacuationParts) {}

  /** Continues until the time is over. A pass visits all regions, and another walk over the index may follow it. */
  slice(isOver: IsOver): Progress {
    const { mover } = this.parts;
    mover.isEvacuating = true;
    const progress = this.walk === undefined ? this.visitRegions(isOver) : this.visitEntries(this.walk, isOver);
    mover.isEvacuating = false;
    return progress;
  }

  /** The limit has changed: there are other regions to visit. */
  restart(): void {
    this.next = 0;
    this.stuckRegions = 0;
    this.walk = undefined;
  }

  private visitRegions(isOver: IsOver): Progress {
    const { regions } = this.parts.allocator;
    for (;;) {
      const region = regions.nextUnsettled(this.next);
      if (region < 0) return this.endPass();
      const progress = regions.isEmptying(region) ? this.empty(region, isOver) : this.refill(region);
      if (progress === 'more') return progress;
      if (progress === 'stuck') this.stuckRegions++;
      this.next = region + 1;
      if (isOver()) return 'more';
    }
  }

  private endPass(): Progress {
    const { regions } = this.parts.allocator;
    const isStuck = this.stuckRegions > 0;
    this.restart();
    if (regions.nextUnsettled(0) < 0) return 'done';
    // Another thread may have changed the limit during the pass.
    if (!isStuck) return 'more';
    const isWalkDue = this.isWalkNeeded && !this.hasWalked;
    this.isWalkNeeded = false;
    this.hasWalked = isWalkDue;
    if (!isWalkDue) return 'stuck';
    const { words, index, lookup } = this.parts;
    this.walk = new IndexWalk({ words, index, lookup });
    return 'more';
  }

  private refill(region: number): Progress {
    this.parts.emptier.refill(region);
    return 'done';
  }

  /** Empties one region and closes it. Chunks that were retired before cost one look each. */
  private empty(region: number, isOver: IsOver): Progress {
    const { words, allocator, emptier } = this.parts;
    const { regions } = allocator;
    const start = regions.startOf(region);
    const end = start + regions.openUnits(region) - 1;
    let isStuck = false;
    let retired = 0 as Ref;
    this.isHoleUnused = false;
    let looks = CHUNKS_A_LOOK;
    for (let chunk = start; chunk < end; ) {
      if (--looks === 0) {
        looks = CHUNKS_A_LOOK;
        if (isOver()) return 'more';
      }
      if ((words[chunk * 2] & CHUNK_USED) === 0) emptier.retireFree(chunk);
      else if (!emptier.isRetired(chunk)) {
        const outcome = this.move(chunk);
        if (outcome === 'again') continue;
        const room = outcome === 'noRoom' ? this.makeRoom(allocator.unitsOf(chunk)) : 'none';
        if (room === 'made') {
          if (!this.reclaim(isOver)) return 'more';
          // Chunks of this region may have been freed and merged.
          chunk = start;
          retired = 0 as Ref;
          isStuck = false;
          continue;
        }
        if (outcome !== 'moved') {
          isStuck = true;
          retired = 0 as Ref;
          chunk = (chunk + allocator.unitsOf(chunk)) as Ref;
          continue;
        }
        this.retire(chunk);
      }
      const units = unitsOfUsed(words[chunk * 2]);
      if (retired === 0 || !emptier.join(retired, chunk)) retired = chunk;
      chunk = (chunk + units) as Ref;
    }
    if (isStuck) {
      emptier.giveBackRetired(region);
      return 'stuck';
    }
    emptier.close(region);
    return 'done';
  }

  private retire(chunk: Ref): void {
    this.parts.emptier.retireUsed(chunk);
    this.isHoleUnused = false;
  }

  private move(chunk: Ref): Outcome {
    const { mover } = this.parts;
    mover.lacksRoom = false;
    mover.isSearching = false;
    if (this.moveByKind(chunk)) return 'moved';
    if (mover.isSearching) return 'again';
    return mover.lacksRoom ? 'noRoom' : 'stays';
  }

  private moveByKind(chunk: Ref): boolean {
    const { words, items, mover, allocator } = this.parts;
    switch (kindOf(words[chunk * 2])) {
      case ChunkKind.item:
        return items.has(chunk, ItemOption.object) ? this.objects.moveItem(chunk) : mover.moveItem(chunk) !== 0;
      case ChunkKind.piece:
        if (allocator.unitsOf(chunk) > MAX_CHUNK_UNITS + 1 ? mover.moveLongPiece(chunk) : mover.movePiece(chunk, 0)) {
          return true;
        }
        this.isWalkNeeded ||= !mover.lacksRoom && !mover.isSearching;
        return false;
      case ChunkKind.segment:
        return this.moveSegment(chunk);
      case ChunkKind.field:
        return this.objects.moveField(chunk);
      case ChunkKind.bytes:
        return this.objects.moveBytes(chunk);
      default:
        this.isWalkNeeded = true;
        return false;
    }
  }

  private moveSegment(segment: Ref): boolean {
    const { index, mover } = this.parts;
    const number = index.numberOf(segment);
    const to = number < 0 ? 0 : mover.moveChunk(segment);
    if (to === 0) return false;
    index.moveSegment(number, to);
    return true;
  }

  /** Makes a chunk for what has to be moved: frees memory, or else makes a hole of what is free. */
  private makeRoom(units: number): Room {
    const { allocator, compaction, departures } = this.parts;
    const wanted = Math.min(units, MAX_CHUNK_UNITS);
    let isFreed = false;
    for (let evicted = 0; evicted < EVICTED_FOR_ROOM; evicted++) {
      if (!departures.reclaim() && !departures.evict()) break;
      isFreed = true;
      if (allocator.bins.smallestFit(wanted) !== 0) return 'made';
    }
    const hole = compaction.makeHole(wanted);
    if (hole !== 0) allocator.release(hole);
    if (isFreed) return 'made';
    if (hole === 0) return 'none';
    // A hole that nothing moves into would be made again and again.
    if (this.isHoleUnused) return 'unused';
    this.isHoleUnused = true;
    return 'made';
  }

  /** What was evicted is freed before anything else is moved: parts of it are linked to what is no longer there. */
  private reclaim(isOver: IsOver): boolean {
    const { departures } = this.parts;
    for (let freed = 1; departures.reclaim(); freed++) {
      if (freed % CHUNKS_A_LOOK === 0 && isOver()) return false;
    }
    return true;
  }

  /** Moves what fields refer to: nothing leads from it back to its field. */
  private visitEntries(walk: IndexWalk, isOver: IsOver): Progress {
    const { words, mover, allocator } = this.parts;
    const { regions } = allocator;
    this.isHoleUnused = false;
    const emptying: EmptyingRegions = {
      has: (chunk) => regions.isEmptying(regions.of(chunk)),
      retire: (chunk) => this.retire(chunk),
      isOver,
    };
    const fields: Ref[] = [];
    do {
      mover.lacksRoom = false;
      fields.length = 0;
      walk.step((entry) => {
        if (kindOf(words[entry * 2]) === ChunkKind.field) fields.push(entry as Ref);
      });
      for (const field of fields) {
        let outcome: BelowOutcome;
        do {
          mover.isSearching = false;
          outcome = this.objects.moveBelow(field, emptying);
        } while (outcome === 'stays' && mover.isSearching && !isOver());
        if (outcome === 'more' || (outcome === 'stays' && mover.isSearching)) {
          walk.repeat();
          return 'more';
        }
        // An eviction now could free fields of this bucket, so that it is visited again.
        if (outcome === 'stays' && mover.lacksRoom) break;
      }
      if (!mover.lacksRoom) continue;
      const room = this.makeRoom(MAX_CHUNK_UNITS);
      if (room === 'none') return 'more';
      if (room === 'made') walk.repeat();
      if (!this.reclaim(isOver)) return 'more';
    } while (!walk.isDone && !isOver());
    if (walk.isDone) this.walk = undefined;
    return 'more';
  }
}
