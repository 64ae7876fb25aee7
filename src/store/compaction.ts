// Makes a hole of a wanted size where free memory lies in pieces that are too small: takes a free chunk and moves the items behind
// it elsewhere. Only for what cannot lie in pieces: an item's first chunk and a segment of the index.

import type { Allocator } from '../arena/allocator.js';
import {
  CHUNK_PREVIOUS_FREE,
  CHUNK_UNITS_MASK,
  CHUNK_UNITS_SHIFT,
  CHUNK_USED,
  ChunkKind,
  kindOf,
  MIN_CHUNK_UNITS,
  slackOf,
  unitsOfUsed,
} from '../arena/chunk.js';
import { NULL_REF, type Ref, UNIT_BYTES } from '../arena/memory.js';
import type { ExpiryWheel } from './expiry-wheel.js';
import type { HashIndex } from './hash-index.js';
import { ItemOption, type Items } from './item.js';
import type { Lookup } from './lookup.js';
import type { LruList } from './lru-list.js';
import type { Values } from './values.js';

/** Places tried for one hole. */
const TRIES = 4;
const MAX_SLACK = 15;
const PLACE_BITS = CHUNK_USED | CHUNK_PREVIOUS_FREE | (CHUNK_UNITS_MASK << CHUNK_UNITS_SHIFT);

export class Compaction {
  constructor(
    private readonly words: Uint32Array,
    private readonly allocator: Allocator,
    private readonly items: Items,
    private readonly lookup: Lookup,
    private readonly index: HashIndex,
    private readonly lru: LruList,
    private readonly wheel: ExpiryWheel,
    private readonly values: Values,
  ) {}

  /** A used chunk of so many units, kind and options 0; or null where the neighbours of the largest holes cannot be moved. */
  makeHole(units: number): Ref {
    let maxUnits = units;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const hole = this.allocator.takeLargest(maxUnits, MIN_CHUNK_UNITS);
      if (hole === 0) return NULL_REF;
      const holeUnits = unitsOfUsed(this.words[hole * 2] as number);
      if (this.widen(hole, units)) return hole;
      this.allocator.release(hole);
      maxUnits = holeUnits - 1;
      if (maxUnits < MIN_CHUNK_UNITS) return NULL_REF;
    }
    return NULL_REF;
  }

  /** Joins a used chunk with what lies behind it until it has so many units. What was joined stays joined on failure. */
  private widen(hole: Ref, units: number): boolean {
    for (;;) {
      const have = unitsOfUsed(this.words[hole * 2] as number);
      if (have >= units) {
        this.allocator.trim(hole, units);
        return true;
      }
      const behind = (hole + have) as Ref;
      if (!this.allocator.isUsed(behind)) this.allocator.takeWhole(behind, units + MIN_CHUNK_UNITS);
      else if (!this.moveAway(behind)) return false;
      this.allocator.join(hole, behind);
    }
  }

  /** Moves an item to another chunk; its old chunk stays in use, empty. */
  private moveAway(from: Ref): boolean {
    const word = this.words[from * 2] as number;
    const isPlainItem = kindOf(word) === ChunkKind.item && (word & ItemOption.linked) !== 0;
    if (!isPlainItem || (word & ItemOption.object) !== 0 || this.items.pins(from) !== 0) return false;
    if (this.items.identity(from) >>> 14 !== this.lookup.epoch) return false;
    const units = unitsOfUsed(word);
    const to = this.allocator.take(units);
    if (to === 0) return false;
    const slack = slackOf(word) + (unitsOfUsed(this.words[to * 2] as number) - units) * UNIT_BYTES;
    if (slack > MAX_SLACK) {
      this.allocator.release(to);
      return false;
    }
    const hash = this.lookup.hashOfItem(from);
    this.words.copyWithin(to * 2 + 1, from * 2 + 1, (from + units) * 2);
    this.words[to * 2] = ((this.words[to * 2] as number) & PLACE_BITS) | (word & ~PLACE_BITS);
    if ((word & ItemOption.chained) === 0) this.items.setSlack(to, slack);
    this.index.relink(hash, from, to);
    this.lru.relink(to);
    if (this.items.expiresAt(to) !== 0) this.wheel.relink(to);
    this.words[from * 2] = (this.words[from * 2] as number) & PLACE_BITS;
    this.values.forgetCursor();
    return true;
  }
}
