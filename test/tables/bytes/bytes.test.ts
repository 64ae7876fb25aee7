// Byte arrays against arrays of JavaScript: random changes, committed and rolled back, and changes of which each internal step fails once. The
// whole arena is checked in between.

import { describe, expect, test } from 'vitest';
import type { ByteArray, Table } from '../../../src/objects/types/object-type.js';
import { OutOfMemoryError } from '../../../src/tables/table-store.js';
import { Random } from '../../bench/load/random.js';
import { checkStore } from '../../store/checker.js';
import { failStep } from '../failed-step.js';
import { FaultInjector } from '../fault-injector.js';
import { TableHarness } from '../harness.js';
import { BytesModel, changeBytes, lookAtBytes } from './bytes-model.js';

const KEY = 'type$object';
const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;
const isLong = process.env.LONG_TESTS !== undefined;
const OPERATIONS = isLong ? 20_000 : 800;
/** In short runs, ever more steps are skipped after this many. */
const ALL_STEPS = 60;

/** On both sides of each length at which an array gets another level, and lengths that end within a word. */
const LENGTHS = [1, 3, 8, 100, 1021, 1024, 1025, 1030, 5000, 256 * KIBIBYTE, 256 * KIBIBYTE + 1, MEBIBYTE + 7];

test.each(LENGTHS)('an array of %i bytes is as one of JavaScript', (length) => {
  const harness = new TableHarness(16 * MEBIBYTE);
  const random = new Random(length);
  let models = [new BytesModel(length), new BytesModel(length)];
  harness.write(KEY, (table) => [table.bytes('one', length), table.bytes('two', length)], true);
  for (let done = 0; done < OPERATIONS; ) {
    const changed = models.map((model) => model.copy());
    const isUndone = random.below(4) === 0;
    harness.begin();
    const table = harness.open(KEY);
    const arrays = [table.bytes('one'), table.bytes('two', length)];
    for (let count = 1 + random.below(40); count > 0; count--, done++) {
      const which = random.below(2);
      const other = [arrays[1 - which], changed[1 - which]] as const;
      changeBytes(random, arrays[which], changed[which], other);
      if (random.below(4) === 0) lookAtBytes(random, arrays[which], changed[which], other);
    }
    if (isUndone) harness.tables.rollback();
    else harness.tables.commit();
    if (!isUndone) models = changed;
    checkStore(harness.store);
    harness.read(KEY, (read) => {
      models[0].compare(read.bytes('one'), 'one');
      models[1].compare(read.bytes('two'), 'two');
    });
  }
  harness.read(KEY, (table) => {
    expect(JSON.parse(table.toJson())).toEqual({ one: models[0].base64, two: models[1].base64 });
    expect(table.bytes('one').toObject()).toBe(models[0].base64);
  });
});

test('numbers that lie in two parts are whole', () => {
  const harness = new TableHarness(4 * MEBIBYTE);
  harness.write(
    KEY,
    (table) => {
      const array = table.bytes('a', 4096);
      for (let offset = 1016; offset <= 1024; offset++) {
        array.fill(0);
        array.setF64(offset, Math.PI);
        expect(array.getF64(offset)).toBe(Math.PI);
        array.setU32(offset, 0xfedc_ba98);
        expect(array.getU32(offset)).toBe(0xfedc_ba98);
        array.setU16(offset, 0xfedc);
        expect([array.getU16(offset), array.getU8(offset), array.getU8(offset + 1)]).toEqual([0xfedc, 0xdc, 0xfe]);
      }
    },
    true,
  );
});

interface Situation {
  make?(table: Table): void;
  change(table: Table): void;
}

const large = (table: Table): ByteArray => table.bytes('large', 300 * KIBIBYTE);

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'a new array': { change: (table) => table.bytes('new', 2000) },
  'a new array, and the first byte of it': { change: (table) => table.bytes('new', 2000).setU8(0, 1) },
  'the first byte': { make: large, change: (table) => large(table).setU8(290_000, 1) },
  'a byte that was written before': {
    make: (table) => large(table).setU8(7, 1),
    change: (table) => large(table).setU8(7, 2),
  },
  'a bit': { make: (table) => large(table).setBit(99), change: (table) => large(table).setBit(99, false) },
  'a number in two parts': { make: large, change: (table) => large(table).setF64(1020, 1.5) },
  'a long text': {
    make: (table) => large(table).fill(7),
    change: (table) => large(table).write(100, 'x'.repeat(5000)),
  },
  'a fill of all': { make: (table) => large(table).write(0, 'abc'), change: (table) => large(table).fill(9) },
  'a union of bits': {
    make: (table) => {
      table.bytes('other', 5000).fill(0xf0, 100, 3000);
      table.bytes('small', 5000).fill(0x3c, 2000);
    },
    change: (table) => table.bytes('small').orWith(table.bytes('other')),
  },
  'a maximum of bytes': {
    make: (table) => {
      table.bytes('other', 5000).fill(0xf0, 100, 3000);
      table.bytes('small', 5000).fill(0x3c, 2000);
    },
    change: (table) => table.bytes('small').maxWith(table.bytes('other')),
  },
  'a deletion': { make: (table) => large(table).fill(1), change: (table) => table.delete('large') },
  'another value in its place': {
    make: (table) => large(table).fill(1),
    change: (table) => {
      table.set('large', 'text');
      table.delete('large');
      table.bytes('large', 10).fill(2);
      table.set('large', { a: 1 });
    },
  },
  'a clear of the object around it': {
    make: (table) => large(table).fill(1),
    change: (table) => {
      large(table).fill(2);
      table.clear();
      large(table).setU8(1, 1);
    },
  },
};

