// Objects when the memory limit is lowered: their fields, blocks and texts move, and their content stays. Random changes of objects with
// changes of the limit: the fuzz target `tables`.

import { describe, expect, test } from 'vitest';
import { CHUNK_USED, ChunkKind, kindOf, unitsOfFree, unitsOfUsed } from '../../src/arena/chunk.js';
import type { Literal, Scalar, Ties } from '../../src/objects/types/object-type.js';
import { checkStore } from '../store/checker.js';
import { TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;
const LIMIT = 8 * MEBIBYTE;
const LOWERED = 3 * MEBIBYTE;

/** A store with the object `o` beyond the lowered limit: what came before it has filled the memory below and is then removed. */
function harnessWith(content: Readonly<Record<string, Literal | Scalar>>): TableHarness {
  const harness = new TableHarness(LIMIT);
  let count = 0;
  while (harness.store.usedBytes < 5 * MEBIBYTE) harness.set(`plain${count++}`, 500);
  // What is left of free memory below is too small for anything.
  for (const length of [400, 300, 200, 100, 0]) {
    do harness.set(`plain${count}`, length);
    while (!isBeyond(harness, harness.find(`plain${count++}`)));
  }
  harness.write(
    'o',
    (table) => {
      for (const [key, value] of Object.entries(content)) table.set(key, value as Scalar);
    },
    true,
  );
  for (let number = 0; number < count; number += 2) harness.store.remove(harness.find(`plain${number}`));
  return harness;
}

/** The same with an ordered index of that many members, 50 scores. */
function harnessWithIndex(members: number, ties: Ties): TableHarness {
  const harness = harnessWith({ a: 1 });
  harness.write('o', (table) => {
    const index = table.ordered('index', ties);
    for (let number = 0; number < members; number++) index.set(`member${number}`, number % 50);
  });
  return harness;
}

/** The members of the index in their order. */
function membersOf(harness: TableHarness): unknown[] {
  return harness.read('o', (table) => {
    const index = table.ordered('index');
    return index.range(1, index.count);
  });
}

const MOST_PASSES = 5;

/** As the server does: what is stuck in one pass is tried again in the next ones. */
function settle({ store }: TableHarness): string {
  let passes = 0;
  for (let slices = 0; slices < 10_000; slices++) {
    let looks = 20;
    const progress = store.memoryLimit.slice(() => looks-- <= 0);
    if (progress === 'done' || (progress === 'stuck' && ++passes === MOST_PASSES)) return progress;
  }
  throw new Error('the work does not end');
}

function isBeyond({ store }: TableHarness, chunk: number): boolean {
  return chunk >= store.allocator.regions.startOf(4);
}

/** Parts of byte arrays beyond the lowered limit. */
function partsBeyond({ arena, store }: TableHarness): number {
  const { regions } = store.allocator;
  let parts = 0;
  for (let region = 4; region < regions.count; region++) {
    const start: number = regions.startOf(region);
    for (let chunk = start; chunk < start + regions.openUnits(region); ) {
      const word = arena.words[chunk * 2];
      const isUsed = (word & CHUNK_USED) !== 0;
      if (isUsed && kindOf(word) === ChunkKind.bytes) parts++;
      chunk += isUsed ? unitsOfUsed(word) : unitsOfFree(word);
    }
  }
  return parts;
}

function contentOf(harness: TableHarness): unknown {
  return JSON.parse(harness.read('o', (table) => table.toJson()));
}

const texts = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, 'x'.repeat(length)]));

const CONTENTS: Readonly<Record<string, Readonly<Record<string, Literal | Scalar>>>> = {
  'a packed table': { a: 1, b: 'text', c: { d: true } },
  'a spread table': texts(300, 40),
  'texts in several pieces': texts(10, 5000),
  'packed tables in a spread one': { ...texts(40, 30), inner: { a: 1, list: [1, 2, 3] } },
  'spread tables in a spread one': { ...texts(40, 30), inner: { ...texts(60, 50), deep: texts(70, 30) } },
};

