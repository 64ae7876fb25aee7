// The cost of objects: bytes of objects and members with their share of the index, and how long freeing a large one holds the thread.

import { expect, test } from 'vitest';
import { checkStore } from '../store/checker.js';
import { TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;
const OBJECTS = 4000;
const MEMBERS = process.env.LONG_TESTS === undefined ? 100_000 : 1_000_000;

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0');
}

/** The bytes per object when there are many. */
function bytesEach(make: (harness: TableHarness, index: number) => void): number {
  const harness = new TableHarness(16 * MEBIBYTE);
  const before = harness.store.usedBytes;
  for (let index = 0; index < OBJECTS; index++) make(harness, index);
  return (harness.store.usedBytes - before) / OBJECTS;
}

test('a quota takes at most 120 bytes', () => {
  const bytes = bytesEach((harness, index) => {
    harness.write(
      `quota$user${digits(index, 7)}`,
      (table) => {
        table.set('limit', 1000);
        table.set('period', 'hour');
        table.set('used', 17);
        table.set('ends', 1_790_000_000);
      },
      true,
    );
  });
  expect(bytes).toBeLessThanOrEqual(120);
});

test('a counter of 16 values takes at most 180 bytes', () => {
  const bytes = bytesEach((harness, index) => {
    const key = `swcounter$c${digits(index, 6)}`;
    harness.write(key, (table) => table.set('size', 16), true);
    for (let added = 0; added < 20; added++) {
      harness.write(key, (table) => {
        table.child('values').set((added % 16) + 1, (index * 7 + added * 61) % 1000);
        table.set('added', added);
      });
    }
  });
  expect(bytes).toBeLessThanOrEqual(180);
});

test('a member of a large set takes at most 45 bytes, and deleting the set holds the thread for at most 10 ms', () => {
  const harness = new TableHarness(128 * MEBIBYTE);
  harness.write('other', (table) => table.set('a', 1), true);
  const before = harness.store.usedBytes;
  fill(harness, (index) => [`member${digits(index, 7)}`, true]);
  expect((harness.store.usedBytes - before) / MEMBERS).toBeLessThanOrEqual(45);
  const longestMs = longestStepOfFreeing(harness);
  expect(longestMs).toBeLessThanOrEqual(10);
  expect(harness.store.usedBytes).toBe(before);
  checkStore(harness.store);
});

test('a member of a large ordered index takes at most 64 bytes, and deleting the index holds the thread for at most 10 ms', () => {
  for (const ties of ['arrival', 'bytes'] as const) {
    const harness = new TableHarness(128 * MEBIBYTE);
    harness.write('other', (table) => table.set('a', 1), true);
    const before = harness.store.usedBytes;
    harness.write('object', (table) => table.ordered('index', ties), true);
    for (let index = 0; index < MEMBERS; index += 1000) {
      harness.write('object', (table) => {
        const ordered = table.ordered('index');
        for (let offset = 0; offset < 1000; offset++) {
          ordered.set(`member${digits(index + offset, 7)}`, ((index + offset) * 48_271) % 2_147_483_647);
        }
      });
    }
    expect((harness.store.usedBytes - before) / MEMBERS).toBeLessThanOrEqual(64);
    const longestMs = longestStepOfFreeing(harness);
    expect(longestMs).toBeLessThanOrEqual(10);
    expect(harness.store.usedBytes).toBe(before);
    checkStore(harness.store);
  }
});

test('an ordered index of ten members takes at most 1,000 bytes', () => {
  const bytes = bytesEach((harness, index) => {
    harness.write(
      `board$user${digits(index, 7)}`,
      (table) => {
        const ordered = table.ordered('scores');
        for (let member = 0; member < 10; member++) ordered.set(`member${digits(member, 7)}`, member * 1.5);
      },
      true,
    );
  });
  expect(bytes).toBeLessThanOrEqual(1000);
});

test('a byte array takes at most 1.5 % and 180 bytes more than its bytes, with its object, and deleting one holds the thread for at most 10 ms', () => {
  for (const length of [10, 1000, 5000, 12_288, 64 * 1024, MEBIBYTE]) {
    const harness = new TableHarness(4 * MEBIBYTE);
    const before = harness.store.usedBytes;
    harness.write('object', (table) => table.bytes('bytes', length).fill(1), true);
    expect(harness.store.usedBytes - before).toBeLessThanOrEqual(length * 1.015 + 180);
  }
  const harness = new TableHarness(128 * MEBIBYTE);
  const before = harness.store.usedBytes;
  harness.write('object', (table) => table.bytes('bytes', 60 * MEBIBYTE).fill(1), true);
  let longestMs = millisecondsOf(() => harness.store.remove(harness.find('object')));
  while (harness.store.usedBytes > before) {
    longestMs = Math.max(
      longestMs,
      millisecondsOf(() => harness.store.tick()),
    );
  }
  expect(longestMs).toBeLessThanOrEqual(10);
  expect(harness.store.usedBytes).toBe(before);
});

test('a field of a large map takes at most 56 bytes', () => {
  const harness = new TableHarness(128 * MEBIBYTE);
  const before = harness.store.usedBytes;
  fill(harness, (index) => [`key${digits(index, 9)}`, `val${digits(index, 9)}`]);
  expect((harness.store.usedBytes - before) / MEMBERS).toBeLessThanOrEqual(56);
});

/** Removes the object and frees all of it; the longest that this holds the thread. */
function longestStepOfFreeing(harness: TableHarness): number {
  let longestMs = millisecondsOf(() => harness.store.remove(harness.find('object')));
  // Code that runs for the first time is not yet compiled.
  for (let turn = 0; turn < 100; turn++) harness.store.tick();
  while (harness.store.index.entries > 1)
    longestMs = Math.max(
      longestMs,
      millisecondsOf(() => harness.store.tick()),
    );
  return longestMs;
}

/** CPU time of a step. */
function millisecondsOf(step: () => void): number {
  const start = process.cpuUsage();
  step();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function fill(harness: TableHarness, field: (index: number) => [string, string | boolean]): void {
  harness.write('object', () => {}, true);
  for (let index = 0; index < MEMBERS; index += 1000) {
    harness.write('object', (table) => {
      for (let offset = 0; offset < 1000; offset++) table.set(...field(index + offset));
    });
  }
}
