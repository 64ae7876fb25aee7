// The distributions of value sizes with which caches are filled, and the requirements for each. All keys have 10 bytes.

import type { Random } from '../load/random.js';

export interface SizeDistribution {
  readonly name: string;
  readonly title: string;
  /** Size of the next value, when this share of the bytes (from 0 to 1) has been stored. */
  valueBytes(progress: number, random: Random): number;
  /** The least payload per byte of limit, when filled in plain order and with random gets between; undefined: none. */
  readonly payloadBar: { readonly plain: number; readonly withGets: number } | undefined;
}

export const KEY_BYTES = 10;
export const LARGEST_VALUE_BYTES = 2 ** 20 - 512;

const PARETO_SCALE = 214.476;
const PARETO_SHAPE = 0.348238;

/** The inverse of the distribution function of the generalised Pareto distribution at location 0. */
export function paretoBytes(fraction: number): number {
  const size = (PARETO_SCALE * ((1 - fraction) ** -PARETO_SHAPE - 1)) / PARETO_SHAPE;
  return Math.min(LARGEST_VALUE_BYTES, Math.max(1, Math.round(size)));
}

function constant(sizeBytes: number, least: number): SizeDistribution {
  return {
    name: `${sizeBytes}`,
    title: `${sizeBytes} B`,
    valueBytes: () => sizeBytes,
    payloadBar: { plain: least, withGets: least },
  };
}

function uniform(name: string, title: string, first: number, last: number, least: number): SizeDistribution {
  return {
    name,
    title,
    valueBytes: (_, random) => first + random.below(last - first + 1),
    payloadBar: { plain: least, withGets: least - 0.02 },
  };
}

/** The first size for half of the stores. If it is much the smaller one, the cache is not yet full then. */
function shift(first: number, second: number, payloadBar: SizeDistribution['payloadBar']): SizeDistribution {
  const bytesAtHalf = (KEY_BYTES + first) / (KEY_BYTES + first + KEY_BYTES + second);
  return {
    name: `shift${first}`,
    title: `${first} B, then ${second} B`,
    valueBytes: (progress) => (progress < bytesAtHalf ? first : second),
    payloadBar,
  };
}

/** The first size for half of all bytes, so that the cache has long been full of it when the second begins. */
function lateShift(first: number, second: number): SizeDistribution {
  return {
    name: `late${first}`,
    title: `full of ${first} B, then ${second} B`,
    valueBytes: (progress) => (progress < 0.5 ? first : second),
    payloadBar: undefined,
  };
}

export const DISTRIBUTIONS: readonly SizeDistribution[] = [
  constant(10, 0.42),
  constant(100, 0.75),
  constant(513, 0.93),
  uniform('uniform', '1-1000 B', 1, 1000, 0.92),
  {
    name: 'pareto',
    title: 'Pareto',
    valueBytes: (_, random) => paretoBytes(random.fraction()),
    payloadBar: { plain: 0.89, withGets: 0.87 },
  },
  shift(100, 900, { plain: 0.93, withGets: 0.89 }),
  shift(10, 600, undefined),
  lateShift(100, 900),
  uniform('large', '1-60 KB', 1000, 60_000, 0.97),
];
