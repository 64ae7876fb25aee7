// Makes a hole of a given size where free memory is scattered: takes a free chunk and moves its neighbours in memory to other free
// chunks (chunk-mover.ts). Of a long piece it moves only as much as is needed, so that large values do not prevent it.
// space-reclaimer.ts decides when that is worth it.

import type { Allocator } from '../arena/allocator.js';
import { MIN_CHUNK_UNITS, unitsOfUsed } from '../arena/chunk.js';
import { NULL_REF, type Ref } from '../arena/memory.js';
import type { ChunkMover } from './chunk-mover.js';

/** Free chunks that are tried for one hole. A choice that bounds the time of a failure: each try moves neighbours until one is pinned or
 * finds no other place, and the largest free chunks, which are tried first, are the likeliest to succeed. */
const TRIES = 4;

/** @perThread */
export class Compaction {
  constructor(
    private readonly words: Uint32Array,
    private readonly allocator: Allocator,
    private readonly mover: ChunkMover,
  ) {}

  /** Returns a used chunk of `units` with kind and options 0, or null where the neighbours of the largest holes cannot be moved. */
  makeHole(units: number): Ref {
    let maxUnits = units;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const hole = this.allocator.takeLargest(maxUnits, MIN_CHUNK_UNITS);
      if (hole === 0) return NULL_REF;
      const holeUnits = unitsOfUsed(this.words[hole * 2]);
      if (this.widen(hole, units)) return hole;
      this.allocator.release(hole);
      maxUnits = holeUnits - 1;
      if (maxUnits < MIN_CHUNK_UNITS) return NULL_REF;
    }
    return NULL_REF;
  }

  /**
   * Joins a used chunk with the memory after it until it has `units`, or one more where the rest would be too small for a chunk.
   * Each neighbour is cut to the missing units before it is joined: two chunks together may be longer than the size field can say.
   * What was joined stays joined on failure.
   */
  private widen(hole: Ref, units: number): boolean {
    for (;;) {
      const have = unitsOfUsed(this.words[hole * 2]);
      if (have >= units) return true;
      const missing = units - have;
      const after = (hole + have) as Ref;
      if (!this.allocator.isUsed(after)) this.allocator.takeWhole(after, missing);
      else if (this.mover.moveAway(after, missing)) this.allocator.trim(after, missing);
      else return false;
      this.allocator.join(hole, after);
    }
  }
}
