// The check that runs in production finds nothing in a sound arena, and each kind of damage.

import { describe, expect, test } from 'vitest';
import { CHUNK_UNITS_SHIFT } from '../../src/arena/chunk.js';
import { ArenaCheck } from '../../src/store/arena-check.js';
import { StoreHarness } from './harness.js';

function walk(harness: StoreHarness): number {
  const check = new ArenaCheck(harness.store);
  while (check.slice());
  return check.checked;
}

describe('the check of the arena', () => {
  function filled(): StoreHarness {
    const harness = new StoreHarness(4 * 1024 * 1024);
    for (let number = 0; number < 5000; number++) harness.set(`key${number}`, number % 7 === 0 ? 3000 : 40);
    for (let number = 0; number < 5000; number += 3) {
      const item = harness.find(`key${number}`);
      if (item !== 0) harness.store.remove(item);
    }
    return harness;
  }

  test('visits every item of a consistent arena', () => {
    const harness = filled();
    expect(walk(harness)).toBe(harness.store.itemCount);
  });

  test.each([
    ['a size that has changed', (words: Uint32Array, item: number) => words[item * 2] + (1 << CHUNK_UNITS_SHIFT)],
    ['a chunk that is not in use', (words: Uint32Array, item: number) => words[item * 2] & ~1],
  ])('finds %s', (_what, damaged) => {
    const harness = filled();
    const { words } = harness.arena;
    const item = harness.store.lru.newest;
    words[item * 2] = damaged(words, item);
    expect(() => walk(harness)).toThrow(/invariant broken/);
  });

  test('finds a key in the wrong bucket', () => {
    const harness = filled();
    const at = harness.store.keyPosition(harness.store.lru.newest as never);
    harness.arena.bytes[at] = 0xff;
    expect(() => walk(harness)).toThrow('the key of an entry hashes to its bucket');
  });
});
