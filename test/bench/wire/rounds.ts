// Drives the servers in turn through short rounds and gathers their figures. Not for printing.

import type { RunningServer } from '../host/servers.js';
import { Latency } from '../load/latency.js';
import type { LoadPlan, LoadResult, Mode } from '../load/plan.js';
import type { LoadProcess } from '../load/process.js';
import type { Scenario, WireOptions } from './options.js';

export interface Series {
  readonly server: string;
  /** Operations per second, server CPU in microseconds per operation, and the shares of one core: one of each a round. */
  readonly operationsPerSecond: number[];
  readonly cpuMicroseconds: number[];
  readonly serverCpuShare: number[];
  readonly loadCpuShare: number[];
  readonly latency: Latency;
  errors: number;
  /** Values found per operation. */
  hitsPerOperation: number;
}

const WARMUP_SECONDS = 0.2;
/** Before the first round of a scenario, so that a server that compiles while it runs has done so. */
export const FIRST_WARMUP_SECONDS = 1;
const FILL_SLICE = 250_000;
const FILL_PIPELINE = 64;
const SET_SHARE = 0.1;

export async function fill(
  load: LoadProcess,
  server: RunningServer,
  options: WireOptions,
  keys: number,
): Promise<void> {
  for (let firstKey = 0; firstKey < keys; firstKey += FILL_SLICE) {
    const slice = Math.min(FILL_SLICE, keys - firstKey);
    const plan = roundPlan(server, options, { mode: 'fill', pipeline: FILL_PIPELINE, keys: slice });
    const result = await load.run({
      ...plan,
      connections: 4,
      offeredPerSecond: 0,
      requests: { ...plan.requests, firstKey },
    });
    if (result.errors > 0) throw new Error(`${server.kind.name}: ${result.errors} errors while storing`);
  }
}

/** Each round visits every server; who begins changes, so that none always follows the same neighbour. */
export async function runScenario(
  load: LoadProcess,
  servers: readonly RunningServer[],
  options: WireOptions,
  scenario: Scenario,
): Promise<Series[]> {
  const series = servers.map((server) => newSeries(server.kind.name));
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < servers.length; turn++) {
      const index = (round + turn) % servers.length;
      const plan = roundPlan(servers[index] as RunningServer, options, { ...scenario, keys: options.keys });
      const warmupSeconds = round === 0 ? FIRST_WARMUP_SECONDS : WARMUP_SECONDS;
      note(series[index] as Series, await load.run({ ...plan, warmupSeconds }));
    }
  }
  return series;
}

export interface RoundShape {
  readonly mode: Mode;
  readonly pipeline: number;
  readonly keys: number;
}

export function roundPlan(server: RunningServer, options: WireOptions, shape: RoundShape): LoadPlan {
  return {
    port: server.port,
    serverPid: server.pid,
    requests: {
      protocol: server.kind.protocol,
      mode: shape.mode,
      firstKey: 0,
      keys: shape.keys,
      valueBytes: options.valueBytes,
      setShare: SET_SHARE,
      distribution: options.distribution,
    },
    connections: options.connections,
    pipeline: shape.pipeline,
    seconds: options.seconds,
    warmupSeconds: WARMUP_SECONDS,
    offeredPerSecond: options.offeredPerSecond,
    client: options.client,
  };
}

export function newSeries(server: string): Series {
  return {
    server,
    operationsPerSecond: [],
    cpuMicroseconds: [],
    serverCpuShare: [],
    loadCpuShare: [],
    latency: new Latency(),
    errors: 0,
    hitsPerOperation: 0,
  };
}

export function note(series: Series, result: LoadResult): void {
  series.operationsPerSecond.push(result.operations / result.seconds);
  series.cpuMicroseconds.push(result.serverCpuNanoseconds / 1000 / result.operations);
  series.serverCpuShare.push(result.serverCpuNanoseconds / 1e9 / result.seconds);
  series.loadCpuShare.push(result.loadCpuShare);
  series.latency.addEncoded(result.latency);
  series.errors += result.errors;
  series.hitsPerOperation = result.hits / result.operations;
}
