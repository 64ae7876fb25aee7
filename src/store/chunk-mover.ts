// Moves what a used chunk holds to another chunk, and has everything that refers to it refer to the new one. Not for what nothing
// in the arena leads to, such as an item that is being filled, nor for what is pinned: these stay.

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
  MAX_PIECE_UNITS,
  MIN_CHUNK_UNITS,
  slackOf,
  unitsOfUsed,
} from '../arena/chunk.js';
import { NULL_REF, type Ref, UNIT_BYTES } from '../arena/memory.js';
import type { RegionEmptier } from '../arena/region-emptier.js';
import type { ExpiryWheel } from './expiry-wheel.js';
import type { HashIndex } from './hash-index.js';
import { ItemOption, type Items, LAST_PIECE, PIECE_HEADER_BYTES } from './item.js';
import type { Lookup } from './lookup.js';
import type { LruList } from './lru-list.js';
import { PIECE_NEXT_WORD, type Values } from './values.js';

/** Free chunks of regions that are being emptied which one search retires: about 10 us. There may be millions. */
const MOST_RETIRED = 64;
/** Chunks that are held in the search for one that is not too long. */
const MOST_HELD = 8;
const FIRST_VALUE_WORD = PIECE_HEADER_BYTES / 4;
/** Pieces followed in the search for the item that a piece belongs to, while a request waits: a value of 64 KB in short chunks, and of 4 MB
 * in long ones. The piece of a longer chain is not moved. A choice: each step may be a cache miss of about 0.1 us. The long chain, for
 * when no request waits, takes up to 2 ms. */
const SHORT_CHAIN = 64;
const LONG_CHAIN = 16_384;
/** An item's header (20 bytes) with all options (32 bytes) and the longest key of its length field (255 bytes) take 39 units. */
const MOST_HEADER_AND_KEY_UNITS = 40;
/** The rest of a long piece holds at least one byte of the value: its header and the slack take at most 8 + 15 bytes. */
const MIN_REST_UNITS = 3;
const PLACE_BITS = CHUNK_USED | CHUNK_PREVIOUS_FREE | (CHUNK_UNITS_MASK << CHUNK_UNITS_SHIFT);

interface ChunkMoverParts {
  readonly words: Uint32Array;
  readonly allocator: Allocator;
  readonly emptier: RegionEmptier;
  readonly items: Items;
  readonly lookup: Lookup;
  readonly index: HashIndex;
  readonly lru: LruList;
  readonly wheel: ExpiryWheel;
  readonly values: Values;
}

/** @perThread */
export class ChunkMover {
  /** Regions are being emptied: free chunks in them are retired, not used, and long chains are followed. */
  isEvacuating = false;
  /** Set when something could not be moved for want of a free chunk; cleared by the caller. */
  lacksRoom = false;
  /** Set when the search for a free chunk was ended by MOST_RETIRED; cleared by the caller, who tries again. */
  isSearching = false;
  private readonly words: Uint32Array;
  private readonly allocator: Allocator;
  private readonly emptier: RegionEmptier;
  private readonly items: Items;
  private readonly lookup: Lookup;
  private readonly index: HashIndex;
  private readonly lru: LruList;
  private readonly wheel: ExpiryWheel;
  private readonly values: Values;

  constructor(parts: ChunkMoverParts) {
    this.words = parts.words;
    this.allocator = parts.allocator;
    this.emptier = parts.emptier;
    this.items = parts.items;
    this.lookup = parts.lookup;
    this.index = parts.index;
    this.lru = parts.lru;
    this.wheel = parts.wheel;
    this.values = parts.values;
  }

  /** Moves what a used chunk holds, or the first units of it, to another one if it can; the chunk stays in use, empty. */
  moveAway(from: Ref, units: number): boolean {
    const kind = kindOf(this.words[from * 2]);
    if (kind === ChunkKind.item) return !this.items.has(from, ItemOption.object) && this.moveItem(from) !== 0;
    return kind === ChunkKind.piece && this.movePiece(from, units);
  }