describe('a lowered memory limit moves', () => {
  test.each(Object.entries(CONTENTS))('%s', (_, content) => {
    const harness = harnessWith(content);
    expect(contentOf(harness)).toEqual(content);
    harness.store.memoryLimit.set(LOWERED);
    expect(isBeyond(harness, harness.find('o'))).toBe(true);
    harness.store.hit(harness.find('o'));
    expect(settle(harness)).toBe('done');
    expect(isBeyond(harness, harness.find('o'))).toBe(false);
    expect(contentOf(harness)).toEqual(content);
    checkStore(harness.store);
    harness.write('o', (table) => table.set('more', 'y'.repeat(3000)));
    expect(contentOf(harness)).toEqual({ ...content, more: 'y'.repeat(3000) });
    checkStore(harness.store);
  });

  test.each([
    ['of one leaf', 5, 'arrival'],
    ['of a hundred leaves', 2000, 'arrival'],
    ['by the bytes of its members', 2000, 'bytes'],
  ] as const)('an ordered index %s', (_name, members, ties) => {
    const harness = harnessWithIndex(members, ties);
    const before = membersOf(harness);
    expect(before.length).toBe(members);
    harness.store.memoryLimit.set(LOWERED);
    expect(isBeyond(harness, harness.find('o'))).toBe(true);
    harness.store.hit(harness.find('o'));
    expect(settle(harness)).toBe('done');
    expect(isBeyond(harness, harness.find('o'))).toBe(false);
    expect(membersOf(harness)).toEqual(before);
    checkStore(harness.store);
    harness.write('o', (table) => {
      const index = table.ordered('index');
      for (let number = 0; number < members; number++) {
        expect(index.get(`member${number}`)).toBe(number % 50);
        index.set(`member${number}`, number % 7);
      }
      for (let number = 0; number < members; number += 2) expect(index.delete(`member${number}`)).toBe(true);
    });
    expect(membersOf(harness).length).toBe(Math.floor(members / 2));
    checkStore(harness.store);
  });

  test('all but the header of an ordered index of thousands of members', () => {
    const harness = harnessWithIndex(6000, 'arrival');
    const before = membersOf(harness);
    harness.store.memoryLimit.set(LOWERED);
    harness.store.hit(harness.find('o'));
    expect(settle(harness)).toBe('stuck');
    const { regions } = harness.store.allocator;
    const open = Array.from({ length: regions.count }, (_, region) => region).filter(
      (region) => regions.isEmptying(region) && regions.openUnits(region) > 0,
    );
    expect(open.length).toBe(1);
    expect(membersOf(harness)).toEqual(before);
    checkStore(harness.store);
    harness.store.remove(harness.find('o'));
    expect(settle(harness)).toBe('done');
    checkStore(harness.store);
  });

  test('byte arrays, part by part, while others are changed', () => {
    const harness = harnessWith({ a: 1 });
    const KIB = 1024;
    harness.write('o', (table) => {
      table.bytes('large', 400 * KIB).fill(1);
      table.bytes('sparse', 3.5 * MEBIBYTE).setU8(3 * MEBIBYTE, 9);
      table.bytes('small', 10).write(0, 'abc');
      table.bytes('empty', 5000);
    });
    const content = contentOf(harness);
    expect(partsBeyond(harness)).toBeGreaterThan(100);
    harness.store.memoryLimit.set(LOWERED);
    for (let turn = 0; ; turn++) {
      harness.store.hit(harness.find('o'));
      let looks = 20;
      const progress = harness.store.memoryLimit.slice(() => looks-- <= 0);
      checkStore(harness.store);
      if (progress === 'done') break;
      expect([turn < 10_000, progress]).toEqual([true, 'more']);
      harness.write('o', (table) => table.bytes('large').setBit(turn * 8 + 1));
      harness.write('o', (table) => table.bytes('large').setBit(turn * 8 + 1, false));
    }
    expect(partsBeyond(harness)).toBe(0);
    expect(contentOf(harness)).toEqual(content);
    harness.write('o', (table) => table.bytes('large').write(5000, 'after'));
    expect(harness.read('o', (table) => table.bytes('large').read(4999, 7))).toBe('\x01after\x01');
    checkStore(harness.store);
  });

  test('an ordered index a node at a time, where the time for more is over', () => {
    const harness = harnessWithIndex(2000, 'arrival');
    const before = membersOf(harness);
    harness.store.memoryLimit.set(LOWERED);
    harness.store.hit(harness.find('o'));
    const { mover, memoryLimit } = harness.store;
    const moveChunk = mover.moveChunk.bind(mover);
    let moved = 0;
    mover.moveChunk = (chunk) => {
      moved++;
      return moveChunk(chunk);
    };
    let most = 0;
    let slices = 0;
    for (let progress = 'more'; progress !== 'done'; slices++) {
      moved = 0;
      progress = memoryLimit.slice(() => moved >= 2);
      if (slices > 10_000) throw new Error('the work does not end');
      most = Math.max(most, moved);
    }
    // Chunks that are no nodes: up to 16 from one look at the clock to the next.
    expect(most).toBeLessThan(20);
    expect(membersOf(harness)).toEqual(before);
    checkStore(harness.store);
  });

  test('all but the header of a table of thousands of fields, whose memory but for that is given up', () => {
    const content = texts(3000, 20);
    const harness = harnessWith(content);
    harness.store.memoryLimit.set(LOWERED);
    harness.store.hit(harness.find('o'));
    let givenBack = 0;
    const header = harness.find('o') * 8;
    harness.arena.giveBack = (from, to) => {
      const isAround = Math.floor(from / MEBIBYTE) === Math.floor(header / MEBIBYTE);
      if (isAround) givenBack += to - from;
      expect(to <= header || from > header).toBe(true);
    };
    expect(settle(harness)).toBe('stuck');
    expect(givenBack).toBeGreaterThan(0.9 * MEBIBYTE);
    expect(contentOf(harness)).toEqual(content);
    const { regions } = harness.store.allocator;
    const open = Array.from({ length: regions.count }, (_, region) => region).filter(
      (region) => regions.isEmptying(region) && regions.openUnits(region) > 0,
    );
    expect(open).toEqual([regions.of(harness.find('o'))]);
    expect(kindOf(harness.arena.words[harness.find('o') * 2])).toBe(1);
    checkStore(harness.store);
    harness.arena.giveBack = undefined;
    harness.store.remove(harness.find('o'));
    expect(settle(harness)).toBe('done');
    checkStore(harness.store);
  });
});
