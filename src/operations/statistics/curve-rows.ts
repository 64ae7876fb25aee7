// The hit ratio of gets that this cache would have at other sizes: as data, and as the rows of `stats curve`.

import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

export interface Curve {
  readonly gets: number;
  readonly keysSampled: number;
  readonly sampledOneIn: number;
  readonly sizes: readonly { readonly factor: number; readonly bytes: number; readonly hitRatio: number }[];
}

/** Undefined if no keys are sampled. */
export function curveOf({ store }: Operations): Curve | undefined {
  const { curve, limitBytes } = store;
  if (!curve.isOn) return undefined;
  const { estimates, keys, oneIn, reads } = curve.estimate();
  return {
    gets: Math.round(reads),
    keysSampled: keys,
    sampledOneIn: oneIn,
    sizes: estimates.map(({ factor, hitRatio }) => ({ factor, bytes: limitBytes * factor, hitRatio })),
  };
}

export function curveRows(operations: Operations): StatRows {
  const curve = curveOf(operations);
  if (curve === undefined) return [['curve_status', 'disabled']];
  return [
    ['gets', curve.gets],
    ['keys_sampled', curve.keysSampled],
    ['sampled_one_in', curve.sampledOneIn],
    ...curve.sizes.flatMap(({ factor, bytes, hitRatio }): [string, string | number][] => [
      [`${factor}:bytes`, bytes],
      [`${factor}:hit_ratio`, hitRatio.toFixed(4)],
    ]),
  ];
}
