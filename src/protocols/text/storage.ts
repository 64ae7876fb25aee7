// set, add, replace, append, prepend and cas. A value that is complete in the input is stored immediately; a larger one goes into a
// reserved item as it arrives. The conditions under which a value is stored: operations/writes.ts.

import { WRITES } from '../../operations/command-table.js';
import { IncomingValue } from '../../operations/incoming-value.js';
import { ReceiveResult, WRITE_KIND_MASK, WriteResult } from '../../operations/outcomes.js';
import { Right } from '../../operations/rights.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { replyToIncomingCall, replyToStoreCall } from './object-replies.js';
import { Line } from './reply-encoder.js';
import { CARRIAGE_RETURN, LINE_FEED } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import { type FinishValue, Mode } from './text-session.js';

export const TERMINATOR_BYTES = 2;

/** A value up to this size is left in the input until it is complete, which is cheaper than a reservation. A choice: two packets of 1,460
 * bytes; the input of a connection that waits is copied once. */
export const WAITS_IN_INPUT_BYTES = 2048;

const NO_LINE = new Uint8Array(0);

/** The lines of WriteResults; those without one are errors. */
const LINES: readonly Uint8Array[] = linesOf({
  [WriteResult.stored]: Line.stored,
  [WriteResult.notStored]: Line.notStored,
  [WriteResult.exists]: Line.exists,
  [WriteResult.notFound]: Line.notFound,
});

const ERRORS: Readonly<Partial<Record<WriteResult, ErrorId>>> = {
  [WriteResult.tooLarge]: ErrorIds.tooLarge,
  [WriteResult.noMemory]: ErrorIds.outOfMemoryStoring,
  [WriteResult.notForObjects]: ErrorIds.notForObjects,
};

function linesOf(lines: Readonly<Partial<Record<WriteResult, Uint8Array>>>): readonly Uint8Array[] {
  return Object.values(WriteResult).map((result) => lines[result] ?? NO_LINE);
}

/** All six commands. */
export function receiveValue(context: TextContext): Step {
  const { bytes, operations, request } = context;
  const valueAt = request.end;
  const end = valueAt + request.valueLength + TERMINATOR_BYTES;
  if (end > context.inputEnd) return awaitValue(context);
  request.end = end;
  if (bytes[end - 2] !== CARRIAGE_RETURN || bytes[end - 1] !== LINE_FEED) return refuseChunk(context);
  const { clientFlags, command, exptime, keyAt, keyLength, valueLength } = request;
  const how = WRITES[command];
  if (how > WRITE_KIND_MASK) setToken(context);
  const result = operations.writes.write(how, keyAt, keyLength, valueAt, valueLength, clientFlags, exptime);
  if (result !== WriteResult.stored) return replyToRefusal(context, result, valueAt);
  if (!request.noreply) context.replies.put(Line.stored);
  return CONTINUE;
}

/** The token that the item must have; only cas has one. */
function setToken({ operations, request }: TextContext): void {
  operations.cas.compared.set(request.operand.high, request.operand.low);
}

function replyToRefusal(context: TextContext, result: WriteResult, valueAt: number): Step {
  if (result === WriteResult.call) return replyToStoreCall(context, valueAt);
  replyToWrite(context, result);
  return CONTINUE;
}

function replyToWrite(context: TextContext, result: WriteResult): void {
  const line = LINES[result];
  if (line !== NO_LINE) context.reply(line);
  else context.replyError(ERRORS[result] ?? NO_ERROR);
}

function refuseChunk(context: TextContext): Step {
  context.operations.writes.countMalformed();
  context.replyError(ErrorIds.badDataChunk);
  return CONTINUE;
}

/** The value is not complete in the input: waits for it, receives it in pieces, or discards it. */
function awaitValue(context: TextContext): Step {
  const { operations, request, session } = context;
  if (request.valueLength <= WAITS_IN_INPUT_BYTES) {
    operations.times.uncount(request.command);
    return Outcome.NEED_INPUT;
  }
  session.incoming ??= new IncomingValue();
  const { incoming } = session;
  const { clientFlags, command, exptime, keyAt, keyLength, noreply, valueLength } = request;
  const how = WRITES[command];
  setToken(context);
  incoming.command = command;
  incoming.isQuiet = noreply;
  incoming.mayOnlyCall = (session.principal.rights & Right.write) === 0;
  const result = operations.incoming.begin(incoming, how, keyAt, keyLength, valueLength, clientFlags, exptime);
  if (result === ReceiveResult.accepted) {
    session.mode = Mode.value;
    session.finishValue = finishValue;
    return CONTINUE;
  }
  context.replyError(result === ReceiveResult.tooLarge ? ErrorIds.tooLarge : ErrorIds.outOfMemoryStoring);
  session.discardBlock(valueLength + TERMINATOR_BYTES);
  return CONTINUE;
}

/** Takes more of the value that is being received, from `request.end` on. */
export function continueValue(context: TextContext, incoming: IncomingValue): Step {
  const { bytes, inputEnd, operations, request, session } = context;
  request.end += operations.incoming.fill(incoming, request.end, inputEnd);
  if (incoming.receivedBytes < incoming.valueLength) return Outcome.NEED_INPUT;
  if (inputEnd - request.end < TERMINATOR_BYTES) return Outcome.NEED_INPUT;
  const isComplete = bytes[request.end] === CARRIAGE_RETURN && bytes[request.end + 1] === LINE_FEED;
  request.end += TERMINATOR_BYTES;
  session.mode = Mode.command;
  request.noreply = incoming.isQuiet;
  request.command = incoming.command;
  return (session.finishValue as FinishValue<TextContext>)(context, incoming, isComplete);
}

function finishValue(context: TextContext, incoming: IncomingValue, isWellFormed: boolean): Step {
  const { operations } = context;
  if (!isWellFormed) {
    operations.incoming.release(incoming);
    return refuseChunk(context);
  }
  const result = operations.incoming.complete(incoming);
  if (result === WriteResult.call) return replyToIncomingCall(context, incoming);
  replyToWrite(context, result);
  return CONTINUE;
}

/** Discards bytes of a refused value. */
export function continueDiscard({ inputEnd, request, session }: TextContext): Step {
  request.end += session.discard(request.end, inputEnd);
  if (session.discardBytes > 0) return Outcome.NEED_INPUT;
  session.mode = Mode.command;
  return CONTINUE;
}

export const STORAGE_HANDLERS = {
  set: receiveValue,
  add: receiveValue,
  replace: receiveValue,
  append: receiveValue,
  prepend: receiveValue,
  cas: receiveValue,
} as const;
