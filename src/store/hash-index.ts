// Finds items, and fields of spread tables, by the hash of their key. Linear hashing: it grows and shrinks one bucket at a
// time, so that no request waits for a rehash. Comparing keys: lookup.ts for items, tables/fields.ts for fields.
//
// Buckets lie in segments of 128, each one chunk; a directory at the start of the heap has one word for each segment. With
// n buckets, of which m is the largest power of two, a hash belongs to bucket h mod 2m, or h mod m where that does not exist yet.

import type { Allocator } from '../arena/allocator.js';
import { CHUNK_KIND_SHIFT, ChunkKind } from '../arena/chunk.js';
import { type Arena, type Ref, UNIT_BYTES } from '../arena/memory.js';
import { assert } from '../base/assert.js';
import { INDEX_NEXT_WORD } from './item.js';
import { STORE_ROOTS } from './store-roots.js';

/** A segment takes 65 units: half of the largest chunk, so that compaction can make room for one in a full heap. */
const SEGMENT_BUCKETS = 128;
const SEGMENT_SHIFT = 7;
/** Word of a segment that leads to the one before it in the directory; of condemned ones, to the next. The first two have none. */
const SEGMENT_LINK_WORD = 1 + SEGMENT_BUCKETS;
/** Buckets are merged when there are fewer entries per bucket than this. The index grows at one entry per bucket; the gap between the two
 * keeps stores and deletes from splitting and merging the same bucket again and again. */
const SPARSE = 0.75;
export const SEGMENT_UNITS = (4 + SEGMENT_BUCKETS * 4 + 4) / 8;

/** Bytes of the heap per bucket that the directory has room for; the smallest entries take 24. */
const HEAP_BYTES_PER_BUCKET = 32;

/** @perThread */
export class HashIndex {
  private readonly words: Uint32Array;
  private readonly directory: number;

  constructor(
    arena: Arena,
    private readonly allocator: Allocator,
    /** The hash of an entry that the index holds. */
    private readonly hashOf: (entry: number) => number,
  ) {
    this.words = arena.words;
    this.directory = arena.heapStart * 2;
  }

  /** Units that the directory takes from the start of a heap of `heapUnits`. */
  static directoryUnits(heapUnits: number): number {
    return Math.ceil(((heapUnits * 8) / HEAP_BYTES_PER_BUCKET / SEGMENT_BUCKETS) * 0.5) + 1;
  }

  /** Lays out the first segment. Once, for a new arena. */
  format(directoryUnits: number): void {
    this.setDirectory(directoryUnits);
    this.addSegment(0, this.allocator.take(SEGMENT_UNITS));
    this.words[STORE_ROOTS.buckets] = SEGMENT_BUCKETS;
  }

  /** How much of the directory may be used: the memory limit has changed. */
  setDirectory(units: number): void {
    this.words[STORE_ROOTS.segmentsMax] = units * 2;
  }

  /** Bytes of the directory and of the segments in use. */
  get bytes(): number {
    const segments = Math.ceil(this.buckets / SEGMENT_BUCKETS);
    return this.words[STORE_ROOTS.segmentsMax] * 4 + segments * SEGMENT_UNITS * UNIT_BYTES;
  }

  get entries(): number {
    return this.words[STORE_ROOTS.entries];
  }

  get buckets(): number {
    return this.words[STORE_ROOTS.buckets];
  }

  /** Word number that holds the first entry of the hash's bucket. */
  bucketWord(hash: number): number {
    return this.wordOf(this.bucketOf(hash));
  }

  /** The first entry of the bucket with that number; 0 if it is empty. */
  firstIn(bucket: number): number {
    return this.words[this.wordOf(bucket)];
  }

  private bucketOf(hash: number): number {
    const buckets = this.words[STORE_ROOTS.buckets];
    const mask = -1 >>> Math.clz32(buckets);
    const bucket = (hash & mask) >>> 0;
    return bucket >= buckets ? hash & (mask >>> 1) : bucket;
  }

  /** The number of lowest bits of a hash that are the same for all entries of its bucket. */
  bucketBits(hash: number): number {
    const buckets = this.words[STORE_ROOTS.buckets];
    const bits = 31 - Math.clz32(buckets);
    const high = 2 ** bits;
    // The bucket has been split since the number of buckets was `high`.
    return (hash & (high - 1)) + high < buckets ? bits + 1 : bits;
  }

