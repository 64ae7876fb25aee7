// Fills one server with one distribution and judges the survivors.

import { residentBytes } from '../host/accounts.js';
import type { Verdict } from '../host/bars.js';
import { OURS, type ServerKind, startServer } from '../host/servers.js';
import type { SizeDistribution } from './distributions.js';
import { Filler } from './filler.js';

export interface Survival {
  readonly server: string;
  readonly distribution: SizeDistribution;
  readonly order: 'plain' | 'gets';
  readonly stores: number;
  readonly getsPerStore: number;
  readonly survivors: number;
  readonly payloadShare: number;
  readonly exactLruShare: number;
  readonly mostEvicted: number;
  /** Whether every store was inspected, or only samples. */
  readonly mostEvictedOfAll: boolean;
  readonly residentBytes: number;
  readonly errorLines: number;
  readonly wrongValues: number;
  readonly seconds: number;
}

export interface SurvivalPlan {
  readonly distribution: SizeDistribution;
  readonly order: 'plain' | 'gets';
  readonly limitMegabytes: number;
  readonly times: number;
}

const GETS_BETWEEN_STORES = 2;
const SAMPLED_PLACES = 16;

export async function measureSurvival(kind: ServerKind, plan: SurvivalPlan): Promise<Survival> {
  const startedAt = performance.now();
  const limitBytes = plan.limitMegabytes * 2 ** 20;
  const server = await startServer(kind, { threads: 1, memoryMegabytes: plan.limitMegabytes, processors: undefined });
  const filler = new Filler({
    port: server.port,
    distribution: plan.distribution,
    payloadBytes: limitBytes * plan.times,
    getsBetweenStores: plan.order === 'gets' ? GETS_BETWEEN_STORES : 0,
    sampledPlaces: SAMPLED_PLACES,
  });
  try {
    await filler.fill();
    await filler.readStats(kind.name === OURS ? 'arena' : '');
    const { survivors, payloadBytes, exactLruShare } = await filler.readBack();
    const ownMaximum = filler.stats.get('evicted_by_one_store_max');
    return {
      server: kind.name,
      distribution: plan.distribution,
      order: plan.order,
      stores: filler.stores,
      getsPerStore: filler.getsFound / filler.stores,
      survivors,
      payloadShare: payloadBytes / limitBytes,
      exactLruShare,
      mostEvicted: ownMaximum === undefined ? filler.mostEvictedInSamples : Number(ownMaximum),
      mostEvictedOfAll: ownMaximum !== undefined,
      residentBytes: residentBytes(server.pid),
      errorLines: filler.errorLines,
      wrongValues: filler.wrongValues,
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    filler.close();
    await server.stop();
  }
}

export function survivalVerdicts(survival: Survival): Verdict[] {
  if (survival.server !== OURS) return [];
  const { distribution, order } = survival;
  const where = `${distribution.title}, ${order === 'gets' ? 'with random gets' : 'plain order'}`;
  const verdicts: Verdict[] = [
    { what: `exact LRU, ${where}`, measured: survival.exactLruShare, required: 1, relation: 'at least' },
  ];
  if (distribution.payloadBar !== undefined) {
    const required = order === 'gets' ? distribution.payloadBar.withGets : distribution.payloadBar.plain;
    verdicts.push({
      what: `payload / limit, ${where}`,
      measured: survival.payloadShare,
      required,
      relation: 'at least',
    });
  }
  return verdicts;
}
