// Tables on the arena as methods see them: values of every kind, order, layouts, failing calls, invalid handles, bytes per field.

import { describe, expect, test } from 'vitest';
import type { Key, Scalar, Table } from '../../src/objects/types/object-type.js';
import type { StoredTable } from '../../src/tables/table-store.js';
import { checkStore } from '../store/checker.js';
import { contentOf, TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const SCALARS: readonly Scalar[] = [
  '',
  'a',
  '\0\r\n\xff',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(1100),
  'x'.repeat(5000),
  true,
  false,
  0,
  -0,
  1,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -1,
  -255,
  -(2 ** 32) + 1,
  -(2 ** 32),
  0.1,
  -1e300,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  Number.MIN_VALUE,
];

describe.each([
  ['packed', 0],
  ['spread', 200],
])('a %s table', (_form, others) => {
  function fresh(): TableHarness {
    const harness = new TableHarness(4 * MEBIBYTE);
    harness.write(
      't$k',
      (table) => {
        for (let index = 0; index < others; index++) table.set(`other${index}`, index);
      },
      true,
    );
    return harness;
  }

  test('keeps values of every kind exactly', () => {
    const harness = fresh();
    for (const value of SCALARS) {
      harness.write('t$k', (table) => table.set('key', value));
      expect(harness.read('t$k', (table) => table.get('key'))).toBe(value);
      harness.write('t$k', (table) => table.delete('key'));
      expect(harness.read('t$k', (table) => table.has('key'))).toBe(false);
      checkStore(harness.store);
    }
  });

  test('distinguishes keys by kind and bytes', () => {
    const harness = fresh();
    const keys: Key[] = [
      '1',
      1,
      '',
      '\0',
      '\0\0',
      'k'.repeat(126),
      'k'.repeat(127),
      'k'.repeat(300),
      0,
      -1,
      1.5,
      2 ** 40,
      -1e9,
    ];
    harness.write('t$k', (table) => {
      keys.forEach((key, index) => {
        table.set(key, index);
      });
    });
    harness.read('t$k', (table) => {
      keys.forEach((key, index) => {
        expect(table.get(key)).toBe(index);
      });
      expect([...table.keys()].slice(others)).toEqual(keys);
      expect(table.count).toBe(others + keys.length);
      expect(table.get(-0)).toBe(keys.indexOf(0));
    });
    checkStore(harness.store);
  });

  test('refuses keys and values that it cannot store', () => {
    const harness = fresh();
    const attempt = (change: (table: StoredTable) => void) => () => harness.write('t$k', change);
    expect(attempt((table) => table.set({} as unknown as string, 1))).toThrow('not an object');
    expect(attempt((table) => table.set(Number.NaN, 1))).toThrow('a key cannot be NaN; check how it was computed');
    expect(attempt((table) => table.set('k'.repeat(961), 1))).toThrow('at most 960 bytes');
    expect(attempt((table) => table.set('\u0100', 1))).toThrow('utf8Encode');
    expect(attempt((table) => table.set('k', `${'v'.repeat(100)}\u0100`))).toThrow('utf8Encode');
    expect(attempt((table) => table.set('k', undefined as never))).toThrow('cannot hold nothing');
    expect(attempt((table) => table.set('k', null as never))).toThrow('cannot hold null');
    expect(attempt((table) => table.set('k', (() => 1) as never))).toThrow('cannot hold a function');
    checkStore(harness.store);
  });

  test('an overwritten field keeps its place, a new one goes to the end', () => {
    const harness = fresh();
    harness.write('t$k', (table) => {
      for (const key of ['a', 'b', 'c']) table.set(key, 1);
      table.set('a', 'longer than before, by far');
      table.delete('b');
      table.set('b', 2);
    });
    expect(harness.read('t$k', contentOf).slice(others)).toEqual([
      ['a', 'longer than before, by far'],
      ['c', 1],
      ['b', 2],
    ]);
  });

  test('fields can be deleted and set during a walk', () => {
    const harness = fresh();
    harness.write('t$k', (table) => {
      for (let index = 0; index < 20; index++) table.set(index, index);
      const seen: Key[] = [];
      for (const [key] of table.entries()) {
        if (typeof key === 'string') continue;
        seen.push(key);
        if (key % 2 === 0) table.delete(key);
        if (key === 4) table.delete(5);
        if (key === 7) table.set(7, 'seven times seven');
        if (key === 19) table.set(100, 'late');
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 100]);
    });
    expect(harness.read('t$k', (table) => [...table.keys()].slice(others))).toEqual([1, 3, 7, 9, 11, 13, 15, 17, 19]);
    checkStore(harness.store);
  });

  test('a walk by keys continues from a key that was deleted', () => {
    const harness = fresh();
    harness.write('t$k', (table) => {
      for (let index = 0; index < 20; index++) table.set(index, index);
      const seen: number[] = [];
      for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
        table.delete(key);
        if (typeof key === 'number') seen.push(key);
      }
      expect(seen).toEqual([...Array(20).keys()]);
      expect(table.count).toBe(0);
    });
    checkStore(harness.store);
  });

  test('stores tables in tables', () => {
    const harness = fresh();
    const literal = { name: 'n', list: [1, 2, 'three', true], deep: { deeper: { deepest: 'd'.repeat(2000) } } };
    harness.write('t$k', (table) => table.set('nested', literal));
    checkStore(harness.store);
    expect(JSON.parse(harness.read('t$k', (table) => (table.get('nested') as StoredTable).toJson()))).toEqual(literal);
    harness.write('t$k', (table) => {
      const list = (table.get('nested') as Table).child('list');
      for (let index = 5; index < 500; index++) list.set(index, index);
      table.child('nested').set('list2', 7);
      expect(list.count).toBe(499);
      table.set('copy', table.get('nested') as never);
    });
    checkStore(harness.store);
    harness.read('t$k', (table) => {
      expect(table.child('copy').child('list').get(499)).toBe(499);
      expect(contentOf(table.child('copy'))).toEqual(contentOf(table.child('nested')));
      expect(table.child('copy').same(table.child('copy'))).toBe(true);
      expect(table.child('copy').same(table.child('nested'))).toBe(false);
    });
    harness.write('t$k', (table) => table.delete('nested'));
    checkStore(harness.store);
  });

  test('a handle of a nested table becomes invalid with the table', () => {
    const harness = fresh();
    harness.write('t$k', (table) => {
      const child = table.child('a');
      child.child('b').set('x', 1);
      const grandchild = child.child('b');
      table.set('a', 1);
      expect(() => child.set('x', 1)).toThrow('deleted');
      expect(() => grandchild.get('x')).toThrow('deleted');
      expect(() => table.child('a')).toThrow("field 'a' holds a number, not a table; delete it first");
      table.set('a', {});
      table.child('a').set('y', 1);
      expect(() => child.get('y')).toThrow('deleted');
    });
  });

  test('a call that is rolled back leaves no trace', () => {
    const harness = fresh();
    harness.write('t$k', (table) => {
      table.set('a', 1);
      table.set('b', 'text');
      table.set('nested', { x: 1, y: { z: 2 } });
    });
    const before = harness.read('t$k', (table) => JSON.stringify(contentOf(table)));
    for (const length of [1, 30, 1000, 5000]) {
      harness.begin();
      const table = harness.open('t$k');
      for (let index = 0; index < length; index++) table.set(`new${index}`, 'x'.repeat(index % 50));
      table.set('a', 'x'.repeat(length));
      table.delete('b');
      table.set('b', 5);
      table.child('nested').child('y').set('z', 'x'.repeat(length));
      table.child('nested').set('y', 1);
      table.delete('nested');
      table.child('nested').set('again', 1);
      table.clear();
      table.set('late', 1);
      harness.tables.rollback();
      checkStore(harness.store);
      expect(harness.read('t$k', (other) => JSON.stringify(contentOf(other)))).toBe(before);
    }
  });

  test('joins fields and writes JSON', () => {
    const harness = fresh();
    harness.write('t$k', (table) => {
      table.clear();
      for (let index = 0; index < others + 2; index++) table.set(`k${index}`, index);
      table.set('long', 'x'.repeat(3000));
    });
    harness.read('t$k', (table) => {
      const plain = Object.fromEntries(contentOf(table));
      expect(table.join('keys', ',')).toBe(`${Object.keys(plain).join(',')},`);
      expect(table.join('values', '')).toBe(Object.values(plain).join(''));
      expect(table.join('entries', '\r\n', ' : ').startsWith('k0 : 0\r\nk1 : 1\r\n')).toBe(true);
      expect(JSON.parse(table.toJson())).toEqual(plain);
    });
  });
});

