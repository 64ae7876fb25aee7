// The results of one contestant, round by round, and the comparison of two.

import { Latency } from '../load/latency.js';
import type { LoadPlan, LoadResult } from '../load/plan.js';
import type { LoadProcess } from '../load/process.js';
import { medianOfPairedRatios } from './ratios.js';

export const PERCENTILES = [50, 99, 99.9] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** Operations per second, server CPU in microseconds per operation, shares of one core, latencies: one of each per round. */
export interface Series {
  readonly name: string;
  readonly operationsPerSecond: number[];
  readonly cpuMicroseconds: number[];
  readonly serverCpuShare: number[];
  readonly loadCpuShare: number[];
  readonly latencyMicroseconds: Readonly<Record<Percentile, number[]>>;
  errors: number;
  /** Values found per operation. */
  hitsPerOperation: number;
}

export interface Contestant {
  readonly name: string;
  readonly plan: LoadPlan;
}

/** Runs before the first round, pipelined, so that a server with a JIT compiler has compiled its code. */
const FIRST_WARMUP = { seconds: 1, pipeline: 16 };

/** Each round visits every contestant. The first one changes, so that none always follows the same neighbour. */
export async function runRounds(
  load: LoadProcess,
  contestants: readonly Contestant[],
  rounds: number,
  isCold = true,
): Promise<Series[]> {
  const series = contestants.map(({ name }) => newSeries(name));
  if (isCold) await warmUp(load, contestants);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (round + turn) % contestants.length;
      note(series[index], await load.run(contestants[index].plan));
    }
  }
  return series;
}

export async function warmUp(
  load: LoadProcess,
  contestants: readonly Contestant[],
  seconds = FIRST_WARMUP.seconds,
): Promise<void> {
  for (const { plan } of contestants) {
    const pipeline = Math.max(plan.pipeline, FIRST_WARMUP.pipeline);
    await load.run({ ...plan, seconds, warmupSeconds: 0, offeredPerSecond: 0, pipeline });
  }
}

export function newSeries(name: string): Series {
  return {
    name,
    operationsPerSecond: [],
    cpuMicroseconds: [],
    serverCpuShare: [],
    loadCpuShare: [],
    latencyMicroseconds: { 50: [], 99: [], 99.9: [] },
    errors: 0,
    hitsPerOperation: 0,
  };
}

export function note(series: Series, result: LoadResult): void {
  series.operationsPerSecond.push(result.operations / result.seconds);
  series.cpuMicroseconds.push(result.serverCpuNanoseconds / 1000 / result.operations);
  series.serverCpuShare.push(result.serverCpuNanoseconds / 1e9 / result.seconds);
  series.loadCpuShare.push(result.loadCpuShare);
  const latency = new Latency();
  latency.addEncoded(result.latency);
  for (const percentile of PERCENTILES) {
    series.latencyMicroseconds[percentile].push(latency.microsecondsAt(percentile));
  }
  series.errors += result.errors;
  series.hitsPerOperation = result.hits / result.operations;
}

export function throughputRatio(ours: Series, peer: Series): number {
  return medianOfPairedRatios(ours.operationsPerSecond, peer.operationsPerSecond);
}

export function cpuRatio(ours: Series, peer: Series): number {
  return medianOfPairedRatios(ours.cpuMicroseconds, peer.cpuMicroseconds);
}

export function latencyRatio(ours: Series, peer: Series, percentile: Percentile): number {
  return medianOfPairedRatios(ours.latencyMicroseconds[percentile], peer.latencyMicroseconds[percentile]);
}
