// The benchmark of the types that ship: calls in both languages, compared with scripts and commands of Redis for the same, and bytes.
// Reads the command line and prints.

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { clientNamed, positiveNumber, positiveNumbers } from '../host/arguments.js';
import { formatVerdicts, type Verdict } from '../host/bars.js';
import { storedBytes } from '../host/conversation.js';
import { choosePinning } from '../host/processors.js';
import { runRounds, type Series, throughputRatio } from '../host/series.js';
import { formatSeries } from '../host/series-table.js';
import type { RunningServer } from '../host/servers.js';
import { LoadProcess } from '../load/process.js';
import {
  contestantsFor,
  EVALSHA,
  fillObjects,
  LUA,
  type ObjectServers,
  REDIS,
  runningServers,
  TYPESCRIPT,
  withObjectServers,
} from '../objects/contestants.js';
import type { ObjectsOptions } from '../objects/options.js';
import type { Filling, Workload } from '../objects/workloads.js';
import { acquire, LEASES, LIMITERS, release, takeAllowed, takeRefused } from './workloads.js';

const USAGE = `Usage: npm run bench:types -- [options]
  --rounds N          rounds of each comparison, interleaved between the servers (15)
  --seconds S         length of a round (0.3)
  --connections N     connections (50)
  --pipelines LIST    requests sent before replies are awaited (1,16)
  --client NAME       epoll or net (epoll on Linux)
  --help`;

/** Required throughput, by pipeline; a pipeline that is not listed is not judged. */
interface Bars {
  readonly peer: string;
  readonly of: Readonly<Record<string, Readonly<Record<number, number>>>>;
}

const AGAINST_SCRIPT: Bars = { peer: EVALSHA, of: { [TYPESCRIPT]: { 1: 1.3, 16: 2.5 }, [LUA]: { 1: 1.2, 16: 2 } } };
const CALLS: readonly (readonly [Workload, Bars])[] = [
  [takeAllowed(), AGAINST_SCRIPT],
  [takeRefused(), AGAINST_SCRIPT],
  [acquire(), { peer: REDIS, of: { [TYPESCRIPT]: { 1: 1, 16: 1 } } }],
  [release(), { peer: EVALSHA, of: { [TYPESCRIPT]: { 1: 1, 16: 1 } } }],
];

const BYTES: readonly { readonly what: string; readonly filling: Filling; readonly atMost: number }[] = [
  { what: 'gcra limiter', filling: LIMITERS, atMost: 90 },
  { what: 'lease', filling: LEASES, atMost: 150 },
];

type Options = Omit<ObjectsOptions, 'parts' | 'jsonFile'>;

function parseOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      rounds: text,
      seconds: text,
      connections: text,
      pipelines: text,
      client: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: positiveNumber('rounds', values.rounds, 15),
    seconds: positiveNumber('seconds', values.seconds, 0.3),
    connections: positiveNumber('connections', values.connections, 50),
    pipelines: positiveNumbers('pipelines', values.pipelines ?? '1,16'),
    serverFlags: [],
    client: clientNamed(values.client),
  };
}

/** The servers must still be empty. */
async function measureBytes(load: LoadProcess, servers: ObjectServers, options: Options): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { what, filling, atMost } of BYTES) {
    const bytesEach = async (server: RunningServer): Promise<number> => {
      const { protocol } = server.kind;
      const before = await storedBytes(server.port, protocol);
      await fillObjects(load, server, filling, options.client);
      return ((await storedBytes(server.port, protocol)) - before) / filling.count;
    };
    const ours = await bytesEach(servers.typescript);
    const theirs = servers.redis === undefined ? undefined : await bytesEach(servers.redis);
    console.log(`bytes of a ${what}: ${ours.toFixed(1)}, redis ${theirs?.toFixed(1) ?? 'is not installed'}`);
    verdicts.push({ what: `bytes of a ${what}`, measured: ours, required: atMost, relation: 'at most' });
  }
  return verdicts;
}

async function measureCalls(load: LoadProcess, servers: ObjectServers, options: Options): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [workload, bars] of CALLS) {
    for (const server of runningServers(servers)) await fillObjects(load, server, workload.fill, options.client);
    for (const pipeline of options.pipelines) {
      const contestants = await contestantsFor(
        servers,
        workload,
        { ...options, parts: [], jsonFile: undefined },
        pipeline,
      );
      const series = await runRounds(load, contestants, options.rounds);
      const peer = series.find(({ name }) => name === bars.peer);
      const rival = (one: Series) => (one.name === bars.peer ? undefined : peer);
      console.log(formatSeries(`\n${workload.name}, pipeline ${pipeline}`, series, rival, () => 1));
      for (const [language, required] of Object.entries(bars.of)) {
        const ours = series.find(({ name }) => name === language);
        if (ours === undefined || peer === undefined || required[pipeline] === undefined) continue;
        const what = `throughput of ${workload.name} in ${language} against ${bars.peer}, pipeline ${pipeline}`;
        const measured = throughputRatio(ours, peer);
        verdicts.push({ what, measured, required: required[pipeline], relation: 'at least' });
      }
    }
  }
  return verdicts;
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const pinning = choosePinning(1);
  const load = new LoadProcess(pinning.load);
  try {
    console.log(`${pinning.note}; load average ${loadavg()[0].toFixed(1)}`);
    const verdicts = await withObjectServers([], pinning.server, async (servers) => [
      ...(await measureBytes(load, servers, options)),
      ...(await measureCalls(load, servers, options)),
    ]);
    console.log(formatVerdicts(verdicts));
  } finally {
    load.stop();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
