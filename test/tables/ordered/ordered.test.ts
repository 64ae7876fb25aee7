// Ordered indexes against a sorted array: random changes, committed and rolled back, and changes of which each internal step fails once. The
// whole arena is checked in between.

import { describe, expect, test } from 'vitest';
import type { Direction, OrderedIndex, Ties } from '../../../src/objects/types/object-type.js';
import { Random } from '../../bench/load/random.js';
import { checkStore } from '../../store/checker.js';
import { failStep } from '../failed-step.js';
import { FaultInjector } from '../fault-injector.js';
import { TableHarness } from '../harness.js';
import { SortedModel, same } from './sorted-model.js';

const KEY = 'type$object';
const MEBIBYTE = 1024 * 1024;
const isLong = process.env.LONG_TESTS !== undefined;
const OPERATIONS = isLong ? 100_000 : 4000;
/** In short runs, ever more steps are skipped after this many. */
const ALL_STEPS = 40;

/** How the scores of members are chosen, by the number of changes so far. */
const SCORES: Readonly<Record<string, (random: Random, turn: number) => number>> = {
  'few scores': (random) => random.below(6),
  'one score': () => 7,
  'random scores': (random) => random.fraction() * 1e6 - 5e5,
  'rising scores': (_random, turn) => turn,
  'falling scores': (_random, turn) => -turn,
  'scores of all sizes': (random) =>
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 5e-324, Number.MAX_VALUE, -1.5, 2 ** 53][
      random.below(8)
    ],
};

function memberOf(random: Random, members: number): string {
  const number = random.below(members);
  if (number % 50 === 1) return 'long'.repeat(number % 240);
  return number % 7 === 2 ? String.fromCharCode(number % 256, 255 - (number % 256)) + number : `member${number}`;
}

function change(index: OrderedIndex, model: SortedModel, random: Random, score: number, members: number): void {
  const kind = random.below(100);
  const member = memberOf(random, members);
  if (kind < 65) same(index.set(member, score), model.set(member, score), 'is new');
  else if (kind < 90) same(index.delete(member), model.delete(member), 'was there');
  else {
    const end = kind < 95 ? 'popFirst' : 'popLast';
    same(index[end](), model[end](), 'popped');
  }
}

function look(index: OrderedIndex, model: SortedModel, random: Random, members: number): void {
  const direction: Direction = random.below(2) === 0 ? 'ascending' : 'descending';
  const member = memberOf(random, members);
  const pairs = direction === 'ascending' ? model.pairs : model.pairs.reverse();
  same(index.get(member), model.get(member), `score of ${member}`);
  same(index.rank(member, direction), model.rank(member, direction), `rank of ${member}`);
  const rank = random.below(pairs.length + 2);
  same(index.at(rank, direction), rank === 0 ? undefined : pairs[rank - 1], `at ${rank}`);
  same(index.at(-rank, direction), rank === 0 ? undefined : pairs.at(-rank), `at -${rank}`);
  const from = 1 + random.below(pairs.length + 1);
  const to = from + random.below(random.below(2) === 0 ? 10 : 300) - 2;
  same(index.range(from, to, direction), pairs.slice(from - 1, Math.max(0, to)), `range ${from} to ${to}`);
  same(
    index.members(from, to, direction),
    pairs.slice(from - 1, Math.max(0, to)).map(([text]) => text),
    'members',
  );
  const [low, high] = [pairs[random.below(pairs.length)]?.[1] ?? 0, pairs[random.below(pairs.length)]?.[1] ?? 9];
  const within = pairs.filter(([, score]) => score >= low && score <= high);
  const limit = random.below(100);
  same(index.countBetween(low, high), within.length, 'count between');
  same(index.between(low, high, direction, limit), within.slice(0, limit), 'between');
}

class Undone extends Error {}

function play(ties: Ties, scores: (random: Random, turn: number) => number, members: number): void {
  const harness = new TableHarness(4 * MEBIBYTE);
  const random = new Random(members + 1);
  let model = new SortedModel(ties);
  harness.write(KEY, (table) => table.ordered('index', ties), true);
  let turn = 0;
  while (turn < OPERATIONS) {
    const before = model.copy();
    try {
      harness.write(KEY, (table) => {
        const index = table.ordered('index');
        for (let count = random.below(random.below(10) === 0 ? 400 : 8); count >= 0; count--) {
          change(index, model, random, scores(random, turn), members);
          turn++;
        }
        if (random.below(4) === 0) throw new Undone();
      });
    } catch (error) {
      if (!(error instanceof Undone)) throw error;
      model = before;
    }
    if (random.below(8) > 0) continue;
    harness.read(KEY, (table) => look(table.ordered('index'), model, random, members));
    if (random.below(4) > 0) continue;
    checkStore(harness.store);
    harness.read(KEY, (table) => model.compare(table.ordered('index'), 'the index'));
  }
  harness.store.remove(harness.find(KEY));
  while (harness.store.index.entries > 0) harness.store.tick();
  checkStore(harness.store);
}