  /** Whether the hash's bucket has the entry. */
  holds(hash: number, entry: number): boolean {
    let at = this.words[this.bucketWord(hash)];
    while (at !== 0 && at !== entry) at = this.words[at * 2 + INDEX_NEXT_WORD];
    return at !== 0;
  }

  insert(hash: number, entry: number): void {
    const words = this.words;
    const at = this.bucketWord(hash);
    words[entry * 2 + INDEX_NEXT_WORD] = words[at];
    words[at] = entry;
    words[STORE_ROOTS.entries] = words[STORE_ROOTS.entries] + 1;
  }

  remove(hash: number, entry: number): void {
    const at = this.wordThatLeadsTo(hash, entry);
    this.words[at] = this.words[entry * 2 + INDEX_NEXT_WORD];
    this.words[STORE_ROOTS.entries] = this.words[STORE_ROOTS.entries] - 1;
  }

  /** Like `remove`, for an entry that `clear` may already have dropped. */
  removeIfHeld(hash: number, entry: number): void {
    if (this.holds(hash, entry)) this.remove(hash, entry);
  }

  /** Forgets all entries in constant time; the segments are freed by `freeSegment`. */
  clear(): void {
    const words = this.words;
    const last = (this.buckets - 1) >>> SEGMENT_SHIFT;
    if (last > 0) {
      const second = words[this.directory + 1];
      words[second * 2 + SEGMENT_LINK_WORD] = words[STORE_ROOTS.condemnedSegments];
      words[STORE_ROOTS.condemnedSegments] = words[this.directory + last];
    }
    const first = this.wordOf(0);
    words.fill(0, first, first + SEGMENT_BUCKETS);
    words[STORE_ROOTS.buckets] = SEGMENT_BUCKETS;
    words[STORE_ROOTS.entries] = 0;
  }

  /** Frees one segment of those that `clear` has left; false if there is none. */
  freeSegment(): boolean {
    const segment = this.words[STORE_ROOTS.condemnedSegments] as Ref;
    if (segment === 0) return false;
    this.words[STORE_ROOTS.condemnedSegments] = this.words[segment * 2 + SEGMENT_LINK_WORD];
    this.allocator.release(segment);
    return true;
  }

  /** For checks: calls `visit` with each segment that `clear` has left. */
  forEachCondemned(visit: (segment: number) => void): void {
    const words = this.words;
    for (let at = words[STORE_ROOTS.condemnedSegments]; at !== 0; at = words[at * 2 + SEGMENT_LINK_WORD]) visit(at);
  }

  /** An entry has been moved with all of its words. */
  relink(hash: number, from: number, to: number): void {
    this.words[this.wordThatLeadsTo(hash, from)] = to;
  }

  /** Puts `entry`, which has the same key, in the place of `old`. */
  replace(hash: number, old: number, entry: number): void {
    const at = this.wordThatLeadsTo(hash, old);
    this.words[entry * 2 + INDEX_NEXT_WORD] = this.words[old * 2 + INDEX_NEXT_WORD];
    this.words[at] = entry;
  }

  /** Whether another bucket is due. */
  get wantsGrowth(): boolean {
    const buckets = this.words[STORE_ROOTS.buckets];
    return this.words[STORE_ROOTS.entries] > buckets && buckets < this.words[STORE_ROOTS.segmentsMax] * SEGMENT_BUCKETS;
  }

  /** Whether growing needs a new segment, a chunk of SEGMENT_UNITS. */
  get needsSegment(): boolean {
    return (this.words[STORE_ROOTS.buckets] & (SEGMENT_BUCKETS - 1)) === 0;
  }

