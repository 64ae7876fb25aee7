// Pinned objects on the arena: the memory that is counted for them, what frees it, and a memory limit that changes. Random calls with pins:
// model.ts and the fuzz target `tables`. Methods that pin: test/objects/calls/pinned.test.ts.

import { describe, expect, test } from 'vitest';
import type { Table } from '../../src/objects/types/object-type.js';
import { PinnedLimitError } from '../../src/tables/call-errors.js';
import type { ReserveUse } from '../../src/tables/table-store.js';
import { checkStore } from '../store/checker.js';
import { TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;

function harnessOf(limitMegabytes = 1): TableHarness {
  return new TableHarness(limitMegabytes * MEBIBYTE);
}

function makePinned(harness: TableHarness, key: string, fill: (table: Table) => void): void {
  harness.begin();
  try {
    fill(harness.create(key, true));
    harness.tables.commit();
  } catch (error) {
    if (harness.tables.isCalled) harness.tables.rollback();
    throw error;
  }
}

const fields =
  (count: number, length = 40) =>
  (table: Table) => {
    for (let index = 0; index < count; index++) table.set(`field${index}`, 'x'.repeat(length));
  };

function overflow(harness: TableHarness, times: number): void {
  const count = Math.ceil((harness.store.limitBytes * times) / 1000);
  for (let number = 0; number < count; number++) harness.set(`plain${number}`, 950);
}

/** Bytes of an object with all below it. */
function bytesOf(harness: TableHarness, key: string): number {
  return harness.tables.parts.fields.blockWeight(harness.find(key)) * 8;
}

describe('the memory of pinned objects', () => {
  test('is that of their items with all below them, however they change', () => {
    const harness = harnessOf();
    const { retained } = harness.store;
    makePinned(harness, 'o', fields(2));
    expect([retained.count, retained.bytes]).toEqual([1, bytesOf(harness, 'o')]);
    const sizes = [retained.bytes];
    for (const change of [
      fields(8),
      fields(200),
      (table: Table) => table.set('long', 'y'.repeat(5000)),
      (table: Table) => table.child('nested').set('a', 'z'.repeat(2000)),
      (table: Table) => table.ordered('index').set('member', 1),
    ]) {
      harness.write('o', change);
      expect(retained.bytes).toBe(bytesOf(harness, 'o'));
      expect(retained.bytes).toBeGreaterThan(sizes.at(-1) as number);
      sizes.push(retained.bytes);
      checkStore(harness.store);
    }
    harness.write('o', (table) => table.delete('long'));
    expect(retained.bytes).toBeLessThan(sizes.at(-1) as number);
    expect(retained.bytes).toBe(bytesOf(harness, 'o'));
    harness.write('o', (table) => table.clear());
    expect(retained.bytes).toBeLessThan(100);
    checkStore(harness.store);
  });

  test('is given back when one is deleted, expires, or is replaced by a plain value or another object', () => {
    const harness = harnessOf();
    const { retained } = harness.store;
    for (const key of ['deleted', 'expired', 'plain', 'object', 'kept']) makePinned(harness, key, fields(60));
    harness.begin();
    harness.tables.open(harness.place('expired'), 7, true);
    harness.tables.expire(harness.place('expired'), 7, harness.clock.now + 5);
    harness.tables.commit();
    expect(retained.count).toBe(5);
    const before = retained.bytes;
    harness.store.remove(harness.find('deleted'));
    expect(retained.count).toBe(4);
    harness.advance(10);
    expect(retained.count).toBe(3);
    harness.set('plain', 10);
    expect(retained.count).toBe(2);
    harness.write('object', fields(1), true);
    expect([retained.count, retained.bytes]).toEqual([1, bytesOf(harness, 'kept')]);
    expect(retained.bytes).toBeLessThan(before / 4);
    while (harness.store.reclaimSlice());
    checkStore(harness.store);
  });

  test('is given back by a flush in one step, while what was flushed is freed later', () => {
    const harness = harnessOf();
    const { retained } = harness.store;
    const used = harness.store.usedBytes;
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 10; number++) makePinned(harness, `o${number}`, fields(140, 100));
      expect(retained.count).toBe(10);
      expect(retained.bytes).toBeGreaterThan(retained.limitBytes * 0.6);
      harness.store.flushAll();
      expect([retained.count, retained.bytes]).toEqual([0, 0]);
      checkStore(harness.store);
    }
    while (harness.store.reclaimSlice());
    expect(harness.store.usedBytes).toBe(used);
    checkStore(harness.store);
  });

  test('includes room for an expiry, so that one can be set where there is no room for more', () => {
    const harness = new TableHarness(4 * MEBIBYTE, undefined, undefined, { bytes: 20_000 });
    makePinned(harness, 'full', fields(1, 19_000));
    makePinned(harness, 'small', fields(1, 10));
    let filled = 0;
    const fill = () => makePinned(harness, `filling${filled++}`, fields(1, 10));
    expect(() => {
      for (;;) fill();
    }).toThrow(PinnedLimitError);
    const before = harness.store.retained.bytes;
    for (const key of ['full', 'small']) {
      harness.begin();
      harness.tables.open(harness.place(key), key.length, false);
      harness.tables.expire(harness.place(key), key.length, harness.clock.now + 5);
      harness.tables.commit();
    }
    expect(harness.store.retained.bytes).toBe(before);
    harness.advance(6);
    expect(harness.store.retained.bytes).toBeLessThan(1000);
    fill();
    checkStore(harness.store);
  });

  test('does not grow by a call that is rolled back or refused', () => {
    const harness = harnessOf();
    const { retained } = harness.store;
    makePinned(harness, 'o', fields(60));
    harness.write('evictable', fields(60), true);
    const before = [retained.count, retained.bytes];
    harness.begin();
    fields(1000)(harness.open('o'));
    harness.pin('o', false);
    fields(10)(harness.open('evictable'));
    harness.pin('evictable');
    harness.tables.rollback();
    expect([retained.count, retained.bytes]).toEqual(before);
    expect(() => harness.write('o', fields(4000))).toThrow(
      /^pinned objects would take \d+ of at most 262144 bytes: delete some, let some expire, or raise --pinned-limit$/,
    );
    expect([retained.count, retained.bytes]).toEqual(before);
    checkStore(harness.store);
  });
});

