// Runs fuzz targets in turn until the time is over or one fails, and shortens the failing sequence.

import { Random } from '../bench/load/random.js';
import { type KeptSequence, keep } from './seeds.js';
import { failureOf, shrink } from './shrink.js';
import type { FuzzTarget } from './target.js';

/** A target runs about this long before the next one gets its turn. */
const TURN_MS = 5000;

export interface FuzzOptions {
  readonly targets: readonly FuzzTarget[];
  /** Sequences have consecutive seeds from this one on. */
  readonly seed: number;
  readonly milliseconds: number;
  readonly shrinkMilliseconds: number;
  /** Called between sequences; true ends the run. */
  readonly isStopped?: () => boolean;
}

export interface Failure {
  readonly kept: KeptSequence;
  readonly path: string;
  readonly error: Error;
}

export interface Outcome {
  readonly failure: Failure | undefined;
  /** Steps and sequences done by target. */
  readonly done: ReadonlyMap<string, { readonly steps: number; readonly sequences: number }>;
}

export async function fuzz(options: FuzzOptions): Promise<Outcome> {
  const { targets, milliseconds, isStopped = () => false } = options;
  const deadline = performance.now() + milliseconds;
  const done = new Map(targets.map(({ name }) => [name, { steps: 0, sequences: 0 }]));
  const isOver = () => performance.now() >= deadline || isStopped();
  for (let turn = 0; !isOver(); turn++) {
    const target = targets[turn % targets.length];
    const count = done.get(target.name) as { steps: number; sequences: number };
    const turnEnd = Math.min(deadline, performance.now() + Math.min(TURN_MS, milliseconds / targets.length));
    do {
      // A target may run without yielding; signals are handled here.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const seed = (options.seed + count.sequences) >>> 0;
      count.sequences++;
      try {
        count.steps += await target.run(target.generate(randomOf(seed)));
      } catch (thrown) {
        return { failure: await examine(target, seed, thrown as Error, options.shrinkMilliseconds), done };
      }
    } while (performance.now() < turnEnd && !isStopped());
  }
  return { failure: undefined, done };
}

/** Consecutive seeds give unrelated numbers. */
export function randomOf(seed: number): Random {
  return new Random(Math.imul(seed + 1, 0x9e37_79b1) ^ (seed >>> 15));
}

async function examine(target: FuzzTarget, seed: number, first: Error, milliseconds: number): Promise<Failure> {
  const sequence = target.generate(randomOf(seed));
  const error = await failureOf(target, sequence);
  if (error === undefined) {
    const found = `${first.message} (only once: not when it was run again)`;
    const kept = { target: target.name, seed, found, ...sequence };
    return { kept, path: keep(kept), error: first };
  }
  const shortest = await shrink(target, sequence, milliseconds);
  const found = ((await failureOf(target, shortest)) ?? error).message;
  const kept = { target: target.name, seed, found, ...shortest };
  return { kept, path: keep(kept), error };
}

/** The lines that a person needs to find the mistake. */
export function describeFailure({ kept, path, error }: Failure): string {
  const { target, seed, found, setup, steps } = kept;
  return [
    `fuzz target ${target} fails with seed ${seed}: ${found}`,
    `again: npm run fuzz -- --target ${target} --seed ${seed}`,
    `kept in ${path} with ${steps.length} steps, setup ${JSON.stringify(setup)}`,
    ...steps.slice(0, 50).map((step) => `  ${JSON.stringify(step)}`),
    ...(steps.length > 50 ? [`  and ${steps.length - 50} more`] : []),
    error.stack ?? error.message,
  ].join('\n');
}
