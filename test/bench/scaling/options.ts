// The command line of the report.

import { parseArgs } from 'node:util';
import { positiveNumber, positiveNumbers } from '../host/arguments.js';

export const USAGE = `Usage: npm run bench:report -- [options]
  Measures our server beside its peers and writes test/bench/report (charts and tables) and the README's section.
  --rounds N          rounds of each comparison (15)
  --seconds S         length of a round (0.3)
  --sweep-rounds N    rounds of each point of the scaling table (5)
  --items LIST        numbers of items in the scaling table (10000,100000,1000000,10000000)
  --json FILE         write all that was measured to a file
  --from FILE         write the report of such a file, without measuring
  --help`;

export interface ScalingOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly sweepRounds: number;
  readonly items: readonly number[];
  readonly jsonFile: string | undefined;
  readonly fromFile: string | undefined;
}

/** Undefined when only help is wanted. Throws with one line on a wrong option. */
export function parseOptions(args: readonly string[]): ScalingOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: text,
      seconds: text,
      'sweep-rounds': text,
      items: text,
      json: text,
      from: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: positiveNumber('rounds', values.rounds, 15),
    seconds: positiveNumber('seconds', values.seconds, 0.3),
    sweepRounds: positiveNumber('sweep-rounds', values['sweep-rounds'], 5),
    items: positiveNumbers('items', values.items ?? '10000,100000,1000000,10000000'),
    jsonFile: values.json,
    fromFile: values.from,
  };
}
