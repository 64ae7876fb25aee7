// Estimates the hit ratio that this cache would have at other sizes, after SHARDS (Waldspurger, Park, Garthwaite, Ahmad: Efficient MRC
// Construction with SHARDS, FAST 2015): a key is in the sample if its hash has zeros at the end, and every use of such a key is followed, in
// a stack whose sizes are scaled down as the sample is. What other keys do need not be known. In the arena, shared by all threads; called
// with the lock held. `stats curve`: operations/statistics/curve-rows.ts.
//
// Counted are the misses of each size: reads of the keys used most are hits at every size, so that it makes no difference whether chance has
// put such a key into the sample. Where chance has put too many keys into it, or too few, the bytes and the misses of the real cache show by
// how much, and the estimates are corrected by that: by the misses where they fall slowly with the size, by the bytes where they fall steeply, as
// for a loop of requests that begins to fit, since there a small error of a size moves many misses.

import { unitsOfUsed } from '../arena/chunk.js';
import { CURVE_HEAD_BYTES } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import { ITEM_HEADER_BYTES, ItemOption, type Items, optionBytes } from './item.js';
import type { LargestItems } from './largest-items.js';
import { SampledStack, SEGMENTS } from './sampled-stack.js';

/** The sizes as multiples of the cache's own. */
const CURVE_SIZES: readonly number[] = [1 / 4, 1 / 2, 1, 2, 4, 8];
const OWN_SIZE = CURVE_SIZES.indexOf(1);

/** At most one key in 64 is in the sample: following one costs a quarter of a get (estimated). Halved when the stack is full. */
const FIRST_MASK = 63;
/** Without a sample. */
const NO_KEY = -1;
/** Uses of the sample after which sizes are taken anew: a power of two. */
const USES_PER_UPDATE = 256;
/** Counts are halved after this time, so that they follow the load. */
const HALVED_AFTER_SECONDS = 900;

/** So many misses in the sample at least, and a correction by such a factor at most. Choices. */
const LEAST_MISSES = 100;
const MOST_CORRECTION = 2;
/** Where misses fall by this power of the size, from half of it to all, both corrections count the same. Measured: Zipf keys have 0.1 to 0.3,
 * loops 0.8 and more. The second number makes the change between the two a sharp one. */
const STEEP = 0.5;
const SHARPNESS = 8;

/** Words of the head: the mask, and the uses of the sample, of which only the lower bits matter. */
const MASK = 0;
const USES = 1;
/** Cells of the head. */
const HALVED_AT = 2;
/** What the server had counted when the following two were brought up to date, and the real reads and misses until then. */
const READS_BEFORE = 3;
const MISSES_BEFORE = 4;
const READS = 5;
const REAL_MISSES = 6;
/** Estimated misses of each size. */
const MISSES = 7;

/** The server's counters. */
interface ReadCounts {
  reads(): number;
  misses(): number;
}

interface HitRatioEstimate {
  readonly factor: number;
  readonly hitRatio: number;
}

/** @perThread */
export class HitRatioCurve {
  /** The bytes of all items, and those that they can take within the memory limit; set by store-parts.ts. */
  itemBytes: () => number = () => 0;
  capacityBytes: () => number = () => 0;
  /** Set by operations/operations.ts. */
  counts: ReadCounts = { reads: () => 0, misses: () => 0 };
  private readonly stack: SampledStack;
  private readonly words: Int32Array;
  private readonly cells: Float64Array;

  constructor(
    arena: Arena,
    private readonly items: Items,
    private readonly largest: LargestItems,
    private readonly clock: Clock,
    readonly isOn: boolean,
  ) {
    this.stack = new SampledStack(arena);
    this.words = new Int32Array(arena.buffer, arena.curveAt, 2);
    this.cells = new Float64Array(arena.buffer, arena.curveAt, CURVE_HEAD_BYTES / 8);
    if (this.words[MASK] !== 0) return;
    this.words[MASK] = isOn ? FIRST_MASK : NO_KEY;
    this.cells[HALVED_AT] = clock.now;
  }

  isSampled(hash: number): boolean {
    return (hash & this.words[MASK]) === 0;
  }

  /** A client reads the key, and the cache has this item for it, or none. */
  noteRead(hash: number, item: number): void {
    const { stack } = this;
    if (!this.isOn) return;
    let entry = stack.find(hash);
    if (item === 0 && entry !== 0) {
      stack.setResident(entry, false);
      if (this.#isGone(entry)) {
        stack.remove(entry);
        entry = 0;
      }
    }
    if (entry === 0) this.#countMisses(item === 0 ? SEGMENTS : OWN_SIZE);
    else {
      this.#countMisses(stack.segmentOf(entry));
      stack.use(entry, stack.unitsOf(entry), stack.expiresAt(entry));
    }
    if (entry === 0 && item !== 0) this.#put(hash, item);
    this.#update();
  }

