// Each internal step of each change of a table fails once: afterwards the object is unchanged and all invariants hold.

import { describe, expect, test } from 'vitest';
import type { Table } from '../../src/objects/types/object-type.js';
import type { StoredTable } from '../../src/tables/table-store.js';
import { checkStore } from '../store/checker.js';
import { failStep } from './failed-step.js';
import { FaultInjector } from './fault-injector.js';
import { contentOf, TableHarness } from './harness.js';

const KEY = 'type$object';
const OTHER = 'type$other';
const isLong = process.env.LONG_TESTS !== undefined;
/** In short runs, an increasing number of steps is skipped after this many. */
const ALL_STEPS = 24;

const TEXT = 'x'.repeat(40);

function fill(table: Table, fields: number): void {
  for (let index = 0; index < fields; index++) table.set(`k${index}`, `${TEXT}${index}`);
  table.set(7, 'seven');
  table.set('long', 'y'.repeat(300));
  table.set('number', 12.5);
}

/** Kinds of tables: how the object is made, and which table of it is changed. */
const KINDS: Readonly<Record<string, { make(object: Table): void; table(object: StoredTable): StoredTable }>> = {
  packed: { make: (object) => fill(object, 3), table: (object) => object },
  'packed and nearly full': { make: (object) => fill(object, 5), table: (object) => object },
  hashed: {
    make: (object) => {
      fill(object, 40);
      object.set('chain', 'z'.repeat(3000));
    },
    table: (object) => object,
  },
  'packed in a packed one': {
    make: (object) => {
      object.set('before', 1);
      fill(object.child('nested'), 1);
      object.set('after', 2);
    },
    table: (object) => object.child('nested'),
  },
  'packed in a hashed one': {
    make: (object) => {
      fill(object, 40);
      fill(object.child('nested'), 3);
      fill(object.child('nested').child('deeper'), 0);
    },
    table: (object) => object.child('nested'),
  },
  'hashed in a hashed one': {
    make: (object) => {
      fill(object, 20);
      fill(object.child('nested'), 40);
      fill(object.child('nested').child('deeper'), 30);
    },
    table: (object) => object.child('nested'),
  },
};

type Change = (table: StoredTable, harness: TableHarness) => unknown;

