// Holes of every size made of neighbours of every size: no chunk outgrows its size field, and no value changes. When holes are made:
// model-evictions.test.ts.

import { describe, expect, test } from 'vitest';
import { MAX_CHUNK_UNITS } from '../../src/arena/chunk.js';
import { STORE_METRICS } from '../../src/store/store-metrics.js';
import { checkStore } from './checker.js';
import { StoreHarness } from './harness.js';

/** Stores values of `length` bytes until memory is nearly full, then removes every second one; returns the others, by key. */
function checkered(harness: StoreHarness, length: number): Map<string, string> {
  const { store } = harness;
  const left = new Map<string, string>();
  // Holes for the heads of large items, so that their pieces are each other's neighbours.
  const heads = store.limitBytes / 512;
  for (let number = 0; number < heads; number++) harness.set(`small${number}`, 12);
  for (let number = 0; number < heads; number += 2) store.remove(harness.find(`small${number}`));
  let stored = 0;
  while (store.allocator.freeBytes > 3 * (length + 64) && harness.metrics.total(STORE_METRICS.evictions) === 0) {
    expect(harness.set(`key${String(stored).padStart(5, '0')}`, length, 33 + (stored % 90))).toBe(true);
    stored++;
  }
  for (let number = 0; number < stored; number++) {
    const key = `key${String(number).padStart(5, '0')}`;
    if (harness.find(key) === 0) continue;
    if (number % 2 === 0) store.remove(harness.find(key));
    else left.set(key, String.fromCharCode(33 + (number % 90)).repeat(length));
  }
  return left;
}

function expectSame(harness: StoreHarness, left: ReadonlyMap<string, string>): void {
  const wrong = [...left].filter(([key, value]) => harness.value(harness.find(key)) !== value);
  expect(wrong.map(([key]) => key)).toEqual([]);
}

describe('compaction', () => {
  // Pieces of 126 to 130 units are next to holes of the same size: two of them together exceed the size field.
  const lengths = [90, 480, 900, 1000, 1008, 1009, 1016, 1017, 1024, 1025, 1032, 1040, 1041, 2000];

  test.each(lengths)('leaves values of %i bytes unchanged when their neighbours are joined to holes', (length) => {
    const harness = new StoreHarness(512 * 1024);
    const left = checkered(harness, length);
    const { compaction } = harness.store;
    const wanted = [2, 3, 16, 64, 126, 127, 128, MAX_CHUNK_UNITS];
    for (let round = 0; round < 40; round++) {
      const hole = compaction.makeHole(wanted[round % wanted.length]);
      if (hole === 0) continue;
      const units = harness.store.allocator.unitsOf(hole);
      expect(units).toBeGreaterThanOrEqual(wanted[round % wanted.length]);
      expect(units).toBeLessThanOrEqual(wanted[round % wanted.length] + 1);
      if (round % 3 === 0) expect(harness.set(`new${round}`, length)).toBe(true);
      harness.store.allocator.release(hole);
      checkStore(harness.store);
    }
    expectSame(harness, left);
  });

  test('leaves values of 1016 bytes unchanged when every second one is deleted and large values are stored', () => {
    const harness = new StoreHarness(1024 * 1024);
    const left = checkered(harness, 1016);
    for (let number = 0; number < 50; number++) expect(harness.set(`large${number}`, 1024, 81)).toBe(true);
    const wrong = [...left].filter(([key, value]) => (harness.get(key) ?? value) !== value);
    expect(wrong).toEqual([]);
    checkStore(harness.store);
  });

  test('does not move a segment of a freed value, whose item may have been overwritten', () => {
    const harness = new StoreHarness(1024 * 1024);
    const { store } = harness;
    // More pieces than are freed in one step: every second small value is removed, so that no piece is long.
    let stored = 0;
    while (harness.metrics.total(STORE_METRICS.evictions) === 0) harness.set(`small${stored++}`, 700);
    const small = harness.keys();
    for (let number = 0; number < small.length; number += 2) store.remove(harness.find(small[number]));
    expect(harness.set('large', 300_000)).toBe(true);
    const other = new Map(small.filter((key) => harness.find(key) !== 0).map((key) => [key, 'x'.repeat(700)]));
    store.remove(harness.find('large'));
    const { compaction } = harness.store;
    for (let round = 0; round < 100; round++) {
      const hole = compaction.makeHole(MAX_CHUNK_UNITS);
      if (hole !== 0) store.allocator.release(hole);
      checkStore(store);
    }
    while (store.allocator.freeBytes < 400_000 && store.freeing.freeCondemned());
    expectSame(harness, other);
    checkStore(store);
  });
});
