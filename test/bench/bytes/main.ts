// The benchmark of byte arrays: one bit of an array of 1 MiB, at random places, compared with one of 1 KiB, in both languages. Reads the
// command line and prints.

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { positiveNumber } from '../host/arguments.js';
import { formatVerdicts, type Verdict } from '../host/bars.js';
import { ask } from '../host/conversation.js';
import { choosePinning } from '../host/processors.js';
import { type Contestant, cpuRatio, runRounds } from '../host/series.js';
import { formatSeries } from '../host/series-table.js';
import { ownServer, type RunningServer, startServer } from '../host/servers.js';
import type { LoadPlan } from '../load/plan.js';
import { LoadProcess } from '../load/process.js';
import { bitType } from './bit-types.js';

const USAGE = `Usage: npm run bench:bytes -- [options]
  --rounds N       rounds of each comparison, interleaved between the arrays (15)
  --seconds S      length of a round (0.3)
  --connections N  connections (50)
  --pipeline N     requests sent before replies are awaited (16)
  --help`;

const LANGUAGES = ['TypeScript', 'Lua'] as const;
const MEMORY_MEGABYTES = 64;
const WARMUP_SECONDS = 0.1;
const SMALL = { name: '1 KiB', key: 'small', bytes: 1024 };
const LARGE = { name: '1 MiB', key: 'large', bytes: 1024 * 1024 };
const MOST_CPU = 1.3;

type Shape = Pick<LoadPlan, 'connections' | 'pipeline' | 'seconds'>;

interface Options {
  readonly rounds: number;
  readonly shape: Shape;
}

function parseOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { rounds: text, seconds: text, connections: text, pipeline: text, help: { type: 'boolean' } },
  });
  if (values.help) return undefined;
  return {
    rounds: positiveNumber('rounds', values.rounds, 15),
    shape: {
      connections: positiveNumber('connections', values.connections, 50),
      pipeline: positiveNumber('pipeline', values.pipeline, 16),
      seconds: positiveNumber('seconds', values.seconds, 0.3),
    },
  };
}

function contestantOf(server: RunningServer, { name, key, bytes }: typeof SMALL, shape: Shape): Contestant {
  const requests = {
    protocol: 'memcached',
    mode: 'call',
    firstKey: 0,
    keys: bytes * 8,
    valueBytes: 0,
    setShare: 0,
    distribution: { kind: 'uniform' },
    calls: [['get', `bits:flip:${key}:#######`]],
  } as const;
  const { port, pid: serverPid } = server;
  const rate = { offeredPerSecond: 0, warmupSeconds: WARMUP_SECONDS, client: 'epoll' } as const;
  return { name, plan: { port, serverPid, requests, ...shape, ...rate } };
}

async function make(server: RunningServer, { key, bytes }: typeof SMALL): Promise<void> {
  const reply = await ask(server.port, 'memcached', `get bits:new:${key}:${bytes}\r\n`);
  if (!reply.includes('CREATED')) throw new Error(`bits:new:${key}: ${reply}`);
  const flipped = await ask(server.port, 'memcached', `get bits:flip:${key}:0000007\r\n`);
  if (!flipped.includes('true')) throw new Error(`bits:flip:${key}: ${flipped}`);
}

async function measure(
  load: LoadProcess,
  server: RunningServer,
  language: string,
  { rounds, shape }: Options,
): Promise<Verdict> {
  await make(server, SMALL);
  await make(server, LARGE);
  const contestants = [contestantOf(server, LARGE, shape), contestantOf(server, SMALL, shape)];
  const [large, small] = await runRounds(load, contestants, rounds);
  console.log(
    formatSeries(
      `\na bit in ${language}`,
      [large, small],
      (one) => (one === large ? small : undefined),
      () => 1,
    ),
  );
  const what = `server CPU of a bit in 1 MiB, against one in 1 KiB, in ${language}`;
  return { what, measured: cpuRatio(large, small), required: MOST_CPU, relation: 'at most' };
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const pinning = choosePinning(1);
  const load = new LoadProcess(pinning.load);
  const verdicts: Verdict[] = [];
  console.log(`${pinning.note}; load average ${loadavg()[0].toFixed(1)}`);
  try {
    for (const language of LANGUAGES) {
      using type = bitType(language);
      const kind = ownServer(type.flags);
      if (kind === undefined) throw new Error('the server is not built: run npm run build');
      const server = await startServer(kind, {
        threads: 1,
        memoryMegabytes: MEMORY_MEGABYTES,
        processors: pinning.server,
      });
      try {
        verdicts.push(await measure(load, server, language, options));
      } finally {
        await server.stop();
      }
    }
    console.log(formatVerdicts(verdicts));
  } finally {
    load.stop();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
