// Large values in long pieces: used if a long chunk is free, never created by evictions, and cut when a hole is needed.

import { describe, expect, test } from 'vitest';
import { Allocator } from '../../src/arena/allocator.js';
import {
  CHUNK_KIND_SHIFT,
  CHUNK_PINS,
  ChunkKind,
  kindOf,
  MAX_CHUNK_UNITS,
  MAX_PIECE_UNITS,
  unitsOfFree,
  unitsOfUsed,
  wordOfUsed,
} from '../../src/arena/chunk.js';
import { Arena } from '../../src/arena/memory.js';
import { firstRegion } from '../../src/store/memory-limit.js';
import { checkStore } from './checker.js';
import { StoreHarness } from './harness.js';

describe('the word of a used chunk', () => {
  test.each([1, 2, MAX_CHUNK_UNITS + 1, 255, 256, 257, 4095, MAX_PIECE_UNITS + 1])(
    'holds a length of %d units',
    (units) => {
      const word = wordOfUsed(units);
      expect(unitsOfUsed(word)).toBe(units);
      expect(kindOf(word)).toBe(units < 256 ? ChunkKind.guard : ChunkKind.piece);
    },
  );

  test('keeps pins apart from the length', () => {
    const item = wordOfUsed(100) | (ChunkKind.item << CHUNK_KIND_SHIFT);
    expect(unitsOfUsed((item | CHUNK_PINS) >>> 0)).toBe(100);
  });
});

describe('the allocator', () => {
  function allocatorOf(units: number) {
    const arena = Arena.create({ limitBytes: (units + 1) * 8, threads: 1 });
    const allocator = new Allocator(arena);
    const start = firstRegion(arena);
    allocator.format(start, units + 1);
    return { allocator, words: arena.words, start };
  }

  test('allocates a long segment of the requested length, and frees all of it', () => {
    const { allocator } = allocatorOf(10_000);
    const piece = allocator.takeLong(5000, MAX_CHUNK_UNITS);
    expect(allocator.unitsOf(piece)).toBe(5000);
    expect(allocator.freeBytes).toBe(5000 * 8);
    allocator.release(piece);
    expect(allocator.freeBytes).toBe(10_000 * 8);
    expect(allocator.unitsOf(allocator.takeLong(MAX_PIECE_UNITS, MAX_CHUNK_UNITS))).toBe(MAX_PIECE_UNITS);
  });

  test('falls back to the largest chunk if that has the minimum length', () => {
    const { allocator, words, start } = allocatorOf(1000);
    expect(allocator.unitsOf(allocator.takeLong(5000, MAX_CHUNK_UNITS))).toBe(1000);
    allocator.release(start);
    allocator.take(129);
    expect(allocator.unitsOf(allocator.takeLong(3000, MAX_CHUNK_UNITS))).toBe(871);
    expect(allocator.takeLong(3000, MAX_CHUNK_UNITS)).toBe(0);
    allocator.release(start);
    expect(unitsOfFree(words[start * 2])).toBe(871);
  });

  test('can split a segment in two', () => {
    const { allocator } = allocatorOf(1000);
    const piece = allocator.takeLong(900, MAX_CHUNK_UNITS);
    const rest = allocator.cutPiece(piece, 100);
    expect(rest).toBe(piece + 100);
    expect([allocator.unitsOf(piece), allocator.unitsOf(rest)]).toEqual([100, 800]);
    allocator.release(piece);
    allocator.release(rest);
    expect(allocator.unitsOf(allocator.takeLong(1000, MAX_CHUNK_UNITS))).toBe(1000);
  });
});

describe('a store with long segments', () => {
  function stretchesOf(harness: StoreHarness, key: string): number[] {
    const item = harness.find(key);
    const lengths: number[] = [];
    harness.store.values.forEachPart(item, 0, harness.store.valueLength(item), (_at, length) => lengths.push(length));
    return lengths;
  }

  test('puts a large value in few segments while memory is free', () => {
    const harness = new StoreHarness(8 * 1024 * 1024);
    harness.set('large', 1_000_000);
    expect(stretchesOf(harness, 'large').length).toBeLessThanOrEqual(1 + Math.ceil(1_000_000 / (MAX_PIECE_UNITS * 8)));
  });

  test('evicts nothing to get a longer segment', () => {
    const harness = new StoreHarness(1024 * 1024);
    let stored = 0;
    while (harness.store.allocator.freeBytes > 8 * 1024) harness.set(`small${stored++}`, 950);
    for (let index = 0; index < stored; index += 2) harness.store.remove(harness.find(`small${index}`));
    harness.set('large', 100_000);
    expect(harness.store.evictedByOneStoreMax).toBe(0);
    expect(Math.max(...stretchesOf(harness, 'large'))).toBeLessThan(9 * 1024);
    checkStore(harness.store);
  });

  test.each([20, 60, 100, MAX_CHUNK_UNITS])('makes a hole of %d units from the front of a long segment', (units) => {
    const harness = new StoreHarness(1024 * 1024);
    const { store } = harness;
    const pattern = Array.from({ length: 50 }, (_, index) => String.fromCharCode(65 + index).repeat(977)).join('');
    harness.set('first', 5000);
    setText(harness, 'large', pattern);
    store.remove(harness.find('first'));
    // Most of the room that the first one has left, so that there is a small hole before the large value.
    harness.set('other', 5000 - 16 * 8);
    checkStore(store);
    const before = stretchesOf(harness, 'large').length;
    const hole = store.compaction.makeHole(units);
    expect(hole).not.toBe(0);
    expect(store.allocator.unitsOf(hole)).toBeGreaterThanOrEqual(units);
    store.allocator.release(hole);
    expect(stretchesOf(harness, 'large').length).toBe(before + 1);
    expect(harness.value(harness.find('large'))).toBe(pattern);
    checkStore(store);
    store.remove(harness.find('large'));
    checkStore(store);
  });
});

function setText(harness: StoreHarness, key: string, text: string): void {
  const { store, arena } = harness;
  const at = arena.windows(0).output.at;
  arena.bytes.set(Buffer.from(key), at);
  const reserved = store.reserve(at, key.length, text.length, 0, 0);
  arena.bytes.set(Buffer.from(text), at);
  store.fill(reserved, 0, at, text.length);
  store.link(reserved);
}
