// The command line of the objects' benchmark.

import { parseArgs } from 'node:util';
import { clientNamed, listOf, positiveNumber, positiveNumbers } from '../host/arguments.js';
import type { LoadPlan } from '../load/plan.js';

export const PARTS = ['calls', 'sizes', 'memory', 'hold', 'reload'] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `Usage: npm run bench:objects -- [options]
  --only LIST         of calls (all methods beside Redis), sizes (sets of 10 to 1,000,000 members), memory (bytes per
                      object and member), hold (how long the thread is held when a set of 1,000,000 goes) and
                      reload (from saving a type to its first reply) (all)
  --rounds N          rounds of each comparison, interleaved between the servers (15)
  --seconds S         length of a round (0.3)
  --connections N     connections (50)
  --pipelines LIST    requests sent before replies are awaited (1,16)
  --server-flags TEXT further flags for cacheismo, separated by blanks
  --client NAME       epoll or net (epoll on Linux)
  --json FILE         write all figures to a file
  --help`;

export interface ObjectsOptions {
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly pipelines: readonly number[];
  readonly serverFlags: readonly string[];
  readonly client: LoadPlan['client'];
  readonly jsonFile: string | undefined;
}

/** Undefined when only help is wanted. Throws with one line on a wrong option. */
export function parseOptions(args: readonly string[]): ObjectsOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text,
      rounds: text,
      seconds: text,
      connections: text,
      pipelines: text,
      'server-flags': text,
      client: text,
      json: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const parts = values.only === undefined ? PARTS : listOf(values.only);
  for (const part of parts) if (!PARTS.includes(part as Part)) throw new Error(`--only: ${part} is none of ${PARTS}`);
  return {
    parts: parts as Part[],
    rounds: positiveNumber('rounds', values.rounds, 15),
    seconds: positiveNumber('seconds', values.seconds, 0.3),
    connections: positiveNumber('connections', values.connections, 50),
    pipelines: positiveNumbers('pipelines', values.pipelines ?? '1,16'),
    serverFlags: (values['server-flags'] ?? '').split(' ').filter((word) => word !== ''),
    client: clientNamed(values.client),
    jsonFile: values.json,
  };
}
