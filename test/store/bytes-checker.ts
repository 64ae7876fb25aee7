// Walks the parts of a byte array and throws on the first broken invariant: levels, sizes, references, bytes after the end.

import { ChunkKind, kindOf } from '../../src/arena/chunk.js';
import { assert } from '../../src/base/assert.js';
import type { Store } from '../../src/store/store.js';
import { FIRST_WORD, PARENT_WORD, partBytes, slotWord, topLevel } from '../../src/tables/bytes/byte-layout.js';
import { ByteTree } from '../../src/tables/bytes/byte-tree.js';
import { SPREAD, TableLayout } from '../../src/tables/table-layout.js';

export class BytesChecker {
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;
  private readonly tree: ByteTree;

  constructor(
    store: Store,
    private readonly reach: (chunk: number) => void,
  ) {
    this.words = store.arena.words;
    this.layout = new TableLayout(store.arena, store.items);
    this.tree = new ByteTree(store.arena, this.layout);
  }

  /** Checks an array that is in use; returns the units of all below it. */
  check(owner: number): number {
    const header = this.layout.spreadWord(owner);
    const top = this.words[header + SPREAD.first];
    const length = this.tree.length(header);
    const units = top === 0 ? 0 : this.#part(top, owner, topLevel(length), 0, length);
    assert(length > 0, 'a byte array has a length');
    assert(this.words[header + SPREAD.units] === units, 'units below a byte array are counted');
    return units;
  }

  /** Reaches what is left of an array that is being freed. */
  checkCondemned(owner: number): void {
    const top = this.words[this.layout.spreadWord(owner) + SPREAD.first];
    if (top !== 0) this.#rest(top, owner);
  }

  #rest(part: number, above: number): void {
    this.#reachPart(part, above);
    if (this.tree.level(part) === 0) return;
    for (let slot = 0; slot < this.tree.slots(part); slot++) {
      const below = this.tree.child(part, slot);
      if (below !== 0) this.#rest(below, part);
    }
  }

  #part(part: number, above: number, level: number, offset: number, length: number): number {
    this.#reachPart(part, above);
    const size = partBytes(level, offset, length);
    assert(this.tree.level(part) === level, 'a part knows its level');
    assert(this.tree.size(part) === size, 'a part has room for what the array has there, and for no more');
    let units = this.layout.units(part);
    if (level === 0) {
      this.#demandZeros(part, size);
      return units;
    }
    const span = 1024 * 256 ** (level - 1);
    for (let slot = 0; slot < this.tree.slots(part); slot++) {
      const below = this.tree.child(part, slot);
      assert(this.words[slotWord(part, level, offset + slot * span)] === below, 'a byte is found in its part');
      if (below !== 0) units += this.#part(below, part, level - 1, offset + slot * span, length);
    }
    return units;
  }

  /** Counting and merging read whole words. */
  #demandZeros(part: number, size: number): void {
    if (size % 4 === 0) return;
    const last = this.words[part * 2 + FIRST_WORD + (size >>> 2)];
    assert(last >>> ((size % 4) * 8) === 0, 'bytes after the end of an array are 0');
  }

  #reachPart(part: number, above: number): void {
    this.reach(part);
    assert(kindOf(this.words[part * 2]) === ChunkKind.bytes, 'a part is marked as one');
    assert(this.words[part * 2 + PARENT_WORD] === above, 'a part knows what refers to it');
  }
}
