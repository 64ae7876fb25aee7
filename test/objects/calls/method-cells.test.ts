// The statistics of methods that several threads share: each has its own registry over the same cells.

import { expect, test } from 'vitest';
import { CLOCK_CELLS, Clock } from '../../../src/base/clock.js';
import { TimingRate } from '../../../src/base/timing-rate.js';
import { METHOD_CELL, MethodCells } from '../../../src/objects/calls/method-cells.js';
import { method } from '../../../src/objects/types/object-type.js';
import { Registry } from '../../../src/objects/types/registry.js';
import { typeOf } from '../types-for-tests.js';

const SLOTS = 8;
const sharedCells = () => new MethodCells(new Float64Array(1 + SLOTS * METHOD_CELL.count));

const type = (name: string, methods: number) =>
  typeOf(
    name,
    Object.fromEntries(
      Array.from({ length: methods }, (_, index) => [`m${index}`, method({ access: 'create', run: () => 'x' })]),
    ),
  );

/** Two threads' registries. */
function registries(cells = sharedCells()): [Registry, Registry] {
  return [new Registry(undefined, cells), new Registry(undefined, cells)];
}

const figuresOf = (registry: Registry, name: string) => {
  const { methodList } = registry.find(name) as NonNullable<ReturnType<Registry['find']>>;
  return methodList.map(({ statistics }) => statistics);
};

test('calls, errors, times and kills are counted over all threads', () => {
  const [one, other] = registries();
  for (const registry of [one, other]) registry.install(type('t', 2), 5);
  const [first] = figuresOf(one, 't');
  const [, second] = figuresOf(other, 't');
  const rate = new TimingRate(new Clock(new Float64Array(CLOCK_CELLS.count)));
  expect([first?.start(rate), first?.start(rate), second?.start(rate)]).toEqual([true, false, true]);
  first?.time(3, 10, 20, 1);
  first?.noteError();
  expect(figuresOf(other, 't').map(({ calls, errors, times }) => [calls, errors, times.sumSeconds])).toEqual([
    [2, 1, 0.003],
    [1, 0, 0],
  ]);
  for (const registry of [one, other, one]) figuresOf(registry, 't')[0]?.add(METHOD_CELL.kills, 1);
  for (const registry of [one, other])
    expect(figuresOf(registry, 't').map((figures) => figures.cell(METHOD_CELL.kills))).toEqual([3, 0]);
  figuresOf(other, 't')[0]?.setCell(METHOD_CELL.suspendedUntilMs, 1000);
  expect(figuresOf(one, 't').map(({ isSuspended }) => isSuspended)).toEqual([true, false]);
});

test('a new load starts at 0 in the first thread that activates it, even if others still use the old one', () => {
  const [one, other] = registries();
  for (const registry of [one, other]) registry.install(type('t', 1), 1);
  figuresOf(one, 't')[0]?.count();
  one.install(type('t', 1), 2);
  figuresOf(one, 't')[0]?.count();
  figuresOf(one, 't')[0]?.count();
  other.install(type('t', 1), 2);
  expect(figuresOf(other, 't')[0]?.calls).toBe(2);
});

test('slots are reused, in whatever order threads learn of changes', () => {
  const [one, other] = registries();
  for (const registry of [one, other]) registry.install(type('kept', 1), 1);
  figuresOf(other, 'kept')[0]?.count();
  for (let load = 2; load < 100; load++) one.install(type('t', 3), load);
  figuresOf(one, 't')[2]?.count();
  for (let load = 2; load < 100; load++) other.install(type('t', 3), load);
  expect(figuresOf(other, 't').map(({ calls }) => calls)).toEqual([0, 0, 1]);
  expect(figuresOf(one, 'kept')[0]?.calls).toBe(1);
  for (const registry of [one, other]) registry.remove('plugins/t.ts');
  for (const registry of [one, other]) registry.install(type('u', 7), 100);
  figuresOf(one, 'u')[6]?.count();
  expect(figuresOf(other, 'u').map(({ calls }) => calls)).toEqual([0, 0, 0, 0, 0, 0, 1]);
});

test('each thread counts for itself if there are too many methods', () => {
  const [one, other] = registries();
  for (const registry of [one, other]) registry.install(type('t', SLOTS + 1), 1);
  figuresOf(one, 't')[0]?.count();
  expect([figuresOf(one, 't')[0]?.calls, figuresOf(other, 't')[0]?.calls]).toEqual([1, 0]);
});
