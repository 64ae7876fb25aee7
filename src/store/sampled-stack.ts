// The keys of a sample in the order of their last use, with the bytes of their items, those of items that are gone included: what an LRU
// cache of any size would hold. Five marks and the end divide the list at six sizes of a cache; a key in segment s would be found in a
// cache of the size s and in larger ones. This is Mattson's stack (1970), cut to the sizes that are asked for, so that a use costs the same
// however far the key has sunk. In the arena, shared by all threads. Which keys are in the sample, and counting: hit-ratio-curve.ts.
//
//   newest                                                                                     oldest
//   | segment 0: 1/4 of the size | 1: up to 1/2 | 2: up to 1 | 3: up to 2 | 4: up to 4 | 5: up to 8 |
//
//   An entry has eight words:  hash | next of its bucket | newer | older | units | expiry | segment | resident: 1 if the cache has its item

import { STACK_BUCKETS, STACK_ENTRIES } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';

export const SEGMENTS = 6;
const LAST = SEGMENTS - 1;

const ENTRY_WORDS = 8;
const NEXT = 1;
const NEWER = 2;
const OLDER = 3;
const UNITS = 4;
const EXPIRY = 5;
const SEGMENT = 6;
const RESIDENT = 7;

/** Words of the head: entries in use, the first free one, entries that were ever used, the newest, then the oldest of each segment. */
const COUNT = 0;
const FREE = 1;
const USED = 2;
const NEWEST = 3;
const OLDEST = 4;
const HEAD_WORDS = 16;
/** The upper bits of a hash choose its bucket: in a sample the lower ones are 0. */
const BUCKET_SHIFT = Math.clz32(STACK_BUCKETS - 1);
const MOST_UNITS = 0x7fff_ffff;
/** After the units of the segments and their sizes: the units of resident items. */
const RESIDENT_UNITS = 2 * SEGMENTS;

/** @perThread */
export class SampledStack {
  /** Units in each segment, then the units that each may have, then those of resident items. */
  private readonly amounts: Float64Array;
  private readonly head: Int32Array;
  private readonly buckets: Int32Array;
  private readonly entries: Int32Array;

  constructor({ buffer, stackAt: at }: Arena) {
    this.amounts = new Float64Array(buffer, at, RESIDENT_UNITS + 2);
    this.head = new Int32Array(buffer, at + this.amounts.byteLength, HEAD_WORDS);
    this.buckets = new Int32Array(buffer, this.head.byteOffset + this.head.byteLength, STACK_BUCKETS);
    // Entry 0 stands for none.
    const entriesAt = this.buckets.byteOffset + this.buckets.byteLength;
    this.entries = new Int32Array(buffer, entriesAt, (STACK_ENTRIES + 1) * ENTRY_WORDS);
  }

  get count(): number {
    return this.head[COUNT];
  }

  get isFull(): boolean {
    return this.head[COUNT] === STACK_ENTRIES;
  }

  get residentUnits(): number {
    return this.amounts[RESIDENT_UNITS];
  }

  /** The entry of a key's hash, or 0. */
  find(hash: number): number {
    const { entries } = this;
    let entry = this.buckets[hash >>> BUCKET_SHIFT];
    while (entry !== 0 && entries[entry * ENTRY_WORDS] !== hash) entry = entries[entry * ENTRY_WORDS + NEXT];
    return entry;
  }

  segmentOf(entry: number): number {
    return this.entries[entry * ENTRY_WORDS + SEGMENT];
  }

  expiresAt(entry: number): number {
    return this.entries[entry * ENTRY_WORDS + EXPIRY];
  }

  unitsOf(entry: number): number {
    return this.entries[entry * ENTRY_WORDS + UNITS];
  }

  /** Whether the cache has the item. */
  setResident(entry: number, isResident: boolean): void {
    const at = entry * ENTRY_WORDS;
    const { amounts, entries } = this;
    const resident = isResident ? 1 : 0;
    const change = resident - entries[at + RESIDENT];
    if (change === 0) return;
    entries[at + RESIDENT] = resident;
    amounts[RESIDENT_UNITS] = amounts[RESIDENT_UNITS] + change * entries[at + UNITS];
  }

  /** Makes an entry the most recently used one. */
  use(entry: number, units: number, expiresAt: number): void {
    const at = entry * ENTRY_WORDS;
    const { entries } = this;
    entries[at + EXPIRY] = expiresAt;
    if (entries[at + UNITS] === units && entries[at + SEGMENT] === 0) this.#toNewest(entry);
    else {
      this.#unlink(entry);
      this.#linkNewest(entry, units);
      this.#settle();
    }
  }

  /** Adds the most recently used key, which has no entry, and whose item the cache has; there must be room. */
  add(hash: number, units: number, expiresAt: number): void {
    const entry = this.#takeFree();
    const bucket = hash >>> BUCKET_SHIFT;
    const at = entry * ENTRY_WORDS;
    this.entries[at] = hash;
    this.entries[at + NEXT] = this.buckets[bucket];
    this.entries[at + EXPIRY] = expiresAt;
    this.entries[at + RESIDENT] = 1;
    this.buckets[bucket] = entry;
    this.#linkNewest(entry, units);
    this.#settle();
  }

