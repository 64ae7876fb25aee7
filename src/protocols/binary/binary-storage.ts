// set, add, replace, append, prepend and their quiet forms. A value that is complete in the input is stored immediately; a larger one goes
// into a reserved item as it arrives. The conditions under which a value is stored: operations/writes.ts.

import { IncomingValue } from '../../operations/incoming-value.js';
import {
  type ItemRef,
  ReceiveResult,
  WRITE_KIND_MASK,
  WriteKind,
  WriteOption,
  WriteResult,
} from '../../operations/outcomes.js';
import { Right } from '../../operations/rights.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { type BinaryError, BinaryErrors } from './binary-errors.js';
import { replyToIncomingCall, replyToStoreCall } from './binary-object-replies.js';
import { BinaryMode } from './binary-session.js';
import { COMMAND_OF, IS_QUIET, WRITE_KINDS } from './opcodes.js';

/** A value up to this size is left in the input until it is complete, which is cheaper than a reservation. */
const WAITS_IN_INPUT_BYTES = 2048;

const ERRORS: Readonly<Partial<Record<WriteResult, BinaryError>>> = {
  [WriteResult.exists]: BinaryErrors.exists,
  [WriteResult.notFound]: BinaryErrors.notFound,
  [WriteResult.tooLarge]: BinaryErrors.tooLarge,
  [WriteResult.noMemory]: BinaryErrors.outOfMemoryStoring,
  [WriteResult.notForObjects]: BinaryErrors.notForObjects,
};

/** All ten requests. */
export function receiveValue(context: BinaryContext): Step {
  const { operations, request } = context;
  const { keyAt, keyLength, opcode, valueAt, valueLength } = request;
  const end = valueAt + valueLength;
  if (end > context.inputEnd) return awaitValue(context);
  request.end = end;
  const how = howOf(context, opcode);
  const { cas, writes } = operations;
  if ((how & WriteOption.compareCas) !== 0) cas.compared.set(request.casHigh, request.casLow);
  const clientFlags = clientFlagsOf(context);
  const exptime = exptimeOf(context);
  const result = writes.write(how, keyAt, keyLength, valueAt, valueLength, clientFlags, exptime);
  if (result === WriteResult.call) return replyToStoreCall(context, clientFlags, exptime);
  replyToWrite(context, result, how, IS_QUIET[opcode]);
  return CONTINUE;
}

/** WriteKind and WriteOptions. With a token it is a cas, whatever its kind, as in memcached. */
function howOf({ casEnabled, request }: BinaryContext, opcode: number): number {
  const kind = WRITE_KINDS[opcode];
  if (!casEnabled) return kind;
  const token = IS_QUIET[opcode] ? 0 : WriteOption.withCas;
  if (!request.hasCas) return kind | token;
  return (kind < WriteKind.append ? WriteKind.set : kind) | WriteOption.compareCas | token;
}

function clientFlagsOf({ request, view }: BinaryContext): number {
  return request.extrasLength === 0 ? 0 : view.getUint32(request.extrasAt);
}

function exptimeOf(context: BinaryContext): number {
  const { extrasAt, extrasLength } = context.request;
  return extrasLength === 0 ? 0 : context.exptimeAt(extrasAt + 4);
}

function replyToWrite(context: BinaryContext, result: WriteResult, how: number, isQuiet: boolean): void {
  const { encoder, operations } = context;
  if (result !== WriteResult.stored) encoder.error(errorOf(result, how & WRITE_KIND_MASK));
  else if (!isQuiet) sendStored(context, operations.writes.item);
}

function sendStored({ encoder, operations }: BinaryContext, item: ItemRef): void {
  const { store } = operations;
  encoder.done(store.casHigh(item), store.casLow(item));
}

function errorOf(result: WriteResult, kind: number): BinaryError {
  if (kind >= WriteKind.append) return joinErrorOf(result);
  if (result !== WriteResult.notStored) return ERRORS[result] ?? BinaryErrors.notStored;
  if (kind === WriteKind.add) return BinaryErrors.exists;
  return kind === WriteKind.replace ? BinaryErrors.notFound : BinaryErrors.notStored;
}

/** For append and prepend a missing item is memcached's "not stored". */
function joinErrorOf(result: WriteResult): BinaryError {
  return result === WriteResult.notFound ? BinaryErrors.notStored : (ERRORS[result] ?? BinaryErrors.notStored);
}

/** The value is not complete in the input: waits for it, receives it in pieces, or discards it. */
function awaitValue(context: BinaryContext): Step {
  const { encoder, operations, request, session } = context;
  const { keyAt, keyLength, opaque, opcode, valueLength } = request;
  if (valueLength <= WAITS_IN_INPUT_BYTES) {
    operations.times.uncount(COMMAND_OF[opcode]);
    return Outcome.NEED_INPUT;
  }
  session.incoming ??= new IncomingValue();
  const { incoming } = session;
  incoming.command = COMMAND_OF[opcode];
  incoming.isQuiet = IS_QUIET[opcode];
  incoming.mayOnlyCall = (session.principal.rights & Right.write) === 0;
  const how = howOf(context, opcode);
  operations.cas.compared.set(request.casHigh, request.casLow);
  const clientFlags = clientFlagsOf(context);
  const exptime = exptimeOf(context);
  const result = operations.incoming.begin(incoming, how, keyAt, keyLength, valueLength, clientFlags, exptime);
  if (result === ReceiveResult.accepted) {
    session.mode = BinaryMode.value;
    session.opcode = opcode;
    session.opaque = opaque;
    return CONTINUE;
  }
  encoder.error(result === ReceiveResult.tooLarge ? BinaryErrors.tooLarge : BinaryErrors.outOfMemoryStoring);
  context.discard(valueLength);
  return CONTINUE;
}

/** Takes more of the value that is being received, from `request.end` on. */
export function continueValue(context: BinaryContext, incoming: IncomingValue): Step {
  const { inputEnd, operations, request, session } = context;
  request.end += operations.incoming.fill(incoming, request.end, inputEnd);
  if (incoming.receivedBytes < incoming.valueLength) return Outcome.NEED_INPUT;
  session.mode = BinaryMode.request;
  request.opcode = session.opcode;
  request.opaque = session.opaque;
  const { how, isQuiet } = incoming;
  const result = operations.incoming.complete(incoming);
  if (result === WriteResult.call) return replyToIncomingCall(context, incoming);
  replyToWrite(context, result, how, isQuiet);
  return CONTINUE;
}

/** Discards bytes of a refused body. */
export function continueDiscard({ inputEnd, request, session }: BinaryContext): Step {
  request.end += session.discard(request.end, inputEnd);
  if (session.discardBytes > 0) return Outcome.NEED_INPUT;
  session.mode = BinaryMode.request;
  return CONTINUE;
}
