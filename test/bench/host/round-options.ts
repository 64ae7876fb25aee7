// The options that benchmarks of interleaved rounds share, and their help.

import type { LoadPlan } from '../load/plan.js';
import { clientNamed, positiveNumber } from './arguments.js';

const text = { type: 'string' } as const;

/** For `parseArgs`. */
export const ROUND_OPTIONS = {
  rounds: text,
  seconds: text,
  connections: text,
  client: text,
  help: { type: 'boolean' },
} as const;

export const ROUND_HELP = `  --rounds N          rounds of each comparison, interleaved between the contestants (15)
  --seconds S         length of a round (0.3)
  --connections N     connections (50)
  --client NAME       epoll or net (epoll on Linux)
  --help`;

export interface RoundOptions extends Pick<LoadPlan, 'seconds' | 'connections' | 'client'> {
  readonly rounds: number;
}

type Given = { readonly [name in Exclude<keyof typeof ROUND_OPTIONS, 'help'>]?: string | undefined };

/** Throws with one line on a wrong option. */
export function roundOptions({ rounds, seconds, connections, client }: Given): RoundOptions {
  return {
    rounds: positiveNumber('rounds', rounds, 15),
    seconds: positiveNumber('seconds', seconds, 0.3),
    connections: positiveNumber('connections', connections, 50),
    client: clientNamed(client),
  };
}
