// What the storage commands do with a value that is complete: the conditions of add, replace and cas, and joining for
// append and prepend. Not for receiving values.

import { type ErrorId, ErrorIds } from '../protocols/error-lines.js';
import { Line } from '../protocols/text/reply-encoder.js';
import type { CommandContext } from '../protocols/text/text-context.js';
import { Command } from '../protocols/text/text-request.js';
import type { ItemRef, ReservedRef } from '../store/store.js';
import { COMMAND_METRICS } from './operation-metrics.js';
import { isObject } from './virtual-keys.js';

const NO_ITEM = 0 as ItemRef;
const NO_RESERVATION = 0 as ReservedRef;

/** Stores the value that lies at `valueAt` in the input. */
export function putWhole(context: CommandContext, valueAt: number): void {
  const { clock, metrics, request, store } = context;
  metrics.add(COMMAND_METRICS.cmd_set, 1);
  if (joins(request.command)) {
    join(context, valueAt, NO_RESERVATION);
    return;
  }
  if (request.command !== Command.set && !mayStore(context)) return;
  const stored = store.put(
    request.keyAt,
    request.keyLength,
    valueAt,
    request.valueLength,
    request.clientFlags,
    clock.fromClient(request.exptime),
  );
  if (stored === NO_ITEM) {
    refuseValue(context, ErrorIds.outOfMemoryStoring);
    return;
  }
  context.answer(Line.stored);
}

/** Stores the value that has been received into a reserved item. */
export function putReserved(context: CommandContext, reserved: ReservedRef): void {
  const { metrics, request, store } = context;
  metrics.add(COMMAND_METRICS.cmd_set, 1);
  if (joins(request.command)) {
    join(context, 0, reserved);
    store.release(reserved);
  } else if (request.command === Command.set || mayStore(context)) {
    store.link(reserved);
    context.answer(Line.stored);
  } else {
    store.release(reserved);
  }
}

/** Refuses a value for want of room. A failed set must not leave the old value to be read as the new one. */
export function refuseValue(context: CommandContext, error: ErrorId): void {
  const { metrics, request, store } = context;
  if (error === ErrorIds.tooLarge) metrics.add(COMMAND_METRICS.store_too_large, 1);
  context.refuse(error);
  if (request.command !== Command.set) return;
  const old = store.find(request.keyAt, request.keyLength);
  if (old !== 0) store.remove(old);
}

function joins(command: number): boolean {
  return command === Command.append || command === Command.prepend;
}

/** Whether the condition of add, replace or cas holds; answers if not. */
function mayStore(context: CommandContext): boolean {
  const { request, store } = context;
  const old = store.find(request.keyAt, request.keyLength);
  if (request.command === Command.cas) return mayExchange(context, old);
  const isThere = old !== NO_ITEM;
  if (isThere === (request.command === Command.replace)) return true;
  // An add that finds its key in use is a sign of interest in it.
  if (isThere) store.hit(old);
  context.answer(Line.notStored);
  return false;
}

function mayExchange(context: CommandContext, old: ItemRef): boolean {
  const { metrics, request, store } = context;
  if (old === NO_ITEM) {
    metrics.add(COMMAND_METRICS.cas_misses, 1);
    context.answer(Line.notFound);
    return false;
  }
  if (isObject(store, old)) {
    context.refuse(ErrorIds.notForObjects);
    return false;
  }
  const high = store.casHigh(old);
  const low = store.casLow(old);
  // Without a token nobody has read the item for cas, so no token can be the right one; 0 stands for none.
  if ((high === 0 && low === 0) || !request.operand.equals(high, low)) {
    metrics.add(COMMAND_METRICS.cas_badval, 1);
    context.answer(Line.exists);
    return false;
  }
  metrics.add(COMMAND_METRICS.cas_hits, 1);
  return true;
}

/** Makes a new item of the old value and the new piece, which lies in the input or in a reserved item. */
function join(context: CommandContext, pieceAt: number, piece: ReservedRef): void {
  const { request, store } = context;
  const old = store.find(request.keyAt, request.keyLength);
  if (old === NO_ITEM) {
    context.answer(Line.notStored);
    return;
  }
  if (isObject(store, old)) {
    context.refuse(ErrorIds.notForObjects);
    return;
  }
  const oldLength = store.valueLength(old);
  const pieceLength = request.valueLength;
  if (!store.fits(request.keyLength, oldLength + pieceLength)) {
    refuseValue(context, ErrorIds.tooLarge);
    return;
  }
  // Making room must not evict what is to be copied.
  store.pin(old);
  const joined = store.reserve(
    request.keyAt,
    request.keyLength,
    oldLength + pieceLength,
    store.clientFlags(old),
    store.expiresAt(old),
  );
  if (joined !== NO_RESERVATION) {
    const isAppend = request.command === Command.append;
    const pieceOffset = isAppend ? oldLength : 0;
    store.fillFromItem(joined, isAppend ? 0 : pieceLength, old);
    if (piece === NO_RESERVATION) store.fill(joined, pieceOffset, pieceAt, pieceLength);
    else store.fillFromItem(joined, pieceOffset, piece as ReservedRef & ItemRef);
  }
  store.unpin(old);
  if (joined === NO_RESERVATION) {
    refuseValue(context, ErrorIds.outOfMemoryStoring);
    return;
  }
  store.link(joined);
  context.answer(Line.stored);
}
