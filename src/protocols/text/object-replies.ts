// Replies to calls of methods and to reads of objects. The calls: operations/object-operations.ts.

import { CallResult, writeValue } from '../../operations/call-outcomes.js';
import { type Command, WITH_CAS } from '../../operations/command-table.js';
import type { IncomingValue } from '../../operations/incoming-value.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { Line } from './reply-encoder.js';
import { sendLater } from './rest-of-value.js';
import { asciiBytes } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import { Mode, Tail } from './text-session.js';

const CLIENT_ERROR = asciiBytes('CLIENT_ERROR ');
const SERVER_ERROR = asciiBytes('SERVER_ERROR ');
const CACHE_MISS = asciiBytes('ERROR_CACHE_MISS');

/** Lines that a script in the original's style may write instead of values, such as `STORED`. */
const ONE_LINE = /^[^\r\n]{1,200}\r\n$/;

/** Calls the method that the key of a retrieval names: the only key of a `get`, or one key of a list. */
export function replyToCall(context: TextContext, command: Command, exptime: number): Step {
  return replyToRetrieval(context, context.operations.callRetrieve(context.session.principal, command, exptime));
}

/** Sends the object at the key as JSON. */
export function replyToObject(context: TextContext, exptime: number | undefined): Step {
  const { operations, request } = context;
  return replyToRetrieval(context, operations.callContent(request.keyAt, request.keyLength, exptime));
}

/** Calls the method that the key of a storage command names; the data block is at `valueAt` in the input. */
export function replyToStoreCall(context: TextContext, valueAt: number): Step {
  const { command, clientFlags, exptime, noreply, valueLength } = context.request;
  const { operations, session } = context;
  const { principal } = session;
  const result = operations.callStore(principal, command, clientFlags, exptime, noreply, valueAt, valueLength);
  return replyToStored(context, result);
}

/** The same for a data block that was received in several pieces. */
export function replyToIncomingCall(context: TextContext, incoming: IncomingValue): Step {
  const { operations, session } = context;
  return replyToStored(context, operations.callStoreIncoming(session.principal, incoming));
}

/** Ends a list of keys: the error line that follows replaces the part of the reply that has not been sent. */
export function cutList({ session, values }: TextContext): void {
  if (session.listReplyAt >= 0) values.cutBack(session.listReplyAt);
  session.mode = Mode.drainLine;
}

function replyToRetrieval(context: TextContext, result: CallResult): Step {
  const { encoder, operations, session } = context;
  const virtualKeys = operations.virtualKeys as VirtualKeys;
  const isListed = session.mode === Mode.keys;
  let isWhole = true;
  if (result === CallResult.result || result === CallResult.missing) isWhole = sendResult(context, virtualKeys.value);
  else if (result === CallResult.original) isWhole = sendText(context, virtualKeys.value, false);
  else if (result !== CallResult.nothing && result !== CallResult.absent) {
    if (isListed) cutList(context);
    replyCallError(context, result, virtualKeys.value);
    return endCall(virtualKeys);
  }
  if (!isWhole) return Outcome.OUTPUT_FULL;
  if (!isListed) encoder.end();
  return endCall(virtualKeys);
}

/** Ends the turn when the calls of this connection have taken so long that others should be served. */
function endCall(virtualKeys: VirtualKeys): Step {
  return virtualKeys.isTurnOver() ? Outcome.YIELD : CONTINUE;
}

/** False if the value did not fit and the session continues with it. */
function sendResult(context: TextContext, value: string | Uint8Array): boolean {
  const { encoder, request, session } = context;
  encoder.valueHeader(request.keyAt, request.keyLength, 0, value.length);
  // Objects have no token, since cas does not apply to them.
  if (session.mode === Mode.keys && WITH_CAS[session.listCommand]) encoder.casToken(0, 0);
  encoder.lineEnd();
  if (!sendText(context, value, true)) return false;
  encoder.lineEnd();
  return true;
}

function sendText({ session, values }: TextContext, text: string | Uint8Array, isValue: boolean): boolean {
  if (values.text(session, text)) return true;
  const isListed = session.mode === Mode.keys;
  if (isListed) sendLater(session, Mode.text, isValue ? Tail.lineEnd : Tail.none);
  else sendLater(session, Mode.text, isValue ? Tail.lineEndAndEnd : Tail.end);
  return false;
}

function replyToStored(context: TextContext, result: CallResult): Step {
  const { operations, replies, request } = context;
  const virtualKeys = operations.virtualKeys as VirtualKeys;
  if (!request.noreply) {
    if (result === CallResult.result) replies.put(Line.stored);
    else if (result === CallResult.nothing) replies.put(Line.notStored);
    else if (result === CallResult.missing || result === CallResult.absent) replies.put(Line.notFound);
    else if (result === CallResult.original) replyToLegacyStored(context, virtualKeys);
    else replyCallError(context, result, virtualKeys.value);
  }
  return endCall(virtualKeys);
}

/** Such a script writes values whatever the command was; if it writes a line instead, that is assumed to fit the command. */
function replyToLegacyStored(context: TextContext, { firstValue, value }: VirtualKeys): void {
  const { replies } = context;
  if (firstValue === undefined && typeof value === 'string' && ONE_LINE.test(value)) writeText(context, value);
  else if (firstValue === undefined) replies.put(Line.notStored);
  else if (isCacheMiss(firstValue)) replies.put(Line.notFound);
  else replies.put(Line.stored);
}

function isCacheMiss(value: string | Uint8Array): boolean {
  if (value.length !== CACHE_MISS.length) return false;
  return CACHE_MISS.every(
    (byte, index) => byte === (typeof value === 'string' ? value.charCodeAt(index) : value[index]),
  );
}

/** Precondition: the message is one line of at most some 300 bytes. */
export function replyCallError(context: TextContext, result: CallResult, message: string | Uint8Array): void {
  const { operations, request, session } = context;
  operations.times.noteError(session.mode === Mode.keys ? session.listCommand : request.command);
  context.replies.put(result === CallResult.clientError ? CLIENT_ERROR : SERVER_ERROR);
  writeText(context, message);
  context.encoder.lineEnd();
}

function writeText({ bytes, replies }: TextContext, text: string | Uint8Array): void {
  writeValue(text, 0, text.length, bytes, replies.at);
  replies.at += text.length;
}
