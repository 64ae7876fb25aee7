// What has become of a record that was to be restored, and what its restore uses.

import type { Operations } from '../operations.js';
import type { ItemRecord } from './record.js';

export type RestoreParts = Pick<Operations, 'store' | 'clock' | 'bytes' | 'scratch' | 'virtualKeys'>;

export const RestoreResult = {
  restored: 0,
  /** There is an item with the key, which was to be kept; or there are items, whose clock is kept. */
  kept: 1,
  expired: 2,
  tooLarge: 3,
  noMemory: 4,
  /** The reason is in `RestoreOutcome.reason`. */
  refused: 5,
} as const;
export type RestoreResult = (typeof RestoreResult)[keyof typeof RestoreResult];

export interface RestoreOutcome {
  readonly result: RestoreResult;
  /** In one line. */
  readonly reason?: string;
}

/** The second of the server in which the item expires, 0 for never; undefined if it has expired. */
export function expiryOf({ expiresAtUnix }: ItemRecord, clock: RestoreParts['clock']): number | undefined {
  if (expiresAtUnix === 0) return 0;
  const expiresAt = expiresAtUnix - clock.toUnix(0);
  return expiresAt <= clock.now ? undefined : expiresAt;
}
