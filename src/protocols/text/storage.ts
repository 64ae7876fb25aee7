// set, add, replace, append, prepend and cas. A value that lies whole in the input is stored at once; a larger one
// goes into a reserved item as it arrives, so that no more than the window is ever buffered. Not for what happens
// when a value is complete; that is put.ts.

import { COMMAND_METRICS } from '../../operations/operation-metrics.js';
import { putReserved, putWhole, refuseValue } from '../../operations/write-operations.js';
import type { ReservedRef } from '../../store/store.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { CARRIAGE_RETURN, LINE_FEED } from './text-bytes.js';
import type { CommandContext } from './text-context.js';
import type { Command } from './text-request.js';
import { IncomingValue, Mode, type Session } from './text-session.js';

const NO_RESERVATION = 0 as ReservedRef;
const TERMINATOR_BYTES = 2;

/** A value up to this size is left in the input until it is whole: cheaper than a reservation. */
const WAITS_IN_INPUT_BYTES = 2048;

/** The dispatch table's entry of all six commands. */
export function receiveValue(context: CommandContext): Step {
  const { request, virtualKeys } = context;
  const valueAt = request.end;
  const end = valueAt + request.valueLength + TERMINATOR_BYTES;
  if (end > context.inputEnd) {
    if (request.valueLength <= WAITS_IN_INPUT_BYTES) return Outcome.NEED_INPUT;
    startValue(context);
    return CONTINUE;
  }
  request.end = end;
  if (!isTerminator(context, end - TERMINATOR_BYTES)) refuseChunk(context);
  else if (!context.store.fits(request.keyLength, request.valueLength)) refuseValue(context, ErrorIds.tooLarge);
  else if (virtualKeys?.isCall(request.keyAt, request.keyLength)) return virtualKeys.store(context, valueAt);
  else putWhole(context, valueAt);
  return CONTINUE;
}

function isTerminator(context: CommandContext, at: number): boolean {
  return context.bytes[at] === CARRIAGE_RETURN && context.bytes[at + 1] === LINE_FEED;
}

/** memcached counts such a value as one received. */
function refuseChunk(context: CommandContext): void {
  context.metrics.add(COMMAND_METRICS.cmd_set, 1);
  context.refuse(ErrorIds.badDataChunk);
}

/** Reserves an item for a value that is still to come, or sees to it that the value is passed over. */
function startValue(context: CommandContext): void {
  const { clock, request, session, store } = context;
  const { keyAt, keyLength, valueLength } = request;
  const fits = store.fits(keyLength, valueLength);
  const reserved = fits
    ? store.reserve(keyAt, keyLength, valueLength, request.clientFlags, clock.fromClient(request.exptime))
    : NO_RESERVATION;
  if (reserved === NO_RESERVATION) {
    refuseValue(context, fits ? ErrorIds.outOfMemoryStoring : ErrorIds.tooLarge);
    session.mode = Mode.swallow;
    session.swallowBytes = valueLength + TERMINATOR_BYTES;
    return;
  }
  const incoming = session.incoming ?? new IncomingValue();
  session.incoming = incoming;
  session.mode = Mode.value;
  incoming.reserved = reserved;
  incoming.command = request.command;
  incoming.receivedBytes = 0;
  incoming.valueLength = valueLength;
  incoming.casToken.set(request.operand.high, request.operand.low);
  incoming.noreply = request.noreply;
  incoming.clientFlags = request.clientFlags;
  incoming.exptime = request.exptime;
  incoming.keyLength = keyLength;
  for (let index = 0; index < keyLength; index++) incoming.key[index] = context.bytes[keyAt + index] as number;
}

/** Takes more of the value that is being received, from `request.end` on. */
export function continueValue(context: CommandContext, incoming: IncomingValue): Step {
  const { request, session, store, virtualKeys } = context;
  const length = Math.min(incoming.valueLength - incoming.receivedBytes, context.inputEnd - request.end);
  if (length > 0) {
    store.fill(incoming.reserved, incoming.receivedBytes, request.end, length);
    incoming.receivedBytes += length;
    request.end += length;
  }
  if (incoming.receivedBytes < incoming.valueLength) return Outcome.NEED_INPUT;
  if (context.inputEnd - request.end < TERMINATOR_BYTES) return Outcome.NEED_INPUT;
  const isComplete = isTerminator(context, request.end);
  request.end += TERMINATOR_BYTES;
  session.mode = Mode.command;
  restoreRequest(context, incoming);
  const { reserved } = incoming;
  incoming.reserved = NO_RESERVATION;
  if (!isComplete) {
    store.release(reserved);
    refuseChunk(context);
    return CONTINUE;
  }
  if (virtualKeys?.isCall(request.keyAt, request.keyLength)) return virtualKeys.storeReserved(context, reserved);
  putReserved(context, reserved);
  return CONTINUE;
}

/** Puts back what the command line said; the key goes to the scratch window, for the store reads keys in the arena. */
function restoreRequest(context: CommandContext, incoming: IncomingValue): void {
  const { request, scratch } = context;
  request.command = incoming.command as Command;
  request.keyAt = scratch.at;
  request.keyLength = incoming.keyLength;
  request.valueLength = incoming.valueLength;
  request.operand.set(incoming.casToken.high, incoming.casToken.low);
  request.noreply = incoming.noreply;
  request.clientFlags = incoming.clientFlags;
  request.exptime = incoming.exptime;
  for (let index = 0; index < incoming.keyLength; index++) {
    context.bytes[scratch.at + index] = incoming.key[index] as number;
  }
}

/** Passes over bytes of a refused value. */
export function continueSwallow(context: CommandContext): Step {
  const { request, session } = context;
  const length = Math.min(session.swallowBytes, context.inputEnd - request.end);
  session.swallowBytes -= length;
  session.swallowedBytes += length;
  request.end += length;
  if (session.swallowBytes > 0) return Outcome.NEED_INPUT;
  session.mode = Mode.command;
  session.swallowedBytes = 0;
  return CONTINUE;
}

export function releaseValue(context: CommandContext, session: Session): void {
  const { incoming } = session;
  if (incoming === undefined || incoming.reserved === NO_RESERVATION) return;
  context.store.release(incoming.reserved);
  incoming.reserved = NO_RESERVATION;
}