describe.each(['arrival', 'bytes'] as const)('an ordered index with ties by %s', (ties) => {
  test.each(Object.entries(SCORES))('with %s is as a sorted array', (_name, scores) => {
    play(ties, scores, 40);
    play(ties, scores, 5000);
  });
});

function fill(index: OrderedIndex, from: number, to: number, score = (number: number) => number): void {
  for (let number = from; number < to; number++) index.set(`m${number}`, score(number));
}

const TIES: readonly Ties[] = ['arrival', 'bytes'];
const shuffled = (number: number) => (number * 7919) % 10_007;

interface Situation {
  make(index: OrderedIndex): void;
  change(index: OrderedIndex): void;
}

/** Changes at which the tree gets another shape. */
const SITUATIONS: Readonly<Record<string, Situation>> = {
  'the first member': { make: () => {}, change: (index) => index.set('new', 1) },
  'the only member that goes': { make: (index) => fill(index, 0, 1), change: (index) => index.delete('m0') },
  'a larger first leaf': { make: (index) => fill(index, 0, 4), change: (index) => index.set('new', 1.5) },
  'a second leaf in the middle': { make: (index) => fill(index, 0, 64), change: (index) => index.set('new', 20.5) },
  'a second leaf at the end': { make: (index) => fill(index, 0, 64), change: (index) => index.set('new', 99) },
  'a second leaf at the start': { make: (index) => fill(index, 0, 64), change: (index) => index.set('new', -1) },
  'a third level': { make: (index) => fill(index, 0, 48 * 63 + 1), change: (index) => fill(index, 4000, 4064) },
  'a third level in the middle': {
    make: (index) => fill(index, 0, 2400, shuffled),
    change: (index) => fill(index, 2400, 2900, shuffled),
  },
  'a score between the same neighbours': {
    make: (index) => fill(index, 0, 30),
    change: (index) => index.set('m7', 7.5),
  },
  'a score elsewhere in the leaf': { make: (index) => fill(index, 0, 30), change: (index) => index.set('m7', 22.5) },
  'a score in another leaf': { make: (index) => fill(index, 0, 300), change: (index) => index.set('m7', 222.5) },
  'the first of a leaf that goes': { make: (index) => fill(index, 0, 300), change: (index) => index.delete('m63') },
  'leaves that join': {
    make: (index) => fill(index, 0, 300),
    change: (index) => {
      for (let number = 100; number < 200; number++) index.delete(`m${number}`);
    },
  },
  'a tree that becomes a leaf, and grows again': {
    make: (index) => fill(index, 0, 3200),
    change: (index) => {
      while (index.count > 10) index.popFirst();
      fill(index, 0, 100);
    },
  },
  'all that go from the end': {
    make: (index) => fill(index, 0, 200),
    change: (index) => {
      while (index.popLast() !== undefined);
    },
  },
};

/** Steps of long changes fail at growing distances, those of short ones each. */
function nextStep(step: number): number {
  return step < ALL_STEPS ? step + 1 : Math.ceil(step * (isLong ? 1.02 : 1.5));
}

describe.each(TIES)('of an index with ties by %s', (ties) => {
  test.each(Object.entries(SITUATIONS))(
    'each step of a change can fail and leaves no trace: %s',
    (_name, situation) => {
      const harness = new TableHarness(4 * MEBIBYTE);
      harness.write(KEY, (table) => situation.make(table.ordered('index', ties)), true);
      const injector = new FaultInjector(harness);
      const content = () => harness.read(KEY, (table) => table.toJson());
      const before = content();
      // The store's index keeps the size that it has grown to.
      const usedBytes = () => harness.store.usedBytes - harness.store.index.bytes;
      const used = usedBytes();
      for (let step = 1; ; step = nextStep(step)) {
        const { isReached, place } = failStep(harness, injector, step, () =>
          situation.change(harness.open(KEY).ordered('index')),
        );
        expect(content(), place).toBe(before);
        expect(usedBytes(), place).toBe(used);
        if (!isReached) break;
      }
      harness.write(KEY, (table) => situation.change(table.ordered('index')));
      checkStore(harness.store);
    },
  );
});
