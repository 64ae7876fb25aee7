// Copies of bytes of the arena from before a call changed them, kept until the call ends. Each call reuses the memory. The journal knows
// where the bytes belong.

import type { Arena } from '../arena/memory.js';
import { copyBytes } from './scalars.js';

/** Enough for the packed tables of most calls; the buffer grows as needed. */
const FIRST_BYTES = 4096;
/** A larger buffer is dropped after use, so that one long call does not keep its memory in every thread. */
const KEPT_BYTES = 256 * 1024;

/** @perThread */
export class SavedBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  #end = 0;

  constructor(private readonly arena: Arena) {}

  /** Keeps bytes of the arena; returns where they are kept. */
  save(position: number, length: number): number {
    const at = this.#end;
    if (at + length > this.#bytes.length) {
      const more = new Uint8Array((at + length) * 2);
      more.set(this.#bytes);
      this.#bytes = more;
    }
    copyBytes(this.arena.viewOf(position), this.arena.indexOf(position), this.#bytes, at, length);
    this.#end = at + length;
    return at;
  }

  restore(at: number, position: number, length: number): void {
    copyBytes(this.#bytes, at, this.arena.viewOf(position), this.arena.indexOf(position), length);
  }

  reset(): void {
    this.#end = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
  }
}