describe('the reserve of pinned objects', () => {
  const LIMIT = 262_144;
  const RESERVE = 26_214;

  /** Full but for some hundred bytes, with two objects. */
  function fullHarness(): TableHarness {
    const harness = harnessOf();
    makePinned(harness, 'o', fields(1, 200_000));
    makePinned(harness, 'p', fields(1, LIMIT - harness.store.retained.bytes - 1000));
    harness.write('evictable', fields(1), true);
    expect([harness.store.retained.limitBytes, harness.store.retained.reserveBytes]).toEqual([LIMIT, RESERVE]);
    return harness;
  }

  function commit(harness: TableHarness, reserve: ReserveUse, change: () => void): void {
    harness.begin();
    change();
    harness.tables.commit(reserve);
    checkStore(harness.store);
  }

  test('is for what was pinned before the call, and has an end', () => {
    const harness = fullHarness();
    const grow = (bytes: number) => () => harness.open('o').set('more', 'x'.repeat(bytes));
    expect(() => commit(harness, 'none', grow(10_000))).toThrow(PinnedLimitError);
    commit(harness, 'pinnedBefore', grow(10_000));
    expect(harness.store.retained.bytes).toBeGreaterThan(LIMIT + 9000);
    expect(() => commit(harness, 'pinnedBefore', grow(30_000))).toThrow(
      `of at most ${LIMIT + RESERVE} bytes: delete some`,
    );
    // Others may not grow before the reserve is free again, but shrink.
    expect(() => commit(harness, 'none', () => harness.open('p').set('more', 'x'.repeat(100)))).toThrow(
      PinnedLimitError,
    );
    commit(harness, 'none', () => harness.open('p').set('field0', 'x'));
    commit(harness, 'none', () => harness.open('p').set('more', 'x'.repeat(100)));
    expect(harness.store.retained.bytes).toBeLessThan(LIMIT);
  });

  test('is not for objects that the call makes or pins, unless it loads them', () => {
    const harness = fullHarness();
    const make = () => fields(1, 5000)(harness.create('new', true));
    const pin = () => {
      fields(1, 5000)(harness.open('evictable'));
      harness.pin('evictable');
    };
    for (const change of [make, pin]) {
      expect(() => commit(harness, 'pinnedBefore', change)).toThrow(`of at most ${LIMIT} bytes: delete some`);
    }
    commit(harness, 'pinnedBefore', () => {
      fields(1, 5000)(harness.open('evictable'));
      harness.open('o').set('more', 'x'.repeat(5000));
    });
    commit(harness, 'all', make);
    expect(harness.store.retained.bytes).toBeGreaterThan(LIMIT + 9000);
  });

  test('leaves a part of the memory to what can be evicted, whatever the limit', () => {
    const { retained, limitBytes } = new TableHarness(MEBIBYTE, undefined, undefined, { percent: 90 }).store;
    expect(retained.limitBytes + retained.reserveBytes).toBeLessThanOrEqual(limitBytes * 0.9);
  });
});

