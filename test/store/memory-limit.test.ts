// The memory limit changes while the store is in use: what is stored stays whole, the least recently used items go, and the regions
// beyond the limit are given back. Random histories with changes of the limit: the fuzz target `store`.

import { describe, expect, test } from 'vitest';
import { STORE_METRICS } from '../../src/store/store-metrics.js';
import { checkStore } from './checker.js';
import { StoreHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;
const MOST = 24 * MEBIBYTE;
/** The CPU time of one slice, which asks after every few steps whether a millisecond is over. */
const SLICE_MS = 1;
const MOST_ATTEMPTS = 10;
const LONGEST_SLICE_MS = 10;

function harnessOf(limitMegabytes: number, evictionsAllowed = true): StoreHarness {
  return new StoreHarness(limitMegabytes * MEBIBYTE, { mostBytes: MOST, evictionsAllowed });
}

/** Gives up memory in slices that end after a few steps; how it ended. */
function settle({ store }: StoreHarness): string {
  for (let slices = 0; slices < 100_000; slices++) {
    let looks = 20;
    const progress = store.memoryLimit.slice(() => looks-- <= 0);
    if (progress !== 'more') return progress;
  }
  throw new Error('the work does not end');
}

const keyOf = (number: number) => `key${String(number).padStart(6, '0')}`;
const byteOf = (number: number) => 33 + (number % 90);

function fill(harness: StoreHarness, count: number, lengthOf: (number: number) => number): void {
  for (let number = 0; number < count; number++) harness.set(keyOf(number), lengthOf(number), byteOf(number));
}

function expectWhole(harness: StoreHarness, lengthOf: (number: number) => number): void {
  for (const key of harness.keys()) {
    const number = Number(key.slice(3));
    const value = harness.value(harness.find(key));
    expect(value === String.fromCharCode(byteOf(number)).repeat(lengthOf(number)), key).toBe(true);
  }
}

function evictionsOf({ metrics }: StoreHarness): number {
  return metrics.total(STORE_METRICS.evictions);
}

describe('a raised memory limit', () => {
  test('lets more be stored without an eviction', () => {
    const harness = harnessOf(2);
    harness.store.memoryLimit.set(20 * MEBIBYTE);
    fill(harness, 150, () => 100_000);
    expect(evictionsOf(harness)).toBe(0);
    expect(harness.store.usedBytes).toBeGreaterThan(14 * MEBIBYTE);
    expectWhole(harness, () => 100_000);
    checkStore(harness.store);
  });

  test('that comes while another is being lowered puts the memory back into use', () => {
    const harness = harnessOf(16);
    fill(harness, 10_000, () => 1000);
    harness.store.memoryLimit.set(4 * MEBIBYTE);
    while (harness.store.memoryLimit.excessBytes > 6 * MEBIBYTE) {
      let looks = 1;
      harness.store.memoryLimit.slice(() => looks-- <= 0);
    }
    expect(harness.store.memoryLimit.excessBytes).toBeGreaterThan(0);
    harness.store.memoryLimit.set(16 * MEBIBYTE);
    checkStore(harness.store);
    expect(settle(harness)).toBe('done');
    const evictions = evictionsOf(harness);
    for (let number = 0; harness.store.usedBytes < 15.5 * MEBIBYTE; number++) harness.set(`more${number}`, 1000);
    expect(evictionsOf(harness)).toBe(evictions);
    checkStore(harness.store);
  });
});

describe('a lowered memory limit', () => {
  const lengths = {
    'small values': () => 100,
    'values of all sizes up to a chunk': (number: number) => (number * 37) % 1000,
    'values in several pieces': (number: number) => 500 + ((number * 7919) % 40_000),
  };

  test.each(Object.entries(lengths))(
    'evicts the least recently used of %s and keeps the others whole',
    (_, lengthOf) => {
      const harness = harnessOf(16);
      const givenBack: number[] = [];
      harness.arena.giveBack = (from, to) => givenBack.push(from, to);
      for (let number = 0; evictionsOf(harness) === 0; number++) {
        harness.set(keyOf(number), lengthOf(number), byteOf(number), 0, number % 5 === 0 ? 1000 : 0);
      }
      const before = harness.keys();
      harness.store.memoryLimit.set(5 * MEBIBYTE);
      expect(harness.store.limitBytes).toBe(5 * MEBIBYTE);
      expect(settle(harness)).toBe('done');
      expect(harness.store.memoryLimit.excessBytes).toBe(0);
      const left = harness.keys();
      expect(left).toEqual(before.slice(0, left.length));
      expect(harness.store.usedBytes).toBeLessThanOrEqual(5 * MEBIBYTE);
      expect(harness.store.usedBytes).toBeGreaterThan(4.5 * MEBIBYTE);
      expectWhole(harness, lengthOf);
      checkStore(harness.store);
      expect(Math.max(...givenBack) - Math.min(...givenBack)).toBeGreaterThan(10 * MEBIBYTE);
      harness.advance(1001);
      expect(harness.keys().some((key) => Number(key.slice(3)) % 5 === 0 && harness.find(key) !== 0)).toBe(false);
    },
  );

  test('lets stores go on that come between its slices', () => {
    const harness = harnessOf(16);
    fill(harness, 120_000, () => 100);
    harness.store.memoryLimit.set(4 * MEBIBYTE);
    let progress = 'more';
    for (let number = 0; progress !== 'done'; number++) {
      expect(harness.set(keyOf(number), (number * 31) % 2000, byteOf(number))).toBe(true);
      let looks = 8;
      progress = harness.store.memoryLimit.slice(() => looks-- <= 0);
    }
    expect(harness.store.usedBytes).toBeLessThanOrEqual(4 * MEBIBYTE);
    expect(harness.store.evictedByOneStoreMax).toBeLessThan(200);
    checkStore(harness.store);
  });

  test('waits for an item that is being sent', () => {
    const harness = harnessOf(16);
    fill(harness, 100_000, () => 100);
    const { store } = harness;
    let last = store.lru.newest;
    for (let item = last; item !== 0; item = store.lru.older(item)) last = Math.max(last, item);
    store.pin(last as never);
    const value = harness.value(last as never);
    store.memoryLimit.set(4 * MEBIBYTE);
    expect(settle(harness)).toBe('stuck');
    expect(harness.value(last as never)).toBe(value);
    expect(store.memoryLimit.excessBytes).toBeGreaterThan(0);
    store.unpin(last as never);
    expect(settle(harness)).toBe('done');
    checkStore(store);
  });

  test('waits for a value that is being received', () => {
    const harness = harnessOf(16);
    fill(harness, 100_000, () => 100);
    const at = harness.arena.windows(0).output.at;
    harness.arena.bytes.fill(65, at, at + 10);
    const reserved = harness.store.reserve(at, 10, 600_000, 0, 0);
    harness.store.memoryLimit.set(4 * MEBIBYTE);
    expect(settle(harness)).toBe('stuck');
    harness.store.link(reserved);
    expect(settle(harness)).toBe('done');
    checkStore(harness.store);
  });

  test('also gives up what a flush has left', () => {
    const harness = harnessOf(16);
    fill(harness, 50_000, () => 100);
    harness.store.flushAll();
    harness.store.memoryLimit.set(4 * MEBIBYTE);
    expect(settle(harness)).toBe('done');
    expect(evictionsOf(harness)).toBe(0);
    checkStore(harness.store);
  });

  test('looks at a bounded number of free chunks in a slice, however many lie beyond it', () => {
    const harness = harnessOf(24);
    fill(harness, 150_000, () => 100);
    // Every second chunk of the whole heap is free, and has the size that each item needs.
    for (let number = 0; number < 150_000; number += 2) harness.store.remove(harness.find(keyOf(number)));
    const { allocator, memoryLimit } = harness.store;
    const { take } = allocator;
    let taken = 0;
    allocator.take = (units) => {
      taken++;
      return take.call(allocator, units);
    };
    memoryLimit.set(12 * MEBIBYTE);
    let most = 0;
    for (let progress = 'more'; progress !== 'done'; ) {
      taken = 0;
      let looks = 4;
      progress = memoryLimit.slice(() => looks-- <= 0);
      most = Math.max(most, taken);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(10_000);
  });

  test('takes no slice of more than 10 ms of CPU', () => {
    // Other programs run too, so the least of several attempts counts.
    let least = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < MOST_ATTEMPTS && least >= LONGEST_SLICE_MS; attempt++) {
      const harness = harnessOf(24);
      fill(harness, 200_000, (number) => (number % 50 === 0 ? 20_000 : 60));
      harness.store.memoryLimit.set(4 * MEBIBYTE);
      let most = 0;
      for (let progress = 'more'; progress !== 'done'; ) {
        const endMs = performance.now() + SLICE_MS;
        const before = process.cpuUsage();
        progress = harness.store.memoryLimit.slice(() => performance.now() >= endMs);
        const { user, system } = process.cpuUsage(before);
        most = Math.max(most, (user + system) / 1000);
      }
      least = Math.min(least, most);
    }
    expect(least).toBeLessThan(LONGEST_SLICE_MS);
  });
});

describe('a memory limit is refused', () => {
  test('beyond what was reserved at the start', () => {
    const { store } = harnessOf(8);
    expect(store.memoryLimit.refusal(MOST)).toBeUndefined();
    expect(store.memoryLimit.refusal(MOST + 1)).toEqual({ bound: 'atMost', bytes: MOST, reason: 'reserved' });
  });

  test('below twice the largest item', () => {
    const { store } = harnessOf(8);
    expect(store.memoryLimit.refusal(2 * MEBIBYTE)).toBeUndefined();
    expect(store.memoryLimit.refusal(2 * MEBIBYTE - 1)?.reason).toBe('itemSize');
  });

  test('below what is in use, where nothing may be evicted', () => {
    const harness = harnessOf(8, false);
    fill(harness, 50, () => 100_000);
    expect(harness.store.memoryLimit.refusal(4 * MEBIBYTE)?.reason).toBe('noEvictions');
    expect(harness.store.memoryLimit.refusal(6 * MEBIBYTE)).toBeUndefined();
    harness.store.memoryLimit.set(6 * MEBIBYTE);
    expect(settle(harness)).toBe('done');
    expect(harness.keys()).toHaveLength(50);
    expectWhole(harness, () => 100_000);
    checkStore(harness.store);
  });
});
