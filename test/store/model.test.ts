// Random commands against the plain model, on arenas of 1 MiB, with values of all sizes, changing sizes, expiry, readers, values that
// arrive in parts, and restarts with a memory file. LONG_TESTS runs more than a million.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Model } from './model.js';
import { Requests } from './model-requests.js';
import { ModelServer } from './model-server.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
/** A different seed for each long run; fast-check prints it when a run fails. */
const SEED = Number(process.env.MODEL_SEED ?? (IS_LONG ? Date.now() % 2 ** 31 : 20_261_122));
const WANTED_COMMANDS = IS_LONG ? 1_000_000 : 20_000;
const TIMEOUT_MS = 1_800_000;

/** Length of a value in each phase, from a number in [0, 1). */
const SIZES: readonly ((part: number) => number)[] = [
  (part) => Math.floor(part * 20),
  (part) => 1 + Math.floor(part * 1000),
  () => 100,
  () => 900,
  (part) => (part < 0.5 ? 10 : 600),
  (part) => Math.floor((214.476 * ((1 - part) ** -0.348238 - 1)) / 0.348238),
  (part) => 1000 + Math.floor(part * 60_000),
  (part) => Math.floor(part ** 4 * 530_000),
  (part) => 150_000 + Math.floor(part * 370_000),
];

const PATTERN = Array.from({ length: 8192 }, (_, index) => String.fromCharCode(97 + ((index * 7 + (index >> 5)) % 159)))
  .join('')
  .repeat(70);

class World {
  readonly model: Model;
  readonly server: ModelServer;
  readonly requests: Requests;
  phase = 1;
  /** Not counted, since many similar ones find little. */
  floodCommands = 0;

  constructor(evictionsAllowed: boolean) {
    this.server = new ModelServer(evictionsAllowed);
    this.model = new Model(this.server.now);
    this.requests = new Requests(this.model, this.server);
  }

  value({ size, seed }: Draw): string {
    if (seed % 6 === 0)
      return String(seed * 4_000_037)
        .repeat(seed % 5 === 0 ? 2 : 1)
        .slice(0, 20);
    const length = (SIZES[this.phase] as (part: number) => number)(size);
    return PATTERN.slice(seed % 8000, (seed % 8000) + length);
  }
}

/** The random parameters of a command, each of which uses some of them. */
interface Draw {
  readonly key: number;
  readonly size: number;
  readonly seed: number;
  readonly exptime: number;
}

const VERBS = ['set', 'set', 'set', 'add', 'replace', 'append', 'prepend', 'cas', 'cas'] as const;

/** Most commands use a few keys, so that they affect each other; others are spread. */
function keyOf(number: number): string {
  if (number < 6000) return `key${number % 15}`;
  return number < 8000 ? `k${number % 300}` : `key-of-many-bytes-${number}`;
}

/** The kinds of command by name, with their weights. */
const KINDS: Readonly<Record<string, readonly [weight: number, run: (world: World, draw: Draw) => void]>> = {
  store: [
    380,
    (world, draw) => {
      const verb = VERBS[draw.seed % VERBS.length];
      const pieceBytes = draw.seed % 7 === 0 ? 1000 + (draw.seed % 5000) : 65_536;
      world.requests.store(verb, keyOf(draw.key), world.value(draw), flagsOf(draw), draw.exptime, pieceBytes);
    },
  ],
  get: [160, ({ requests }, draw) => requests.get([keyOf(draw.key), keyOf(draw.seed % 8000), keyOf(draw.key + 1)])],
  gets: [70, ({ requests }, draw) => requests.read('gets', keyOf(draw.key), 0)],
  gat: [40, ({ requests }, draw) => requests.read('gat', keyOf(draw.key), draw.exptime)],
  gats: [40, ({ requests }, draw) => requests.read('gats', keyOf(draw.key), draw.exptime)],
  touch: [60, ({ requests }, draw) => requests.touch(keyOf(draw.key), draw.exptime)],
  count: [90, ({ requests }, draw) => requests.count(draw.seed % 3 ? 'incr' : 'decr', keyOf(draw.key), deltaOf(draw))],
  delete: [30, ({ requests }, draw) => requests.remove(keyOf(draw.key))],
  hold: [30, ({ requests }, draw) => requests.hold(draw.seed, keyOf(draw.key))],
  begin: [
    25,
    (world, draw) => {
      const verb = VERBS[draw.seed % VERBS.length];
      const value = PATTERN.slice(draw.seed % 8000, (draw.seed % 8000) + Math.floor(draw.size ** 2 * 200_000));
      world.requests.begin(verb, keyOf(draw.key), value, flagsOf(draw), draw.exptime);
    },
  ],
  complete: [
    25,
    ({ requests }, draw) => requests.complete(draw.seed % 8 === 0 ? 'bad' : draw.seed % 8 === 1 ? 'gone' : 'whole'),
  ],
  advance: [25, ({ requests }, draw) => requests.advance(draw.seed % 97 === 0 ? draw.seed * 50 : draw.seed % 12)],
  flush: [1, ({ requests }, draw) => requests.flush([0, -1, 5, 300][draw.seed % 4])],
  restart: [2, ({ requests }) => requests.restart()],
  shift: [
    10,
    (world, draw) => {
      world.phase = draw.seed % SIZES.length;
    },
  ],
};