  /** Splits one bucket in two. Where that needs a segment, `segment` is a used chunk of SEGMENT_UNITS for it. */
  grow(segment: Ref): void {
    const words = this.words;
    const buckets = words[STORE_ROOTS.buckets];
    if (this.needsSegment) this.addSegment(buckets >>> SEGMENT_SHIFT, segment);
    const high = 1 << (31 - Math.clz32(buckets));
    const lowWord = this.wordOf(buckets - high);
    words[STORE_ROOTS.buckets] = buckets + 1;
    let entry = words[lowWord];
    let stay = 0;
    let move = 0;
    while (entry !== 0) {
      const next = words[entry * 2 + INDEX_NEXT_WORD];
      const hash = this.hashOf(entry);
      assert((hash & (high - 1)) === buckets - high, 'the key of an entry hashes to its bucket');
      if ((hash & high) !== 0) {
        words[entry * 2 + INDEX_NEXT_WORD] = move;
        move = entry;
      } else {
        words[entry * 2 + INDEX_NEXT_WORD] = stay;
        stay = entry;
      }
      entry = next;
    }
    words[lowWord] = stay;
    words[this.wordOf(buckets)] = move;
  }

  /** Joins the last bucket with the one it was split from, where the index has become too large. */
  shrinkIfSparse(): void {
    const words = this.words;
    const buckets = words[STORE_ROOTS.buckets];
    if (buckets <= SEGMENT_BUCKETS || words[STORE_ROOTS.entries] > buckets * SPARSE) return;
    const last = buckets - 1;
    const lastWord = this.wordOf(last);
    const intoWord = this.wordOf(last - (1 << (31 - Math.clz32(last))));
    let entry = words[lastWord];
    while (entry !== 0) {
      const next = words[entry * 2 + INDEX_NEXT_WORD];
      words[entry * 2 + INDEX_NEXT_WORD] = words[intoWord];
      words[intoWord] = entry;
      entry = next;
    }
    words[STORE_ROOTS.buckets] = last;
    if ((last & (SEGMENT_BUCKETS - 1)) === 0) {
      this.allocator.release(words[this.directory + (last >>> SEGMENT_SHIFT)] as never);
    }
  }

  /** Number of a segment in use; -1 for one that is not, or may not be. */
  numberOf(segment: number): number {
    const words = this.words;
    // The entries of a segment that `clear` has left may be gone.
    if (words[STORE_ROOTS.condemnedSegments] !== 0) return -1;
    const count = Math.ceil(this.buckets / SEGMENT_BUCKETS);
    // Only the last one has buckets that are not in use, with entries that have been moved from there.
    if (words[this.directory + count - 1] === segment) return count - 1;
    for (let bucket = 0; bucket < SEGMENT_BUCKETS; bucket++) {
      const entry = words[segment * 2 + 1 + bucket];
      if (entry === 0) continue;
      const number = this.bucketOf(this.hashOf(entry)) >>> SEGMENT_SHIFT;
      return words[this.directory + number] === segment ? number : -1;
    }
    return words.subarray(this.directory, this.directory + count).indexOf(segment);
  }

  /** A segment has been moved with all of its words. */
  moveSegment(number: number, to: Ref): void {
    const words = this.words;
    words[this.directory + number] = to;
    const next = number + 1;
    if (next > 1 && next < Math.ceil(this.buckets / SEGMENT_BUCKETS)) {
      words[words[this.directory + next] * 2 + SEGMENT_LINK_WORD] = to;
    }
  }

  /** For checks: calls `visit` with each bucket's number and the word that holds its first entry. */
  forEachBucket(visit: (bucket: number, word: number) => void): void {
    for (let bucket = 0; bucket < this.buckets; bucket++) visit(bucket, this.wordOf(bucket));
  }

  private wordOf(bucket: number): number {
    const segment = this.words[this.directory + (bucket >>> SEGMENT_SHIFT)];
    return segment * 2 + 1 + (bucket & (SEGMENT_BUCKETS - 1));
  }

  private wordThatLeadsTo(hash: number, entry: number): number {
    const words = this.words;
    let at = this.bucketWord(hash);
    while (words[at] !== entry) {
      assert(words[at] !== 0, 'the index holds the entry');
      at = words[at] * 2 + INDEX_NEXT_WORD;
    }
    return at;
  }

  private addSegment(number: number, segment: Ref): void {
    assert(segment !== 0, 'memory for a segment of the index');
    this.words[segment * 2] = this.words[segment * 2] | (ChunkKind.segment << CHUNK_KIND_SHIFT);
    this.words.fill(0, segment * 2 + 1, segment * 2 + 1 + SEGMENT_BUCKETS);
    this.words[segment * 2 + SEGMENT_LINK_WORD] = number > 1 ? this.words[this.directory + number - 1] : 0;
    this.words[this.directory + number] = segment;
  }
}
