// Stores the item or object of a record (record.ts). Nothing has changed if it cannot.

import { PortableFailure } from '../../objects/calls/portable-objects.js';
import { markStale } from '../item-state.js';
import { workWindow } from '../operation-options.js';
import type { Operations } from '../operations.js';
import { type ItemRecord, RecordKind, RecordMark, readClock, readItem } from './record.js';

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

/** A restart of the dumped server, by -e, moves its clock by a part of this. */
const SAME_CLOCK_MS = 100;

type RestoreParts = Pick<Operations, 'store' | 'clock' | 'bytes' | 'scratch' | 'virtualKeys'>;

/** `keeps`: an item that is there is kept instead of replaced. */
export function restore(parts: RestoreParts, bytes: Uint8Array, keeps: boolean): RestoreOutcome {
  if (bytes[0] === RecordKind.clock) return adoptClock(parts, bytes);
  const record = tryRead(() => readItem(bytes));
  if (record instanceof RangeError) return { result: RestoreResult.refused, reason: record.message };
  const { clock, store } = parts;
  const { at } = workWindow(parts.scratch);
  const { expiresAtUnix, key } = record;
  const expiresAt = expiresAtUnix === 0 ? 0 : expiresAtUnix - clock.toUnix(0);
  if (expiresAtUnix !== 0 && expiresAt <= clock.now) return { result: RestoreResult.expired };
  parts.bytes.set(key, at);
  if (keeps && store.find(at, key.length) !== 0) return { result: RestoreResult.kept };
  return record.isObject ? makeObject(parts, record, expiresAt) : storeItem(parts, record, expiresAt);
}

/** Lets `call.monotonicMs` continue that of the dumped server, so that times in its objects keep their meaning. */
function adoptClock({ clock, store }: RestoreParts, bytes: Uint8Array): RestoreOutcome {
  const monotonicFromMs = tryRead(() => readClock(bytes));
  if (monotonicFromMs instanceof RangeError) return { result: RestoreResult.refused, reason: monotonicFromMs.message };
  if (store.itemCount > 0) {
    const isSame = Math.abs(monotonicFromMs - clock.monotonicFromMs) < SAME_CLOCK_MS;
    return { result: isSame ? RestoreResult.restored : RestoreResult.kept };
  }
  if (monotonicFromMs > clock.unixMs) {
    const reason = 'the server that was dumped was started in the future of this one: compare their dates';
    return { result: RestoreResult.refused, reason };
  }
  clock.monotonicFromMs = monotonicFromMs;
  return { result: RestoreResult.restored };
}

function tryRead<T>(read: () => T): T | RangeError {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof RangeError) return thrown;
    throw thrown;
  }
}

function storeItem(parts: RestoreParts, record: ItemRecord, expiresAt: number): RestoreOutcome {
  const { bytes, scratch, store } = parts;
  const { clientFlags, key, marks, value } = record;
  const { at, size } = workWindow(scratch);
  if (!store.fits(key.length, value.length)) return { result: RestoreResult.tooLarge };
  const reserved = store.reserve(at, key.length, value.length, clientFlags, expiresAt);
  if (reserved === 0) return { result: RestoreResult.noMemory };
  for (let offset = 0; offset < value.length; offset += size) {
    const part = value.subarray(offset, offset + size);
    bytes.set(part, at);
    store.fill(reserved, offset, at, part.length);
  }
  const item = store.link(reserved);
  if ((marks & RecordMark.stale) !== 0) markStale(store, item);
  return { result: RestoreResult.restored };
}

function makeObject(parts: RestoreParts, record: ItemRecord, expiresAt: number): RestoreOutcome {
  const { scratch, virtualKeys } = parts;
  if (virtualKeys === undefined) return { result: RestoreResult.refused, reason: 'objects are switched off' };
  const { key, marks, value, version } = record;
  const state = {
    version,
    isPinnedByType: (marks & RecordMark.pinnedByType) !== 0,
    isPinnedByCall: (marks & RecordMark.pinnedByCall) !== 0,
  };
  try {
    virtualKeys.portable.make(workWindow(scratch).at, key.length, state, expiresAt, value);
    return { result: RestoreResult.restored };
  } catch (thrown) {
    if (!(thrown instanceof PortableFailure)) throw thrown;
    if (thrown.isOutOfMemory) return { result: RestoreResult.noMemory };
    return { result: RestoreResult.refused, reason: thrown.message };
  }
}
