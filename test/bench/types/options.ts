// The command line of the benchmark of types.

import { parseArgs } from 'node:util';
import { listOf, positiveNumber, positiveNumbers } from '../host/arguments.js';
import { ROUND_HELP, ROUND_OPTIONS, type RoundOptions, roundOptions } from '../host/round-options.js';

export interface TypesOptions extends RoundOptions {
  readonly only: readonly string[];
  readonly pipelines: readonly number[];
  /** Jobs, members and tagged values. */
  readonly size: number;
  readonly warmupSeconds: number;
}

export function usage(groups: readonly string[]): string {
  return `Usage: npm run bench:types -- [options]
  --only LIST         of ${groups.join(',')} (all)
  --size N            jobs of the queue, members of the board, values of the tag that is purged (1000000)
  --pipelines LIST    requests sent before replies are awaited (1,16)
  --warmup S          load on each contestant before the first round of a comparison (1)
${ROUND_HELP}`;
}

/** Undefined when only help is wanted. Throws with one line on a wrong option. */
export function parseOptions(groups: readonly string[]): TypesOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { ...ROUND_OPTIONS, only: text, size: text, pipelines: text, warmup: text },
  });
  if (values.help) return undefined;
  const only = values.only === undefined ? groups : listOf(values.only);
  for (const name of only) {
    if (!groups.includes(name)) throw new Error(`--only: ${name} is none of ${groups.join(', ')}`);
  }
  return {
    ...roundOptions(values),
    only,
    pipelines: positiveNumbers('pipelines', values.pipelines ?? '1,16'),
    size: positiveNumber('size', values.size, 1_000_000),
    warmupSeconds: positiveNumber('warmup', values.warmup, 1),
  };
}
