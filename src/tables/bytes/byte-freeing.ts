// Frees the parts of a byte array that is no longer used, a few at a time. When: tables/pending-free.ts.

import type { Store } from '../../store/store.js';
import { SPREAD } from '../table-layout.js';
import { FIRST_WORD } from './byte-layout.js';
import type { ByteTree } from './byte-tree.js';

/** Parts freed in one step: 64 KiB of an array. */
const FREED_AT_ONCE = 64;

/** @perThread */
export class ByteFreeing {
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly tree: ByteTree,
  ) {
    this.words = store.arena.words;
  }

  /** Frees some of the last parts; false if there are none. */
  freeSome(header: number): boolean {
    const { words, tree } = this;
    let link = header + SPREAD.first;
    if (words[link] === 0) return false;
    // Down to the last part that refers to none but those of level 0.
    for (;;) {
      const part = words[link];
      const level = tree.level(part);
      if (level === 1) this.#freeBelow(part);
      const last = level === 0 ? 0 : this.#lastSlot(part);
      if (last === 0) break;
      if (level === 1) return true;
      link = last;
    }
    this.store.allocator.release(words[link] as never);
    words[link] = 0;
    return true;
  }

  /** Frees some parts of level 0. */
  #freeBelow(part: number): void {
    for (let freed = 0; freed < FREED_AT_ONCE; freed++) {
      const last = this.#lastSlot(part);
      if (last === 0) return;
      this.store.allocator.release(this.words[last] as never);
      this.words[last] = 0;
    }
  }

  /** The last word of a part that refers to another; 0 if there is none. */
  #lastSlot(part: number): number {
    const first = part * 2 + FIRST_WORD;
    for (let word = first + this.tree.slots(part) - 1; word >= first; word--) if (this.words[word] !== 0) return word;
    return 0;
  }
}
