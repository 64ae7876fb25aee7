// The command line of the objects' benchmark.

import { parseArgs } from 'node:util';
import { listOf, positiveNumbers } from '../host/arguments.js';
import { ROUND_HELP, ROUND_OPTIONS, type RoundOptions, roundOptions } from '../host/round-options.js';

export const PARTS = ['calls', 'sizes', 'memory', 'hold', 'reload'] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `Usage: npm run bench:objects -- [options]
  --only LIST         of calls (all methods beside Redis), sizes (sets of 10 to 1,000,000 members), memory (bytes per
                      object and member), hold (how long the thread is held when a set of 1,000,000 goes) and
                      reload (from saving a type to its first reply) (all)
  --pipelines LIST    requests sent before replies are awaited (1,16)
  --server-flags TEXT further flags for cacheismo, separated by blanks
  --json FILE         write all figures to a file
${ROUND_HELP}`;

export interface ObjectsOptions extends RoundOptions {
  readonly parts: readonly Part[];
  readonly pipelines: readonly number[];
  readonly serverFlags: readonly string[];
  readonly jsonFile: string | undefined;
}

/** Undefined when only help is wanted. Throws with one line on a wrong option. */
export function parseOptions(args: readonly string[]): ObjectsOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { ...ROUND_OPTIONS, only: text, pipelines: text, 'server-flags': text, json: text },
  });
  if (values.help) return undefined;
  const parts = values.only === undefined ? PARTS : listOf(values.only);
  for (const part of parts) if (!PARTS.includes(part as Part)) throw new Error(`--only: ${part} is none of ${PARTS}`);
  return {
    ...roundOptions(values),
    parts: parts as Part[],
    pipelines: positiveNumbers('pipelines', values.pipelines ?? '1,16'),
    serverFlags: (values['server-flags'] ?? '').split(' ').filter((word) => word !== ''),
    jsonFile: values.json,
  };
}
