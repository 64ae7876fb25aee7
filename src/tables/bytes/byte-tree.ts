// Finds the parts of byte arrays. Not for making them or changing their bytes: byte-writer.ts.

import { ChunkKind, kindOf, slackOf } from '../../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../../arena/memory.js';
import { SPREAD, type TableLayout } from '../table-layout.js';
import { FIRST_WORD, levelOf, PARENT_WORD, PART_HEADER_BYTES, slotWord, topLevel } from './byte-layout.js';

/** @perThread */
export class ByteTree {
  private readonly words: Uint32Array;

  constructor(
    arena: Arena,
    private readonly layout: TableLayout,
  ) {
    this.words = arena.words;
  }

  /** Bytes of the array with that header. */
  length(header: number): number {
    return this.words[header + SPREAD.count];
  }

  setLength(header: number, bytes: number): void {
    this.words[header + SPREAD.count] = bytes;
  }

  /** The part with the byte at `offset`; 0 if it was never written to, or if there is no header. */
  leaf(header: number, offset: number): number {
    if (header === 0) return 0;
    const { words } = this;
    let part = words[header + SPREAD.first];
    for (let level = topLevel(words[header + SPREAD.count]); level > 0 && part !== 0; level--) {
      part = words[slotWord(part, level, offset)];
    }
    return part;
  }

  level(part: number): number {
    return levelOf(this.words[part * 2]);
  }

  /** Bytes that a part holds, or bytes of its references. */
  size(part: number): number {
    return this.layout.units(part) * UNIT_BYTES - PART_HEADER_BYTES - slackOf(this.words[part * 2]);
  }

  /** References of a part above level 0. */
  slots(part: number): number {
    return this.size(part) >>> 2;
  }

  child(part: number, slot: number): number {
    return this.words[part * 2 + FIRST_WORD + slot];
  }

  /** The word that refers to a part. */
  linkTo(part: number): number {
    const { words } = this;
    const above = words[part * 2 + PARENT_WORD];
    if (!this.isPart(above)) return this.layout.spreadWord(above) + SPREAD.first;
    let link = above * 2 + FIRST_WORD;
    while (words[link] !== part) link++;
    return link;
  }

  /** The header of the array that a part belongs to, as a chunk. */
  owner(part: number): number {
    let above = this.words[part * 2 + PARENT_WORD];
    while (this.isPart(above)) above = this.words[above * 2 + PARENT_WORD];
    return above;
  }

  /** A part has been moved here: those below it refer to it. */
  adopt(part: number): void {
    if (this.level(part) === 0) return;
    for (let slot = this.slots(part) - 1; slot >= 0; slot--) {
      const below = this.child(part, slot);
      if (below !== 0) this.words[below * 2 + PARENT_WORD] = part;
    }
  }

  /** A header has been moved here. */
  adoptTop(owner: number): void {
    const top = this.words[this.layout.spreadWord(owner) + SPREAD.first];
    if (top !== 0) this.words[top * 2 + PARENT_WORD] = owner;
  }

  private isPart(chunk: number): boolean {
    return kindOf(this.words[chunk * 2]) === ChunkKind.bytes;
  }
}
