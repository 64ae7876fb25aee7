// The benchmark of ordered indexes: a leaderboard of a million members in both languages, compared with the sorted set of Redis.
// Reads the command line and prints.

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { positiveNumber } from '../host/arguments.js';
import { formatVerdicts, type Verdict } from '../host/bars.js';
import { ask, respRequest, storedBytes } from '../host/conversation.js';
import { choosePinning } from '../host/processors.js';
import { ROUND_HELP, ROUND_OPTIONS, type RoundOptions, roundOptions } from '../host/round-options.js';
import { type Contestant, cpuRatio, runRounds, type Series } from '../host/series.js';
import { formatSeries } from '../host/series-table.js';
import { ownServer, type RunningServer, redisPeer, type ServerKind, startServer } from '../host/servers.js';
import type { Call, LoadPlan, Mode } from '../load/plan.js';
import { LoadProcess } from '../load/process.js';
import { boardType } from './board-types.js';

const USAGE = `Usage: npm run bench:ordered -- [options]
  --members N         members of the index (1000000)
  --pipeline N        requests sent before replies are awaited (16)
${ROUND_HELP}`;

const TYPESCRIPT = 'TypeScript';
const LUA = 'Lua';
const REDIS = 'redis';
const MEMORY_MEGABYTES = 512;
/** 13 bytes. */
const MEMBER = 'member#######';
const FILL_SLICE = 250_000;
const FILL = { connections: 4, pipeline: 64, seconds: 1, warmupSeconds: 0 };
const WARMUP_SECONDS = 0.1;
const MOST_BYTES = 85;
const MOST_CPU = 1.3;

const PUT = { ours: ['get', `board:put:b:${MEMBER}:~~`], redis: ['ZADD', 'board$b', '~~', MEMBER] };

/** What is compared, and what must be in our reply. */
const WORKLOADS = [
  { name: 'set against ZADD', ...PUT, answers: 'SUCCESS' },
  {
    name: 'rank against ZREVRANK',
    ours: ['get', `board:rank:b:${MEMBER}`],
    redis: ['ZREVRANK', 'board$b', MEMBER],
    answers: 'VALUE',
  },
  {
    name: 'top 10 against ZREVRANGE',
    ours: ['get', 'board:top:b'],
    redis: ['ZREVRANGE', 'board$b', '0', '9'],
    answers: 'member',
  },
] as const;

interface Board {
  readonly name: string;
  readonly server: RunningServer;
}

interface Options extends RoundOptions {
  readonly members: number;
  readonly pipeline: number;
}

function parseOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { ...ROUND_OPTIONS, members: text, pipeline: text } });
  if (values.help) return undefined;
  return {
    ...roundOptions(values),
    members: positiveNumber('members', values.members, 1_000_000),
    pipeline: positiveNumber('pipeline', values.pipeline, 16),
  };
}

function planOf(
  server: RunningServer,
  mode: Mode,
  call: Call,
  load: Omit<LoadPlan, 'port' | 'serverPid' | 'requests' | 'offeredPerSecond'>,
  keys: number,
  firstKey = 0,
): LoadPlan {
  const { protocol } = server.kind;
  const requests = {
    protocol,
    mode,
    firstKey,
    keys,
    valueBytes: 0,
    setShare: 0,
    distribution: { kind: 'uniform' } as const,
  };
  return {
    port: server.port,
    serverPid: server.pid,
    requests: { ...requests, calls: [call] },
    offeredPerSecond: 0,
    ...load,
  };
}

function callOf(server: RunningServer, call: { readonly ours: Call; readonly redis: Call }): Call {
  return server.kind.protocol === 'redis' ? call.redis : call.ours;
}

/** Fills a board; returns the bytes that each member takes by the server's own count. */
async function fill(load: LoadProcess, { name, server }: Board, { members, client }: Options): Promise<number> {
  const { protocol } = server.kind;
  const before = await storedBytes(server.port, protocol);
  if (protocol === 'memcached') await ask(server.port, protocol, 'get board:new:b\r\n');
  for (let first = 0; first < members; first += FILL_SLICE) {
    const keys = Math.min(FILL_SLICE, members - first);
    const result = await load.run(planOf(server, 'callEach', callOf(server, PUT), { ...FILL, client }, keys, first));
    if (result.errors > 0) throw new Error(`${name}: ${result.errors} errors while storing`);
  }
  return ((await storedBytes(server.port, protocol)) - before) / members;
}

async function checkReply({ name, server }: Board, call: Call, answers: string): Promise<void> {
  const words = call.map((word) => word.replace(/#+/, (places) => '0'.repeat(places.length)).replace('~~', '7'));
  const isRedis = server.kind.protocol === 'redis';
  const reply = await ask(server.port, server.kind.protocol, isRedis ? respRequest(words) : `${words.join(' ')}\r\n`);
  if (isRedis ? reply.startsWith('-') : !reply.includes(answers))
    throw new Error(`${name}: ${words.join(' ')} got ${reply}`);
}

async function measure(load: LoadProcess, boards: readonly Board[], options: Options): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const board of boards) {
    const bytes = await fill(load, board, options);
    console.log(`${board.name}: ${bytes.toFixed(1)} bytes for each of ${options.members} members`);
    if (board.name === TYPESCRIPT) {
      verdicts.push({ what: 'bytes of a member', measured: bytes, required: MOST_BYTES, relation: 'at most' });
    }
  }
  for (const workload of WORKLOADS) {
    const contestants: Contestant[] = [];
    for (const board of boards) {
      await checkReply(board, callOf(board.server, workload), workload.answers);
      const { connections, pipeline, seconds, client } = options;
      const shape = { connections, pipeline, seconds, client, warmupSeconds: WARMUP_SECONDS };
      contestants.push({
        name: board.name,
        plan: planOf(board.server, 'call', callOf(board.server, workload), shape, options.members),
      });
    }
    const series = await runRounds(load, contestants, options.rounds);
    const redis = series.find(({ name }) => name === REDIS);
    console.log(
      formatSeries(
        `\n${workload.name}`,
        series,
        (one) => rivalOf(one, redis),
        () => 1,
      ),
    );
    const ours = series.find(({ name }) => name === TYPESCRIPT) as Series;
    if (redis === undefined) continue;
    const what = `server CPU of ${workload.name}`;
    verdicts.push({ what, measured: cpuRatio(ours, redis), required: MOST_CPU, relation: 'at most' });
  }
  return verdicts;
}

function rivalOf(one: Series, redis: Series | undefined): Series | undefined {
  return one.name === REDIS ? undefined : redis;
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  using plugin = boardType(TYPESCRIPT);
  using script = boardType(LUA);
  const pinning = choosePinning(1);
  const load = new LoadProcess(pinning.load);
  const boards: Board[] = [];
  const start = async (name: string, kind: ServerKind | undefined): Promise<void> => {
    if (kind === undefined) {
      console.log(`${name} is left out: not built, or not installed`);
      return;
    }
    const server = await startServer(kind, {
      threads: 1,
      memoryMegabytes: MEMORY_MEGABYTES,
      processors: pinning.server,
    });
    boards.push({ name, server });
  };
  try {
    console.log(`${pinning.note}; load average ${loadavg()[0].toFixed(1)}`);
    await start(TYPESCRIPT, ownServer(plugin.flags));
    await start(LUA, ownServer(script.flags));
    await start(REDIS, redisPeer('redis-server', REDIS));
    console.log(formatVerdicts(await measure(load, boards, options)));
  } finally {
    for (const { server } of boards) await server.stop();
    load.stop();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
