// Fuzz target `tables`: calls that change objects with every kind of table and end with success, a rollback, a spent budget, lack of
// memory, or a fault in one of their internal steps.

import type { Random } from '../../bench/load/random.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';
import { type Change, type ListChange, type Setup, type Step, World } from './world.js';

const KIB = 1024;
const LIMITS = [1024 * KIB, 1024 * KIB, 2048 * KIB, 4096 * KIB] as const;
const LOWEST_LIMIT = 2048 * KIB;
const HIGHEST_LIMIT = 6144 * KIB;
const LONGEST = 300;
const OBJECTS = 6;
/** Lengths at which something changes: the length of a short text, of a packed table, of a long key, of a chunk. */
const BOUNDARIES = [
  0, 1, 40, 126, 127, 128, 254, 255, 256, 257, 600, 640, 950, 1000, 1012, 1020, 1032, 2048, 5000,
] as const;
const MOST_CHANGES = 40;

interface Plan {
  readonly random: Random;
  readonly keys: number;
  readonly longest: number;
  readonly changesLimit: boolean;
  readonly pinsObjects: boolean;
}

function length({ random, longest }: Plan): number {
  if (random.below(3) > 0) return random.below(60);
  const boundary = BOUNDARIES[random.below(BOUNDARIES.length)] as number;
  return Math.min(longest, Math.max(0, boundary + random.below(9) - 4));
}

function key(plan: Plan): string | number {
  const number = plan.random.below(plan.keys);
  switch (plan.random.below(10)) {
    case 0:
      return number;
    case 1:
      return number * 1000.5 - 50;
    case 9:
      return number % 20 === 0 ? `index${number % 2}` : number % 20 === 1 ? `bytes${number % 2}` : `key${number}`;
    case 2:
      return 'k'.repeat(124 + (number % 6)) + number;
    case 3:
      return number % 7 === 0 ? 'K'.repeat(950) + number : `${number}`;
    default:
      return `key${number}`;
  }
}

function value(plan: Plan, depth: number): Json {
  const { random } = plan;
  const kind = random.below(16);
  if (kind === 0) return random.below(2) === 0;
  if (kind === 1) return random.below(1000);
  if (kind === 2) return (random.below(2 ** 31) - 2 ** 30) * 1.5;
  if (kind === 3 && depth < 3) return Array.from({ length: random.below(8) }, () => value(plan, depth + 1));
  if (kind === 4 && depth < 3) {
    const fields = Array.from({ length: random.below(8) }, () => [`f${random.below(20)}`, value(plan, depth + 1)]);
    return Object.fromEntries(fields) as Json;
  }
  return String.fromCharCode(97 + random.below(26)).repeat(length(plan));
}

function path(plan: Plan): (string | number)[] {
  const depth = plan.random.below(3) === 0 ? plan.random.below(4) : 0;
  return Array.from({ length: depth }, () => `nested${plan.random.below(2)}`);
}

/** Numbers of members at which the tree of an index gets another shape. */
const MEMBERS = [1, 1, 2, 5, 17, 64, 65, 130, 400] as const;

function indexChange(plan: Plan): Json {
  const { random } = plan;
  const count = MEMBERS[random.below(MEMBERS.length)] as number;
  const first = random.below(plan.keys * 3);
  const length = random.below(20) === 0 ? Math.min(900, plan.longest) : 0;
  const kind = random.below(10);
  if (kind < 6) return ['put', first, count, random.below(40), [0, 1, -1, 0.5, 17][random.below(5)], length];
  if (kind < 8) return ['drop', first, count, length];
  return [kind === 8 ? 'popFirst' : 'popLast', count];
}

function indexChanges(plan: Plan): Change {
  const { random } = plan;
  const changes = Array.from({ length: 1 + random.below(4) }, () => indexChange(plan));
  return ['index', path(plan), `index${random.below(2)}`, random.below(2) === 0, changes as never];
}

/** Lengths at which an array gets another part or level, and any. */
const ARRAY_LENGTHS = [1, 7, 1024, 1025, 3000, 262_145] as const;

function bytesChange(plan: Plan): Change {
  const { random } = plan;
  const length = random.below(8) > 0 ? 1 + random.below(3000) : ARRAY_LENGTHS[random.below(ARRAY_LENGTHS.length)];
  return ['bytes', path(plan), `bytes${random.below(2)}`, length, random.below(2 ** 31), 1 + random.below(6)];
}

