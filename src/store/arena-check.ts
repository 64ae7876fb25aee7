// Walks all items in slices while the server runs, and asserts what must hold for each: its place in the index, its size, its
// neighbour in the heap and the pieces of its value. Tests use test/store/checker.ts, which checks the whole arena in one go.

import {
  CHUNK_PREVIOUS_FREE,
  CHUNK_USED,
  ChunkKind,
  kindOf,
  MIN_CHUNK_UNITS,
  unitsOfFree,
  unitsOfUsed,
} from '../arena/chunk.js';
import { assert } from '../base/assert.js';
import { INDEX_NEXT_WORD, ItemOption } from './item.js';
import type { Store } from './store.js';

/** The lock is held this long at a time. */
const SLICE_MS = 1;
/** Buckets between two reads of the clock, so that reading it costs little. */
const BUCKETS_PER_LOOK = 16;

export class ArenaCheck {
  /** Items checked so far in the current walk. */
  checked = 0;
  private readonly words: Uint32Array;
  #bucket = 0;

  constructor(private readonly store: Store) {
    this.words = store.arena.words;
  }

  /** Continues the walk for a millisecond; false at the end, after which the next call starts again. Throws on a broken invariant. */
  slice(): boolean {
    const { index } = this.store;
    const endMs = performance.now() + SLICE_MS;
    if (this.#bucket === 0) this.checked = 0;
    do {
      for (let count = 0; count < BUCKETS_PER_LOOK; count++) {
        // The index may have shrunk since the last slice.
        if (this.#bucket >= index.buckets) {
          this.#bucket = 0;
          return false;
        }
        this.#checkBucket(this.#bucket++);
      }
    } while (performance.now() < endMs);
    return true;
  }

  #checkBucket(bucket: number): void {
    const { index, lookup } = this.store;
    // A number below the number of buckets is a hash of its own bucket.
    const head = index.bucketWord(bucket);
    for (let entry = this.words[head]; entry !== 0; entry = this.words[entry * 2 + INDEX_NEXT_WORD]) {
      const kind = kindOf(this.words[entry * 2]);
      assert(kind === ChunkKind.item || kind === ChunkKind.field, 'the index holds items and fields');
      assert(index.bucketWord(lookup.hashOfEntry(entry)) === head, 'the key of an entry hashes to its bucket');
      this.#checkChunk(entry);
      if (kind === ChunkKind.item) this.#checkItem(entry);
      this.checked++;
    }
  }

  #checkItem(item: number): void {
    const { items, values } = this.store;
    assert(items.has(item, ItemOption.linked), 'an indexed item is linked');
    assert(items.headCapacity(item) >= 0, 'the key of an item fits into it');
    if (!items.has(item, ItemOption.chained)) return;
    let bytes = items.headCapacity(item);
    for (let piece = this.words[items.chainWord(item) + 1]; piece !== 0; piece = values.nextPiece(piece)) {
      assert(kindOf(this.words[piece * 2]) === ChunkKind.piece, 'a value lies in pieces');
      this.#checkChunk(piece);
      bytes += values.capacityOf(piece);
    }
    assert(bytes >= items.valueLength(item), 'the pieces hold the value');
  }

  /** The chunk and the one after it agree. */
  #checkChunk(chunk: number): void {
    const { heapEnd } = this.store.arena;
    const word = this.words[chunk * 2];
    assert((word & CHUNK_USED) !== 0, 'what is reachable is in use');
    const after = chunk + unitsOfUsed(word);
    assert(after > chunk && after < heapEnd, 'a chunk ends within the heap');
    const afterWord = this.words[after * 2];
    if ((afterWord & CHUNK_USED) !== 0) {
      assert((afterWord & CHUNK_PREVIOUS_FREE) === 0, 'a chunk knows that the one before it is in use');
      return;
    }
    const units = unitsOfFree(afterWord);
    assert(units >= MIN_CHUNK_UNITS && after + units < heapEnd, 'a free chunk has at least two units');
    assert(this.words[(after + units) * 2 - 1] === units, 'a free chunk ends with its size');
  }
}
