// What survives a restart, on arenas in this process: items and their order, expiry, tokens, objects, a flush, a lowered limit, the clock.

import { expect, test } from 'vitest';
import { Clock } from '../../src/base/clock.js';
import { restoreClock, saveClock } from '../../src/memory-file/passed-time.js';
import { checkStore } from '../store/checker.js';
import { StoreHarness } from '../store/harness.js';
import { contentOf, TableHarness } from '../tables/harness.js';
import { MODEL_CASES, TableModel } from '../tables/model.js';
import { arenaAfterRestart, MEBIBYTE, TestMachine } from './restarted.js';

function restarted(harness: StoreHarness, machine = new TestMachine()): StoreHarness {
  const arena = arenaAfterRestart(harness.arena, machine);
  return new StoreHarness(arena.mostBytes, { arena, time: machine });
}

function filled(machine: TestMachine): StoreHarness {
  const harness = new StoreHarness(MEBIBYTE, { time: machine });
  for (let number = 0; number < 3000; number++) harness.set(`key${number}`, (number * 37) % 700, 65 + (number % 26));
  for (let number = 0; number < 3000; number += 7) harness.get(`key${number}`);
  return harness;
}

test('items keep their values, flags, tokens and order, and the invariants hold', () => {
  const machine = new TestMachine();
  const before = filled(machine);
  before.set('large', 100_000, 120, 4_294_967_295);
  const token = before.store.ensureCas(before.find('large'));
  const [high, low] = [before.store.casHigh(token), before.store.casLow(token)];
  const keys = before.keys();
  const values = keys.map((key) => before.value(before.find(key)));
  const after = restarted(before, machine);
  checkStore(after.store);
  expect(after.keys()).toEqual(keys);
  expect(keys.map((key) => after.value(after.find(key)))).toEqual(values);
  const large = after.find('large');
  expect(after.store.clientFlags(large)).toBe(4_294_967_295);
  expect([after.store.casHigh(large), after.store.casLow(large)]).toEqual([high, low]);
  const next = after.store.ensureCas(after.find('key2999'));
  expect(after.store.casLow(next)).toBe(low + 1);
});

test('items are evicted in the order in which they would have been evicted without a restart', () => {
  const machine = new TestMachine();
  const [straight, interrupted] = [filled(machine), filled(machine)];
  expect(interrupted.keys()).toEqual(straight.keys());
  const after = restarted(interrupted, machine);
  for (let number = 0; number < 2000; number++) {
    for (const harness of [straight, after]) harness.set(`later${number}`, (number * 53) % 2000);
    if (number % 100 === 0) expect(after.keys()).toEqual(straight.keys());
  }
  expect(after.keys()).toEqual(straight.keys());
  checkStore(after.store);
});

test('items expire while no server runs, and not before their time', () => {
  const machine = new TestMachine();
  const before = new StoreHarness(MEBIBYTE, { time: machine });
  for (const seconds of [1, 10, 300, 70_000, 2_500_000]) {
    before.set(`for${seconds}`, 10, 120, 0, before.clock.fromClient(seconds));
  }
  before.set('date', 10, 120, 0, before.clock.fromClient(1_700_000_000 + 100));
  const arena = before.arena;
  const later = new TestMachine();
  later.pass(250);
  const after = new StoreHarness(MEBIBYTE, { arena: arenaAfterRestart(arena, machine, later), time: later });
  after.clock.refresh();
  const alive = () =>
    ['for1', 'for10', 'date', 'for300', 'for70000', 'for2500000'].filter((key) => after.get(key) !== undefined);
  expect(alive()).toEqual(['for300', 'for70000', 'for2500000']);
  later.pass(60);
  after.clock.refresh();
  for (let ticks = 0; ticks < 10; ticks++) after.store.tick();
  expect(alive()).toEqual(['for70000', 'for2500000']);
  later.pass(2_400_000);
  after.clock.refresh();
  for (let ticks = 0; ticks < 1000; ticks++) after.store.tick();
  checkStore(after.store);
  expect(alive()).toEqual(['for2500000']);
});

test.each([
  { name: 'nothing was set', machine: { steady: 60, unix: 60 }, passed: 60, date: 60 },
  { name: 'the date was set back', machine: { steady: 60, unix: -7200 }, passed: 60, date: 60 },
  { name: 'the date was set forward', machine: { steady: 60, unix: 7200 }, passed: 60, date: 7170 },
  {
    name: 'the machine was started anew',
    machine: { steady: -4000, unix: 600, boot: 'second' },
    passed: 600,
    date: 600,
  },
  {
    name: 'the machine was started anew with an earlier date',
    machine: { steady: -4000, unix: -600, boot: 'second' },
    passed: 0,
    date: 0,
  },
  { name: 'the OS names no boot', machine: { steady: 60, unix: 61, boot: '' }, passed: 61, date: 61 },
])('the clock goes on after a restart: $name', ({ machine: change, passed, date }) => {
  const machine = new TestMachine();
  const cells = new Float64Array(8);
  const before = new Clock(cells, machine);
  machine.pass(1000);
  before.advance(30);
  const [now, unixMs, sequence] = [before.now, before.unixMs, before.nextSequence()];
  const saved = saveClock(cells, machine);
  machine.steady += change.steady * 1000;
  machine.unix += change.unix * 1000;
  machine.boot = change.boot ?? machine.boot;
  const others = new Float64Array(8);
  expect(restoreClock(others, saved, machine)).toBe(passed * 1000);
  const after = new Clock(others, machine);
  expect(after.now).toBe(now + passed);
  expect(after.uptimeSeconds).toBe(1030 + passed);
  // The server's own date is 30 s ahead of the machine's.
  expect(after.unixMs).toBe(unixMs + date * 1000);
  expect(after.nextSequence()).toBeGreaterThan(sequence);
});