describe('a pinned object', () => {
  test('is not evicted, and no eviction passes over it', () => {
    const harness = harnessOf();
    for (let number = 0; number < 150; number++) makePinned(harness, `o${number}`, fields(2 + (number % 20)));
    harness.write('evictable', fields(30), true);
    overflow(harness, 10);
    for (let number = 0; number < 150; number++) expect(harness.find(`o${number}`)).not.toBe(0);
    expect(harness.find('evictable')).toBe(0);
    // The LRU list has none of them.
    checkStore(harness.store);
  });

  test('may be evicted again once no pin is left', () => {
    const harness = harnessOf();
    makePinned(harness, 'o', fields(30));
    harness.write('o', () => harness.pin('o'));
    harness.begin();
    harness.tryOpen('o', true, false);
    harness.tables.commit();
    overflow(harness, 2);
    expect(harness.find('o')).not.toBe(0);
    harness.write('o', () => harness.pin('o', false));
    expect([harness.store.retained.count, harness.store.retained.bytes]).toEqual([0, 0]);
    overflow(harness, 2);
    expect(harness.find('o')).toBe(0);
    checkStore(harness.store);
  });

  test('stays pinned where the store lays its item out again for a token or an expiry', () => {
    const harness = harnessOf();
    harness.write('o', (table) => table.set('a', 1), true);
    harness.write('o', () => harness.pin('o'));
    const moved = harness.store.ensureCas(harness.find('o'));
    expect(moved).not.toBe(0);
    expect([harness.store.retained.count, harness.store.retained.bytes]).toEqual([1, bytesOf(harness, 'o')]);
    checkStore(harness.store);
  });

  test('is listed with the others', () => {
    const harness = harnessOf();
    makePinned(harness, 'o', fields(3));
    harness.set('plain', 3);
    expect(harness.keys()).toEqual(['plain', 'o']);
  });
});

describe('a lowered memory limit', () => {
  test('lowers what pinned objects may take, and keeps those that there are', () => {
    const harness = harnessOf(8);
    for (let number = 0; number < 10; number++) makePinned(harness, `o${number}`, fields(200, 800));
    for (let number = 0; number < 1500; number++) harness.set(`plain${number}`, 5000);
    const { retained, memoryLimit } = harness.store;
    const { bytes } = retained;
    expect(bytes).toBeGreaterThan(1.5 * MEBIBYTE);
    expect(memoryLimit.refusal(4 * MEBIBYTE)).toBeUndefined();
    memoryLimit.set(4 * MEBIBYTE);
    expect(retained.limitBytes).toBe(MEBIBYTE);
    let progress = 'more';
    while (progress === 'more') {
      let looks = 20;
      progress = memoryLimit.slice(() => looks-- <= 0);
    }
    expect(progress).toBe('done');
    checkStore(harness.store);
    for (let number = 0; number < 10; number++) expect(harness.read(`o${number}`, ({ count }) => count)).toBe(200);
    expect(() => harness.write('o1', (table) => table.set('more', 'x'.repeat(100)))).toThrow(PinnedLimitError);
    harness.write('o1', (table) => table.delete('field0'));
    checkStore(harness.store);
  });

  test('is refused where pinned objects would take nearly all', () => {
    const harness = new TableHarness(16 * MEBIBYTE, undefined, undefined, { percent: 90 });
    for (let number = 0; number < 10; number++) makePinned(harness, `o${number}`, fields(60, 10_000));
    const { retained, memoryLimit } = harness.store;
    expect(retained.bytes).toBeGreaterThan(5.5 * MEBIBYTE);
    expect(memoryLimit.refusal(6 * MEBIBYTE)).toEqual({
      bound: 'atLeast',
      bytes: Math.ceil(retained.bytes / 0.9),
      reason: 'retained',
    });
    expect(memoryLimit.refusal(8 * MEBIBYTE)).toBeUndefined();
  });
});
