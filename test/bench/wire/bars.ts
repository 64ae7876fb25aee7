// The figures that are required of our server against its peers, and the verdicts on a scenario.

import type { Verdict } from '../host/bars.js';
import { cpuRatio, latencyRatio, type Series, throughputRatio } from '../host/series.js';
import { OURS, OURS_IN_BINARY } from '../host/servers.js';
import { type Contender, findContender, SECOND_MEMCACHED } from './contenders.js';
import type { Scenario } from './options.js';
import type { ScenarioRun } from './rounds.js';

interface PeerBar {
  readonly modes: readonly string[];
  readonly pipeline: number;
  readonly peer: string;
  readonly required: number;
  readonly aimedAt?: number;
}

const PLAIN_MODES = ['get', 'set', 'mix'];
const USUAL_VALUE_BYTES = 100;
const LARGE_VALUE_BYTES = 10_000;

/** Server CPU per operation, one thread: at most. */
const CPU_BARS: readonly PeerBar[] = [
  { modes: PLAIN_MODES, pipeline: 1, peer: 'memcached', required: 1.35 },
  { modes: ['get'], pipeline: 16, peer: 'memcached', required: 0.3 },
  { modes: ['get'], pipeline: 64, peer: 'memcached', required: 0.15 },
];

/** Throughput, one thread: at least. */
const THROUGHPUT_BARS: readonly PeerBar[] = [
  { modes: PLAIN_MODES, pipeline: 1, peer: 'memcached', required: 0.95, aimedAt: 1.05 },
  { modes: PLAIN_MODES, pipeline: 16, peer: 'redis', required: 0.8, aimedAt: 1 },
  { modes: PLAIN_MODES, pipeline: 16, peer: SECOND_MEMCACHED, required: 1.1, aimedAt: 1.3 },
  { modes: PLAIN_MODES, pipeline: 64, peer: 'redis', required: 0.9, aimedAt: 1.2 },
  { modes: PLAIN_MODES, pipeline: 64, peer: 'memcached', required: 2, aimedAt: 3 },
];

/** Server CPU per get through the binary protocol against the text protocol: at most. */
const BINARY_CPU = 1.1;
const LARGE_VALUE_THROUGHPUT = 1;
const CPU_AGAINST_ONE_THREAD = 1.25;
const CPU_AGAINST_MEMCACHED_WITH_THREADS = 1.15;
const OFFERED_LATENCY = 1.3;
const OFFERED_LATENCY_AIM = 1;

export function scenarioVerdicts(contenders: readonly Contender[], scenario: Scenario, run: ScenarioRun): Verdict[] {
  const find = (kindName: string, threads: number): Series | undefined => {
    const contender = findContender(contenders, kindName, threads);
    return contender && run.series[contenders.indexOf(contender)];
  };
  const ours = contenders.filter(({ server }) => server.kind.name === OURS).map(({ threads }) => threads);
  return [
    ...binaryVerdicts(scenario, find),
    ...ours.flatMap((threads) => {
      const series = find(OURS, threads) as Series;
      if (run.offeredPerSecond > 0) return offeredVerdicts(scenario, series, find('memcached', threads));
      if (threads > 1) return threadVerdicts(scenario, series, find(OURS, 1), find('memcached', threads));
      // In a run with servers of more threads it shares its processors with the load, so the bars of one thread do not apply.
      if (ours.length > 1) return [];
      return peerVerdicts(scenario, series, (peer) => find(peer, 1));
    }),
  ];
}

function binaryVerdicts(
  scenario: Scenario,
  find: (kindName: string, threads: number) => Series | undefined,
): readonly Verdict[] {
  const [text, binary] = [find(OURS, 1), find(OURS_IN_BINARY, 1)];
  if (text === undefined || binary === undefined || scenario.mode !== 'get') return [];
  return [cpuVerdict(scenario, binary, text, BINARY_CPU)];
}

function peerVerdicts(scenario: Scenario, ours: Series, find: (peer: string) => Series | undefined): Verdict[] {
  if (scenario.valueBytes >= LARGE_VALUE_BYTES) {
    const memcached = find('memcached');
    if (memcached === undefined || scenario.mode !== 'get' || scenario.pipeline !== 1) return [];
    return [throughputVerdict(scenario, ours, memcached, LARGE_VALUE_THROUGHPUT)];
  }
  if (scenario.valueBytes !== USUAL_VALUE_BYTES) return [];
  const applies = (bar: PeerBar): boolean => bar.pipeline === scenario.pipeline && bar.modes.includes(scenario.mode);
  return [
    ...THROUGHPUT_BARS.filter(applies).flatMap((bar) => {
      const peer = find(bar.peer);
      return peer === undefined ? [] : [throughputVerdict(scenario, ours, peer, bar.required, bar.aimedAt)];
    }),
    ...CPU_BARS.filter(applies).flatMap((bar) => {
      const peer = find(bar.peer);
      return peer === undefined ? [] : [cpuVerdict(scenario, ours, peer, bar.required)];
    }),
  ];
}

function threadVerdicts(
  scenario: Scenario,
  ours: Series,
  oneThread: Series | undefined,
  memcached: Series | undefined,
): Verdict[] {
  return [
    ...(oneThread === undefined ? [] : [cpuVerdict(scenario, ours, oneThread, CPU_AGAINST_ONE_THREAD)]),
    ...(memcached === undefined ? [] : [cpuVerdict(scenario, ours, memcached, CPU_AGAINST_MEMCACHED_WITH_THREADS)]),
  ];
}

function offeredVerdicts(scenario: Scenario, ours: Series, memcached: Series | undefined): Verdict[] {
  if (memcached === undefined) return [];
  return ([99, 99.9] as const).map((percentile) => ({
    what: `p${percentile} of ${ours.name} against ${memcached.name} under the same offered load, ${scenario.name}`,
    measured: latencyRatio(ours, memcached, percentile),
    required: OFFERED_LATENCY,
    aimedAt: OFFERED_LATENCY_AIM,
    relation: 'at most',
  }));
}

function throughputVerdict(
  scenario: Scenario,
  ours: Series,
  peer: Series,
  required: number,
  aimedAt?: number,
): Verdict {
  return {
    what: `throughput of ${ours.name} against ${peer.name}, ${scenario.name}`,
    measured: throughputRatio(ours, peer),
    required,
    ...(aimedAt === undefined ? {} : { aimedAt }),
    relation: 'at least',
  };
}

function cpuVerdict(scenario: Scenario, ours: Series, peer: Series, required: number): Verdict {
  return {
    what: `server CPU per operation of ${ours.name} against ${peer.name}, ${scenario.name}`,
    measured: cpuRatio(ours, peer),
    required,
    relation: 'at most',
  };
}
