// Texts too long for one chunk, in chains of pieces.

import { CHUNK_KIND_SHIFT, ChunkKind, unitsOfUsed } from '../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { PIECE_HEADER_BYTES } from '../store/item.js';
import type { Store } from '../store/store.js';
import { PIECE_NEXT_WORD } from '../store/values.js';
import type { ObjectMemory } from './object-memory.js';
import { copyBytes, type ValueBytes } from './scalars.js';
import { MAX_CHUNK_BYTES, unitsFor } from './table-layout.js';

/** Bytes of a text in each piece but the last. */
const PIECE_TEXT_BYTES = MAX_CHUNK_BYTES - PIECE_HEADER_BYTES;

/** @perThread */
export class Chains {
  private readonly arena: Arena;
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly memory: ObjectMemory,
  ) {
    this.arena = store.arena;
    this.words = store.arena.words;
  }

  /** Makes pieces with a text; returns the first. */
  make(value: ValueBytes): number {
    let first = 0;
    for (let end = value.length; end > 0; ) {
      // From the end, so that each piece can link to the next.
      const length = end % PIECE_TEXT_BYTES === 0 ? PIECE_TEXT_BYTES : end % PIECE_TEXT_BYTES;
      const piece = this.memory.obtain(unitsFor(length + PIECE_HEADER_BYTES));
      this.words[piece * 2] = this.words[piece * 2] | (ChunkKind.piece << CHUNK_KIND_SHIFT);
      this.words[piece * 2 + PIECE_NEXT_WORD] = first;
      const position = piece * UNIT_BYTES + PIECE_HEADER_BYTES;
      const view = this.arena.viewOf(position);
      copyBytes(value.bytes, value.at + end - length, view, this.arena.indexOf(position), length);
      end -= length;
      first = piece;
    }
    return first;
  }

  release(first: number): void {
    this.store.freeing.freeChain(first);
  }

  /** Units of all pieces. */
  units(first: number): number {
    let units = 0;
    for (let piece = first; piece !== 0; piece = this.words[piece * 2 + PIECE_NEXT_WORD]) {
      units += unitsOfUsed(this.words[piece * 2]);
    }
    return units;
  }

  /** Calls `visit` with each stretch of the text's bytes. */
  forEachPart(first: number, length: number, visit: (bytes: Uint8Array, at: number, length: number) => void): void {
    let left = length;
    for (let piece = first; left > 0; piece = this.words[piece * 2 + PIECE_NEXT_WORD]) {
      const position = piece * UNIT_BYTES + PIECE_HEADER_BYTES;
      const part = Math.min(left, PIECE_TEXT_BYTES);
      visit(this.arena.viewOf(position), this.arena.indexOf(position), part);
      left -= part;
    }
  }
}
