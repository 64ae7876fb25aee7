// The rows of `stats curve`: the hit ratio of gets that this cache would have at other sizes.

import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

export function curveRows({ store }: Operations): StatRows {
  const { curve, limitBytes } = store;
  if (!curve.isOn) return [['curve_status', 'disabled']];
  const { estimates, keys, oneIn, reads } = curve.estimate();
  const rows: [string, string | number][] = [
    ['gets', Math.round(reads)],
    ['keys_sampled', keys],
    ['sampled_one_in', oneIn],
  ];
  for (const { factor, hitRatio } of estimates) {
    rows.push([`${factor}:bytes`, limitBytes * factor], [`${factor}:hit_ratio`, hitRatio.toFixed(4)]);
  }
  return rows;
}
