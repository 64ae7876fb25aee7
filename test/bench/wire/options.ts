// The command line of the wire benchmark.

import { parseArgs } from 'node:util';
import { clientNamed, listOf, positiveNumber, positiveNumbers } from '../host/arguments.js';
import { KEYS_PER_MULTI_GET, type LoadPlan, type Mode } from '../load/plan.js';
import type { KeyDistribution } from '../load/random.js';

export const USAGE = `Usage: npm run bench -- [options]
  --rounds N          rounds of each scenario, interleaved between the servers (15)
  --seconds S         length of a round (0.4)
  --threads LIST      server threads; each server runs with each of them (1)
  --connections N     connections (50)
  --idle N            connections that are open beside them and say nothing (0)
  --pipelines LIST    requests sent before replies are awaited (1,16,64)
  --only LIST         of get,set,mix,mget (all)
  --servers LIST      of cacheismo,memcached,redis (all that are found), and of cacheismo-binary, which asks ours in binary
  --memcached PATH    a further memcached to compare with
  --server-flags TEXT further flags for cacheismo, separated by blanks
  --keys N            number of keys (100000)
  --value-bytes LIST  sizes of values (100); large values come with fewer keys
  --zipf EXPONENT     keys by Zipf's law instead of uniformly
  --offered N         offer N requests a second instead of sending as fast as replies come; half: half of
                      what memcached manages
  --client NAME       epoll or net (epoll on Linux)
  --growth            instead: how long the thread is held while the cache grows to ten million items, and CPU per
                      get with that many items against 100,000
  --items N           another number of items for --growth
  --json FILE         write all figures to a file
  --help`;

/** The share of memcached's throughput. */
export const HALF = 'half';

export interface WireOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly threads: readonly number[];
  readonly connections: number;
  readonly idleConnections: number;
  readonly pipelines: readonly number[];
  readonly modes: readonly Mode[];
  readonly servers: readonly string[] | undefined;
  readonly memcachedPath: string | undefined;
  readonly serverFlags: readonly string[];
  readonly keys: number;
  readonly valueBytes: readonly number[];
  readonly distribution: KeyDistribution;
  /** Requests per second; 0 sends as fast as replies arrive. */
  readonly offered: number | typeof HALF;
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
      idle: text,
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
  const modes = values.only === undefined ? MODES : listOf(values.only);
  for (const mode of modes) if (!MODES.includes(mode as Mode)) throw new Error(`--only: ${mode} is none of ${MODES}`);
  return {
    rounds: positiveNumber('rounds', values.rounds, 15),
    seconds: positiveNumber('seconds', values.seconds, 0.4),
    threads: positiveNumbers('threads', values.threads ?? '1'),
    connections: positiveNumber('connections', values.connections, 50),
    idleConnections: positiveNumber('idle', values.idle, 0),
    pipelines: positiveNumbers('pipelines', values.pipelines ?? '1,16,64'),
    modes: modes as Mode[],
    servers: values.servers === undefined ? undefined : listOf(values.servers),
    memcachedPath: values.memcached,
    serverFlags: (values['server-flags'] ?? '').split(' ').filter((word) => word !== ''),
    keys: positiveNumber('keys', values.keys, 100_000),
    valueBytes: positiveNumbers('value-bytes', values['value-bytes'] ?? '100'),
    distribution:
      values.zipf === undefined
        ? { kind: 'uniform' }
        : { kind: 'zipf', exponent: positiveNumber('zipf', values.zipf, 1) },
    offered: values.offered === HALF ? HALF : positiveNumber('offered', values.offered, 0),
    client: clientNamed(values.client),
    growth: values.growth ?? false,
    items: positiveNumber('items', values.items, 10_000_000),
    jsonFile: values.json,
  };
}

export interface Scenario {
  readonly name: string;
  readonly mode: Mode;
  readonly pipeline: number;
  readonly valueBytes: number;
  readonly keys: number;
}

/** The limit of all values of a scenario together, so that every server can hold them in addition to those of the last one. */
const MOST_PAYLOAD_BYTES = 128 * 2 ** 20;

/** Each mode at each pipeline with each size of values; multi-get unpipelined only, as clients send it. */
export function scenarios(options: WireOptions): Scenario[] {
  return options.valueBytes.flatMap((valueBytes) => {
    const keys = Math.min(options.keys, Math.floor(MOST_PAYLOAD_BYTES / valueBytes));
    const size = options.valueBytes.length > 1 || valueBytes !== 100 ? `, values of ${valueBytes} bytes` : '';
    return options.modes.flatMap((mode): Scenario[] => {
      if (mode === 'mget')
        return [{ name: `get of ${KEYS_PER_MULTI_GET} keys${size}`, mode, pipeline: 1, valueBytes, keys }];
      const label = mode === 'mix' ? '90/10' : mode;
      return options.pipelines.map((pipeline) => {
        return { name: `${label}, pipeline ${pipeline}${size}`, mode, pipeline, valueBytes, keys };
      });
    });
  });
}
