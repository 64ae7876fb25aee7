// Hashes keys and finds items by them, expired ones too.

import { ChunkKind, kindOf } from '../arena/chunk.js';
import type { Arena } from '../arena/memory.js';
import { sameBytesIn } from '../base/words.js';
import type { Hash } from './hash.js';
import type { HashIndex } from './hash-index.js';
import { INDEX_NEXT_WORD, type Items, identity } from './item.js';

/** @perThread */
export class Lookup {
  /** Hash of an entry of the index that is a field of a table; set by tables/fields.ts. */
  fieldHash: (entry: number) => number = () => 0;
  private readonly words: Uint32Array;

  constructor(
    private readonly arena: Arena,
    private readonly items: Items,
    private readonly hash: Hash,
  ) {
    this.words = arena.words;
  }

  hashKey(position: number, length: number): number {
    return this.hash.of(this.arena.view, position, length, 0);
  }

  hashOfItem(item: number): number {
    return this.hashKey(this.items.keyPosition(item), this.items.keyLength(item));
  }

  hashOfEntry(entry: number): number {
    const isItem = kindOf(this.words[entry * 2]) === ChunkKind.item;
    return isItem ? this.hashOfItem(entry) : this.fieldHash(entry);
  }

  /** The item with that key, expired or not; or 0. */
  find(index: HashIndex, hash: number, keyAt: number, keyLength: number): number {
    const words = this.words;
    const wanted = identity(keyLength, hash);
    let item = words[index.bucketWord(hash)];
    while (item !== 0) {
      if (
        this.items.identity(item) === wanted &&
        kindOf(words[item * 2]) === ChunkKind.item &&
        sameBytesIn(this.arena.view, this.items.keyPosition(item), keyAt, keyLength)
      ) {
        return item;
      }
      item = words[item * 2 + INDEX_NEXT_WORD];
    }
    return 0;
  }
}
