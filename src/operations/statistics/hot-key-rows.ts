// The rows of `stats hotkeys`: the keys that clients use most at present, with estimates from the noted requests.

import { encodedKey } from '../encoded-key.js';
import { NOTED_ONE_IN } from '../hot-keys.js';
import { isObject } from '../item-state.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

const MOST_KEYS = 20;
/** A key that was noted less often may have been noted by chance. */
const LEAST_NOTED = 2;

export function hotKeyRows(operations: Operations): StatRows {
  const { hotKeys, options } = operations;
  if (!options.dumpEnabled || !hotKeys.isOn) return [['hotkeys_status', 'disabled']];
  const { requests, seconds } = hotKeys.noted;
  const rows: [string, string | number][] = [
    ['requests_noted', Math.round(requests)],
    ['noted_one_in', NOTED_ONE_IN],
  ];
  const perSecond = (noted: number) => ((noted * NOTED_ONE_IN) / Math.max(1, seconds)).toFixed(1);
  const shown = hotKeys.list(MOST_KEYS).filter(({ reads, writes }) => reads + writes >= LEAST_NOTED);
  shown.forEach(({ key, keyAt, reads, writes }, index) => {
    const rank = index + 1;
    rows.push(
      [`${rank}:key`, encodedKey(key)],
      [`${rank}:holds`, kindOf(operations, keyAt, key.length)],
      [`${rank}:share_percent`, ((100 * (reads + writes)) / requests).toFixed(2)],
      [`${rank}:reads_per_second`, perSecond(reads)],
      [`${rank}:writes_per_second`, perSecond(writes)],
    );
  });
  return rows;
}

/** What is stored at the key now. */
function kindOf({ store }: Operations, keyAt: number, keyLength: number): string {
  const item = store.find(keyAt, keyLength);
  if (item === 0) return 'nothing';
  return isObject(store, item) ? 'object' : 'item';
}
