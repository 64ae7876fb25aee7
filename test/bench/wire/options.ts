// The command line of the wire benchmark. Not for defaults of the server.

import { parseArgs } from 'node:util';
import { KEYS_PER_MULTI_GET, type LoadPlan, type Mode } from '../load/plan.js';
import type { KeyDistribution } from '../load/random.js';

export const USAGE = `Usage: npm run bench -- [options]
  --rounds N          rounds of each scenario, interleaved between the servers (5)
  --seconds S         length of a round (1)
  --threads N         server threads (1)
  --connections N     connections (50)
  --pipelines LIST    requests sent before replies are awaited (1,16,64)
  --only LIST         of get,set,mix,mget (all)
  --servers LIST      of cacheismo,memcached,redis (all that are found)
  --memcached PATH    a further memcached to compare with
  --server-flags TEXT further flags for cacheismo, separated by blanks
  --keys N            number of keys (100000)
  --value-bytes N     size of a value (100)
  --zipf EXPONENT     keys by Zipf's law instead of uniformly
  --offered N         offer N requests a second instead of sending as fast as replies come
  --client NAME       epoll or net (epoll on Linux)
  --growth            instead: how long the thread is held while the cache grows to ten million items, and CPU per
                      get with that many items against 100,000
  --items N           another number of items for --growth
  --json FILE         write all figures to a file
  --help`;

export interface WireOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly threads: number;
  readonly connections: number;
  readonly pipelines: readonly number[];
  readonly modes: readonly Mode[];
  readonly servers: readonly string[] | undefined;
  readonly memcachedPath: string | undefined;
  readonly serverFlags: readonly string[];
  readonly keys: number;
  readonly valueBytes: number;
  readonly distribution: KeyDistribution;
  readonly offeredPerSecond: number;
  readonly client: LoadPlan['client'];
  readonly growth: boolean;
  readonly items: number;
  readonly jsonFile: string | undefined;
}

const MODES: readonly Mode[] = ['get', 'set', 'mix', 'mget'];

/** Undefined when only help is wanted. Throws with one line on a wrong option. */
export function parseOptions(args: readonly string[]): WireOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: text,
      seconds: text,
      threads: text,
      connections: text,
      pipelines: text,
      only: text,
      servers: text,
      memcached: text,
      'server-flags': text,
      keys: text,
      'value-bytes': text,
      zipf: text,
      offered: text,
      client: text,
      growth: flag,
      items: text,
      json: text,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const modes = values.only === undefined ? MODES : list(values.only);
  for (const mode of modes) if (!MODES.includes(mode as Mode)) throw new Error(`--only: ${mode} is none of ${MODES}`);
  const client = values.client ?? (process.platform === 'linux' ? 'epoll' : 'net');
  if (client !== 'epoll' && client !== 'net') throw new Error('--client: epoll or net');
  return {
    rounds: number('rounds', values.rounds, 5),
    seconds: number('seconds', values.seconds, 1),
    threads: number('threads', values.threads, 1),
    connections: number('connections', values.connections, 50),
    pipelines: list(values.pipelines ?? '1,16,64').map((pipeline) => number('pipelines', pipeline, 1)),
    modes: modes as Mode[],
    servers: values.servers === undefined ? undefined : list(values.servers),
    memcachedPath: values.memcached,
    serverFlags: (values['server-flags'] ?? '').split(' ').filter((word) => word !== ''),
    keys: number('keys', values.keys, 100_000),
    valueBytes: number('value-bytes', values['value-bytes'], 100),
    distribution:
      values.zipf === undefined ? { kind: 'uniform' } : { kind: 'zipf', exponent: number('zipf', values.zipf, 1) },
    offeredPerSecond: number('offered', values.offered, 0),
    client,
    growth: values.growth ?? false,
    items: number('items', values.items, 10_000_000),
    jsonFile: values.json,
  };
}

function list(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

function number(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}: ${text} is not a positive number`);
  return value;
}

export interface Scenario {
  readonly name: string;
  readonly mode: Mode;
  readonly pipeline: number;
}

/** Each mode at each pipeline; multi-get unpipelined only, as clients send it. */
export function scenarios(options: WireOptions): Scenario[] {
  return options.modes.flatMap((mode): Scenario[] => {
    if (mode === 'mget') return [{ name: `get of ${KEYS_PER_MULTI_GET} keys`, mode, pipeline: 1 }];
    const label = mode === 'mix' ? '90/10' : mode;
    return options.pipelines.map((pipeline) => ({ name: `${label}, pipeline ${pipeline}`, mode, pipeline }));
  });
}