const CHANGES: Readonly<Record<string, Change>> = {
  'a new field': (table) => table.set('new', 1),
  'a new long text': (table) => table.set('new', 'n'.repeat(500)),
  'a new text in pieces': (table) => table.set('new', 'n'.repeat(3000)),
  'a value of the same length': (table) => table.set('k0', `${'w'.repeat(40)}0`),
  'a shorter value': (table) => table.set('k0', 'w'),
  'a longer value': (table) => table.set('k0', 'w'.repeat(100)),
  'a text in pieces for a short one': (table) => table.set('k0', 'w'.repeat(5000)),
  'a short text for one in pieces': (table) => {
    table.set('chain', 'w'.repeat(2000));
    table.set('chain', 'w');
  },
  'a number key': (table) => table.set(7, 'eight'),
  'a nested table': (table) => table.set('nested', { a: [1, 2, { b: TEXT }], c: 'w'.repeat(300) }),
  'a large nested table': (table) =>
    table.set(
      'new',
      Array.from({ length: 60 }, (_, index) => `${TEXT}${index}`),
    ),
  'a nested table of another shape': (table) => {
    table.set('deeper', { a: 1 });
    table.set('deeper', [TEXT, TEXT]);
    table.set('deeper', 'none');
  },
  'fields of a child': (table) => {
    const child = table.child('deeper');
    for (let index = 0; index < 30; index++) child.set(`c${index}`, TEXT);
  },
  'a deletion': (table) => table.delete('k0'),
  'a deletion of a table': (table) => table.delete('deeper'),
  'deletions and new fields': (table) => {
    for (let index = 0; index < 5; index++) {
      table.delete(`k${index}`);
      table.set(`k${index}`, TEXT.repeat(3));
      table.set(`n${index}`, index);
    }
  },
  'a deletion of all fields one by one': (table) => {
    for (const [key] of table.entries()) table.delete(key);
  },
  'emptying it': (table) => table.clear(),
  'emptying and filling it': (table) => {
    table.clear();
    table.set('new', TEXT);
    table.clear();
    for (let index = 0; index < 25; index++) table.set(`n${index}`, TEXT);
  },
  'growth beyond a packed table': (table) => {
    for (let index = 0; index < 25; index++) table.set(`n${index}`, { n: TEXT });
  },
  'a new ordered index': (table) => {
    const index = table.ordered('index', 'bytes');
    for (let member = 0; member < 70; member++) index.set(`m${member}`, member % 7);
    index.popFirst();
  },
  'an ordered index that another value replaces': (table) => {
    table.ordered('index').set('m', 1);
    table.set('index', TEXT);
    table.delete('index');
    table.ordered('index').set('m', 1);
    table.clear();
  },
  'a new byte array': (table) => {
    const array = table.bytes('bytes', 3000);
    array.setBit(9);
    array.write(1000, TEXT);
    array.fill(7, 2900);
  },
  'a byte array that another value replaces': (table) => {
    table.bytes('bytes', 3000).fill(1);
    table.set('bytes', TEXT);
    table.delete('bytes');
    table.bytes('bytes', 10).setU8(1, 1);
    table.clear();
  },
  'additions to numbers': (table) => {
    table.add('number', 0.5);
    table.add('counter', 200);
    table.add('counter', 200);
  },
  'a list that is filled and emptied': (table) => {
    const list = table.child('list');
    list.push('a', { b: TEXT }, 3);
    list.shift();
    list.splice(1, 0, TEXT, TEXT);
    list.splice(2, 3);
    list.pop();
  },
  'a list that grows beyond a packed table': (table) => {
    const list = table.child('list');
    list.push(...Array.from({ length: 20 }, (_, index) => `${TEXT}${index}`));
    list.splice(3, 1, 'x', { y: [TEXT] });
    list.shift();
  },
  'another version': (table, harness) => {
    harness.tables.versions.upgrade(harness.place(KEY), KEY.length, 7, () => table.set('new', TEXT));
    table.clear();
  },
  'an expiry': (table, harness) => {
    table.set('new', 1);
    harness.tables.expire(harness.place(KEY), KEY.length, harness.clock.now + 100);
  },
  'another object in its place': (_table, harness) => {
    const made = harness.create(KEY);
    fill(made, 30);
    made.clear();
    made.set('new', TEXT);
  },
  'another object that is given up': (_table, harness) => {
    const made = harness.create(OTHER);
    fill(made, 30);
    harness.abandonLast();
  },
  'another object that is given up in its place': (table, harness) => {
    fill(harness.replace(KEY), 30);
    harness.abandonLast();
    table.set('k0', 'again');
  },
  'an object that is kept only if something is written to it': (_table, harness) => {
    harness.createIfWritten('type$empty');
    fill(harness.createIfWritten('type$filled'), 30);
    harness.remove('type$filled');
  },
  'a removal': (_table, harness) => {
    harness.remove(KEY);
    harness.remove(OTHER);
    harness.remove('type$none');
  },
  'changes and a removal': (table, harness) => {
    table.set('new', 'n'.repeat(500));
    table.set('more', { n: TEXT });
    table.delete('k0');
    harness.remove(KEY);
  },
  'removals and other objects in their places': (table, harness) => {
    table.clear();
    harness.remove(KEY);
    fill(harness.create(KEY), 30);
    harness.remove(KEY);
    harness.createIfWritten(KEY).set('new', TEXT);
    fill(harness.replace(OTHER), 3);
    harness.remove(OTHER);
  },
  'a pin of an object that grows': (table, harness) => {
    harness.pin(KEY);
    for (let index = 0; index < 30; index++) table.set(`n${index}`, TEXT);
    harness.open(OTHER).clear();
    harness.pin(OTHER, false);
  },
  'two objects': (table, harness) => {
    table.set('k0', 1);
    const other = harness.open(OTHER);
    other.set('new', 'n'.repeat(3000));
    other.clear();
  },
};

function made(kind: string, isFull: boolean): TableHarness {
  const harness = new TableHarness(1024 * 1024);
  harness.write(KEY, KINDS[kind].make, true);
  harness.write(
    OTHER,
    (object) => {
      fill(object, 30);
      harness.pin(OTHER);
    },
    true,
  );
  if (isFull) {
    const { store } = harness;
    for (let index = 0; store.usedBytes < store.limitBytes - 4096; index++) harness.set(`plain${index}`, 4000);
    // Both should be evicted last.
    for (const key of [OTHER, KEY]) harness.store.hitObject(harness.find(key));
  }
  return harness;
}

function contents(harness: TableHarness): unknown {
  harness.begin();
  const pins = (key: string) => harness.tables.parts.layout.pinsOf(harness.find(key));
  const all = [KEY, OTHER].map((key) => {
    const content = contentOf(harness.open(key, false));
    return [pins(key), harness.tables.versions.at(harness.place(key), key.length), content];
  });
  harness.tables.rollback();
  return all;
}

function stepsTo(step: number): number {
  return isLong || step < ALL_STEPS ? 1 : Math.ceil(step / 6);
}

describe.each(Object.keys(KINDS))('a table that is %s', (kind) => {
  describe.each(isLong || kind === 'hashed' ? [false, true] : [false])('in an arena that is full: %s', (isFull) => {
    test.each(Object.entries(CHANGES))('is as it was when a step of %s fails', (_name, change) => {
      const harness = made(kind, isFull);
      const { table } = KINDS[kind];
      const before = contents(harness);
      checkStore(harness.store);
      const injector = new FaultInjector(harness);
      for (let step = 1; ; step += stepsTo(step)) {
        const { isReached, place } = failStep(harness, injector, step, () => change(table(harness.open(KEY)), harness));
        expect(contents(harness), place).toEqual(before);
        if (!isReached) return;
      }
    });
  });
});
