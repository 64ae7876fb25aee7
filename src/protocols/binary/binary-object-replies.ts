// Replies to calls of methods and to reads of objects. A result is a value for a retrieval and success for a storage request, whose reply
// has no body: libmemcached does not read one. The calls: operations/object-operations.ts.

import { CallResult, writeValue } from '../../operations/call-outcomes.js';
import type { IncomingValue } from '../../operations/incoming-value.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { type BinaryError, BinaryErrors, Status } from './binary-errors.js';
import { BinaryMode } from './binary-session.js';
import { COMMAND_OF, IS_QUIET, RETURNS_KEY } from './opcodes.js';

/** Lines that a script in the original's style may write instead of values, such as `STORED`. */
const ONE_LINE = /^([^\r\n]{1,200})\r\n$/;
const CACHE_MISS = 'ERROR_CACHE_MISS';
const LINE_ERRORS: Readonly<Record<string, BinaryError>> = {
  EXISTS: BinaryErrors.exists,
  NOT_FOUND: BinaryErrors.notFound,
  NOT_STORED: BinaryErrors.notStored,
};

/** Calls the method that the key of a retrieval names. */
export function replyToCall(context: BinaryContext, exptime: number): Step {
  const command = COMMAND_OF[context.request.opcode];
  const { operations, session } = context;
  return replyToRetrieval(context, operations.callRetrieve(session.principal, command, exptime));
}

/** Sends the object at the key as JSON. */
export function replyToObject(context: BinaryContext, exptime: number | undefined): Step {
  const { operations, request } = context;
  return replyToRetrieval(context, operations.callContent(request.keyAt, request.keyLength, exptime));
}

/** Calls the method that the key of a storage request names; its value is complete in the input. */
export function replyToStoreCall(context: BinaryContext, clientFlags: number, exptime: number): Step {
  const { operations, request, session } = context;
  const { opcode, valueAt, valueLength } = request;
  const command = COMMAND_OF[opcode];
  const isQuiet = IS_QUIET[opcode];
  return replyToStored(
    context,
    operations.callStore(session.principal, command, clientFlags, exptime, isQuiet, valueAt, valueLength),
    isQuiet,
  );
}

/** The same for a value that was received in several pieces. */
export function replyToIncomingCall(context: BinaryContext, incoming: IncomingValue): Step {
  const { operations, session } = context;
  return replyToStored(context, operations.callStoreIncoming(session.principal, incoming), incoming.isQuiet);
}

/** There is nothing at the key, or the call has failed. A quiet request gets no reply in either case: clients that read several keys would
    take an error for the end of all replies, and the rest for the reply to their next request. */
export function replyMiss({ encoder, request }: BinaryContext): void {
  const { opcode } = request;
  if (IS_QUIET[opcode]) return;
  if (RETURNS_KEY[opcode]) encoder.missWithKey();
  else encoder.error(BinaryErrors.notFound);
}

function replyToRetrieval(context: BinaryContext, result: CallResult): Step {
  const virtualKeys = context.operations.virtualKeys as VirtualKeys;
  const value = resultOf(result, virtualKeys);
  if (value !== undefined) {
    if (!sendResult(context, value)) return Outcome.OUTPUT_FULL;
  } else if (isError(result) && !IS_QUIET[context.request.opcode]) replyCallError(context, result, virtualKeys.value);
  else {
    if (isError(result)) context.encoder.countError();
    replyMiss(context);
  }
  return endCall(virtualKeys);
}

/** The value to send, if there is one. */
function resultOf(result: CallResult, { firstValue, value }: VirtualKeys): string | Uint8Array | undefined {
  if (result === CallResult.result || result === CallResult.missing) return value;
  if (result !== CallResult.original) return undefined;
  return firstValue ?? lineOf(value);
}

/** The output of a script in the original's style, if it is one line. */
function lineOf(value: string | Uint8Array): string | undefined {
  return typeof value === 'string' ? ONE_LINE.exec(value)?.[1] : undefined;
}

/** False if the value did not fit and the session continues with it. */
function sendResult({ encoder, request, session, values }: BinaryContext, value: string | Uint8Array): boolean {
  // Objects and results have no token, since cas does not apply to them.
  encoder.valueHeader(0, RETURNS_KEY[request.opcode] ? request.keyLength : 0, value.length, 0, 0);
  if (values.text(session, value)) return true;
  session.mode = BinaryMode.text;
  return false;
}

/** Continues a text of which a part has been sent. */
export function continueText({ session, values }: BinaryContext): Step {
  if (!values.continueText(session)) return Outcome.OUTPUT_FULL;
  session.mode = BinaryMode.request;
  return CONTINUE;
}

function replyToStored(context: BinaryContext, result: CallResult, isQuiet: boolean): Step {
  const { encoder, operations } = context;
  const virtualKeys = operations.virtualKeys as VirtualKeys;
  if (isError(result)) replyCallError(context, result, virtualKeys.value);
  else {
    const error = storeErrorOf(result, virtualKeys);
    if (error !== undefined) encoder.error(error);
    else if (!isQuiet) encoder.done(0, 0);
  }
  return endCall(virtualKeys);
}

function storeErrorOf(result: CallResult, virtualKeys: VirtualKeys): BinaryError | undefined {
  if (result === CallResult.result) return undefined;
  if (result === CallResult.original) return originalErrorOf(virtualKeys);
  return result === CallResult.nothing ? BinaryErrors.notStored : BinaryErrors.notFound;
}

/** A script in the original's style writes values whatever the request was; if it writes a line instead, that is assumed to fit the
 * request. */
function originalErrorOf({ firstValue, value }: VirtualKeys): BinaryError | undefined {
  if (firstValue === undefined) {
    const line = lineOf(value);
    return line === undefined ? BinaryErrors.notStored : LINE_ERRORS[line];
  }
  const text = typeof firstValue === 'string' ? firstValue : String.fromCharCode(...firstValue.subarray(0, 32));
  return text === CACHE_MISS ? BinaryErrors.notFound : undefined;
}

function isError(result: CallResult): boolean {
  return result === CallResult.clientError || result === CallResult.serverError;
}

/** Precondition: the message is one line of at most some 300 bytes. */
function replyCallError({ bytes, encoder, replies }: BinaryContext, result: CallResult, message: string | Uint8Array) {
  encoder.countError();
  const status = result === CallResult.clientError ? Status.invalid : Status.outOfMemory;
  encoder.header(status, 0, 0, message.length, 0, 0);
  writeValue(message, 0, message.length, bytes, replies.at);
  replies.at += message.length;
}

/** Ends the turn when the calls of this connection have taken so long that others should be served. */
function endCall(virtualKeys: VirtualKeys): Step {
  return virtualKeys.isTurnOver() ? Outcome.YIELD : CONTINUE;
}
