// ms: stores a value, or calls the method that its key names with the value as last argument. The form of replies: meta-replies.ts.

import { CallResult } from '../../operations/call-outcomes.js';
import { Command } from '../../operations/command-table.js';
import { IncomingValue } from '../../operations/incoming-value.js';
import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import { ReceiveResult, WRITE_KIND_MASK, WriteKind, WriteOption, WriteResult } from '../../operations/outcomes.js';
import { Right } from '../../operations/rights.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { dataBlockBytes } from '../text/data-block.js';
import { replyCallError } from '../text/object-replies.js';
import { TERMINATOR_BYTES, WAITS_IN_INPUT_BYTES } from '../text/storage.js';
import { CARRIAGE_RETURN, LINE_FEED } from '../text/text-bytes.js';
import type { TextContext } from '../text/text-context.js';
import { Mode } from '../text/text-session.js';
import { keptLineOf } from './kept-line.js';
import { sendResult } from './meta-get.js';
import { Code, replyCode, replyHit, replyMetaError, Shown } from './meta-replies.js';
import { Lower, type MetaRequest, Upper } from './meta-request.js';

/** Offset, within the room of a reply, at which a saved line is parsed again; the reply itself is shorter. */
const KEPT_LINE_OFFSET = 1024;
const WORD_BYTES = 2;

const KINDS = new Map<number, number>(
  (
    [
      ['Ee', WriteKind.add],
      ['Aa', WriteKind.append],
      ['Pp', WriteKind.prepend],
      ['Rr', WriteKind.replace],
      ['Ss', WriteKind.set],
    ] as const
  ).map(([letters, kind]) => [letters.charCodeAt(0), kind]),
);

/** The commands whose data block a method is called with, by kind of write. */
const COMMANDS_BY_KIND = [Command.set, Command.add, Command.replace, Command.append, Command.prepend];

export function metaSet(context: TextContext): Step {
  const { bytes, inputEnd, meta, operations, request, session } = context;
  const { error } = meta;
  const how = writeOf(meta, operations.options.casEnabled);
  // As in memcached an opaque token that is too long is found last.
  const isModeFirst = how < 0 && (error === NO_ERROR || error === ErrorIds.opaqueTooLong);
  if (isModeFirst) return refuse(context, ErrorIds.invalidSetMode, blockBytes(context));
  if (error !== NO_ERROR) return refuse(context, error, blockBytes(context));
  const valueAt = request.end;
  const end = valueAt + meta.valueLength + TERMINATOR_BYTES;
  if (!mayWrite(context)) return refuse(context, ErrorIds.notPermitted, end - valueAt);
  setTokens(context);
  if (end > inputEnd) return awaitValue(context, how);
  request.end = end;
  operations.metrics.add(OPERATION_METRICS.cmd_meta, 1);
  if (bytes[end - 2] !== CARRIAGE_RETURN || bytes[end - 1] !== LINE_FEED) return refuseChunk(context);
  const { clientFlags, keyAt, keyLength, valueLength } = meta;
  const exptime = exptimeOf(meta, how);
  const result = operations.writes.write(how, keyAt, keyLength, valueAt, valueLength, clientFlags, exptime);
  if (result !== WriteResult.call) return replyToWrite(context, result);
  const command = COMMANDS_BY_KIND[how & WRITE_KIND_MASK];
  return replyToResult(
    context,
    operations.callStore(session.principal, command, clientFlags, exptime, isSilent(meta), valueAt, valueLength),
  );
}

/** A call of a method needs the right of the method's access. */
function mayWrite({ meta, operations, session }: TextContext): boolean {
  return (session.principal.rights & Right.write) !== 0 || operations.isCall(meta.keyAt, meta.keyLength);
}

