// Fuzz target `store`: sets, changes, readers, time and compaction around every boundary of the layout, on arenas of all small sizes.

import { MAX_CHUNK_UNITS } from '../../../src/arena/chunk.js';
import type { Random } from '../../bench/load/random.js';
import type { FuzzTarget, Sequence } from '../target.js';
import { lengthIn, PROFILES } from './sizes.js';
import { type Step, Steps } from './steps.js';
import { LOWEST_LIMIT, type Setup, World } from './world.js';

const KIB = 1024;
const LIMITS = [256 * KIB, 1024 * KIB, 1024 * KIB, 1024 * KIB, 2048 * KIB, 4096 * KIB, 8192 * KIB] as const;
const HIGHEST_LIMIT = 8192 * KIB;
const LONGEST = 4000;
const SLOTS = 4;
/** One walk over the arena is allowed per step for this many items. */
const ITEMS_PER_STEP = 8;

/** The weights from which a sequence draws its steps. */
interface Plan {
  readonly random: Random;
  readonly keys: number;
  readonly profile: number;
  readonly limitBytes: number;
  readonly changesLimit: boolean;
}

const length = ({ profile, limitBytes, random }: Plan) => lengthIn(profile, limitBytes, random);
const key = ({ keys, random }: Plan) => random.below(random.below(3) === 0 ? Math.min(16, keys) : keys);
const offset = ({ random }: Plan) => random.below(65_521);
const flags = ({ random }: Plan) => (random.below(4) === 0 ? random.below(2 ** 32) : 0);

function seconds({ random }: Plan): number {
  const kind = random.below(20);
  if (kind < 12) return 0;
  if (kind === 12) return -1;
  return 1 + random.below(kind === 13 ? 100_000 : 600);
}

/** A limit at any place within a region. */
function limit(random: Random): number {
  return LOWEST_LIMIT + random.below(HIGHEST_LIMIT - LOWEST_LIMIT);
}

/** The kinds of step with their weights. */
const KINDS: readonly (readonly [weight: number, draw: (plan: Plan) => Step])[] = [
  [400, (plan) => ['set', key(plan), length(plan), offset(plan), flags(plan), seconds(plan)]],
  [150, (plan) => ['get', key(plan)]],
  [100, (plan) => ['delete', key(plan)]],
  [60, (plan) => ['overwrite', key(plan), plan.random.below(40) - 20, offset(plan)]],
  [
    40,
    (plan) => ['join', key(plan), Math.min(length(plan), plan.random.below(3000)), offset(plan), plan.random.below(2)],
  ],
  [60, (plan) => ['touch', key(plan), seconds(plan)]],
  [60, (plan) => ['gets', key(plan)]],
  [
    20,
    (plan) => ['begin', plan.random.below(SLOTS), key(plan), length(plan), offset(plan), flags(plan), seconds(plan)],
  ],
  [30, (plan) => ['more', plan.random.below(SLOTS), plan.random.below(5000)]],
  [20, (plan) => ['end', plan.random.below(SLOTS), plan.random.below(4) === 0 ? 0 : 1]],
  [30, (plan) => ['pin', plan.random.below(SLOTS), key(plan), plan.random.below(3000)]],
  [20, (plan) => ['unpin', plan.random.below(SLOTS)]],
  [60, (plan) => ['turn', plan.random.below(4)]],
  [40, () => ['tick']],
  [20, (plan) => ['advance', plan.random.below(plan.random.below(20) === 0 ? 100_000 : 100)]],
  [30, (plan) => ['hole', 2 + plan.random.below(MAX_CHUNK_UNITS - 1)]],
  [4, ({ changesLimit, random }) => (changesLimit ? ['limit', limit(random)] : ['tick'])],
  [
    60,
    ({ changesLimit, random }) =>
      changesLimit ? ['settle', random.below(random.below(2) === 0 ? 4 : 1000)] : ['tick'],
  ],
  [2, () => ['flush']],
  [1, (plan) => ['flushLater', 1 + plan.random.below(100)]],
  [
    6,
    (plan) => [
      'fill',
      plan.random.below(plan.keys),
      plan.random.below(400),
      Math.min(2000, length(plan)),
      offset(plan),
    ],
  ],
  [6, (plan) => ['deleteEvery', plan.random.below(plan.keys), plan.random.below(400), 1 + plan.random.below(4)]],
];

const BY_WEIGHT = KINDS.flatMap(([weight, draw]) => new Array<typeof draw>(weight).fill(draw));

function generate(random: Random): Sequence {
  const changesLimit = random.below(4) === 0;
  const limitBytes = changesLimit ? limit(random) : LIMITS[random.below(LIMITS.length)];
  const setup: Setup = {
    limitBytes,
    ...(changesLimit ? { mostBytes: HIGHEST_LIMIT } : {}),
    evictions: random.below(4) !== 0,
    reserveBytes: random.below(2) * 32 * KIB,
    threads: 1 + random.below(3),
    checkEvery: [20, 100, 500][random.below(3)],
  };
  let plan: Plan = { random, keys: 0, profile: 0, limitBytes, changesLimit };
  const steps: Step[] = [];
  for (let left = 1 + random.below(LONGEST); left > 0; left--) {
    // The sizes change a few times in a sequence, so that items of one size are stored in the room of others.
    if (steps.length % 1000 === 0) {
      const profile = random.below(PROFILES.length);
      plan = { random, profile, limitBytes, changesLimit, keys: [20, 300, 2000, 8000][random.below(4)] };
      steps.push(['fill', random.below(4000), fillCount(plan), Math.min(3000, length(plan)), offset(plan)]);
      steps.push(['deleteEvery', random.below(4000), random.below(4000), 1 + random.below(4)]);
    }
    steps.push((BY_WEIGHT[random.below(BY_WEIGHT.length)] as (plan: Plan) => Step)(plan));
  }
  return { setup: { ...setup }, steps };
}

function fillCount({ random, limitBytes }: Plan): number {
  return random.below(Math.min(8000, limitBytes / 256));
}

function run({ setup, steps }: Sequence): number {
  const world = new World(setup as unknown as Setup);
  const all = new Steps(world);
  let done = 0;
  let checkAt = 0;
  for (const step of steps as readonly Step[]) {
    done += all.run(step);
    if (done < checkAt) continue;
    world.check();
    checkAt = done + Math.max(world.setup.checkEvery, world.store.index.entries / ITEMS_PER_STEP);
  }
  for (const name of [...world.model.entries.keys()]) world.find(name);
  all.end();
  world.check();
  return done;
}

export const storeTarget: FuzzTarget = { name: 'store', generate, run };
