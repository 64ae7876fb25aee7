// Allocates and lays out items that cannot be found yet; the store links them.

import { CHUNK_KIND_SHIFT, ChunkKind, unitsOfUsed } from '../arena/chunk.js';
import { type Arena, NULL_REF, UNIT_BYTES } from '../arena/memory.js';
import {
  ITEM_HEADER_BYTES,
  ItemOption,
  type Items,
  identity,
  LAYOUT_OPTIONS,
  NOT_RESERVED,
  optionBytes,
  PIECE_HEADER_BYTES,
  type ReservedRef,
} from './item.js';
import type { ItemReclaimer } from './item-reclaimer.js';
import type { SpaceReclaimer } from './space-reclaimer.js';
import { STORE_ROOTS } from './store-roots.js';
import { PIECE_NEXT_WORD, type Values } from './values.js';

/**
 * The largest item that is stored in one chunk if possible: 126 of the 129 units that a chunk may have. The value of a larger item starts
 * in its first piece, so that it is copied and sent in as few stretches as possible.
 */
const WHOLE_MAX_BYTES = 1008;
/** 32 bytes: the header takes at most a quarter of a piece. */
const PIECE_MIN_UNITS = 4;

/** @perThread */
export class Reservations {
  private readonly words: Uint32Array;

  constructor(
    private readonly arena: Arena,
    private readonly items: Items,
    private readonly values: Values,
    private readonly room: SpaceReclaimer,
    private readonly freeing: ItemReclaimer,
  ) {
    this.words = arena.words;
  }

  get evictedByOneStoreMax(): number {
    return this.words[STORE_ROOTS.evictedByOneStoreMax];
  }

  /** An item with its key, layout options and room for the value, in one chunk if it is an object; 0 when no room can be made. */
  build(keyAt: number, keyLength: number, valueLength: number, wantedOptions: number): ReservedRef {
    const wholeBytes = ITEM_HEADER_BYTES + optionBytes(wantedOptions) + keyLength + valueLength;
    this.room.begin(wholeBytes);
    const chainedOptions = wantedOptions | ItemOption.chained;
    const isObject = (wantedOptions & ItemOption.object) !== 0;
    const headMinBytes = ITEM_HEADER_BYTES + optionBytes(chainedOptions) + keyLength;
    const isLarge = !isObject && wholeBytes > WHOLE_MAX_BYTES;
    const headUnits = unitsFor(isLarge ? headMinBytes : wholeBytes);
    // A value shorter than the words of a chain is always stored in its item.
    const minUnits = isObject ? headUnits : Math.min(headUnits, unitsFor(headMinBytes));
    const head = this.room.obtain(headUnits, minUnits);
    if (head === 0) return NOT_RESERVED;
    const headBytes = unitsOfUsed(this.words[head * 2]) * UNIT_BYTES;
    const isChained = headBytes < wholeBytes;
    const options = isChained ? chainedOptions : wantedOptions;
    this.words[head * 2] = this.words[head * 2] | (ChunkKind.item << CHUNK_KIND_SHIFT) | options;
    const headEnd = head * 2 + (ITEM_HEADER_BYTES + optionBytes(options)) / 4;
    for (let word = head * 2 + 1; word < headEnd; word++) this.words[word] = 0;
    this.items.setIdentity(head, identity(keyLength, 0));
    if (!isChained) this.items.setSlack(head, headBytes - wholeBytes);
    else if (isLarge) this.items.setSlack(head, headBytes - headMinBytes);
    this.arena.copy(keyAt, this.items.keyPosition(head), keyLength);
    if (isChained) {
      const chainWord = this.items.chainWord(head);
      this.words[chainWord] = valueLength;
      if (!this.addPieces(head, valueLength - this.items.headCapacity(head))) {
        this.freeing.free(head);
        return NOT_RESERVED;
      }
    }
    this.words[STORE_ROOTS.evictedByOneStoreMax] = Math.max(
      this.words[STORE_ROOTS.evictedByOneStoreMax],
      this.room.evicted,
    );
    return head as unknown as ReservedRef;
  }

  /** A first chunk with further layout options for a chained item, whose pieces it takes over; 0 when no room can be made. */
  buildHead(item: number, options: number): ReservedRef {
    const words = this.words;
    const wanted = (this.items.word(item) & LAYOUT_OPTIONS) | options;
    const contentBytes = this.items.keyLength(item) + this.items.headCapacity(item);
    const bytes = ITEM_HEADER_BYTES + optionBytes(wanted) + contentBytes;
    this.room.begin(bytes);
    const head = this.room.obtain(unitsFor(bytes), unitsFor(bytes));
    if (head === 0) return NOT_RESERVED;
    words[head * 2] = words[head * 2] | (ChunkKind.item << CHUNK_KIND_SHIFT) | wanted;
    words.fill(0, head * 2 + 1, head * 2 + (ITEM_HEADER_BYTES + optionBytes(wanted)) / 4);
    this.items.setIdentity(head, identity(this.items.keyLength(item), 0));
    this.items.setSlack(head, unitsOfUsed(words[head * 2]) * UNIT_BYTES - bytes);
    this.arena.copy(this.items.keyPosition(item), this.items.keyPosition(head), contentBytes);
    const chain = this.items.chainWord(item);
    words[this.items.chainWord(head)] = words[chain];
    words[this.items.chainWord(head) + 1] = words[chain + 1];
    this.moveChain(words[chain + 1], head);
    words[chain + 1] = 0;
    return head as unknown as ReservedRef;
  }

  private moveChain(firstPiece: number, head: number): void {
    let last = firstPiece;
    for (let piece = firstPiece; piece !== 0; piece = this.values.nextPiece(piece)) last = piece;
    if (last !== 0) this.values.closeChain(head, last);
  }

  private addPieces(head: number, bytes: number): boolean {
    let linkWord = this.items.chainWord(head) + 1;
    let left = bytes;
    let piece = NULL_REF;
    while (left > 0) {
      piece = this.room.obtainPiece(unitsFor(left + PIECE_HEADER_BYTES), PIECE_MIN_UNITS);
      if (piece === 0) return false;
      this.words[piece * 2] = this.words[piece * 2] | (ChunkKind.piece << CHUNK_KIND_SHIFT);
      this.words[linkWord] = piece;
      linkWord = piece * 2 + PIECE_NEXT_WORD;
      this.words[linkWord] = 0;
      left -= this.values.capacityOf(piece);
    }
    if (piece !== 0) this.values.closeChain(head, piece);
    return true;
  }
}

function unitsFor(bytes: number): number {
  return (bytes + UNIT_BYTES - 1) >>> 3;
}
