// The keys that clients use most at present, with estimates from the noted requests: as data, and as the rows of `stats hotkeys`.

import { encodedKey } from '../encoded-key.js';
import { NOTED_ONE_IN } from '../hot-keys.js';
import { isObject } from '../item-state.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

const MOST_KEYS = 20;
/** A key that was noted less often may have been noted by chance. */
const LEAST_NOTED = 2;

interface HotKeyRow {
  /** Each character is a byte. */
  readonly key: string;
  /** What is stored at the key now. */
  readonly holds: 'nothing' | 'object' | 'item';
  readonly sharePercent: number;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
}

export interface HotKeyList {
  readonly requestsNoted: number;
  readonly notedOneIn: number;
  readonly keys: readonly HotKeyRow[];
}

/** Undefined if keys are not noted, or may not be listed (-X). */
export function hotKeyList(operations: Operations): HotKeyList | undefined {
  const { hotKeys, options } = operations;
  if (!options.dumpEnabled || !hotKeys.isOn) return undefined;
  const { requests, seconds } = hotKeys.noted;
  const perSecond = (noted: number) => (noted * NOTED_ONE_IN) / Math.max(1, seconds);
  const shown = hotKeys.list(MOST_KEYS).filter(({ reads, writes }) => reads + writes >= LEAST_NOTED);
  return {
    requestsNoted: Math.round(requests),
    notedOneIn: NOTED_ONE_IN,
    keys: shown.map(({ key, keyAt, reads, writes }) => ({
      key,
      holds: kindOf(operations, keyAt, key.length),
      sharePercent: (100 * (reads + writes)) / requests,
      readsPerSecond: perSecond(reads),
      writesPerSecond: perSecond(writes),
    })),
  };
}

export function hotKeyRows(operations: Operations): StatRows {
  const list = hotKeyList(operations);
  if (list === undefined) return [['hotkeys_status', 'disabled']];
  return [
    ['requests_noted', list.requestsNoted],
    ['noted_one_in', list.notedOneIn],
    ...list.keys.flatMap((row, index): [string, string][] => [
      [`${index + 1}:key`, encodedKey(row.key)],
      [`${index + 1}:holds`, row.holds],
      [`${index + 1}:share_percent`, row.sharePercent.toFixed(2)],
      [`${index + 1}:reads_per_second`, row.readsPerSecond.toFixed(1)],
      [`${index + 1}:writes_per_second`, row.writesPerSecond.toFixed(1)],
    ]),
  ];
}

function kindOf({ store }: Operations, keyAt: number, keyLength: number): HotKeyRow['holds'] {
  const item = store.find(keyAt, keyLength);
  if (item === 0) return 'nothing';
  return isObject(store, item) ? 'object' : 'item';
}
