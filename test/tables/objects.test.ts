// Objects that hold tables: opened, created, replaced, expired, evicted, limited and freed. The content of a table: tables.test.ts.

import { describe, expect, test } from 'vitest';
import { unitsOfFree } from '../../src/arena/chunk.js';
import type { Literal, Table } from '../../src/objects/types/object-type.js';
import { MISSING, OBJECT, OutOfMemoryError, PLAIN } from '../../src/tables/table-store.js';
import { checkStore } from '../store/checker.js';
import { contentOf, TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;

describe('objects', () => {
  test('are found, created, abandoned, replaced, and expire', () => {
    const harness = new TableHarness(MEBIBYTE);
    harness.set('plain', 5);
    harness.begin();
    expect(harness.tables.peek(harness.place('plain'), 5)).toBe(PLAIN);
    expect(harness.tables.open(harness.place('plain'), 5, true)).toBe(PLAIN);
    expect(harness.tables.open(harness.place('none'), 4, true)).toBe(MISSING);
    harness.create('o').set('a', 1);
    expect(harness.tables.peek(harness.place('o'), 1)).toBe(MISSING);
    expect(harness.open('o').get('a')).toBe(1);
    harness.create('gone').set('a', { b: 'x'.repeat(2000) });
    harness.abandonLast();
    expect(harness.tryOpen('gone')).toBeUndefined();
    harness.tables.expire(harness.place('o'), 1, harness.clock.now + 10);
    harness.tables.commit();
    checkStore(harness.store);
    expect(harness.find('gone')).toBe(0);
    expect(harness.store.expiresAt(harness.find('o'))).toBe(harness.clock.now + 10);
    harness.write('o', (table) => table.set('b', 'x'.repeat(600)), true);
    expect(harness.store.expiresAt(harness.find('o'))).toBe(0);
    harness.begin();
    expect(harness.tables.peek(harness.place('o'), 1)).toBe(OBJECT);
    expect(contentOf(harness.open('o'))).toEqual([['b', 'x'.repeat(600)]]);
    harness.tables.expire(harness.place('o'), 1, harness.clock.now + 5);
    harness.tables.commit();
    harness.advance(6);
    expect(harness.find('o')).toBe(0);
    checkStore(harness.store);
  });

  test('take no more memory than they need, whatever was made before them', () => {
    const harness = new TableHarness(MEBIBYTE);
    const bytesOf = (key: string, text: string): number => {
      const before = harness.store.usedBytes;
      harness.write(key, (table) => table.set('a', text), true);
      return harness.store.usedBytes - before;
    };
    const alone = bytesOf('s1', '');
    expect(bytesOf('l1', 'x'.repeat(240))).toBe(alone + 240);
    expect(bytesOf('s2', '')).toBe(alone);
    expect(bytesOf('l2', 'x'.repeat(500))).toBeGreaterThan(alone + 496);
    expect(bytesOf('s3', '')).toBe(alone);
    harness.begin();
    harness.create('s4');
    harness.tables.rollback();
    expect(bytesOf('s5', '')).toBe(alone);
    checkStore(harness.store);
  });

  test('find each of many nested tables again, and one that was deleted and made again, within a call', () => {
    const harness = new TableHarness(MEBIBYTE);
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
    harness.write(
      'o',
      (table) => {
        for (const name of names) table.child(name).set('first', name);
        const old = names.map((name) => table.child(name));
        for (const name of ['n1', 'n15']) {
          table.delete(name);
          expect(() => old[names.indexOf(name)].get('first')).toThrow('deleted');
          table.child(name).set('second', name);
        }
        for (const [index, name] of names.entries()) {
          const field = index === 1 || index === 15 ? 'second' : 'first';
          expect(contentOf(table.child(name))).toEqual([[field, name]]);
        }
      },
      true,
    );
    checkStore(harness.store);
  });

  test('have handles that are invalid after the call', () => {
    const harness = new TableHarness(MEBIBYTE);
    const kept = harness.write('o', (table) => table, true);
    expect(() => kept.get('a')).toThrow('beyond its call');
    harness.begin();
    harness.open('o');
    expect(() => kept.set('a', 1)).toThrow('beyond its call');
    harness.tables.rollback();
  });

  test('opened for reading are not changed', () => {
    const harness = new TableHarness(MEBIBYTE);
    harness.write('o', (table) => table.set('a', { b: 1 }), true);
    harness.begin();
    const table = harness.open('o', false);
    expect(() => table.set('a', 1)).toThrow('reading only');
    expect(() => table.child('a').delete('b')).toThrow('reading only');
    harness.open('o', true);
    table.child('a').set('b', 2);
    harness.tables.commit();
    expect(harness.read('o', contentOf)).toEqual([['a', [['b', 2]]]]);
  });

  test('keep their content when a client touches them or asks for their CAS token', () => {
    const harness = new TableHarness(MEBIBYTE);
    for (const fields of [3, 100]) {
      const key = `o${fields}`;
      harness.write(
        key,
        (table) => {
          for (let index = 0; index < fields; index++) table.set(index, `value${index}`);
        },
        true,
      );
      const before = harness.read(key, contentOf);
      harness.store.touch(harness.find(key), harness.clock.now + 100);
      const item = harness.store.ensureCas(harness.find(key));
      const token = harness.store.casLow(item);
      expect(harness.read(key, contentOf)).toEqual(before);
      expect(harness.store.casLow(harness.find(key))).toBe(token);
      for (let index = 0; index < 40; index++) harness.write(key, (table) => table.set(`more${index}`, index));
      expect(harness.store.casLow(harness.find(key))).toBeGreaterThan(token);
      expect(harness.store.expiresAt(harness.find(key))).toBe(harness.clock.now + 100);
      expect(harness.read(key, contentOf).slice(0, fields)).toEqual(before);
      checkStore(harness.store);
    }
  });

  test('in use are not evicted, and a call that leaves nothing to evict fails as a whole', () => {
    const harness = new TableHarness(256 * 1024);
    harness.write('big', (table) => table.set('first', 1), true);
    for (let index = 0; index < 3000; index++) harness.set(`plain${index}`, 50);
    harness.write('big', (table) => table.set('second', 2), true);
    let made = 0;
    expect(() =>
      harness.write('big', (table) => {
        for (; made < 100_000; made++) table.set(`member${made}`, true);
      }),
    ).toThrow(OutOfMemoryError);
    expect(made).toBeGreaterThan(2000);
    expect(harness.read('big', contentOf)).toEqual([['second', 2]]);
    checkStore(harness.store);
  });

  test('are not committed by a method that catches the lack of memory', () => {
    const harness = new TableHarness(256 * 1024);
    harness.write('o', (table) => table.set('a', 1), true);
    harness.begin();
    const table = harness.open('o');
    expect(() => table.set('b', 'x'.repeat(300_000))).toThrow(OutOfMemoryError);
    table.set('c', 1);
    expect(() => harness.tables.commit()).toThrow(OutOfMemoryError);
    expect(harness.read('o', contentOf)).toEqual([['a', 1]]);
    checkStore(harness.store);
  });

  test('of many fields are deleted immediately and freed a few fields at a time', () => {
    const harness = new TableHarness(8 * MEBIBYTE);
    const used = harness.store.usedBytes;
    for (const end of ['delete', 'flush', 'replace', 'expire'] as const) {
      harness.write(
        'o',
        (table) => {
          for (let index = 0; index < 20_000; index++)
            table.set(`member${index}`, index % 100 === 0 ? { a: [index] } : true);
          const nested = table.child('nested');
          for (let index = 0; index < 1000; index++) nested.set(index, 'x'.repeat(index));
        },
        true,
      );
      if (end === 'delete') harness.store.remove(harness.find('o'));
      if (end === 'flush') harness.store.flushAll();
      if (end === 'replace') harness.set('o', 3);
      if (end === 'expire') {
        harness.store.touch(harness.find('o'), harness.clock.now + 5);
        harness.advance(5);
      }
      checkStore(harness.store);
      for (let turn = 0; turn < 3; turn++) harness.store.tick();
      expect(harness.store.usedBytes).toBeGreaterThan(used + 100_000);
      checkStore(harness.store);
      for (let turn = 0; turn < 200; turn++) harness.store.tick();
      if (end === 'replace') harness.store.remove(harness.find('o'));
      expect(harness.store.usedBytes).toBe(used);
      expect(harness.store.index.entries).toBe(0);
    }
  });

  test('are limited to half of the memory', () => {
    const harness = new TableHarness(2 * MEBIBYTE);
    harness.write('o', (table) => table.set('a', 1), true);
    const fill = (table: Table) => {
      for (let index = 0; index < 1000; index++) table.child('nested').set(`k${index}`, 'x'.repeat(2000));
    };
    expect(() => harness.write('o', fill)).toThrow('half of the memory');
    expect(harness.read('o', contentOf)).toEqual([['a', 1]]);
    checkStore(harness.store);
  });

  test('too large for a result fail with one error line', () => {
    const harness = new TableHarness(MEBIBYTE, 1000);
    harness.write('o', (table) => table.set('a', 'x'.repeat(1001)), true);
    expect(() => harness.read('o', (table) => table.join('values', ''))).toThrow('more than 1000 bytes');
    expect(() => harness.read('o', (table) => table.toJson())).toThrow('more than 1000 bytes');
  });

  test('work beyond 4 GiB', () => {
    const harness = new TableHarness(5 * 1024 * MEBIBYTE);
    const { bins, regions } = harness.store.allocator;
    while (regions.startOf(regions.open()) * 8 < 2 ** 32);
    bins.forEach((chunk) => {
      bins.remove(chunk, unitsOfFree(harness.arena.words[chunk * 2]));
    });
    const fields = Object.fromEntries([...Array(100).keys()].map((index) => [`k${index}`, 'x'.repeat(index * 30)]));
    harness.write('o', (table) => table.set('nested', { ...fields, list: [1, 2, 3] }), true);
    harness.write('small', (table) => table.set('a', 1), true);
    expect(harness.find('o') * 8).toBeGreaterThan(2 ** 32);
    harness.begin();
    harness.open('o').child('nested').child('list').set(1, 'gone');
    harness.open('o').child('nested').delete('k99');
    harness.open('small').set('a', 2);
    harness.tables.rollback();
    harness.write('small', (table) => table.set('b', 'x'.repeat(300)));
    expect(harness.read('small', contentOf)).toEqual([
      ['a', 1],
      ['b', 'x'.repeat(300)],
    ]);
    expect(JSON.parse(harness.read('o', (table) => table.toJson()))).toEqual({
      nested: { ...fields, list: [1, 2, 3] },
    });
    harness.store.remove(harness.find('o'));
    for (let turn = 0; turn < 20; turn++) harness.store.tick();
    expect(harness.store.index.entries).toBe(1);
  });

  test('are limited in nesting', () => {
    const harness = new TableHarness(MEBIBYTE);
    const circular: { self?: Literal } = {};
    circular.self = circular as Literal;
    expect(() => harness.write('o', (table) => table.set('a', circular as Literal), true)).toThrow('32 deep');
    checkStore(harness.store);
  });
});
