// The number of items that each single store evicts, counted inside our own store for every store of a fill. Over the wire
// only samples of it are visible.

import type { Verdict } from '../host/bars.js';
import { OwnStore } from '../host/own-store.js';
import { Random } from '../load/random.js';
import { KEY_BYTES, type SizeDistribution } from './distributions.js';
import { LiveKeys } from './recency.js';

export interface Evictions {
  readonly distribution: SizeDistribution;
  readonly order: 'plain' | 'gets';
  readonly stores: number;
  readonly refused: number;
  readonly mostEvicted: number;
  /** The largest number of evictions by one store, relative to its allowance. */
  readonly worstShareOfAllowed: number;
  readonly payloadShare: number;
}

const SEED = 20_240_229;
const GETS_BETWEEN_STORES = 2;
const ALWAYS_ALLOWED = 32;
const TIMES_THE_NEED = 2;

export interface EvictionsPlan {
  readonly distribution: SizeDistribution;
  readonly order: 'plain' | 'gets';
  readonly limitBytes: number;
  readonly times: number;
}

export function measureEvictions({ distribution, order, limitBytes, times }: EvictionsPlan): Evictions {
  const own = new OwnStore(limitBytes);
  const sizes = drawSizes(distribution, limitBytes * times);
  const live = new LiveKeys(sizes.length);
  const random = new Random(SEED + 1);
  let refused = 0;
  let mostEvicted = 0;
  let worstShareOfAllowed = 0;
  for (let key = 0; key < sizes.length; key++) {
    const valueBytes = sizes[key];
    const usedBefore = own.store.usedBytes;
    const evictionsBefore = own.evictions;
    if (own.set(key, KEY_BYTES, valueBytes)) live.add(key);
    else refused++;
    const evicted = own.evictions - evictionsBefore;
    if (evicted > 0) {
      const need = KEY_BYTES + valueBytes;
      const freed = usedBefore + need - own.store.usedBytes;
      const allowed = Math.max(ALWAYS_ALLOWED, (TIMES_THE_NEED * need) / (freed / evicted));
      mostEvicted = Math.max(mostEvicted, evicted);
      worstShareOfAllowed = Math.max(worstShareOfAllowed, evicted / allowed);
    }
    own.store.tick();
    if (order === 'gets') readSome(own, live, random);
  }
  const payloadShare = payloadBytes(own) / limitBytes;
  return { distribution, order, stores: sizes.length, refused, mostEvicted, worstShareOfAllowed, payloadShare };
}

function readSome(own: OwnStore, live: LiveKeys, random: Random): void {
  for (let found = 0; found < GETS_BETWEEN_STORES && live.count > 0; ) {
    const key = live.pick(random);
    if (own.get(key, KEY_BYTES)) found++;
    else live.remove(key);
  }
}

function drawSizes(distribution: SizeDistribution, wantedBytes: number): Uint32Array {
  const random = new Random(SEED);
  const sizes: number[] = [];
  for (let sum = 0; sum < wantedBytes; ) {
    const sizeBytes = distribution.valueBytes(sum / wantedBytes, random);
    sizes.push(sizeBytes);
    sum += KEY_BYTES + sizeBytes;
  }
  return Uint32Array.from(sizes);
}

function payloadBytes(own: OwnStore): number {
  let sum = 0;
  own.store.forEachItem((item) => {
    sum += own.store.keyLength(item) + own.store.valueLength(item);
  });
  return sum;
}

export function evictionVerdict({ distribution, order, worstShareOfAllowed, mostEvicted }: Evictions): Verdict {
  const where = `${distribution.title}, ${order === 'gets' ? 'with random gets' : 'plain order'}`;
  return {
    what: `evicted by one store (at most ${mostEvicted}) / allowed, ${where}`,
    measured: worstShareOfAllowed,
    required: 1,
    relation: 'at most',
  };
}
