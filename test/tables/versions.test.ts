// The version of an object lies in the header of its table and stays with it, whatever happens to the table.

import { describe, expect, test } from 'vitest';
import type { StoredTable } from '../../src/tables/table-store.js';
import { checkStore } from '../store/checker.js';
import { TableHarness } from './harness.js';

const KEY = 'type$object';

function versionOf(harness: TableHarness): number {
  return harness.read(KEY, () => harness.tables.versions.at(harness.place(KEY), KEY.length));
}

function made(version: number): TableHarness {
  const harness = new TableHarness(1024 * 1024);
  harness.begin();
  harness.tables.create(harness.place(KEY), KEY.length, false, version).set('k', 1);
  harness.tables.commit();
  return harness;
}

const CHANGES: Readonly<Record<string, (table: StoredTable, harness: TableHarness) => unknown>> = {
  'new fields': (table) => table.set('new', 'text'),
  'as many fields as a packed table holds': (table) => {
    table.clear();
    for (let index = 0; index < 298; index++) table.set(index, false);
  },
  'growth beyond a packed table': (table) => {
    for (let index = 0; index < 100; index++) table.set(`field${index}`, 'text');
  },
  'an ordered index': (table) => table.ordered('index').set('m', 1),
  'emptying it': (table) => table.clear(),
  'emptying it when it has grown': (table) => {
    for (let index = 0; index < 100; index++) table.set(`field${index}`, 'text');
    table.clear();
  },
  'use as a list': (table) => table.push('a', 'b'),
  'an expiry': (_table, { tables, place, clock }) => tables.expire(place(KEY), KEY.length, clock.now + 100),
};

describe('the version of an object', () => {
  test.each([1, 2, 7])('is %i as long as nothing changes it', (version) => {
    for (const [name, change] of Object.entries(CHANGES)) {
      const harness = made(version);
      harness.place = harness.place.bind(harness);
      harness.write(KEY, (table) => change(table, harness));
      expect([name, versionOf(harness)]).toEqual([name, version]);
      harness.store.touch(harness.find(KEY), 0);
      harness.store.ensureCas(harness.find(KEY));
      expect([name, versionOf(harness)]).toEqual([name, version]);
      checkStore(harness.store);
    }
  });

  test('is changed with the call, and only if the call commits', () => {
    for (const change of Object.values(CHANGES)) {
      const harness = made(3);
      harness.place = harness.place.bind(harness);
      harness.write(KEY, (table) => change(table, harness));
      const before = harness.read(KEY, (table) => table.toJson());
      harness.begin();
      const table = harness.open(KEY, false);
      harness.tables.versions.upgrade(harness.place(KEY), KEY.length, 4, () => table.set('upgraded', true));
      expect(() => table.set('more', 1)).toThrow('open for reading only');
      harness.tables.rollback();
      expect([versionOf(harness), harness.read(KEY, (table) => table.toJson())]).toEqual([3, before]);
      harness.begin();
      harness.open(KEY, false);
      harness.tables.versions.upgrade(harness.place(KEY), KEY.length, 4, () => {});
      harness.tables.commit();
      expect([versionOf(harness), harness.read(KEY, (table) => table.toJson())]).toEqual([4, before]);
      checkStore(harness.store);
    }
  });

  test('does not pass to a copy of the table within another object', () => {
    const harness = made(5);
    harness.begin();
    const copy = harness.create('type$copy');
    copy.set('copy', harness.open(KEY) as never);
    expect(harness.tables.versions.at(harness.place('type$copy'), 'type$copy'.length)).toBe(1);
    harness.tables.commit();
    expect(versionOf(harness)).toBe(5);
  });
});
