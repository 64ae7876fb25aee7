// `dump` and `restore`, which `cacheismo dump` and `cacheismo load` use to carry items and objects from one server to another.
//
//   dump\r\n                                 ->  DUMP 1\r\n, then records, each after its length (u32, little-endian); the last is the end
//   restore <bytes> [keep]\r\n<record>\r\n   ->  RESTORED, KEPT, EXPIRED or an error line
//
// The records: operations/portable/record.ts. A record may be longer than any value, so it is received into memory outside of the arena.

import { Command } from '../../operations/command-table.js';
import { ObjectRestore } from '../../operations/portable/object-restore.js';
import { MAX_RECORD_BYTES } from '../../operations/portable/record.js';
import { restore } from '../../operations/portable/restore.js';
import { type RestoreOutcome, RestoreResult } from '../../operations/portable/restore-result.js';
import { StoreDump } from '../../operations/portable/store-dump.js';
import { type ErrorId, ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { replySlices } from './pending-reply.js';
import { LINE_END_BYTES, ReceivedRecord } from './received-record.js';
import { asciiBytes, CARRIAGE_RETURN, LINE_FEED } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import { Mode } from './text-session.js';

/** Memory for the records that all clients of a thread are sending: one of the largest, and many of the usual size. */
const MAX_RECEIVING_BYTES = MAX_RECORD_BYTES + 16 * 1024 * 1024;
/** Dumps at a time in a thread: each may hold one of the largest records until its client has read it. */
const MAX_DUMPS = 2;

/** Announces the records, in the first version of their form. */
const START = asciiBytes('DUMP 1\r\n');

const REPLIES: Readonly<Partial<Record<RestoreResult, Uint8Array>>> = {
  [RestoreResult.restored]: asciiBytes('RESTORED\r\n'),
  [RestoreResult.kept]: asciiBytes('KEPT\r\n'),
  [RestoreResult.expired]: asciiBytes('EXPIRED\r\n'),
};

function dump(context: TextContext): Step {
  const { operations, session } = context;
  if (!operations.options.dumpEnabled) return refuse(context, ErrorIds.dumpNotAllowed);
  if (context.dumps >= MAX_DUMPS) return refuse(context, ErrorIds.tooManyDumps);
  const source = new StoreDump(operations);
  context.dumps++;
  session.dump = source;
  context.reply(START);
  return replySlices(context, () => {
    const slice = source.next();
    if (slice === undefined) endDump(context);
    return slice;
  });
}

/** The dump of the context's session is complete, or its connection is closed. */
export function endDump(context: TextContext, session = context.session): void {
  if (session.dump === undefined) return;
  session.dump.close();
  session.dump = undefined;
  context.dumps--;
}

function beginRecord(context: TextContext): Step {
  const { request, session } = context;
  const { valueLength, keepsItem } = request;
  const isTooLong = valueLength > MAX_RECORD_BYTES;
  if (isTooLong || context.receivingBytes + valueLength > MAX_RECEIVING_BYTES) {
    session.discardBlock(valueLength + LINE_END_BYTES);
    return refuse(context, isTooLong ? ErrorIds.tooLarge : ErrorIds.outOfMemory);
  }
  context.receivingBytes += valueLength;
  session.record = new ReceivedRecord(valueLength, keepsItem);
  session.mode = Mode.record;
  return CONTINUE;
}

/** Takes more of the record that is being received, from `request.end` on. */
export function continueRecord(context: TextContext, record: ReceivedRecord): Step {
  const { bytes, inputEnd, operations, request, session } = context;
  const length = Math.min(record.bytes.length - record.receivedBytes, inputEnd - request.end);
  record.bytes.set(bytes.subarray(request.end, request.end + length), record.receivedBytes);
  record.receivedBytes += length;
  request.end += length;
  if (record.receivedBytes < record.bytes.length) return Outcome.NEED_INPUT;
  const isWhole = record.bytes[record.length] === CARRIAGE_RETURN && record.bytes[record.length + 1] === LINE_FEED;
  if (!isWhole) {
    endRecord(context);
    return refuse(context, ErrorIds.badDataChunk);
  }
  const begun = restore(operations, record.bytes.subarray(0, record.length), record.keeps);
  if (begun instanceof ObjectRestore) {
    session.restore = begun;
    session.mode = Mode.restore;
    return continueRestore(context, begun);
  }
  endRecord(context);
  return reply(context, begun);
}

/** Makes the next slice of the object that is being restored. The one after it is made in a later turn; other clients are served before it.
    Replies to earlier requests are sent before the first slice: a client that does not read them would have no further turn, and the objects of
    all others would have to wait for it. */
export function continueRestore(context: TextContext, object: ObjectRestore): Step {
  if (object.isLarge && !context.replies.isEmpty) return Outcome.YIELD;
  const outcome = object.next();
  if (outcome === undefined) return Outcome.YIELD;
  endRecord(context);
  return reply(context, outcome);
}

/** The record of the context's session is to get its reply. */
function endRecord(context: TextContext): void {
  const { request, session } = context;
  dropRecord(context);
  session.mode = Mode.command;
  request.command = Command.restore;
  request.noreply = false;
}

/** The record of the context's session has been used, or its connection is closed. */
export function dropRecord(context: TextContext, session = context.session): void {
  session.restore?.close();
  session.restore = undefined;
  context.receivingBytes -= session.record?.length ?? 0;
  session.record = undefined;
}

function reply(context: TextContext, { result, reason }: RestoreOutcome): Step {
  const line = REPLIES[result];
  if (line !== undefined) context.reply(line);
  else if (result === RestoreResult.tooLarge) context.replyError(ErrorIds.tooLarge);
  else if (result === RestoreResult.noMemory) context.replyError(ErrorIds.outOfMemoryStoring);
  else {
    context.operations.times.noteError(Command.restore);
    context.reply(asciiBytes(`CLIENT_ERROR the record cannot be restored: ${reason}\r\n`));
  }
  return CONTINUE;
}

function refuse(context: TextContext, error: ErrorId): Step {
  context.replyError(error);
  return CONTINUE;
}

export const PORTABLE_HANDLERS = { dump, restore: beginRecord } as const;
