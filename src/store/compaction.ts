// Makes a hole of a given size where free memory is scattered: takes a free chunk and moves its neighbours in memory to other free
// chunks. Of a long piece it moves only as much as is needed, so that large values do not prevent it. space-reclaimer.ts decides when
// that is worth it.

import type { Allocator } from '../arena/allocator.js';
import {
  CHUNK_KIND_SHIFT,
  CHUNK_PREVIOUS_FREE,
  CHUNK_SLACK_MASK,
  CHUNK_UNITS_MASK,
  CHUNK_UNITS_SHIFT,
  CHUNK_USED,
  ChunkKind,
  kindOf,
  MAX_CHUNK_UNITS,
  MIN_CHUNK_UNITS,
  slackOf,
  unitsOfUsed,
} from '../arena/chunk.js';
import { NULL_REF, type Ref, UNIT_BYTES } from '../arena/memory.js';
import type { ExpiryWheel } from './expiry-wheel.js';
import type { HashIndex } from './hash-index.js';
import { ItemOption, type Items, LAST_PIECE, PIECE_HEADER_BYTES } from './item.js';
import type { Lookup } from './lookup.js';
import type { LruList } from './lru-list.js';
import { PIECE_NEXT_WORD, type Values } from './values.js';

/** Free chunks that are tried for one hole. A choice that bounds the time of a failure: each try moves neighbours until one is pinned or
 * finds no other place, and the largest free chunks, which are tried first, are the likeliest to succeed. */
const TRIES = 4;
const FIRST_VALUE_WORD = PIECE_HEADER_BYTES / 4;
/** Pieces followed in the search for the item that a piece belongs to: a value of 64 KB in short chunks, and of 4 MB in long ones. The
 * piece of a longer chain is not moved. A choice: each step may be a cache miss of about 0.1 us. */
const LONGEST_CHAIN = 64;
/** An item's header (20 bytes) with all options (32 bytes) and the longest key of its length field (255 bytes) take 39 units. */
const MOST_HEADER_AND_KEY_UNITS = 40;
/** The rest of a long piece holds at least one byte of the value: its header and the slack take at most 8 + 15 bytes. */
const MIN_REST_UNITS = 3;
const PLACE_BITS = CHUNK_USED | CHUNK_PREVIOUS_FREE | (CHUNK_UNITS_MASK << CHUNK_UNITS_SHIFT);

interface CompactionParts {
  readonly words: Uint32Array;
  readonly allocator: Allocator;
  readonly items: Items;
  readonly lookup: Lookup;
  readonly index: HashIndex;
  readonly lru: LruList;
  readonly wheel: ExpiryWheel;
  readonly values: Values;
}

/** @perThread */
export class Compaction {
  private readonly words: Uint32Array;
  private readonly allocator: Allocator;
  private readonly items: Items;
  private readonly lookup: Lookup;
  private readonly index: HashIndex;
  private readonly lru: LruList;
  private readonly wheel: ExpiryWheel;
  private readonly values: Values;