/** WriteKind and WriteOptions, or -1 for an unknown mode. */
function writeOf(meta: MetaRequest, casEnabled: boolean): number {
  const { lower, mode, upper } = meta;
  const kind = (upper & Upper.M) === 0 ? WriteKind.set : (KINDS.get(mode) ?? -1);
  if (kind < 0) return -1;
  return (
    kind |
    (comparesCas(meta, kind) ? WriteOption.compareCas : 0) |
    ((upper & Upper.E) !== 0 && casEnabled ? WriteOption.assignCas : 0) |
    ((lower & Lower.c) !== 0 && casEnabled ? WriteOption.withCas : 0) |
    ((upper & Upper.I) !== 0 && casEnabled && storesStale(meta, kind) ? WriteOption.markStale : 0) |
    ((upper & Upper.N) !== 0 && kind >= WriteKind.append ? WriteOption.vivify : 0)
  );
}

/** As in memcached, add compares no token, since it fails where there is one, and append and prepend take 0 for none. */
function comparesCas({ comparedCas, upper }: MetaRequest, kind: number): boolean {
  if ((upper & Upper.C) === 0 || kind === WriteKind.add) return false;
  return kind < WriteKind.append || !comparedCas.equals(0, 0);
}

/** As in memcached, only modes that replace the whole value may use an old token, and 0 is not an old token. */
function storesStale({ comparedCas }: MetaRequest, kind: number): boolean {
  return kind < WriteKind.append && !comparedCas.equals(0, 0);
}

/** An item that append or prepend makes gets the expiry of N. */
function exptimeOf(meta: MetaRequest, how: number): number {
  if ((how & WriteOption.vivify) !== 0) return meta.vivifyExptime;
  return (meta.upper & Upper.T) === 0 ? 0 : meta.exptime;
}

/** Whether a success gets no reply. */
function isSilent({ lower }: MetaRequest): boolean {
  return (lower & Lower.q) !== 0;
}

/** Whether the mode is append or prepend, for which an item that is missing has no token to differ. */
function isJoining({ mode, upper }: MetaRequest): boolean {
  return (upper & Upper.M) !== 0 && (KINDS.get(mode) ?? 0) >= WriteKind.append;
}

function setTokens({ meta, operations }: TextContext): void {
  if ((meta.upper & (Upper.C | Upper.E)) === 0) return;
  operations.cas.compared.set(meta.comparedCas.high, meta.comparedCas.low);
  operations.cas.assigned.set(meta.assignedCas.high, meta.assignedCas.low);
}

function replyToWrite(context: TextContext, result: WriteResult): Step {
  const { facts, meta } = context;
  facts.clear(meta.valueLength);
  switch (result) {
    case WriteResult.stored:
      return replyToStored(context);
    case WriteResult.notStored:
      replyCode(context, Code.notStored, Shown.set);
      break;
    case WriteResult.exists:
      replyCode(context, Code.exists, Shown.set);
      break;
    case WriteResult.notFound:
      replyCode(context, isJoining(meta) ? Code.notStored : Code.notFound, Shown.set);
      break;
    case WriteResult.tooLarge:
      replyMetaError(context, ErrorIds.tooLarge);
      break;
    case WriteResult.notForObjects:
      replyMetaError(context, ErrorIds.notForObjects);
      break;
    default:
      replyMetaError(context, ErrorIds.outOfMemoryStoring);
      break;
  }
  return CONTINUE;
}

function replyToStored(context: TextContext): Step {
  const { facts, meta, operations } = context;
  if (isSilent(meta)) return CONTINUE;
  if ((meta.lower & (Lower.c | Lower.s)) !== 0) facts.noteItem(operations, operations.writes.item, meta.lower);
  replyCode(context, Code.hit, Shown.set);
  return CONTINUE;
}

