// Fills the servers and drives them in turn through the rounds of a scenario.

import { median } from '../host/ratios.js';
import { type Contestant, runRounds, type Series } from '../host/series.js';
import type { RunningServer } from '../host/servers.js';
import type { LoadPlan, Mode } from '../load/plan.js';
import type { LoadProcess } from '../load/process.js';
import { type Contender, findContender } from './contenders.js';
import { HALF, type Scenario, type WireOptions } from './options.js';

const WARMUP_SECONDS = 0.1;
const FILL_SLICE = 250_000;
const FILL_PIPELINE = 64;
const FILL_CONNECTIONS = 4;
const SET_SHARE = 0.1;
const CALIBRATION_ROUNDS = 3;

export type RoundShape = Pick<Scenario, 'mode' | 'pipeline' | 'keys' | 'valueBytes'>;

/** Stores keys firstKey to keys - 1. */
export async function fill(
  load: LoadProcess,
  server: RunningServer,
  options: WireOptions,
  shape: { readonly keys: number; readonly valueBytes: number; readonly firstKey?: number },
): Promise<void> {
  for (let firstKey = shape.firstKey ?? 0; firstKey < shape.keys; firstKey += FILL_SLICE) {
    const keys = Math.min(FILL_SLICE, shape.keys - firstKey);
    const plan = roundPlan(server, options, { ...shape, keys, mode: 'fill', pipeline: FILL_PIPELINE });
    const requests = { ...plan.requests, firstKey };
    const result = await load.run({ ...plan, connections: FILL_CONNECTIONS, requests });
    if (result.errors > 0) throw new Error(`${server.kind.name}: ${result.errors} errors while storing`);
  }
}

export interface ScenarioRun {
  readonly series: readonly Series[];
  /** The offered rate; 0 when requests were sent as fast as replies arrived. */
  readonly offeredPerSecond: number;
}

export async function runScenario(
  load: LoadProcess,
  contenders: readonly Contender[],
  options: WireOptions,
  scenario: Scenario,
): Promise<ScenarioRun> {
  const offeredPerSecond =
    options.offered === HALF ? await halfOfMemcached(load, contenders, options, scenario) : options.offered;
  const contestants = contenders.map(({ name, server }) => ({
    name,
    plan: { ...roundPlan(server, options, scenario), offeredPerSecond },
  }));
  return { series: await runRounds(load, contestants, options.rounds), offeredPerSecond };
}

/** Half of the throughput of memcached with the fewest threads. */
async function halfOfMemcached(
  load: LoadProcess,
  contenders: readonly Contender[],
  options: WireOptions,
  scenario: Scenario,
): Promise<number> {
  const memcached = findContender(contenders, 'memcached', Math.min(...options.threads));
  if (memcached === undefined) throw new Error(`--offered ${HALF}: there is no memcached to measure`);
  const contestant: Contestant = { name: memcached.name, plan: roundPlan(memcached.server, options, scenario) };
  const [series] = await runRounds(load, [contestant], CALIBRATION_ROUNDS);
  return median(series?.operationsPerSecond ?? []) / 2;
}

export function roundPlan(
  server: RunningServer,
  options: WireOptions,
  shape: RoundShape & { readonly mode: Mode },
): LoadPlan {
  return {
    port: server.port,
    serverPid: server.pid,
    requests: {
      protocol: server.kind.protocol,
      mode: shape.mode,
      firstKey: 0,
      keys: shape.keys,
      valueBytes: shape.valueBytes,
      setShare: SET_SHARE,
      distribution: options.distribution,
    },
    connections: options.connections,
    pipeline: shape.pipeline,
    seconds: options.seconds,
    warmupSeconds: WARMUP_SECONDS,
    offeredPerSecond: 0,
    client: options.client,
  };
}
