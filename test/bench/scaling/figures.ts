// All figures of the report, measured in one run: the comparisons with their verdicts, then the sweeps.

import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Verdict } from '../host/bars.js';
import { choosePinning } from '../host/processors.js';
import { LoadProcess } from '../load/process.js';
import { parseOptions as parseObjectsOptions } from '../objects/options.js';
import { measureObjects } from '../objects/parts.js';
import { runComparison } from '../wire/comparison.js';
import { findServers } from '../wire/contenders.js';
import { parseOptions as parseWireOptions, type WireOptions } from '../wire/options.js';
import { Sweeper } from './measure.js';
import type { ScalingOptions } from './options.js';
import type { Sweep } from './sweep.js';

export interface VerdictGroup {
  readonly title: string;
  readonly verdicts: readonly Verdict[];
}

export interface Figures {
  readonly date: string;
  /** The processors, and how servers and load share them. */
  readonly machine: string;
  readonly servers: readonly string[];
  readonly rounds: string;
  /** Load averages: at the start, without our processes, and the highest during the run. */
  readonly loadBefore: number;
  readonly loadHighest: number;
  readonly groups: readonly VerdictGroup[];
  readonly sweeps: readonly Sweep[];
}

export async function measureFigures(options: ScalingOptions): Promise<Figures> {
  const loads = [loadNow()];
  const short = ['--rounds', `${options.rounds}`, '--seconds', `${options.seconds}`];
  const groups: VerdictGroup[] = [];
  const compare = async (title: string, args: readonly string[]): Promise<void> => {
    groups.push({ title, verdicts: await compareOnWire([...short, ...args]) });
    loads.push(loadNow());
  };
  await compare('One thread', ['--only', 'get,set,mix']);
  await compare('Threads', [
    '--threads',
    '1,2,4',
    '--only',
    'get',
    '--pipelines',
    '1',
    '--servers',
    'cacheismo,memcached',
  ]);
  await compare('Large values', ['--value-bytes', '10000,100000', '--only', 'get', '--pipelines', '1']);
  await compare('The same offered load', ['--offered', 'half', '--only', 'mix', '--pipelines', '1']);

  const pinning = choosePinning(1);
  const load = new LoadProcess(pinning.load);
  try {
    const objects = await measureObjects(load, required(parseObjectsOptions(short)), pinning);
    groups.push({ title: 'Objects', verdicts: objects.verdicts });
    loads.push(loadNow());
    const wire = required(parseWireOptions(['--rounds', `${options.sweepRounds}`, '--seconds', `${options.seconds}`]));
    const kinds = findServers(wire);
    const sweeper = new Sweeper(load, kinds, wire, options, pinning);
    const sweeps = [await sweeper.items(), ...(await sweeper.usual()), await sweeper.threads()];
    loads.push(loadNow());
    return {
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus()[0]?.model.trim() || 'processor'}, ${availableParallelism()} processors; ${pinning.note}`,
      servers: kinds.map(({ title }) => title),
      rounds: `${options.rounds} rounds of ${options.seconds} s (scaling: ${options.sweepRounds})`,
      loadBefore: loads[0],
      loadHighest: Math.max(...loads),
      groups,
      sweeps,
    };
  } finally {
    load.stop();
  }
}

async function compareOnWire(args: readonly string[]): Promise<readonly Verdict[]> {
  const options: WireOptions = required(parseWireOptions(args));
  const pinning = choosePinning(Math.max(...options.threads));
  const load = new LoadProcess(pinning.load);
  try {
    return (await runComparison(findServers(options), load, options, pinning)).verdicts;
  } finally {
    load.stop();
  }
}

function required<T>(options: T | undefined): T {
  if (options === undefined) throw new Error('no options');
  return options;
}

function loadNow(): number {
  return loadavg()[0];
}