  /** Moves an item's first chunk; where to, or null. An object only between calls, and what refers to its table is the caller's. */
  moveItem(from: Ref): Ref {
    if (!this.isMovable(from)) return NULL_REF;
    const isChained = this.items.has(from, ItemOption.chained);
    const last = isChained ? this.lastPiece(this.words[this.items.chainWord(from) + 1]) : 0;
    if (isChained && last === 0) return NULL_REF;
    const hash = this.lookup.hashOfItem(from);
    if (!this.index.holds(hash, from)) return NULL_REF;
    const to = this.moveChunk(from);
    if (to === 0) return NULL_REF;
    this.index.relink(hash, from, to);
    this.lru.relink(to);
    if (this.items.expiresAt(to) !== 0) this.wheel.relink(to);
    if (last !== 0) this.values.closeChain(to, last);
    return to;
  }

  /** Moves the first units of an item's piece, or all of one that is short. */
  movePiece(from: Ref, units: number): boolean {
    const link = this.linkTo(from);
    if (link === 0) return false;
    const isLong = this.allocator.unitsOf(from) > MAX_CHUNK_UNITS + 1;
    const to = isLong ? this.moveFront(from, units) : this.moveChunk(from) || this.moveHalf(from);
    if (to === 0) return false;
    this.words[link] = to;
    return true;
  }

  /** Moves a long piece to one chunk if there is one as long, or else as much of its front as another chunk takes. */
  moveLongPiece(from: Ref): boolean {
    const link = this.linkTo(from);
    if (link === 0) return false;
    const whole = this.moveWhole(from);
    const to = whole !== 0 || this.isSearching ? whole : this.moveFront(from, MAX_CHUNK_UNITS - 1);
    if (to === 0) return false;
    this.words[link] = to;
    return true;
  }

  /** The word that leads to a piece of an item that may be moved; 0 for other pieces. */
  linkTo(piece: Ref): number {
    const last = this.lastPiece(piece);
    if (last === 0) return 0;
    const item = this.words[last * 2 + PIECE_NEXT_WORD];
    // The chain of a freed item still leads to where the item was, and the bytes there now may look like an item.
    if (!this.isIndexed(item) || !this.isMovable(item)) return 0;
    let link = this.items.chainWord(item) + 1;
    for (let steps = 0; this.words[link] !== piece; steps++) {
      if (steps === this.longestChain) return 0;
      link = this.words[link] * 2 + PIECE_NEXT_WORD;
    }
    return link;
  }

  /** Copies a chunk without the bits of its place in the heap. If the new chunk is longer, the difference becomes slack. Null when none
      fits. */
  moveChunk(from: Ref): Ref {
    const words = this.words;
    const word = words[from * 2];
    const units = unitsOfUsed(word);
    const to = this.takeFor(units, slackOf(word));
    if (to === 0) return NULL_REF;
    const slack = slackOf(word) + (unitsOfUsed(words[to * 2]) - units) * UNIT_BYTES;
    words.copyWithin(to * 2 + 1, from * 2 + 1, (from + units) * 2);
    words[to * 2] = (words[to * 2] & PLACE_BITS) | (word & ~PLACE_BITS);
    this.items.setSlack(to, slack);
    words[from * 2] = words[from * 2] & PLACE_BITS;
    this.values.forgetCursor();
    return to;
  }

  /** Moves a long piece, or what fits into the longest free chunk; null where that is not long. */
  private moveWhole(from: Ref): Ref {
    const words = this.words;
    const word = words[from * 2];
    const units = unitsOfUsed(word);
    const to = this.takeLong(units);
    if (to === 0) return NULL_REF;
    const spare = unitsOfUsed(words[to * 2]) - units;
    if (spare < 0) return this.copyFront(from, to, unitsOfUsed(words[to * 2]) - 1);
    const slack = slackOf(word) + spare * UNIT_BYTES;
    if (slack > CHUNK_SLACK_MASK) {
      this.allocator.release(to);
      return NULL_REF;
    }
    words.copyWithin(to * 2 + 1, from * 2 + 1, (from + units) * 2);
    words[to * 2] = words[to * 2] | (ChunkKind.piece << CHUNK_KIND_SHIFT) | (word & LAST_PIECE);
    this.items.setSlack(to, slack);
    this.values.forgetCursor();
    return to;
  }