  /** The key was used or stored, and has this item now. */
  noteUse(hash: number, item: number): void {
    if (item === 0 || !this.isOn) return;
    const entry = this.stack.find(hash);
    if (entry === 0) this.#put(hash, item);
    else {
      this.stack.setResident(entry, true);
      this.stack.use(entry, this.#unitsOf(item), this.items.expiresAt(item));
    }
    this.#update();
  }

  /** The item of the key was evicted. */
  noteEviction(hash: number): void {
    const entry = this.stack.find(hash);
    if (entry !== 0) this.stack.setResident(entry, false);
  }

  /** The item of the key was deleted, or has expired. */
  forget(hash: number): void {
    const entry = this.stack.find(hash);
    if (entry !== 0) this.stack.remove(entry);
  }

  /** All items were removed. */
  forgetAll(): void {
    this.stack.clear();
  }

  /** Keys in the sample; one in how many is; reads of late; and the estimates, from the smallest size on. */
  estimate(): { keys: number; oneIn: number; reads: number; estimates: HitRatioEstimate[] } {
    const { cells, stack } = this;
    this.#addCounts();
    const reads = cells[READS];
    const oneIn = this.words[MASK] + 1;
    const realMisses = cells[REAL_MISSES];
    const sampledMisses = cells[MISSES + OWN_SIZE];
    const isKnown = sampledMisses >= LEAST_MISSES * oneIn;
    const correction = isKnown ? this.#missCorrection(realMisses / sampledMisses) : 1;
    // With fewer, the misses that the sample does not have count at every size.
    const shift = isKnown ? 0 : realMisses - sampledMisses;
    const estimates = CURVE_SIZES.map((factor, size) => {
      const estimated = Math.max(0, correction * cells[MISSES + size] + shift);
      const misses = size < OWN_SIZE ? Math.max(realMisses, estimated) : Math.min(realMisses, estimated);
      const missRatio = reads === 0 ? 1 : Math.min(1, (size === OWN_SIZE ? realMisses : misses) / reads);
      return { factor, hitRatio: 1 - missRatio };
    });
    return { keys: stack.count, oneIn, reads, estimates };
  }

  /** The memory limit has changed: what was counted is about other sizes. */
  onLimit(): void {
    this.#setSizes();
    this.resetCounts();
  }

  /** Starts counting anew; the sample stays. */
  resetCounts(): void {
    this.#addCounts();
    this.cells.fill(0, READS, MISSES + SEGMENTS);
    this.cells[HALVED_AT] = this.clock.now;
  }

  /** Adds what the server has counted since the last time: nothing after a client has reset its counters. */
  #addCounts(): void {
    const { cells, counts } = this;
    const reads = counts.reads();
    const misses = counts.misses();
    cells[READS] = cells[READS] + Math.max(0, reads - cells[READS_BEFORE]);
    cells[REAL_MISSES] = cells[REAL_MISSES] + Math.max(0, misses - cells[MISSES_BEFORE]);
    cells[READS_BEFORE] = reads;
    cells[MISSES_BEFORE] = misses;
  }

  /** Whether an item that is missing now would be missing at any size. One that was used within half of the size has been deleted. */
  #isGone(entry: number): boolean {
    const expiresAt = this.stack.expiresAt(entry);
    if (expiresAt !== 0 && expiresAt <= this.clock.now) return true;
    return this.stack.segmentOf(entry) < OWN_SIZE;
  }

  /** One read stands for all that the keys outside of the sample have made meanwhile. */
  #countMisses(sizes: number): void {
    const { cells } = this;
    const weight = this.words[MASK] + 1;
    for (let size = 0; size < sizes; size++) cells[MISSES + size] = cells[MISSES + size] + weight;
  }

  #put(hash: number, item: number): void {
    const { stack, words } = this;
    while (stack.isFull) {
      words[MASK] = words[MASK] * 2 + 1;
      stack.keep(words[MASK]);
      this.#setSizes();
    }
    if ((hash & words[MASK]) === 0) stack.add(hash, this.#unitsOf(item), this.items.expiresAt(item));
  }

  #unitsOf(item: number): number {
    const { items } = this;
    const word = items.word(item);
    if (items.has(item, ItemOption.object)) return this.largest.objectBytes(item) / 8;
    if (!items.has(item, ItemOption.chained)) return unitsOfUsed(word);
    return Math.ceil((ITEM_HEADER_BYTES + optionBytes(word) + items.keyLength(item) + items.valueLength(item)) / 8);
  }

  #update(): void {
    const { cells, words } = this;
    const uses = words[USES];
    words[USES] = uses + 1;
    if ((uses & (USES_PER_UPDATE - 1)) !== 0) return;
    this.#setSizes();
    if (this.clock.now - cells[HALVED_AT] >= HALVED_AFTER_SECONDS) this.#halve();
  }

  #missCorrection(byMisses: number): number {
    const { cells } = this;
    const slope = Math.log2(cells[MISSES + OWN_SIZE - 1] / cells[MISSES + OWN_SIZE]);
    const share = 1 / (1 + (slope / STEEP) ** SHARPNESS);
    return bounded(byMisses) ** share / this.#sampleShare() ** (1 - share);
  }

  /** The bytes of the sample by those that it should have. */
  #sampleShare(): number {
    const { residentUnits } = this.stack;
    const expected = this.itemBytes() / 8 / (this.words[MASK] + 1);
    return expected > 0 && residentUnits > 0 ? bounded(residentUnits / expected) : 1;
  }

  #setSizes(): void {
    const { stack } = this;
    const units = (this.#sampleShare() * this.capacityBytes()) / 8 / (this.words[MASK] + 1);
    stack.setSizes(CURVE_SIZES.map((factor) => factor * units));
  }

  #halve(): void {
    const { cells } = this;
    this.#addCounts();
    cells[HALVED_AT] = this.clock.now;
    for (let cell = READS; cell < MISSES + SEGMENTS; cell++) cells[cell] = cells[cell] / 2;
  }
}

function bounded(factor: number): number {
  return Math.min(MOST_CORRECTION, Math.max(1 / MOST_CORRECTION, factor));
}
