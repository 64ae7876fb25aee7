// npm run fuzz -- [--seed N] [--minutes M] [--target NAME]...: runs the fuzz targets until the time is over, a failure, or SIGINT.

import { parseArgs } from 'node:util';
import { describeFailure, fuzz } from './runner.js';
import { TARGETS } from './targets.js';

const SHRINK_MS = 120_000;
const FAILED = 1;
const WRONG_USE = 64;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    target: { type: 'string', multiple: true },
  },
});

const known = TARGETS.map(({ name }) => name).join(', ');
const wanted = values.target?.flatMap((names) => names.split(',')) ?? TARGETS.map(({ name }) => name);
const targets = wanted.map((name) => TARGETS.find((target) => target.name === name));
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes);
let stopped = false;

process.on('SIGINT', () => {
  stopped = true;
});
process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = wanted.filter((name) => !TARGETS.some((target) => target.name === name));
  if (unknown.length > 0 || !Number.isInteger(seed) || !(minutes > 0)) {
    const what = unknown.length > 0 ? `there is no target ${unknown.join(', ')}` : '--seed and --minutes take numbers';
    console.error(`fuzz: ${what}; targets are ${known}`);
    return WRONG_USE;
  }
  console.log(`fuzz: ${wanted.join(', ')} from seed ${seed} on, ${describeTime()}`);
  const running = targets.filter((target) => target !== undefined);
  const started = performance.now();
  const { failure, done } = await fuzz({
    targets: running,
    seed,
    milliseconds: minutes * 60_000,
    shrinkMilliseconds: SHRINK_MS,
    isStopped: () => stopped,
  });
  for (const target of running) await target.close?.();
  if (failure !== undefined) console.error(describeFailure(failure));
  for (const [name, { steps, sequences }] of done)
    console.log(`fuzz: ${name}: ${steps} steps in ${sequences} sequences`);
  console.log(`fuzz: ${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
  return failure === undefined ? 0 : FAILED;
}

function describeTime(): string {
  return minutes === Number.POSITIVE_INFINITY ? 'until stopped' : `for ${minutes} minutes`;
}