  constructor(parts: CompactionParts) {
    this.words = parts.words;
    this.allocator = parts.allocator;
    this.items = parts.items;
    this.lookup = parts.lookup;
    this.index = parts.index;
    this.lru = parts.lru;
    this.wheel = parts.wheel;
    this.values = parts.values;
  }

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
      else if (this.moveAway(after, missing)) this.allocator.trim(after, missing);
      else return false;
      this.allocator.join(hole, after);
    }
  }

  /** Moves what a used chunk holds, or the first units of it, to another one if it can; the chunk stays in use, empty. */
  private moveAway(from: Ref, units: number): boolean {
    const kind = kindOf(this.words[from * 2]);
    if (kind === ChunkKind.item) return this.moveItem(from);
    return kind === ChunkKind.piece && this.movePiece(from, units);
  }

  private moveItem(from: Ref): boolean {
    if (!this.isMovable(from) || this.items.has(from, ItemOption.object)) return false;
    const isChained = this.items.has(from, ItemOption.chained);
    const last = isChained ? this.lastPiece(this.words[this.items.chainWord(from) + 1]) : 0;
    if (isChained && last === 0) return false;
    const hash = this.lookup.hashOfItem(from);
    if (!this.index.holds(hash, from)) return false;
    const to = this.moveChunk(from);
    if (to === 0) return false;
    this.index.relink(hash, from, to);
    this.lru.relink(to);
    if (this.items.expiresAt(to) !== 0) this.wheel.relink(to);
    if (last !== 0) this.values.closeChain(to, last);
    return true;
  }

  private movePiece(from: Ref, units: number): boolean {
    const last = this.lastPiece(from);
    if (last === 0) return false;
    const item = this.words[last * 2 + PIECE_NEXT_WORD];
    // The chain of a freed item still leads to where the item was, and the bytes there now may look like an item.
    if (!this.isIndexed(item) || !this.isMovable(item)) return false;
    let link = this.items.chainWord(item) + 1;
    for (let steps = 0; this.words[link] !== from; steps++) {
      if (steps === LONGEST_CHAIN) return false;
      link = this.words[link] * 2 + PIECE_NEXT_WORD;
    }
    const isLong = this.allocator.unitsOf(from) > MAX_CHUNK_UNITS + 1;
    const to = isLong ? this.moveFront(from, units) : this.moveChunk(from);
    if (to === 0) return false;
    this.words[link] = to;
    return true;
  }

  /** Moves the first units of a long piece; the rest stays as a piece of its own. Null when no chunk fits. */
  private moveFront(from: Ref, units: number): Ref {
    const words = this.words;
    const word = words[from * 2];
    const next = words[from * 2 + PIECE_NEXT_WORD];
    if (unitsOfUsed(word) - units < MIN_REST_UNITS) return NULL_REF;
    // The rest's header overwrites bytes that the new piece must also hold.
    const to = this.allocator.take(units + 1);
    if (to === 0) return NULL_REF;
    words.copyWithin(to * 2 + FIRST_VALUE_WORD, from * 2 + FIRST_VALUE_WORD, (from + units) * 2 + FIRST_VALUE_WORD);
    const rest = this.allocator.cutPiece(from, units);
    words[to * 2] = words[to * 2] | (ChunkKind.piece << CHUNK_KIND_SHIFT);
    words[to * 2 + PIECE_NEXT_WORD] = rest;
    this.items.setSlack(to, (this.allocator.unitsOf(to) - units - 1) * UNIT_BYTES);
    words[rest * 2] = words[rest * 2] | (word & LAST_PIECE);
    words[rest * 2 + PIECE_NEXT_WORD] = next;
    this.items.setSlack(rest, slackOf(word));
    this.values.forgetCursor();
    return to;
  }

  /** Whether an item is linked and not pinned; the caller asks the index whether a flush has dropped it. */
  private isMovable(item: number): boolean {
    return this.items.has(item, ItemOption.linked) && this.items.pins(item) === 0;
  }

  /** Whether the index holds an item at that place. */
  private isIndexed(item: number): boolean {
    if (item > this.words.length / 2 - MOST_HEADER_AND_KEY_UNITS || kindOf(this.words[item * 2]) !== ChunkKind.item)
      return false;
    return this.index.holds(this.lookup.hashOfItem(item), item);
  }

  /** The last piece of a chain from one of its pieces on; 0 where it is far away or still being built. */
  private lastPiece(from: number): number {
    let piece = from;
    for (let steps = 0; steps < LONGEST_CHAIN && piece !== 0; steps++) {
      if ((this.words[piece * 2] & LAST_PIECE) !== 0) return piece;
      piece = this.words[piece * 2 + PIECE_NEXT_WORD];
    }
    return 0;
  }

  /** Copies a chunk without the bits of its place in the heap. If the new chunk is longer, the difference becomes slack. Null when none
   * fits. */
  private moveChunk(from: Ref): Ref {
    const words = this.words;
    const word = words[from * 2];
    const units = unitsOfUsed(word);
    const to = this.allocator.take(units);
    if (to === 0) return NULL_REF;
    const slack = slackOf(word) + (unitsOfUsed(words[to * 2]) - units) * UNIT_BYTES;
    if (slack > CHUNK_SLACK_MASK) {
      this.allocator.release(to);
      return NULL_REF;
    }
    words.copyWithin(to * 2 + 1, from * 2 + 1, (from + units) * 2);
    words[to * 2] = (words[to * 2] & PLACE_BITS) | (word & ~PLACE_BITS);
    this.items.setSlack(to, slack);
    words[from * 2] = words[from * 2] & PLACE_BITS;
    this.values.forgetCursor();
    return to;
  }
}
