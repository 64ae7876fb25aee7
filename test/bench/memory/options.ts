// The command line of the memory benchmark.

import { parseArgs } from 'node:util';
import { DISTRIBUTIONS } from './distributions.js';

export const USAGE = `Usage: npm run bench:memory -- [options]
  --only LIST         of ${DISTRIBUTIONS.map((distribution) => distribution.name).join(',')} (all)
  --orders LIST       of plain,gets: stores alone, or two gets of random live keys between stores (both)
  --servers LIST      of cacheismo,memcached (all that are found)
  --megabytes N       limit of the cache (64)
  --times N           how many times the limit is stored (3)
  --in-process        instead: evictions by each single store, counted inside our store without a socket
  --resident          instead: resident memory with -m 1024, full and after ten million further operations
  --operations N      how many further operations for --resident (10000000)
  --server-flags TEXT further flags for cacheismo, separated by blanks
  --json FILE         write all figures to a file
  --help`;

export interface MemoryOptions {
  readonly distributions: readonly string[];
  readonly orders: readonly ('plain' | 'gets')[];
  readonly servers: readonly string[] | undefined;
  readonly limitMegabytes: number | undefined;
  readonly times: number;
  readonly inProcess: boolean;
  readonly resident: boolean;
  readonly operations: number;
  readonly serverFlags: readonly string[];
  readonly jsonFile: string | undefined;
}

/** Undefined when only help is wanted. Throws with one line on a wrong option. */
export function parseOptions(args: readonly string[]): MemoryOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text,
      orders: text,
      servers: text,
      megabytes: text,
      times: text,
      operations: text,
      json: text,
      'server-flags': text,
      'in-process': flag,
      resident: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const names = DISTRIBUTIONS.map((distribution) => distribution.name);
  return {
    distributions: choice('only', values.only, names) ?? names,
    orders: choice('orders', values.orders, ['plain', 'gets'] as const) ?? ['plain', 'gets'],
    servers: choice('servers', values.servers, ['cacheismo', 'memcached']),
    limitMegabytes: values.megabytes === undefined ? undefined : positive('megabytes', values.megabytes),
    times: positive('times', values.times ?? '3'),
    inProcess: values['in-process'] ?? false,
    resident: values.resident ?? false,
    operations: positive('operations', values.operations ?? '10000000'),
    serverFlags: (values['server-flags'] ?? '').split(' ').filter((word) => word !== ''),
    jsonFile: values.json,
  };
}

function choice<Name extends string>(
  option: string,
  given: string | undefined,
  known: readonly Name[],
): Name[] | undefined {
  if (given === undefined) return undefined;
  return given.split(',').map((word) => {
    const name = known.find((candidate) => candidate === word);
    if (name === undefined) throw new Error(`--${option}: ${word} is none of ${known.join(', ')}`);
    return name;
  });
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}: ${text} is not a positive number`);
  return value;
}