  remove(entry: number): void {
    const { buckets, entries, head } = this;
    const bucket = entries[entry * ENTRY_WORDS] >>> BUCKET_SHIFT;
    const next = entries[entry * ENTRY_WORDS + NEXT];
    if (buckets[bucket] === entry) buckets[bucket] = next;
    else {
      let before = buckets[bucket];
      while (entries[before * ENTRY_WORDS + NEXT] !== entry) before = entries[before * ENTRY_WORDS + NEXT];
      entries[before * ENTRY_WORDS + NEXT] = next;
    }
    this.#unlink(entry);
    entries[entry * ENTRY_WORDS + NEXT] = head[FREE];
    head[FREE] = entry;
    head[COUNT] = head[COUNT] - 1;
  }

  /** Keeps the keys whose hash has none of the bits of the mask. */
  keep(mask: number): void {
    for (let entry = this.head[NEWEST]; entry !== 0; ) {
      const older = this.entries[entry * ENTRY_WORDS + OLDER];
      if ((this.entries[entry * ENTRY_WORDS] & mask) !== 0) this.remove(entry);
      entry = older;
    }
  }

  /** Sets how much lies before each mark, ascending. */
  setSizes(units: readonly number[]): void {
    units.forEach((size, segment) => {
      this.amounts[SEGMENTS + segment] = size - (units[segment - 1] ?? 0);
    });
    this.#settle();
  }

  clear(): void {
    this.amounts.fill(0, 0, SEGMENTS);
    this.amounts[RESIDENT_UNITS] = 0;
    this.head.fill(0);
    this.buckets.fill(0);
  }

  #takeFree(): number {
    const { head } = this;
    let entry = head[FREE];
    if (entry !== 0) head[FREE] = this.entries[entry * ENTRY_WORDS + NEXT];
    else {
      entry = head[USED] + 1;
      head[USED] = entry;
    }
    head[COUNT] = head[COUNT] + 1;
    return entry;
  }

  #linkNewest(entry: number, units: number): void {
    const { amounts, entries, head } = this;
    const at = entry * ENTRY_WORDS;
    const newest = head[NEWEST];
    const kept = Math.min(units, MOST_UNITS);
    entries[at + UNITS] = kept;
    entries[at + SEGMENT] = 0;
    entries[at + NEWER] = 0;
    entries[at + OLDER] = newest;
    if (newest !== 0) entries[newest * ENTRY_WORDS + NEWER] = entry;
    head[NEWEST] = entry;
    if (head[OLDEST] === 0) head[OLDEST] = entry;
    amounts[0] = amounts[0] + kept;
    amounts[RESIDENT_UNITS] = amounts[RESIDENT_UNITS] + entries[at + RESIDENT] * kept;
  }

  /** Moves an entry within the first segment, so that no amounts change: nearly all uses in a cache that has room. */
  #toNewest(entry: number): void {
    const { entries, head } = this;
    const newest = head[NEWEST];
    if (newest === entry) return;
    const at = entry * ENTRY_WORDS;
    const newer = entries[at + NEWER];
    const older = entries[at + OLDER];
    // An entry that is newer is in the first segment too.
    if (head[OLDEST] === entry) head[OLDEST] = newer;
    entries[newer * ENTRY_WORDS + OLDER] = older;
    if (older !== 0) entries[older * ENTRY_WORDS + NEWER] = newer;
    entries[at + NEWER] = 0;
    entries[at + OLDER] = newest;
    entries[newest * ENTRY_WORDS + NEWER] = entry;
    head[NEWEST] = entry;
  }

  #unlink(entry: number): void {
    const { amounts, entries, head } = this;
    const at = entry * ENTRY_WORDS;
    const segment = entries[at + SEGMENT];
    const newer = entries[at + NEWER];
    const older = entries[at + OLDER];
    if (head[OLDEST + segment] === entry) head[OLDEST + segment] = this.#ifIn(segment, newer);
    if (newer === 0) head[NEWEST] = older;
    else entries[newer * ENTRY_WORDS + OLDER] = older;
    if (older !== 0) entries[older * ENTRY_WORDS + NEWER] = newer;
    amounts[segment] = amounts[segment] - entries[at + UNITS];
    amounts[RESIDENT_UNITS] = amounts[RESIDENT_UNITS] - entries[at + RESIDENT] * entries[at + UNITS];
  }

  /** The entry if it is in the segment, otherwise 0. */
  #ifIn(segment: number, entry: number): number {
    return entry !== 0 && this.entries[entry * ENTRY_WORDS + SEGMENT] === segment ? entry : 0;
  }

  /** Lets the oldest keys of each segment sink into the next until all segments have their size; those of the last one are dropped. */
  #settle(): void {
    const { amounts, entries, head } = this;
    for (let segment = 0; segment < LAST; segment++) {
      while (amounts[segment] > amounts[SEGMENTS + segment]) {
        const entry = head[OLDEST + segment];
        const at = entry * ENTRY_WORDS;
        head[OLDEST + segment] = this.#ifIn(segment, entries[at + NEWER]);
        if (head[OLDEST + segment + 1] === 0) head[OLDEST + segment + 1] = entry;
        entries[at + SEGMENT] = segment + 1;
        amounts[segment] = amounts[segment] - entries[at + UNITS];
        amounts[segment + 1] = amounts[segment + 1] + entries[at + UNITS];
      }
    }
    while (amounts[LAST] > amounts[SEGMENTS + LAST]) this.remove(head[OLDEST + LAST]);
  }
}
