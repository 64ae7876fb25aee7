// Measures a group on servers of its own: the bytes of what it stores, and its comparisons in interleaved rounds.

import type { Verdict } from '../host/bars.js';
import { ask, respRequest, storedBytes } from '../host/conversation.js';
import { median } from '../host/ratios.js';
import { type Contestant, cpuRatio, runRounds, type Series, throughputRatio, warmUp } from '../host/series.js';
import { formatSeries } from '../host/series-table.js';
import type { RunningServer } from '../host/servers.js';
import type { LoadProcess } from '../load/process.js';
import type { ObjectServers } from '../objects/contestants.js';
import type { Bar, Bytes, Comparison, Filling, Group } from './comparison.js';
import { fill, roundPlan } from './dialogues.js';
import type { TypesOptions } from './options.js';

/** Ours against one peer at one pipeline. The figures of a peer that is not installed are NaN. */
export interface CallRow {
  readonly what: string;
  readonly peer: string;
  readonly pipeline: number;
  readonly operationsPerSecond: readonly [ours: number, peer: number];
  readonly cpuMicroseconds: readonly [ours: number, peer: number];
  readonly throughputRatio: number;
  readonly cpuRatio: number;
  readonly bar: Bar | undefined;
}

export interface BytesRow {
  readonly what: string;
  readonly ours: number;
  /** By its MEMORY USAGE. */
  readonly redis: number;
  readonly atMost: number | undefined;
}

export interface Figures {
  readonly calls: readonly CallRow[];
  readonly bytes: readonly BytesRow[];
}

export async function measureGroup(
  load: LoadProcess,
  servers: ObjectServers,
  group: Group,
  options: TypesOptions,
): Promise<Figures> {
  if (servers.redis !== undefined) await loadScripts(servers.redis, group);
  const bytes: BytesRow[] = [];
  for (const filling of group.fillings) {
    const row = await fillAndWeigh(load, servers, usedIn(servers, group.comparisons), filling, options);
    if (row !== undefined) bytes.push(row);
  }
  const calls: CallRow[] = [];
  for (const comparison of group.comparisons) {
    for (const pipeline of options.pipelines)
      calls.push(...(await compare(load, servers, comparison, pipeline, options)));
  }
  return { calls, bytes };
}

/** The servers that are installed, of those that comparisons name. */
function usedIn(servers: ObjectServers, comparisons: readonly Comparison[]): RunningServer[] {
  const names = new Set(comparisons.flatMap(({ ours, peer }) => [...ours, peer]).map(({ server }) => server));
  return [...names].flatMap((name) => servers[name] ?? []);
}

async function loadScripts({ port }: RunningServer, { name, scripts }: Group): Promise<void> {
  for (const source of scripts) {
    const reply = await ask(port, 'redis', respRequest(['SCRIPT', 'LOAD', source]));
    if (!reply.startsWith('$')) throw new Error(`redis refuses a script of ${name}: ${reply.trim()}`);
  }
}

async function fillAndWeigh(
  load: LoadProcess,
  servers: ObjectServers,
  used: readonly RunningServer[],
  filling: Filling,
  { client }: TypesOptions,
): Promise<BytesRow | undefined> {
  const { typescript, redis } = servers;
  const before = await storedBytes(typescript.port, typescript.kind.protocol);
  for (const server of used) await fill(load, server, filling, client);
  const { bytes } = filling;
  if (bytes === undefined) return undefined;
  const grown = (await storedBytes(typescript.port, typescript.kind.protocol)) - before;
  const theirs = redis === undefined ? Number.NaN : await memoryUsage(redis, bytes);
  return { what: bytes.what, ours: grown / bytes.count, redis: theirs, atMost: bytes.atMost };
}

/** Bytes of one of what the keys hold, every element counted. */
async function memoryUsage(redis: RunningServer, { redis: of }: Bytes): Promise<number> {
  if (of === undefined) return Number.NaN;
  let sum = 0;
  for (const key of of.keys) {
    const reply = await ask(redis.port, 'redis', respRequest(['MEMORY', 'USAGE', key, 'SAMPLES', '0']));
    // Some keys are made by the rounds only.
    if (reply.startsWith(':')) sum += Number(reply.slice(1));
  }
  return sum / of.count;
}

async function compare(
  load: LoadProcess,
  servers: ObjectServers,
  comparison: Comparison,
  pipeline: number,
  options: TypesOptions,
): Promise<CallRow[]> {
  const { name, ours, peer, bars, numbers: count, first = 0, before } = comparison;
  if (before !== undefined) {
    for (const server of usedIn(servers, [comparison])) await fill(load, server, before, options.client);
  }
  const contestants = [...ours, peer].flatMap((side): Contestant[] => {
    const plan = roundPlan(servers, side, { first, count }, pipeline, options);
    return plan === undefined ? [] : [{ name: side.name, plan }];
  });
  if (pipeline === options.pipelines[0]) await warmUp(load, contestants, options.warmupSeconds);
  const series = await runRounds(load, contestants, options.rounds, false);
  const rival = series.find((one) => one.name === peer.name);
  const title = `\n${name}, pipeline ${pipeline}`;
  console.log(
    formatSeries(
      title,
      series,
      (one) => (one === rival ? series[0] : undefined),
      () => 1,
    ),
  );
  return series
    .filter((one) => one !== rival)
    .map((one) =>
      rowOf(
        ours.length > 1 ? `${name}, ${one.name}` : name,
        one,
        peer.name,
        rival,
        pipeline,
        bars[one.name]?.[pipeline],
      ),
    );
}

function rowOf(
  what: string,
  ours: Series,
  peer: string,
  theirs: Series | undefined,
  pipeline: number,
  bar: Bar | undefined,
): CallRow {
  return {
    what,
    peer,
    pipeline,
    operationsPerSecond: [median(ours.operationsPerSecond), median(theirs?.operationsPerSecond ?? [])],
    cpuMicroseconds: [median(ours.cpuMicroseconds), median(theirs?.cpuMicroseconds ?? [])],
    throughputRatio: theirs === undefined ? Number.NaN : throughputRatio(ours, theirs),
    cpuRatio: theirs === undefined ? Number.NaN : cpuRatio(ours, theirs),
    bar,
  };
}

/** Undefined where nothing is required, or nothing was measured. */
export function verdictOf(row: CallRow | BytesRow): Verdict | undefined {
  const { what } = row;
  if ('ours' in row) {
    return row.atMost === undefined
      ? undefined
      : { what, measured: row.ours, required: row.atMost, relation: 'at most' };
  }
  if (row.bar === undefined || Number.isNaN(row.throughputRatio)) return undefined;
  const isThroughput = row.bar.figure === 'throughput';
  const measured = isThroughput ? row.throughputRatio : row.cpuRatio;
  return { what, measured, required: row.bar.required, relation: isThroughput ? 'at least' : 'at most' };
}
