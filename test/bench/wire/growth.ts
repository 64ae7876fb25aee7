// Measures whether a get costs more when the cache is large: two servers of ours, one with many items and one with few, are driven
// in turn. How long the thread is held while the cache grows: stalls.ts.

import type { Verdict } from '../host/bars.js';
import { median } from '../host/ratios.js';
import { cpuRatio, runRounds, type Series } from '../host/series.js';
import { type RunningServer, type ServerKind, startServer } from '../host/servers.js';
import { figure, formatTable, percent } from '../host/table.js';
import type { LoadProcess } from '../load/process.js';
import type { WireOptions } from './options.js';
import { fill, roundPlan } from './rounds.js';

const FEW_ITEMS = 100_000;
const PIPELINE = 16;
const VALUE_BYTES = 10;
const MOST_TIMES = 1.7;
const BYTES_PER_ITEM = 150;

export interface GrowthResult {
  readonly text: string;
  readonly verdict: Verdict;
  readonly record: object;
}

export async function measureGrowth(
  kind: ServerKind,
  load: LoadProcess,
  options: WireOptions,
  processors: string | undefined,
): Promise<GrowthResult> {
  const counts = [FEW_ITEMS, options.items];
  const memoryMegabytes = Math.max(2048, Math.ceil((options.items * BYTES_PER_ITEM) / 2 ** 20));
  const { connections } = options;
  const threads = Math.min(...options.threads);
  const servers: RunningServer[] = [];
  try {
    for (const count of counts) {
      const server = await startServer(kind, { threads, memoryMegabytes, processors, connections });
      servers.push(server);
      await fill(load, server, options, { keys: count, valueBytes: VALUE_BYTES });
    }
    const series = await drive(load, servers, counts, options);
    return summarize(kind, counts, series);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function drive(
  load: LoadProcess,
  servers: readonly RunningServer[],
  counts: readonly number[],
  options: WireOptions,
): Promise<Series[]> {
  const contestants = counts.map((keys, index) => ({
    name: `${keys} items`,
    plan: roundPlan(servers[index], options, {
      mode: 'get',
      pipeline: PIPELINE,
      keys,
      valueBytes: VALUE_BYTES,
    }),
  }));
  const series = await runRounds(load, contestants, options.rounds);
  for (const { name, hitsPerOperation } of series) {
    if (hitsPerOperation !== 1) throw new Error(`${name}: only ${hitsPerOperation} of the items were found`);
  }
  return series;
}

function summarize(kind: ServerKind, counts: readonly number[], series: readonly Series[]): GrowthResult {
  const [few, many] = series as [Series, Series];
  const ratio = cpuRatio(many, few);
  const rows = series.map((one) => [
    one.name,
    figure(median(one.operationsPerSecond)),
    figure(median(one.cpuMicroseconds)),
    percent(median(one.loadCpuShare)),
  ]);
  return {
    text: `${kind.title}: get, pipeline ${PIPELINE}\n${formatTable(['items', 'ops/s', 'CPU us/op', 'load'], rows)}\n`,
    verdict: {
      what: `server CPU per get with ${counts[1]} items against ${counts[0]}`,
      measured: ratio,
      required: MOST_TIMES,
      relation: 'at most',
    },
    record: { counts, ratio, cpuMicroseconds: series.map((one) => one.cpuMicroseconds) },
  };
}
