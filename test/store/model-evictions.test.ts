// Exact LRU over all distributions of sizes, and the most evictions per store, on a small arena that is filled many times over. Every
// store is checked. The memory benchmark measures the payload.

import { describe, expect, test } from 'vitest';
import { assert } from '../../src/base/assert.js';
import { STORE_METRICS } from '../../src/store/store-metrics.js';
import { Random } from '../bench/load/random.js';
import { DISTRIBUTIONS, KEY_BYTES } from '../bench/memory/distributions.js';
import { checkStore } from './checker.js';
import { StoreHarness } from './harness.js';

const LIMIT_BYTES = 1024 * 1024;
const TIMES_FILLED = 3;
const ALWAYS_ALLOWED = 32;
const TIMES_THE_NEED = 2;
/** Stores between two checks of the whole arena. */
const COMPARED_EVERY = 25_000;

interface Outcome {
  readonly mostEvicted: number;
  /** The worst ratio of one store's evictions to its allowance. */
  readonly worstShare: number;
}

/** The keys in the order of their use; each use replaces the key's earlier ones. */
class Uses {
  private readonly history: string[] = [];
  private readonly lastUse = new Map<string, number>();
  private readonly sizes = new Map<string, number>();
  private head = 0;

  sizeOf(key: string): number | undefined {
    return this.sizes.get(key);
  }

  use(key: string, size: number): void {
    this.lastUse.set(key, this.history.length);
    this.sizes.set(key, size);
    this.history.push(key);
  }

  /** Removes the least recently used keys; returns their total size. */
  forget(count: number): number {
    let bytes = 0;
    for (let left = count; left > 0; left--) {
      while (!this.isLast(this.head)) this.head++;
      const key = this.history[this.head];
      bytes += this.sizes.get(key) as number;
      this.lastUse.delete(key);
      this.sizes.delete(key);
    }
    return bytes;
  }

  /** The most recently used first. */
  keys(): string[] {
    return this.history.filter((_, at) => this.isLast(at)).reverse();
  }

  private isLast(at: number): boolean {
    return this.lastUse.get(this.history[at]) === at;
  }
}

/** Fills a cache. The model records each use, and each item that the store evicts must be the least recently used. */
function fill(name: string, getsBetweenStores: number): Outcome {
  const distribution = DISTRIBUTIONS.find((candidate) => candidate.name === name) as (typeof DISTRIBUTIONS)[number];
  const harness = new StoreHarness(LIMIT_BYTES);
  const random = new Random(7);
  const uses = new Uses();
  let mostEvicted = 0;
  let worstShare = 0;
  let number = 0;
  for (let stored = 0; stored < LIMIT_BYTES * TIMES_FILLED; number++) {
    const length = distribution.valueBytes(stored / (LIMIT_BYTES * TIMES_FILLED), random);
    const key = keyOf(number);
    const before = harness.metrics.total(STORE_METRICS.evictions);
    assert(harness.set(key, length), 'there is room for every store');
    stored += KEY_BYTES + length;
    const evicted = harness.metrics.total(STORE_METRICS.evictions) - before;
    const freedBytes = uses.forget(evicted);
    uses.use(key, KEY_BYTES + length);
    if (evicted > 0) {
      const allowed = Math.max(ALWAYS_ALLOWED, (TIMES_THE_NEED * (KEY_BYTES + length)) / (freedBytes / evicted));
      mostEvicted = Math.max(mostEvicted, evicted);
      worstShare = Math.max(worstShare, evicted / allowed);
    }
    for (let gets = 0; gets < getsBetweenStores; gets++) read(harness, uses, keyOf(random.below(number + 1)));
    if (number % COMPARED_EVERY === 0) compare(harness, uses);
  }
  compare(harness, uses);
  return { mostEvicted, worstShare };
}

function keyOf(number: number): string {
  return `k${String(number).padStart(KEY_BYTES - 1, '0')}`;
}

/** Expects a hit or a miss, according to the model. */
function read(harness: StoreHarness, uses: Uses, key: string): void {
  const size = uses.sizeOf(key);
  const item = harness.find(key);
  assert((item !== 0) === (size !== undefined), `${key} is there if and only if it should be`);
  if (size === undefined) return;
  harness.store.hit(item);
  uses.use(key, size);
}

function compare(harness: StoreHarness, uses: Uses): void {
  const expected = uses.keys();
  const differs = harness.keys().findIndex((key, index) => key !== expected[index]);
  assert(differs < 0 && harness.store.itemCount === expected.length, `order of use differs at ${differs}`);
  checkStore(harness.store);
}

describe.each(DISTRIBUTIONS.map(({ name, title }) => ({ name, title })))('$title', ({ name }) => {
  test.each([0, 2])('exactly the most recently used items survive, with %i gets between stores', (gets) => {
    const { mostEvicted, worstShare } = fill(name, gets);
    expect(mostEvicted).toBeGreaterThan(0);
    expect(worstShare).toBeLessThanOrEqual(1);
  });
});
