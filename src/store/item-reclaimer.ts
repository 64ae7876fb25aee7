// Frees the chunks of unlinked items, those of a very long value a few at a time. Objects are freed by tables/pending-free.ts.

import type { Allocator } from '../arena/allocator.js';
import { ItemOption, type Items } from './item.js';
import { STORE_ROOTS } from './store-roots.js';
import type { Values } from './values.js';

/** Segments freed in one step, 64 KB of short ones, which bounds the time of a request. The rest of a longer chain is freed later. */
const FREED_AT_ONCE = 64;
/** In the first segment of a chain to be freed, the word that links to the next such chain. */
const NEXT_CHAIN_WORD = 2;

/** Frees the memory that an object uses in addition to its item. */
export interface ObjectFreeing {
  /** Takes over an unlinked item that is an object; false when there is nothing but the item's own chunk to free. */
  condemn(item: number): boolean;
  /** Frees a few parts of condemned objects; false if there are none. */
  freeSome(): boolean;
}

/** @perThread */
export class ItemReclaimer {
  objects: ObjectFreeing = { condemn: () => false, freeSome: () => false };

  constructor(
    private readonly words: Uint32Array,
    private readonly allocator: Allocator,
    private readonly items: Items,
    private readonly values: Values,
  ) {}

  /** Gives an unlinked item's chunks back. */
  free(item: number): void {
    this.values.forgetCursor();
    if (this.items.has(item, ItemOption.object) && this.objects.condemn(item)) return;
    if (this.items.has(item, ItemOption.chained)) this.freeChain(this.words[this.items.chainWord(item) + 1]);
    this.allocator.release(item as never);
  }

  /** Frees pieces from the given one on, now or later. */
  freeChain(first: number): void {
    const rest = this.freePieces(first);
    if (rest === 0) return;
    this.words[rest * 2 + NEXT_CHAIN_WORD] = this.words[STORE_ROOTS.condemnedPieces];
    this.words[STORE_ROOTS.condemnedPieces] = rest;
  }

  /** Frees an unlinked item, or leaves that to the last unpin. */
  freeOrDefer(item: number): void {
    if (this.items.pins(item) === 0) this.free(item);
    else this.items.setOption(item, ItemOption.deferred);
  }

  /** Frees some condemned memory; false if there is none. */
  freeCondemned(): boolean {
    const first = this.words[STORE_ROOTS.condemnedPieces];
    if (first === 0) return this.objects.freeSome();
    const nextChain = this.words[first * 2 + NEXT_CHAIN_WORD];
    const rest = this.freePieces(first);
    if (rest !== 0) this.words[rest * 2 + NEXT_CHAIN_WORD] = nextChain;
    this.words[STORE_ROOTS.condemnedPieces] = rest !== 0 ? rest : nextChain;
    return true;
  }

  private freePieces(first: number): number {
    let piece = first;
    for (let count = 0; piece !== 0 && count < FREED_AT_ONCE; count++) {
      const next = this.values.nextPiece(piece);
      this.allocator.release(piece as never);
      piece = next;
    }
    return piece;
  }
}