function listChange(plan: Plan): ListChange {
  const { random } = plan;
  const values = () => Array.from({ length: 1 + random.below(random.below(6) === 0 ? 40 : 3) }, () => value(plan, 2));
  const kind = random.below(10);
  if (kind < 4) return ['push', values()];
  if (kind < 5) return ['pop'];
  if (kind < 7) return ['shift'];
  return ['splice', 1 + random.below(12), random.below(5), kind === 7 ? [] : values()];
}

function change(plan: Plan): Change {
  const { random } = plan;
  if (random.below(8) === 0) return indexChanges(plan);
  if (random.below(8) === 0) return bytesChange(plan);
  if (random.below(12) === 0) {
    return ['list', path(plan), Array.from({ length: 1 + random.below(4) }, () => listChange(plan))];
  }
  if (random.below(16) === 0)
    return ['add', path(plan), key(plan), (random.below(1000) - 300) * (random.below(2) + 0.5)];
  const kind = random.below(100);
  if (kind < 55) return ['set', path(plan), key(plan), value(plan, 0)];
  if (kind < 75) return ['delete', path(plan), key(plan)];
  if (kind < 80) return ['clear', path(plan)];
  if (kind < 86) return ['fill', path(plan), random.below(plan.keys), random.below(40), length(plan)];
  if (kind < 90) return ['sweep', path(plan), 1 + random.below(4)];
  if (kind < 93) return ['expire', 1 + random.below(1000)];
  if (kind < 94) return [['make', 'replace', 'give up', 'remove', 'upsert'][random.below(5)] as 'make'];
  if (kind < 95 && plan.pinsObjects) return ['pin', random.below(3) > 0];
  if (kind < 95) return ['upgrade'];
  if (kind < 97) return ['read', path(plan)];
  return ['copy', path(plan), key(plan), path(plan)];
}

function call(plan: Plan): Step {
  const { random } = plan;
  const changes = 1 + random.below(random.below(4) === 0 ? MOST_CHANGES : 4);
  const fault = random.below(3) === 0 ? 1 + random.below(random.below(2) === 0 ? 40 : 400) : 0;
  const steps = random.below(8) === 0 ? 1 + random.below(60) : 0;
  const list = Array.from({ length: changes }, () => change(plan));
  if (random.below(10) === 0) list.unshift(['upsert']);
  const names = [random.below(OBJECTS), random.below(OBJECTS)].slice(0, 1 + random.below(2));
  return ['call', names, fault, steps, random.below(4), list];
}

/** A limit at any place within a region. */
function limit(random: Random): number {
  return LOWEST_LIMIT + random.below(HIGHEST_LIMIT - LOWEST_LIMIT);
}

function step(plan: Plan): Step {
  const { random } = plan;
  const kind = random.below(100);
  if (kind < 75) return call(plan);
  if (kind < 84 && plan.changesLimit) {
    if (kind < 78) return ['limit', limit(random)];
    return ['settle', random.below(random.below(2) === 0 ? 4 : 1000)];
  }
  if (kind < 90) return ['plain', random.below(1000), 1 + random.below(20), length(plan)];
  if (kind < 94) return ['tick'];
  if (kind < 97) return ['remove', random.below(OBJECTS)];
  if (kind < 99) return ['touch', random.below(OBJECTS), random.below(3)];
  return ['flush'];
}

function generate(random: Random): Sequence {
  const changesLimit = random.below(4) === 0;
  const setup: Setup = {
    limitBytes: changesLimit ? limit(random) : LIMITS[random.below(LIMITS.length)],
    ...(changesLimit ? { mostBytes: HIGHEST_LIMIT } : {}),
    isFull: changesLimit || random.below(3) === 0,
    checkEvery: [1, 5, 20][random.below(3)],
    pinnedPercent: [0, 0, 1, 10, 40, 90][random.below(6)],
  };
  const plan: Plan = {
    random,
    keys: [5, 30, 300][random.below(3)],
    longest: [60, 1040, 5000][random.below(3)],
    changesLimit,
    pinsObjects: (setup.pinnedPercent ?? 0) > 0,
  };
  const steps = Array.from({ length: 1 + random.below(LONGEST) }, () => step(plan));
  return { setup: setup as unknown as Json, steps: steps as unknown as Json[] };
}

export const tablesTarget: FuzzTarget = {
  name: 'tables',
  generate,
  run({ setup, steps }: Sequence): number {
    const world = new World(setup as unknown as Setup);
    for (const planned of steps) world.do(planned as unknown as Step);
    world.end();
    return steps.length;
  },
};