describe('fields', () => {
  test('can be set to arrays of bytes and read as strings, and each key leads to the next', () => {
    const harness = new TableHarness(MEBIBYTE);
    harness.write(
      'o',
      (table) => {
        table.set('k', bytes('value') as unknown as string);
        table.set('long', bytes('x'.repeat(4000)) as unknown as string);
        table.set(7, 1.5);
        expect(table.get('k')).toBe('value');
        expect(table.get('long')).toBe('x'.repeat(4000));
        expect(table.nextKey(undefined)).toBe('k');
        expect(table.nextKey('k')).toBe('long');
        expect(table.nextKey('long')).toBe(7);
        expect(table.nextKey(7)).toBeUndefined();
        expect(table.nextKey()).toBe('k');
        expect(table.nextKey('none')).toBeUndefined();
        expect(table.delete('k')).toBe(true);
        expect(table.delete('k')).toBe(false);
      },
      true,
    );
  });

  test('copies an argument directly from its bytes', () => {
    const harness = new TableHarness(MEBIBYTE);
    const text = 'an argument that is longer than what a loop encodes, by a few bytes';
    harness.write('o', () => {}, true);
    harness.spans.add(harness.place(text), text.length);
    harness.write('o', (table) => {
      const argument = harness.spans.string(0);
      table.set(argument, argument);
      expect(table.get(text)).toBe(text);
    });
  });
});
