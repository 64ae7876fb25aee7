// The servers that are compared for objects: ours with only Lua, ours with only TypeScript, and redis-server twice, with its own commands
// and with scripts.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, respRequest } from '../host/conversation.js';
import type { Contestant } from '../host/series.js';
import { ownServer, type RunningServer, redisPeer, type ServerKind, startServer } from '../host/servers.js';
import { fillIn } from '../load/calls.js';
import type { Call, LoadPlan, Mode } from '../load/plan.js';
import type { LoadProcess } from '../load/process.js';
import { Random } from '../load/random.js';
import type { ObjectsOptions } from './options.js';
import type { Filling, Workload } from './workloads.js';

export const LUA = 'Lua';
export const TYPESCRIPT = 'TypeScript';
export const REDIS = 'redis';
export const EVALSHA = 'redis EVALSHA';

const MEMORY_MEGABYTES = 2048;
const WARMUP_SECONDS = 0.1;
const FILL_SLICE = 250_000;
const FILL_PIPELINE = 64;
const FILL_CONNECTIONS = 4;

export interface ObjectServers {
  readonly lua: RunningServer;
  readonly typescript: RunningServer;
  readonly redis: RunningServer | undefined;
}

/** Starts the servers, calls `use`, and stops them even if it throws. */
export async function withObjectServers<T>(
  serverFlags: readonly string[],
  processors: string | undefined,
  use: (servers: ObjectServers) => Promise<T>,
): Promise<T> {
  const empty = mkdtempSync(join(tmpdir(), 'cacheismo-bench-'));
  const started: RunningServer[] = [];
  const start = async (kind: ServerKind): Promise<RunningServer> => {
    const server = await startServer(kind, { threads: 1, memoryMegabytes: MEMORY_MEGABYTES, processors });
    started.push(server);
    return server;
  };
  try {
    const lua = await start(ours(['--scripts', 'scripts', '--plugins', empty, ...serverFlags]));
    const typescript = await start(ours(['--scripts', empty, '--plugins', 'plugins', ...serverFlags]));
    const redisKind = redisPeer('redis-server', REDIS);
    if (redisKind === undefined) console.log('redis is not installed: left out');
    const redis = redisKind && (await start(redisKind));
    return await use({ lua, typescript, redis });
  } finally {
    for (const server of started) await server.stop();
    rmSync(empty, { recursive: true });
  }
}

function ours(flags: readonly string[]): ServerKind {
  const kind = ownServer(flags);
  if (kind === undefined) throw new Error('cacheismo is not built: run npm run build');
  return kind;
}

export function runningServers({ lua, typescript, redis }: ObjectServers): RunningServer[] {
  return redis === undefined ? [lua, typescript] : [lua, typescript, redis];
}

/** Stores the data that a workload needs; calls of one connection with equal numbers are in order. */
export async function fillObjects(
  load: LoadProcess,
  server: RunningServer,
  filling: Filling,
  client: LoadPlan['client'],
): Promise<void> {
  const { protocol } = server.kind;
  const isOurs = protocol === 'memcached';
  if (isOurs && filling.first !== undefined) await ask(server.port, protocol, `${filling.first.ours.join(' ')}\r\n`);
  const calls = isOurs ? filling.each.ours : filling.each.redis;
  // The calls for one number must not be spread over connections, which would mix their order.
  const isOneCall = calls.length === 1;
  for (let firstKey = 0; firstKey < filling.count; firstKey += FILL_SLICE) {
    const keys = Math.min(FILL_SLICE, filling.count - firstKey);
    const plan = callPlan(server, 'callEach', calls, { pipeline: isOneCall ? FILL_PIPELINE : calls.length, client });
    const connections = isOneCall ? FILL_CONNECTIONS : 1;
    const result = await load.run({ ...plan, connections, requests: { ...plan.requests, firstKey, keys } });
    if (result.errors > 0) throw new Error(`${server.kind.title}: ${result.errors} errors while storing`);
  }
}

/** The contestants of a workload, after checking that each gives the right replies. */
export async function contestantsFor(
  servers: ObjectServers,
  workload: Workload,
  options: ObjectsOptions,
  pipeline: number,
  suffix = '',
): Promise<Contestant[]> {
  const { lua, typescript, redis } = servers;
  const sides: [string, RunningServer, readonly Call[]][] = [
    [LUA, lua, workload.ours],
    [TYPESCRIPT, typescript, workload.ours],
  ];
  if (redis !== undefined) {
    const { source, calls } = workload.script;
    const hash = createHash('sha1').update(source).digest('hex');
    await ask(redis.port, 'redis', respRequest(['SCRIPT', 'LOAD', source]));
    if (workload.redis !== undefined) sides.push([REDIS, redis, workload.redis]);
    sides.push([EVALSHA, redis, calls.map((call) => ['EVALSHA', hash, ...call])]);
  }
  for (const [name, server, calls] of sides) await check(name, server, calls, workload);
  return sides.map(([name, server, calls]) => {
    const plan = callPlan(server, 'call', calls, { pipeline, client: options.client });
    const requests = { ...plan.requests, keys: workload.numbers, firstKey: workload.firstNumber };
    const { connections, seconds } = options;
    return { name: `${name}${suffix}`, plan: { ...plan, requests, connections, seconds } };
  });
}

async function check(name: string, server: RunningServer, calls: readonly Call[], workload: Workload): Promise<void> {
  const { protocol } = server.kind;
  const random = new Random(1);
  for (const call of calls) {
    const words = call.map((word) => fillIn(word, workload.firstNumber, random));
    const request = protocol === 'redis' ? respRequest(words) : `${words.join(' ')}\r\n`;
    const reply = await ask(server.port, protocol, request);
    const isGood = protocol === 'redis' ? !reply.startsWith('-') : reply.includes(workload.answers);
    if (!isGood) throw new Error(`${name}: ${words.join(' ')} was answered by ${reply.trim()}`);
  }
}

function callPlan(
  server: RunningServer,
  mode: Mode,
  calls: readonly Call[],
  { pipeline, client }: { readonly pipeline: number; readonly client: LoadPlan['client'] },
): LoadPlan {
  return {
    port: server.port,
    serverPid: server.pid,
    requests: {
      protocol: server.kind.protocol,
      mode,
      firstKey: 0,
      keys: 1,
      valueBytes: 0,
      setShare: 0,
      distribution: { kind: 'uniform' },
      calls,
    },
    connections: 1,
    pipeline,
    seconds: 1,
    warmupSeconds: WARMUP_SECONDS,
    offeredPerSecond: 0,
    client,
  };
}