/** The method's result, if the client asks for it by `v`. No other storage command returns a result. */
function replyToResult(context: TextContext, result: CallResult): Step {
  const { facts, meta, operations } = context;
  const virtualKeys = operations.virtualKeys as VirtualKeys;
  const turn = virtualKeys.isTurnOver() ? Outcome.YIELD : CONTINUE;
  const value = result === CallResult.original ? virtualKeys.firstValue : virtualKeys.value;
  facts.clear();
  if (result === CallResult.clientError || result === CallResult.serverError) {
    replyCallError(context, result, virtualKeys.value);
  } else if (result === CallResult.missing || result === CallResult.absent) {
    replyCode(context, Code.notFound, Shown.set);
  } else if (result === CallResult.nothing || value === undefined) {
    replyCode(context, Code.notStored, Shown.set);
  } else if ((meta.lower & Lower.v) !== 0) {
    facts.size = value.length;
    return sendResult(context, value, Shown.set) ? turn : Outcome.OUTPUT_FULL;
  } else if (!isSilent(meta)) {
    replyHit(context, Shown.set);
  }
  return turn;
}

/** The value is not complete in the input: waits for it, receives it in pieces, or discards it. */
function awaitValue(context: TextContext, how: number): Step {
  const { meta, operations, session } = context;
  const { clientFlags, keyAt, keyLength, valueLength } = meta;
  if (valueLength <= WAITS_IN_INPUT_BYTES) {
    operations.times.uncount(context.request.command);
    return Outcome.NEED_INPUT;
  }
  operations.metrics.add(OPERATION_METRICS.cmd_meta, 1);
  session.incoming ??= new IncomingValue();
  const { incoming } = session;
  incoming.command = COMMANDS_BY_KIND[how & WRITE_KIND_MASK];
  incoming.isQuiet = isSilent(meta);
  incoming.mayOnlyCall = (session.principal.rights & Right.write) === 0;
  const exptime = exptimeOf(meta, how);
  const result = operations.incoming.begin(incoming, how, keyAt, keyLength, valueLength, clientFlags, exptime);
  if (result === ReceiveResult.accepted) {
    session.mode = Mode.value;
    session.keptLine = keptLineOf(meta, context.bytes);
    session.finishValue = finishValue;
    return CONTINUE;
  }
  const error = result === ReceiveResult.tooLarge ? ErrorIds.tooLarge : ErrorIds.outOfMemoryStoring;
  return refuse(context, error, valueLength + TERMINATOR_BYTES);
}

function finishValue(context: TextContext, incoming: IncomingValue, isWellFormed: boolean): Step {
  const { operations, session } = context;
  if (!isWellFormed) {
    operations.incoming.release(incoming);
    readKeptLine(context);
    return refuseChunk(context);
  }
  const result = operations.incoming.complete(incoming);
  if (result !== WriteResult.call) {
    readKeptLine(context);
    return replyToWrite(context, result);
  }
  const called = operations.callStoreIncoming(session.principal, incoming);
  readKeptLine(context);
  return replyToResult(context, called);
}

/** The line has left the input since it was parsed; the flags of the reply are parsed again from its saved part. */
function readKeptLine({ bytes, metaParser, replies, session }: TextContext): void {
  const line = session.keptLine as Uint8Array;
  const at = replies.at + KEPT_LINE_OFFSET;
  session.keptLine = undefined;
  bytes.set(line, at);
  metaParser.read(at, at + line.length, true);
}

function refuseChunk(context: TextContext): Step {
  context.operations.writes.countMalformed();
  replyMetaError(context, ErrorIds.badDataChunk);
  return CONTINUE;
}

/** Discards the data block: if it were read as commands, a client that chooses a value could run them. */
function refuse(context: TextContext, error: ErrorId, blockBytes: number): Step {
  replyMetaError(context, error);
  context.session.discardBlock(blockBytes);
  return CONTINUE;
}

/** Discards the block of a line with a wrong flag, whose length can be read, or of one that is wrong from the start. */
function blockBytes({ bytes, meta, request }: TextContext): number {
  if (meta.hasKey) return meta.valueLength + TERMINATOR_BYTES;
  return dataBlockBytes(bytes, request.argumentsAt - WORD_BYTES, request.argumentsEnd);
}