  /** Moves the first units of a long piece; the rest stays as a piece of its own. Null when no chunk fits. */
  private moveFront(from: Ref, units: number): Ref {
    if (unitsOfUsed(this.words[from * 2]) - units < MIN_REST_UNITS) return NULL_REF;
    // The rest's header overwrites bytes that the new piece must also hold.
    const to = this.take(units + 1);
    return to === 0 ? NULL_REF : this.copyFront(from, to, units);
  }

  private copyFront(from: Ref, to: Ref, units: number): Ref {
    const words = this.words;
    const word = words[from * 2];
    const next = words[from * 2 + PIECE_NEXT_WORD];
    if (unitsOfUsed(word) - units < MIN_REST_UNITS) {
      this.allocator.release(to);
      return NULL_REF;
    }
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

  /** Moves a piece for which there are only chunks that are a little too long, or which is itself a little longer than any chunk that can be
      made for it. */
  private moveHalf(from: Ref): Ref {
    const isLonger = unitsOfUsed(this.words[from * 2]) > MAX_CHUNK_UNITS;
    if (!this.isEvacuating || this.isSearching || (this.lacksRoom && !isLonger)) return NULL_REF;
    this.lacksRoom = false;
    return this.moveFront(from, unitsOfUsed(this.words[from * 2]) >>> 1);
  }

  /** A chunk for something with `slack` unused bytes, of which the new place can record no more than CHUNK_SLACK_MASK. */
  private takeFor(units: number, slack: number): Ref {
    let to = this.take(units);
    if (to === 0 || this.isShort(to, units, slack)) return to;
    // The chunk is too long, by less than a chunk. While it is held, the next one may be cut to measure.
    const held: Ref[] = [];
    while (to !== 0 && !this.isShort(to, units, slack)) {
      held.push(to);
      to = held.length < MOST_HELD ? this.take(units) : NULL_REF;
    }
    for (const chunk of held) this.allocator.release(chunk);
    return to !== 0 ? to : this.takeLonger(units);
  }

  /** A chunk that is cut from one so much longer that the rest is a chunk of its own. */
  private takeLonger(units: number): Ref {
    if (units + MIN_CHUNK_UNITS > MAX_CHUNK_UNITS + 1) return NULL_REF;
    const chunk = this.take(units + MIN_CHUNK_UNITS);
    if (chunk !== 0) this.allocator.trim(chunk, units);
    return chunk;
  }

  private isShort(chunk: Ref, units: number, slack: number): boolean {
    return slack + (unitsOfUsed(this.words[chunk * 2]) - units) * UNIT_BYTES <= CHUNK_SLACK_MASK;
  }

  private get longestChain(): number {
    return this.isEvacuating ? LONG_CHAIN : SHORT_CHAIN;
  }

  /** When regions are being emptied, a chunk in another region. */
  private take(units: number): Ref {
    const { regions } = this.allocator;
    for (let retired = 0; retired < MOST_RETIRED; retired++) {
      const chunk = this.allocator.take(units);
      if (chunk === 0) this.lacksRoom = true;
      if (chunk === 0 || !this.isEvacuating || !regions.isEmptying(regions.of(chunk))) return chunk;
      this.emptier.retireUsed(chunk);
    }
    this.isSearching = true;
    return NULL_REF;
  }

  private takeLong(units: number): Ref {
    const { regions } = this.allocator;
    const mostUnits = Math.min(units, MAX_PIECE_UNITS);
    for (let retired = 0; retired < MOST_RETIRED; retired++) {
      const chunk = this.allocator.takeLong(mostUnits, MAX_CHUNK_UNITS);
      if (chunk === 0 || !this.isEvacuating || !regions.isEmptying(regions.of(chunk))) return chunk;
      this.emptier.retireUsed(chunk);
    }
    this.isSearching = true;
    return NULL_REF;
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
    for (let steps = 0; steps < this.longestChain && piece !== 0; steps++) {
      if ((this.words[piece * 2] & LAST_PIECE) !== 0) return piece;
      piece = this.words[piece * 2 + PIECE_NEXT_WORD];
    }
    return 0;
  }
}
