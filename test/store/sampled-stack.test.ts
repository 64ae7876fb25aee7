// The stack of sampled keys against a plain list on random uses.

import { expect, test } from 'vitest';
import { STACK_ENTRIES } from '../../src/arena/layout.js';
import { Arena } from '../../src/arena/memory.js';
import { SampledStack, SEGMENTS } from '../../src/store/sampled-stack.js';
import { Random } from '../bench/load/random.js';

interface ListedKey {
  readonly hash: number;
  units: number;
  isResident: boolean;
}

/** The same by one array for each segment, the newest key first. */
class ListModel {
  readonly segments: ListedKey[][] = Array.from({ length: SEGMENTS }, () => []);

  constructor(private readonly sizes: readonly number[]) {}

  get keys(): ListedKey[] {
    return this.segments.flat();
  }

  remove(hash: number): ListedKey | undefined {
    for (const segment of this.segments) {
      const at = segment.findIndex((key) => key.hash === hash);
      if (at >= 0) return segment.splice(at, 1)[0];
    }
    return undefined;
  }

  use(hash: number, units: number): void {
    const known = this.remove(hash);
    this.segments[0].unshift({ hash, units, isResident: known?.isResident ?? true });
    this.segments.forEach((segment, number) => {
      const room = this.sizes[number] - (this.sizes[number - 1] ?? 0);
      while (segment.reduce((sum, key) => sum + key.units, 0) > room) {
        const oldest = segment.pop() as ListedKey;
        this.segments[number + 1]?.unshift(oldest);
      }
    });
  }
}

test('the stack has each key in the segment of its distance in units, whatever is used, removed and resized', () => {
  const random = new Random(11);
  const stack = new SampledStack(Arena.create({ limitBytes: 1024 * 1024, threads: 1 }));
  const sizes = [20, 40, 80, 160, 320, 640];
  stack.setSizes(sizes);
  const model = new ListModel(sizes);
  const hashes = Array.from({ length: 200 }, () => random.word() | 0);
  for (let step = 0; step < 20_000; step++) {
    const hash = hashes[random.below(random.below(hashes.length) + 1)];
    const entry = stack.find(hash);
    const choice = random.below(20);
    const units = 1 + random.below(choice === 0 ? 60 : 8);
    if (choice === 1 && entry !== 0) {
      stack.remove(entry);
      model.remove(hash);
    } else if (choice === 2 && entry !== 0) {
      const isResident = random.below(2) === 0;
      stack.setResident(entry, isResident);
      const key = model.keys.find((known) => known.hash === hash) as ListedKey;
      key.isResident = isResident;
    } else if (entry === 0) {
      stack.add(hash, units, 0);
      model.use(hash, units);
    } else {
      stack.use(entry, units, 0);
      model.use(hash, units);
    }
    if (step % 50 !== 0) continue;
    const found = hashes.map((one) => (stack.find(one) === 0 ? -1 : stack.segmentOf(stack.find(one))));
    const expected = hashes.map((one) => model.segments.findIndex((keys) => keys.some((key) => key.hash === one)));
    expect([step, found]).toEqual([step, expected]);
    expect(stack.count).toBe(model.keys.length);
    const resident = model.keys.filter(({ isResident }) => isResident);
    expect(stack.residentUnits).toBe(resident.reduce((sum, key) => sum + key.units, 0));
  }
});

test('a full stack has room again when only some hashes are kept', () => {
  const stack = new SampledStack(Arena.create({ limitBytes: 1024 * 1024, threads: 1 }));
  stack.setSizes([1, 2, 3, 4, 5, 6].map((size) => size * STACK_ENTRIES));
  for (let key = 0; !stack.isFull; key++) stack.add(Math.imul(key + 1, 0x9e37_79b1), 1, 0);
  expect(stack.count).toBe(STACK_ENTRIES);
  stack.keep(1);
  expect(stack.count).toBe(STACK_ENTRIES / 2);
  expect(stack.residentUnits).toBe(STACK_ENTRIES / 2);
  stack.add(2, 1, 0);
  expect(stack.find(2)).not.toBe(0);
  stack.clear();
  expect([stack.count, stack.find(2), stack.residentUnits]).toEqual([0, 0, 0]);
});
