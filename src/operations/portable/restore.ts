// Stores the item of a record (record.ts), or begins to make its object (object-restore.ts). Nothing has changed if it cannot.

import { markStale } from '../item-state.js';
import { workWindow } from '../operation-options.js';
import { ObjectRestore } from './object-restore.js';
import { type ItemRecord, RecordKind, RecordMark, readClock, readItem } from './record.js';
import { expiryOf, type RestoreOutcome, type RestoreParts, RestoreResult } from './restore-result.js';

/** A restart of the dumped server, by -e, moves its clock by a part of this. */
const SAME_CLOCK_MS = 100;

/** `keeps`: an item that is there is kept instead of replaced. */
export function restore(parts: RestoreParts, bytes: Uint8Array, keeps: boolean): RestoreOutcome | ObjectRestore {
  if (bytes[0] === RecordKind.clock) return adoptClock(parts, bytes);
  const record = tryRead(() => readItem(bytes));
  if (record instanceof RangeError) return { result: RestoreResult.refused, reason: record.message };
  return record.isObject ? new ObjectRestore(parts, record, keeps) : storeItem(parts, record, keeps);
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

function storeItem(parts: RestoreParts, record: ItemRecord, keeps: boolean): RestoreOutcome {
  const { bytes, clock, scratch, store } = parts;
  const { clientFlags, key, marks, value } = record;
  const { at, size } = workWindow(scratch);
  const expiresAt = expiryOf(record, clock);
  if (expiresAt === undefined) return { result: RestoreResult.expired };
  bytes.set(key, at);
  if (keeps && store.find(at, key.length) !== 0) return { result: RestoreResult.kept };
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