const DRAW = fc.record({
  key: fc.integer({ min: 0, max: 8999 }),
  size: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  seed: fc.nat(10_000),
  exptime: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 600 }) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 70_000, 2_592_000, 3_000_000, 1_800_000_100) },
  ),
});

type Kind = keyof typeof KINDS;

class SingleCommand implements fc.Command<World, World> {
  constructor(
    private readonly kind: Kind,
    private readonly draw: Draw,
  ) {}

  check(): boolean {
    return true;
  }

  run(_model: World, world: World): void {
    runKind(world, this.kind, this.draw);
  }

  toString(): string {
    return `${this.kind}(${JSON.stringify(this.draw)})`;
  }
}

/** Enough stores to fill the arena with small values. */
const FLOOD = 12_000;

/** Many commands in a row, of random kinds or all sets, drawn from one seed so that the report of a failing run stays short. */
class Series implements fc.Command<World, World> {
  constructor(
    private readonly seed: number,
    private readonly count: number,
    private readonly fills: boolean,
  ) {}

  check(): boolean {
    return true;
  }

  run(_model: World, world: World): void {
    const random = randomFrom(this.seed);
    const isFlood = this.fills && this.seed % 12 === 0;
    const { model } = world;
    const before = model.evictions + model.refusals;
    const { commands } = world.server;
    for (let left = isFlood ? FLOOD : this.count; left > 0; left--) {
      const exptime = random(3) === 0 ? random(400) : random(30) === 0 ? -1 : 0;
      const draw = { key: random(9000), size: random(1 << 24) / (1 << 24), seed: random(10_000), exptime };
      if (this.fills) world.requests.store('set', `filler${draw.key}`, world.value(draw), 0, draw.exptime, 65_536);
      else runKind(world, BY_WEIGHT[random(BY_WEIGHT.length)], draw);
      if (isFlood && model.evictions + model.refusals > before) break;
    }
    if (isFlood) world.floodCommands += world.server.commands - commands;
  }

  toString(): string {
    return `${this.fills ? 'fill' : 'series'}(${this.seed}, ${this.count})`;
  }
}

/** Each kind in proportion to its weight. */
const BY_WEIGHT: readonly Kind[] = Object.entries(KINDS).flatMap(([kind, [weight]]) =>
  new Array<Kind>(weight).fill(kind),
);

function runKind(world: World, kind: Kind, draw: Draw): void {
  KINDS[kind][1](world, draw);
}

function flagsOf({ seed }: Draw): number {
  return seed % 3 === 0 ? seed * 400_000 : 0;
}

function deltaOf({ seed }: Draw): bigint {
  return seed % 10 === 0 ? 2n ** 64n - 1n - BigInt(seed) : BigInt(seed);
}

/** A small generator with a seed (mulberry32, by Tommy Ettinger). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const SINGLE = fc.oneof(
  ...Object.entries(KINDS).map(([kind, [weight]]) => ({
    weight,
    arbitrary: DRAW.map((draw): fc.Command<World, World> => new SingleCommand(kind, draw)),
  })),
);

const SERIES = fc
  .tuple(fc.nat(), fc.integer({ min: 1, max: 500 }), fc.nat(3))
  .map(([seed, count, quarter]): fc.Command<World, World> => new Series(seed, count, quarter === 0));

const COMMANDS = fc.commands<World, World>([SINGLE, SINGLE, SINGLE, SINGLE, SERIES], {
  maxCommands: 120,
  size: 'max',
});

describe('store and commands equal a plain model', () => {
  test.each([
    ['with evictions', true, WANTED_COMMANDS],
    ['without evictions', false, WANTED_COMMANDS / 10],
  ] as const)('%s', { timeout: TIMEOUT_MS }, (_name, evictionsAllowed, wanted) => {
    let commands = 0;
    let evictions = 0;
    const property = fc.property(COMMANDS, (sequence) => {
      const world = new World(evictionsAllowed);
      fc.modelRun(() => ({ model: world, real: world }), sequence);
      world.requests.end();
      commands += world.server.commands - world.floodCommands;
      evictions += world.model.evictions;
    });
    for (let round = 0; commands < wanted; round++) fc.assert(property, { seed: SEED + round, numRuns: 10 });
    expect(evictions > 0).toBe(evictionsAllowed);
  });
});

describe('a full store', () => {
  test.each([100, 500, 900, 2000, 30_000])(
    'loses no memory when gats lets items of %i bytes expire at once',
    (length) => {
      const server = new ModelServer(true);
      const count = Math.ceil((3 * 1024 * 1024) / (length + 50));
      const value = 'x'.repeat(length);
      for (let number = 0; number < count; number++) server.ask(`set key${number} 0 0 ${length}\r\n${value}\r\n`);
      for (let number = count - 1; number > count - 20; number--) {
        expect(server.ask(`gats -1 key${number}\r\n`)).toMatch(new RegExp(`^VALUE key${number} 0 ${length} \\d+\r\n`));
        server.checkInvariants();
      }
    },
  );
});
