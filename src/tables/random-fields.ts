// Draws a field of a table at random, each with the same probability. A packed table has few. Of a spread table it tries buckets of the store's
// index until one has a field of the table, or walks over the table's fields, whichever takes less: with n entries in the index, about
// the square root of n steps at most, and some twenty in a table that is most of the cache.

import { ChunkKind, kindOf } from '../arena/chunk.js';
import type { HashIndex } from '../store/hash-index.js';
import { INDEX_NEXT_WORD } from '../store/item.js';
import type { Store } from '../store/store.js';
import type { Budget } from './budget.js';
import type { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import { Mark, type TableLocation } from './open-object.js';
import { NEXT_WORD, OWNER_WORD, SPREAD } from './table-layout.js';
import type { TableReader } from './table-reader.js';

/** Places in a bucket, of which one is drawn. A field has a place if its bucket has no more fields of the table: with two entries for each
    bucket, the most that the index has, a bucket has 17 once in 10^11. */
const PLACES = 16;
/** A try takes as long as this many steps of a walk. */
const TRY = 2;
/** Times the expected number of tries, after which it walks: that many are improbable. */
const MOST_TRIES = 20;

/** @perThread */
export class RandomFields {
  private readonly words: Uint32Array;
  private readonly index: HashIndex;

  constructor(
    store: Store,
    private readonly fields: Fields,
    private readonly walker: TableReader,
    private readonly found: FieldCursor,
  ) {
    this.words = store.arena.words;
    this.index = store.index;
  }

  /** Whether the table has fields; if so, one of them is in `found`. `random` returns numbers from 0 up to, but not including, 1. */
  draw(place: TableLocation, random: () => number, budget: Budget): boolean {
    const count = this.walker.count(place);
    if (count === 0) return false;
    const tries = (PLACES * this.index.buckets) / count;
    const field = place.owner !== 0 && tries * TRY < count / 2 ? this.#try(place.owner, tries, random, budget) : 0;
    if (field !== 0) this.fields.read(field, this.found);
    else this.#walk(place, Math.floor(random() * count), budget);
    return true;
  }

  /** A field found in the index; 0 if it was not found in time. */
  #try(owner: number, tries: number, random: () => number, budget: Budget): number {
    const { words, index } = this;
    for (let left = Math.ceil(tries * MOST_TRIES); left > 0; left--) {
      budget.charge(1);
      let place = Math.floor(random() * PLACES);
      let entry = index.firstIn(Math.floor(random() * index.buckets));
      while (entry !== 0 && (!this.#isField(entry, owner) || place-- > 0)) entry = words[entry * 2 + INDEX_NEXT_WORD];
      if (entry !== 0) return entry;
    }
    return 0;
  }

  #isField(entry: number, owner: number): boolean {
    const { words } = this;
    return words[entry * 2 + OWNER_WORD] === owner && kindOf(words[entry * 2]) === ChunkKind.field;
  }

  /** Goes past `before` fields, to the one after them. */
  #walk(place: TableLocation, before: number, budget: Budget): void {
    const { words } = this;
    budget.charge(before);
    if (place.owner === 0) {
      const mark = new Mark();
      for (let left = before; left >= 0; left--) this.walker.advance(place, mark);
      return;
    }
    let field = words[place.header + SPREAD.first];
    for (let left = before; left > 0; left--) field = words[field * 2 + NEXT_WORD];
    this.fields.read(field, this.found);
  }
}