test('a flush that is due later, and memory of an earlier flush, survive', () => {
  const machine = new TestMachine();
  const before = filled(machine);
  before.store.flushAll();
  before.set('after the flush', 100);
  before.store.scheduleFlush(before.clock.now + 50);
  const after = restarted(before, machine);
  checkStore(after.store);
  expect(after.keys()).toEqual(['after the flush']);
  machine.pass(49);
  after.clock.refresh();
  after.store.tick();
  expect(after.keys()).toEqual(['after the flush']);
  machine.pass(1);
  after.clock.refresh();
  after.store.tick();
  expect(after.keys()).toEqual([]);
});

test('a limit that was lowered stays, and the regions beyond it are given up after the restart', () => {
  const machine = new TestMachine();
  const before = new StoreHarness(8 * MEBIBYTE, { time: machine });
  for (let number = 0; number < 8000; number++) before.set(`key${number}`, 1000);
  before.store.memoryLimit.set(4 * MEBIBYTE);
  const keys = before.keys();
  const after = restarted(before, machine);
  expect(after.keys()).toEqual(keys);
  expect(after.store.limitBytes).toBe(4 * MEBIBYTE);
  expect(after.store.memoryLimit.slice(() => false)).toBe('done');
  expect(after.store.memoryLimit.excessBytes).toBe(0);
  checkStore(after.store);
});

test('the largest items and objects stay listed', () => {
  const before = new TableHarness(4 * MEBIBYTE);
  before.set('large', 300_000);
  before.set('larger', 600_000);
  before.write(
    'object$a',
    (table) => {
      for (let number = 0; number < 2000; number++) table.set(`field${number}`, number);
    },
    true,
  );
  const listed = ({ store }: StoreHarness) => store.largest.list(20).map(({ item, bytes }) => [item, bytes]);
  expect(listed(before).length).toBe(3);
  const after = new TableHarness(4 * MEBIBYTE, undefined, undefined, undefined, {
    arena: arenaAfterRestart(before.arena),
  });
  expect(listed(after)).toEqual(listed(before));
  after.store.remove(after.find('larger'));
  expect(listed(after)).toEqual(listed(before).slice(1));
});

test('an empty store stays empty', () => {
  const after = restarted(new StoreHarness(MEBIBYTE));
  checkStore(after.store);
  expect(after.keys()).toEqual([]);
  expect(after.set('key', 10)).toBe(true);
});

test('objects of every layout and pinned ones survive', () => {
  const before = new TableHarness(4 * MEBIBYTE);
  before.write('small$a', (table) => table.set('city', 'Ulm'), true);
  before.write(
    'large$a',
    (table) => {
      for (let number = 0; number < 5000; number++) table.set(`field${number}`, number * 1.5);
      const index = table.ordered('index', 'arrival');
      for (let number = 0; number < 500; number++) index.set(`member${number}`, number % 17);
      table.bytes('bits', 50_000).setU8(49_999, 77);
    },
    true,
  );
  before.begin();
  before.create('held$a', true).set('n', 1);
  before.tables.commit();
  const arena = arenaAfterRestart(before.arena);
  const after = new TableHarness(4 * MEBIBYTE, undefined, undefined, undefined, { arena });
  checkStore(after.store);
  expect(after.store.retained.count).toBe(1);
  for (const key of ['small$a', 'held$a']) {
    expect(after.read(key, contentOf)).toEqual(before.read(key, contentOf));
  }
  after.write('large$a', (table) => {
    expect(table.count).toBe(5002);
    expect(table.get('field4999')).toBe(4999 * 1.5);
    expect(table.ordered('index', 'arrival').rank('member16')).toBe(
      before.read('large$a', (same) => same.ordered('index', 'arrival').rank('member16')),
    );
    expect(table.bytes('bits', 50_000).getU8(49_999)).toBe(77);
    table.set('more', true);
  });
  checkStore(after.store);
});

test.each(MODEL_CASES)('random calls with restarts between them: $name behave like maps', ({ operations, options }) => {
  const isLong = process.env.LONG_TESTS !== undefined;
  const run = { operations: isLong ? 100_000 : operations / 4, operationsBetweenChecks: 400, restarts: true };
  expect(new TableModel({ ...options, ...run, seed: 3 }).run().commits).toBeGreaterThan(10);
});
