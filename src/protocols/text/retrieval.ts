// get, gets, gat and gats: single keys, lists of any length, and values larger than the output window, which are
// sent piece by piece from a pinned item. Not for parsing keys.

import { COMMAND_METRICS } from '../../operations/operation-metrics.js';
import { isObject } from '../../operations/virtual-keys.js';
import type { ItemRef } from '../../store/store.js';
import { ErrorIds } from '../error-lines.js';
import type { ReplyParts } from '../reply-parts.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { VALUE_TAIL_BYTES } from '../value-output.js';
import { Line, REPLY_ROOM_BYTES } from './reply-encoder.js';
import type { CommandContext } from './text-context.js';
import { KeyStep } from './text-parser.js';
import { Command } from './text-request.js';
import { Mode, type Session } from './text-session.js';

const NO_ITEM = 0 as ItemRef;

/** A value of so many bytes costs less to send from where it lies than to copy. */
const REFERRED_VALUE_BYTES = 4096;

/** About so many bytes of values are referred to in one reply. */
const MOST_REFERRED_BYTES = 512 * 1024;

/** How many keys of a list are answered before the engine looks at the clock. */
const KEYS_PER_STEP = 32;

/** The dispatch table's entry of all four commands. */
export function retrieve(context: CommandContext): Step {
  const { request, virtualKeys } = context;
  if (request.isList) return startList(context);
  // Only a plain `get` of one key comes here.
  if (virtualKeys?.isCall(request.keyAt, request.keyLength)) return virtualKeys.retrieve(context);
  const { metrics, store } = context;
  const item = store.find(request.keyAt, request.keyLength);
  if (item !== NO_ITEM && virtualKeys !== undefined && isObject(store, item))
    return virtualKeys.retrieveObject(context);
  metrics.add(COMMAND_METRICS.cmd_get, 1);
  if (item === NO_ITEM) {
    metrics.add(COMMAND_METRICS.get_misses, 1);
    context.answerEnd();
    return CONTINUE;
  }
  metrics.add(COMMAND_METRICS.get_hits, 1);
  store.hit(item);
  if (!sendItem(context, item, false)) return Outcome.OUTPUT_FULL;
  context.answerEnd();
  return CONTINUE;
}

function startList(context: CommandContext): Step {
  const { reply, request, session } = context;
  session.mode = Mode.keys;
  session.listCommand = request.command;
  session.listExptime = request.exptime;
  session.listKeys = 0;
  session.listReplyAt = reply.at;
  return CONTINUE;
}

/** Answers some keys of the session's list, from `request.end` on. */
export function continueList(context: CommandContext): Step {
  const { parser, request, reply, session } = context;
  for (let count = 0; count < KEYS_PER_STEP; count++) {
    if (reply.room < REPLY_ROOM_BYTES) return Outcome.OUTPUT_FULL;
    const step = parser.nextKey(request.end, context.inputEnd);
    if (step === KeyStep.needMore) return Outcome.NEED_INPUT;
    if (step === KeyStep.endOfLine) return endList(context);
    if (step === KeyStep.badKey) {
      failList(context);
      return CONTINUE;
    }
    session.listKeys++;
    const outcome = retrieveListed(context);
    if (outcome !== CONTINUE || session.mode !== Mode.keys) return outcome;
  }
  return CONTINUE;
}

function endList(context: CommandContext): Step {
  const { session, reply } = context;
  const needsKeys = session.listCommand === Command.get || session.listCommand === Command.gets;
  session.mode = Mode.command;
  if (session.listKeys === 0 && needsKeys) reply.error(ErrorIds.unknownCommand);
  else context.answerEnd();
  return CONTINUE;
}

/** Ends the list: the error line that is to follow takes the place of the whole reply, as far as that has not been sent. */
export function cutList({ reply, session, store }: CommandContext): void {
  if (session.listReplyAt >= 0) {
    reply.at = session.listReplyAt;
    const { parts } = reply;
    while (parts !== undefined) {
      const item = parts.dropBehind(reply.at);
      if (item === 0) break;
      store.unpin(item as ItemRef);
    }
  }
  session.mode = Mode.skipLine;
}

function failList(context: CommandContext, error = ErrorIds.badFormat): void {
  cutList(context);
  context.reply.error(error);
}