/** Steps of long changes fail at growing distances, those of short ones each. */
function nextStep(step: number): number {
  return step < ALL_STEPS ? step + 1 : Math.ceil(step * (isLong ? 1.02 : 1.5));
}

describe.each([false, true])('in an arena that is full: %s', (isFull) => {
  test.each(Object.entries(SITUATIONS))(
    'each step of a change can fail and leaves no trace: %s',
    (_name, situation) => {
      const harness = new TableHarness(2 * MEBIBYTE);
      const { store } = harness;
      harness.write(KEY, (table) => situation.make?.(table), true);
      for (let index = 0; isFull && store.usedBytes < store.limitBytes - 4096; index++)
        harness.set(`plain${index}`, 4000);
      store.hit(harness.find(KEY));
      const injector = new FaultInjector(harness);
      const content = () => harness.read(KEY, (table) => table.toJson());
      const before = content();
      const usedBytes = () => {
        while (store.freeing.freeCondemned());
        return store.usedBytes - store.index.bytes;
      };
      const used = usedBytes();
      for (let step = 1; ; step = nextStep(step)) {
        const { isReached, place } = failStep(harness, injector, step, () => situation.change(harness.open(KEY)));
        expect(content(), place).toBe(before);
        if (!isFull) expect(usedBytes(), place).toBe(used);
        if (!isReached) break;
      }
      harness.write(KEY, situation.change);
      checkStore(store);
    },
  );
});

test('a bit takes as many internal steps in an array of a megabyte as in one of a kilobyte', () => {
  const stepsIn = (length: number): readonly number[] => {
    const harness = new TableHarness(16 * MEBIBYTE);
    harness.write(KEY, (table) => table.bytes('bits', length).fill(0xaa), true);
    const injector = new FaultInjector(harness);
    return [0, length * 4, length * 8 - 2].map((bit) => {
      harness.begin();
      const array = harness.open(KEY).bytes('bits');
      injector.arm(Number.POSITIVE_INFINITY);
      const before = harness.budget.stepsUsed;
      expect(array.setBit(bit)).toBe(true);
      const { steps } = injector;
      injector.disarm();
      harness.tables.commit();
      return steps * 1000 + harness.budget.stepsUsed - before;
    });
  };
  expect(stepsIn(MEBIBYTE)).toEqual(stepsIn(KIBIBYTE));
});

test('an array takes memory as it is written, and making it costs the same whatever its length', () => {
  const harness = new TableHarness(256 * MEBIBYTE);
  harness.write(KEY, () => {}, true);
  const used = (change: (table: Table) => void) => {
    const before = harness.store.usedBytes;
    harness.write(KEY, change);
    return harness.store.usedBytes - before;
  };
  const made = used((table) => table.bytes('small', 10));
  expect(used((table) => table.bytes('large', 100 * MEBIBYTE))).toBeLessThanOrEqual(made);
  expect(used((table) => table.bytes('large').setU8(99 * MEBIBYTE, 1))).toBeLessThan(5000);
  expect(used((table) => table.bytes('large').fill(0))).toBe(0);
  expect(used((table) => table.bytes('medium', 64 * KIBIBYTE).fill(1))).toBeLessThan(66 * KIBIBYTE);
  checkStore(harness.store);
});

test('an object with a large array is freed a few parts at a time, when it is deleted and when it is evicted', () => {
  const harness = new TableHarness(8 * MEBIBYTE);
  const before = harness.store.usedBytes;
  const make = () => harness.write(KEY, (table) => table.bytes('bits', 3 * MEBIBYTE).fill(255), true);
  make();
  expect(harness.store.usedBytes - before).toBeGreaterThan(3 * MEBIBYTE);
  harness.store.remove(harness.find(KEY));
  checkStore(harness.store);
  let turns = 0;
  while (harness.store.freeing.freeCondemned()) {
    if (++turns % 7 === 0) checkStore(harness.store);
  }
  expect(turns).toBeGreaterThan(20);
  expect(harness.store.usedBytes).toBe(before);
  make();
  for (let index = 0; harness.find(KEY) !== 0; index++) harness.set(`plain${index}`, 1000);
  checkStore(harness.store);
  for (let index = 0; index < 8000; index++) harness.set(`more${index}`, 1000);
  checkStore(harness.store);
});

test('writing evicts other items; where the array alone takes too much the call fails and leaves nothing', () => {
  const harness = new TableHarness(2 * MEBIBYTE);
  for (let index = 0; index < 2500; index++) harness.set(`plain${index}`, 1000);
  harness.write(KEY, (table) => table.bytes('bits', 900 * KIBIBYTE).fill(1), true);
  checkStore(harness.store);
  expect(() => harness.write(KEY, (table) => table.bytes('more', 900 * KIBIBYTE).fill(1))).toThrow(OutOfMemoryError);
  checkStore(harness.store);
  expect(harness.read(KEY, (table) => [...table.keys()])).toEqual(['bits']);
  expect(() => harness.write(KEY, (table) => table.bytes('huge', 2 * MEBIBYTE))).toThrow(
    'a byte array of 2097152 bytes takes more than half of the memory, 1048576 bytes',
  );
});

test('a handle ends with its call, and with its array', () => {
  const harness = new TableHarness(2 * MEBIBYTE);
  const kept = harness.write(KEY, (table) => table.bytes('bits', 10), true);
  expect(() => kept.getU8(0)).toThrow('the table was kept beyond its call');
  harness.write(KEY, (table) => {
    const array = table.bytes('bits');
    table.delete('bits');
    expect(() => array.getU8(0)).toThrow('the table was deleted');
    expect(() => array.setU8(0, 1)).toThrow('the table was deleted');
    expect(table.bytes('bits', 20).length).toBe(20);
  });
});
