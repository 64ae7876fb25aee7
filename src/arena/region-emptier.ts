// Takes chunks of a region out of use, so that it can be closed when nothing else is left in it, and puts them back into use when it is
// to be kept after all. Moving what the chunks hold: store/evacuation.ts.

import { assert } from '../base/assert.js';
import { type Allocator, FREE_UNITS } from './allocator.js';
import {
  CHUNK_PREVIOUS_FREE,
  CHUNK_USED,
  ChunkKind,
  kindOf,
  MAX_PIECE_UNITS,
  unitsOfFree,
  unitsOfUsed,
  wordOfRetired,
} from './chunk.js';
import { type Arena, type Ref, UNIT_BYTES } from './memory.js';

/** Pages at the edges of a region are given back together with the neighbour's, whatever size of up to this they have. */
const EDGE_BYTES = 64 * 1024;

/** @perThread */
export class RegionEmptier {
  private readonly words: Uint32Array;

  constructor(
    private readonly arena: Arena,
    private readonly allocator: Allocator,
  ) {
    this.words = arena.words;
  }

  /** Retires a free chunk. How much may be allocated stays the same: that follows from the limit. */
  retireFree(chunk: Ref): void {
    const { words } = this;
    const units = unitsOfFree(words[chunk * 2]);
    this.allocator.bins.remove(chunk, units);
    for (let at = 0; at < units; ) {
      const part = Math.min(units - at, MAX_PIECE_UNITS);
      words[(chunk + at) * 2] = wordOfRetired(part);
      at += part;
    }
    const after = (chunk + units) * 2;
    words[after] = words[after] & ~CHUNK_PREVIOUS_FREE;
  }

  /** Retires a used chunk without a kind, whose content has been moved or was never there. */
  retireUsed(chunk: Ref): void {
    const { words } = this;
    const word = words[chunk * 2];
    const units = unitsOfUsed(word);
    assert((word & CHUNK_USED) !== 0 && units <= MAX_PIECE_UNITS + 1, 'a used chunk is retired');
    words[chunk * 2] = wordOfRetired(units) | (word & CHUNK_PREVIOUS_FREE);
    words[FREE_UNITS] = words[FREE_UNITS] + units;
  }

  /** Makes one of two retired neighbours where their length lets it; whether it did. */
  join(chunk: Ref, after: Ref): boolean {
    const { words } = this;
    const units = unitsOfUsed(words[chunk * 2]) + unitsOfUsed(words[after * 2]);
    if (units > MAX_PIECE_UNITS) return false;
    words[chunk * 2] = wordOfRetired(units) | (words[chunk * 2] & CHUNK_PREVIOUS_FREE);
    return true;
  }

  isRetired(chunk: Ref): boolean {
    return kindOf(this.words[chunk * 2]) === ChunkKind.retired && (this.words[chunk * 2] & CHUNK_USED) !== 0;
  }

  /** Closes a region in which everything is retired, and gives its memory back to the kernel. */
  close(region: number): void {
    const { regions } = this.allocator;
    const start = regions.startOf(region);
    const end = start + regions.openUnits(region);
    regions.close(region);
    const { giveBack } = this.arena;
    if (giveBack === undefined) return;
    const before = region > 0 && regions.openUnits(region - 1) === 0 ? EDGE_BYTES : 0;
    const after = region + 1 < regions.count && regions.openUnits(region + 1) === 0 ? EDGE_BYTES : 0;
    giveBack(start * UNIT_BYTES - before, Math.min(end * UNIT_BYTES + after, this.arena.heapEnd * UNIT_BYTES));
  }

  /** Gives back what is retired in a region that cannot be closed yet, all but the words that say so. */
  giveBackRetired(region: number): void {
    const { regions } = this.allocator;
    const { words } = this;
    const { giveBack } = this.arena;
    const end = regions.startOf(region) + regions.openUnits(region);
    for (let chunk: number = regions.startOf(region); chunk < end && giveBack !== undefined; ) {
      const word = words[chunk * 2];
      const isUsed = (word & CHUNK_USED) !== 0;
      const units = isUsed ? unitsOfUsed(word) : unitsOfFree(word);
      if (isUsed && kindOf(word) === ChunkKind.retired)
        giveBack((chunk + 1) * UNIT_BYTES, (chunk + units) * UNIT_BYTES);
      chunk += units;
    }
  }

  /** Puts the retired chunks of a region back into use, and extends it as far as the limit lets it. */
  refill(region: number): void {
    const { regions } = this.allocator;
    const { words } = this;
    const units = regions.openUnits(region);
    const end = regions.startOf(region) + units - 1;
    for (let chunk: number = regions.startOf(region); chunk < end; ) {
      const word = words[chunk * 2];
      const isUsed = (word & CHUNK_USED) !== 0;
      const length = isUsed ? unitsOfUsed(word) : unitsOfFree(word);
      if (isUsed && kindOf(word) === ChunkKind.retired) {
        this.allocator.release(chunk as Ref);
        words[FREE_UNITS] = words[FREE_UNITS] - length;
      }
      chunk += length;
    }
    regions.setUnits(region, units);
    this.allocator.extend(region);
  }
}
