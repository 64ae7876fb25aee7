// Copies value bytes in and out of items, whether the value is in one chunk or in many.

import { slackOf, unitsOfUsed } from '../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { ItemOption, type Items, LAST_PIECE, PIECE_HEADER_BYTES } from './item.js';

export const PIECE_NEXT_WORD = 1;

/** A bounded list of byte ranges of the arena. */
interface Stretches {
  readonly isFull: boolean;
  add(position: number, length: number): void;
}

/** @perThread */
export class Values {
  private readonly words: Uint32Array;
  /** Where the last access ended, so that a value that is sent or filled piece by piece is not walked from its start each time. */
  private cursorItem = 0;
  private cursorPiece = 0;
  private cursorOffset = 0;

  constructor(
    private readonly arena: Arena,
    private readonly items: Items,
  ) {
    this.words = arena.words;
  }

  /** Position of the part of the value in the item's own chunk. */
  headPosition(item: number): number {
    return this.items.keyPosition(item) + this.items.keyLength(item);
  }

  read(item: number, offset: number, length: number, to: number): void {
    if (!this.items.has(item, ItemOption.chained)) {
      this.arena.copy(this.headPosition(item) + offset, to, length);
      return;
    }
    this.walk(item, offset, length, to, false);
  }

  write(item: number, offset: number, from: number, length: number): void {
    if (!this.items.has(item, ItemOption.chained)) {
      this.arena.copy(from, this.headPosition(item) + offset, length);
      return;
    }
    this.walk(item, offset, length, from, true);
  }

  /** Calls `visit` with position and length of each contiguous part of value bytes [offset, offset + length). */
  forEachPart(item: number, offset: number, length: number, visit: (position: number, length: number) => void): void {
    const inHead = this.items.headCapacity(item);
    let done = 0;
    if (offset < inHead) {
      done = Math.min(length, inHead - offset);
      if (done > 0) visit(this.headPosition(item) + offset, done);
    }
    let piece = done < length ? this.pieceAt(item, offset + done) : 0;
    let pieceOffset = this.cursorOffset;
    while (done < length) {
      const within = offset + done - pieceOffset;
      const capacity = this.capacityOf(piece);
      const part = Math.min(length - done, capacity - within);
      visit(piece * UNIT_BYTES + PIECE_HEADER_BYTES + within, part);
      done += part;
      if (done < length) {
        piece = this.words[piece * 2 + PIECE_NEXT_WORD];
        pieceOffset += capacity;
        this.setCursor(item, piece, pieceOffset);
      }
    }
  }

  /** Adds the ranges of value bytes [offset, offset + length) to a list until it is full; returns how many bytes were added. */
  gather(item: number, offset: number, length: number, list: Stretches): number {
    const inHead = this.items.headCapacity(item);
    let done = 0;
    if (offset < inHead) {
      done = Math.min(length, inHead - offset);
      if (done > 0) list.add(this.headPosition(item) + offset, done);
    }
    if (done === length) return done;
    let piece = this.pieceAt(item, offset + done);
    let within = offset + done - this.cursorOffset;
    while (done < length && !list.isFull) {
      const part = Math.min(length - done, this.capacityOf(piece) - within);
      list.add(piece * UNIT_BYTES + PIECE_HEADER_BYTES + within, part);
      done += part;
      within = 0;
      if (done < length) piece = this.words[piece * 2 + PIECE_NEXT_WORD];
    }
    return done;
  }

  /** Copies the whole value of one item into another. */
  copyItem(from: number, to: number, offset: number): void {
    let at = offset;
    this.forEachPart(from, 0, this.items.valueLength(from), (position, length) => {
      this.write(to, at, position, length);
      at += length;
    });
  }

  /** Call this when chunks are freed, and when another thread may have freed some. */
  forgetCursor(): void {
    this.cursorItem = 0;
  }

  capacityOf(piece: number): number {
    const word = this.words[piece * 2];
    return unitsOfUsed(word) * UNIT_BYTES - PIECE_HEADER_BYTES - slackOf(word);
  }

  /** The piece after another; 0 after the last. */
  nextPiece(piece: number): number {
    const isLast = (this.words[piece * 2] & LAST_PIECE) !== 0;
    return isLast ? 0 : this.words[piece * 2 + PIECE_NEXT_WORD];
  }

  /** Marks the end of a chain that has been built, so that its item can be found from any piece. */
  closeChain(item: number, lastPiece: number): void {
    this.words[lastPiece * 2] = this.words[lastPiece * 2] | LAST_PIECE;
    this.words[lastPiece * 2 + PIECE_NEXT_WORD] = item;
  }

  private setCursor(item: number, piece: number, offset: number): void {
    this.cursorItem = item;
    this.cursorPiece = piece;
    this.cursorOffset = offset;
  }

  private walk(item: number, offset: number, length: number, window: number, writing: boolean): void {
    let at = window;
    this.forEachPart(item, offset, length, (position, part) => {
      if (writing) this.arena.copy(at, position, part);
      else this.arena.copy(position, at, part);
      at += part;
    });
  }

  /** The segment that contains value byte `offset`; sets the cursor to the offset of its first byte. */
  private pieceAt(item: number, offset: number): number {
    if (this.cursorItem !== item || this.cursorOffset > offset) {
      this.setCursor(item, this.words[this.items.chainWord(item) + 1], this.items.headCapacity(item));
    }
    let capacity = this.capacityOf(this.cursorPiece);
    while (this.cursorOffset + capacity <= offset) {
      this.cursorOffset += capacity;
      this.cursorPiece = this.words[this.cursorPiece * 2 + PIECE_NEXT_WORD];
      capacity = this.capacityOf(this.cursorPiece);
    }
    return this.cursorPiece;
  }
}
