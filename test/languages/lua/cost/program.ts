// Measures every piece of the cost test and prints its cost beyond its charges as a line of JSON. It is bundled before it runs, like the
// server, since modules that are loaded one by one take twice as long.

import { DEFAULT_BUDGET } from '../../../../src/tables/budget.js';
import { memoryExcess, timeExcess } from '../../../objects/cost-bars.js';
import { CALLS, type Call } from './arguments.js';
import { PieceRunner } from './measure.js';
import { OPERATORS } from './operators.js';
import { ORIGINAL_CALLS } from './original-arguments.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
/** Lengths of strings, up to half of the longest string. */
const SIZES = IS_LONG ? [20, 5000, 1_000_000, 7_000_000] : [20, 20_000];
/** The budget of a default call; a tenth of its steps is enough to measure a ratio. */
const LIMITS = IS_LONG ? DEFAULT_BUDGET : { ...DEFAULT_BUDGET, steps: 200_000 };
/** Runs in a round; only pieces beyond their bar run more than once. */
const MOST_RUNS = 20;
/** A piece that takes less is repeated: after the collection of a long text V8's caches are cold, which costs 60 to 90 us whatever runs
    next. */
const SHORT_MICROSECONDS = 1000;
const SHORT_REPEATS = 32;
const WARMING_SIZE = 20;
const WARMING_RUNS = 3;

/** The piece with its sizes in place. */
function sized(text: string, size: number, repeats: number): string {
  const elements = Math.max(1, Math.min(100_000, Math.floor(size / 10)));
  return `local N, M, R = ${size}, ${elements}, ${repeats} ${text}`;
}

/** Repeats of a piece whose texts have that size. */
function repeatsOf(size: number): number {
  return Math.max(1, Math.min(1000, Math.floor(200_000 / size)));
}

function runnerOf(call: Call, isOriginal: boolean, size: number, repeats = repeatsOf(size)): PieceRunner {
  return new PieceRunner({ setup: sized(call[0], size, repeats), work: call[1], isOriginal }, LIMITS);
}

/** Makes V8 compile the virtual machine, as in a server that has run for a second. */
function warmVirtualMachine(): void {
  for (const call of Object.values(OPERATORS).flat()) {
    const runner = runnerOf(call, false, WARMING_SIZE);
    for (let runs = 0; runs < WARMING_RUNS; runs++) runner.run(false);
  }
}

/** Like `measure`; a piece beyond its bar is measured once more, since the machine may have been busy. */
function excessOf(call: Call, isOriginal: boolean): string | undefined {
  return measure(call, isOriginal) === undefined ? undefined : measure(call, isOriginal);
}

/** The cost of a call beyond its charges; undefined when there is none. */
function measure(call: Call, isOriginal: boolean): string | undefined {
  for (const size of SIZES) {
    const runner = runnerOf(call, isOriginal, size);
    const found = timeOf(runner, call, isOriginal, size) ?? memoryOf(runner);
    if (found !== undefined) return `at ${size}: ${found}`;
  }
  return undefined;
}

function timeOf(runner: PieceRunner, call: Call, isOriginal: boolean, size: number): string | undefined {
  const isShort = repeatsOf(size) < SHORT_REPEATS && runner.run(false).cpuMicroseconds < SHORT_MICROSECONDS;
  const timed = isShort ? runnerOf(call, isOriginal, size, SHORT_REPEATS) : runner;
  return timeExcess((withHeap) => timed.run(withHeap), MOST_RUNS);
}

function memoryOf(runner: PieceRunner): string | undefined {
  return memoryExcess((withHeap) => runner.run(withHeap), IS_LONG ? undefined : () => runner.runAllocating());
}

for (let rounds = 0; rounds < 2; rounds++) warmVirtualMachine();

for (const [calls, isOriginal] of [
  [CALLS, false],
  [ORIGINAL_CALLS, true],
  [OPERATORS, false],
] as const) {
  for (const [name, list] of Object.entries(calls)) {
    const excesses = list
      .map((call) => [call[1], excessOf(call, isOriginal)] as const)
      .filter(([, found]) => found !== undefined);
    process.stdout.write(`${JSON.stringify([name, excesses])}\n`);
  }
}