function retrieveListed(context: CommandContext): Step {
  const { metrics, request, session, store, virtualKeys } = context;
  if (virtualKeys?.isCall(request.keyAt, request.keyLength)) return virtualKeys.retrieve(context);
  const { listCommand } = session;
  const touches = listCommand === Command.gat || listCommand === Command.gats;
  const withCas = listCommand === Command.gets || listCommand === Command.gats;
  let item = store.find(request.keyAt, request.keyLength);
  if (item !== NO_ITEM && virtualKeys !== undefined && isObject(store, item))
    return virtualKeys.retrieveObject(context);
  metrics.add(touches ? COMMAND_METRICS.cmd_touch : COMMAND_METRICS.cmd_get, 1);
  if (item === NO_ITEM) {
    metrics.add(touches ? COMMAND_METRICS.touch_misses : COMMAND_METRICS.get_misses, 1);
    return CONTINUE;
  }
  metrics.add(touches ? COMMAND_METRICS.touch_hits : COMMAND_METRICS.get_hits, 1);
  store.hit(item);
  // The token first: room is made for it, which would reclaim an item that the new time has just let expire.
  if (withCas && context.options.casEnabled) item = store.ensureCas(item);
  if (item !== NO_ITEM && touches) item = store.touch(item, context.clock.fromClient(session.listExptime));
  if (item === NO_ITEM) {
    failList(context, ErrorIds.outOfMemoryReading);
    return CONTINUE;
  }
  return sendItem(context, item, withCas) ? CONTINUE : Outcome.OUTPUT_FULL;
}

/** Writes the item's reply; false if its value did not fit and the session goes on with it. */
function sendItem(context: CommandContext, item: ItemRef, withCas: boolean): boolean {
  const { reply, request, session, store } = context;
  const length = store.valueLength(item);
  reply.valueHead(request.keyAt, request.keyLength, store.clientFlags(item), length);
  if (withCas) reply.casToken(store.casHigh(item), store.casLow(item));
  reply.lineEnd();
  let taken = 0;
  if (length >= REFERRED_VALUE_BYTES && reply.parts !== undefined) {
    taken = referToValue(context, reply.parts, item, 0, length);
  } else if (length <= reply.room - VALUE_TAIL_BYTES) {
    store.copyValue(item, 0, length, reply.at);
    reply.at += length;
    taken = length;
  }
  if (taken === length) {
    reply.lineEnd();
    return true;
  }
  store.pin(item);
  session.sending = item;
  session.heldBytes = length;
  session.sentBytes = taken;
  session.modeAfterItem = session.mode;
  session.mode = Mode.item;
  if (taken === 0) sendRest(context);
  return false;
}

/** Adds value bytes to the reply's parts, as many as it takes; they stay pinned until it is sent. */
function referToValue(
  context: CommandContext,
  parts: ReplyParts,
  item: ItemRef,
  offset: number,
  length: number,
): number {
  const { reply, store } = context;
  store.pin(item);
  parts.begin(item, reply.at);
  const taken = store.values.gather(item, offset, Math.min(length, MOST_REFERRED_BYTES), parts);
  // What follows goes into another reply, so that no client pins much at a time.
  if (parts.isFull || parts.valueBytes >= MOST_REFERRED_BYTES) reply.closeSoon();
  return taken;
}

/** Takes as much of the item being sent as the reply can hold. */
function sendRest(context: CommandContext): void {
  const { reply, session, store } = context;
  const { sending, sentBytes } = session;
  const rest = store.valueLength(sending) - sentBytes;
  if (reply.parts !== undefined) {
    session.sentBytes += referToValue(context, reply.parts, sending, sentBytes, rest);
    return;
  }
  const length = Math.min(reply.room - VALUE_TAIL_BYTES, rest);
  store.copyValue(session.sending, session.sentBytes, length, reply.at);
  reply.at += length;
  session.sentBytes += length;
}

/** Goes on with an item of which a part has been sent. */
export function continueItem(context: CommandContext): Step {
  const { reply, session, store } = context;
  sendRest(context);
  if (session.sentBytes < store.valueLength(session.sending)) return Outcome.OUTPUT_FULL;
  releaseItem(context, session);
  session.mode = session.modeAfterItem;
  reply.lineEnd();
  // A single key's line has been used already.
  if (session.mode === Mode.command) reply.line(Line.end);
  return CONTINUE;
}

export function releaseItem(context: CommandContext, session: Session): void {
  if (session.sending === NO_ITEM) return;
  context.store.unpin(session.sending);
  session.sending = NO_ITEM;
  session.heldBytes = 0;
}
