// Calls compared with Redis: each method in both languages, and puts into sets of three sizes.

import type { Verdict } from '../host/bars.js';
import { cpuRatio, runRounds, type Series, throughputRatio } from '../host/series.js';
import { formatSeries } from '../host/series-table.js';
import type { LoadProcess } from '../load/process.js';
import {
  contestantsFor,
  EVALSHA,
  fillObjects,
  LUA,
  type ObjectServers,
  REDIS,
  runningServers,
  TYPESCRIPT,
} from './contestants.js';
import type { ObjectsOptions } from './options.js';
import { counterAdd, mapPut, quotaAddAndCheck, setPut, setPutNew, type Workload } from './workloads.js';

export interface PartResult {
  readonly records: readonly object[];
  readonly verdicts: readonly Verdict[];
}

const USUAL_MEMBERS = 1000;
const SET_SIZES = [10, 1000, 1_000_000] as const;
const CPU_PIPELINE = 16;

interface CallBar {
  readonly workload: string;
  readonly ours: string;
  readonly peer: string;
  readonly cpuAtMost: number;
  readonly throughputAtLeast: number;
  readonly throughputAimedAt: number;
}

const BARS: readonly CallBar[] = [
  { workload: 'set:put', ours: LUA, peer: EVALSHA, cpuAtMost: 1.2, throughputAtLeast: 1, throughputAimedAt: 1.5 },
  {
    workload: 'quota:addandcheck',
    ours: LUA,
    peer: EVALSHA,
    cpuAtMost: 1.2,
    throughputAtLeast: 1,
    throughputAimedAt: 1.5,
  },
  { workload: 'set:put', ours: TYPESCRIPT, peer: REDIS, cpuAtMost: 1.3, throughputAtLeast: 1, throughputAimedAt: 1.2 },
];

const LARGE_AGAINST_SMALL = 1.6;

export async function measureCalls(
  load: LoadProcess,
  servers: ObjectServers,
  options: ObjectsOptions,
): Promise<PartResult> {
  const records: object[] = [];
  const verdicts: Verdict[] = [];
  for (const workload of [setPut(USUAL_MEMBERS), mapPut(), quotaAddAndCheck(), counterAdd()]) {
    await fillAll(load, servers, workload, options);
    for (const pipeline of options.pipelines) {
      const contestants = await contestantsFor(servers, workload, options, pipeline);
      const series = await runRounds(load, contestants, options.rounds);
      const title = `${workload.name}, pipeline ${pipeline}`;
      console.log(
        formatSeries(
          title,
          series,
          (one) => rivalOf(series, one),
          () => 1,
        ),
      );
      records.push({ title, pipeline, workload: workload.name, series });
      verdicts.push(...callVerdicts(workload, pipeline, series));
    }
  }
  return { records, verdicts };
}

/** Lua is compared with scripts of Redis, TypeScript with its commands where there is one for the same. */
function rivalOf(series: readonly Series[], one: Series): Series | undefined {
  const language = one.name === EVALSHA ? LUA : one.name === REDIS ? TYPESCRIPT : undefined;
  return series.find(({ name }) => name === language);
}

function callVerdicts(workload: Workload, pipeline: number, series: readonly Series[]): Verdict[] {
  return BARS.filter((bar) => bar.workload === workload.name).flatMap((bar): Verdict[] => {
    const ours = series.find(({ name }) => name === bar.ours);
    const peer = series.find(({ name }) => name === bar.peer);
    if (ours === undefined || peer === undefined) return [];
    const what = `of ${bar.ours} ${workload.name} against ${bar.peer}, pipeline ${pipeline}`;
    const throughput: Verdict = {
      what: `throughput ${what}`,
      measured: throughputRatio(ours, peer),
      required: bar.throughputAtLeast,
      aimedAt: bar.throughputAimedAt,
      relation: 'at least',
    };
    if (pipeline !== CPU_PIPELINE) return [throughput];
    const cpu = cpuRatio(ours, peer);
    return [{ what: `server CPU ${what}`, measured: cpu, required: bar.cpuAtMost, relation: 'at most' }, throughput];
  });
}

/** Puts into sets of ten to a million members, all in the same rounds. */
export async function measureSizes(
  load: LoadProcess,
  servers: ObjectServers,
  options: ObjectsOptions,
): Promise<PartResult> {
  const records: object[] = [];
  const verdicts: Verdict[] = [];
  for (const make of [setPut, setPutNew]) {
    const contestants = [];
    for (const members of SET_SIZES) {
      const workload = make(members);
      // The second kind of puts finds the sets of the first.
      if (make === setPut) await fillAll(load, servers, workload, options);
      const all = await contestantsFor(servers, workload, options, CPU_PIPELINE, sizeSuffix(members));
      contestants.push(...all.filter(({ name }) => !name.startsWith(EVALSHA)));
    }
    const series = await runRounds(load, contestants, options.rounds);
    const title = `${make(USUAL_MEMBERS).name}, pipeline ${CPU_PIPELINE}, by number of members`;
    console.log(
      formatSeries(
        title,
        series,
        () => undefined,
        () => 1,
      ),
    );
    records.push({ title, pipeline: CPU_PIPELINE, series });
    verdicts.push(...sizeVerdicts(title, series));
  }
  return { records, verdicts };
}

function sizeSuffix(members: number): string {
  return `, ${members}`;
}

function sizeVerdicts(title: string, series: readonly Series[]): Verdict[] {
  const [small, , large] = SET_SIZES;
  return [LUA, TYPESCRIPT].map((language) => {
    const of = (members: number): Series =>
      series.find(({ name }) => name === `${language}${sizeSuffix(members)}`) as Series;
    return {
      what: `server CPU of ${language} ${title}: ${large} against ${small}`,
      measured: cpuRatio(of(large), of(small)),
      required: LARGE_AGAINST_SMALL,
      relation: 'at most',
    };
  });
}

async function fillAll(
  load: LoadProcess,
  servers: ObjectServers,
  workload: Workload,
  options: ObjectsOptions,
): Promise<void> {
  for (const server of runningServers(servers)) await fillObjects(load, server, workload.fill, options.client);
}
