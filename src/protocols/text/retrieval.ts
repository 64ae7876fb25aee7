// get, gets, gat and gats: single keys, and lists of any length. Parsing keys: text-parser.ts. Values that are larger than the output
// window: value-output.ts.

import { Command, NEEDS, TOUCHES_ITEMS, WITH_CAS } from '../../operations/command-table.js';
import { type ItemRef, ReadOption, ReadResult } from '../../operations/outcomes.js';
import { ErrorIds } from '../error-lines.js';
import { REPLY_ROOM_BYTES } from '../protocol-shell.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { cutList, replyToCall, replyToObject } from './object-replies.js';
import { sendLater } from './rest-of-value.js';
import type { TextContext } from './text-context.js';
import { KeyStep } from './text-parser.js';
import { Mode, Tail } from './text-session.js';

/** Keys of a list that one step replies to; the clock is read once in several steps. */
const KEYS_PER_STEP = 32;

/** All four commands. The parser has either read the only key of a `get`, or left the keys to `nextKey`. */
export function retrieve(context: TextContext): Step {
  const { encoder, operations, request } = context;
  if (request.isList) return startList(context);
  const result = operations.reads.read(request.keyAt, request.keyLength);
  if (result === ReadResult.miss) {
    encoder.end();
    return CONTINUE;
  }
  if (result !== ReadResult.value) return retrieveOther(context, result);
  if (!sendItem(context, operations.reads.item, false)) return Outcome.OUTPUT_FULL;
  encoder.end();
  return CONTINUE;
}

function retrieveOther(context: TextContext, result: ReadResult): Step {
  return result === ReadResult.call ? replyToCall(context, Command.get, 0) : replyToObject(context, undefined);
}

function startList({ replies, request, session }: TextContext): Step {
  session.mode = Mode.keys;
  session.listCommand = request.command;
  session.listExptime = request.exptime;
  session.listKeys = 0;
  session.listReplyAt = replies.at;
  return CONTINUE;
}

/** Replies to the next keys of the session's list, from `request.end` on. */
export function continueList(context: TextContext): Step {
  const { operations, parser, request, replies, session } = context;
  const callsOnly = (session.principal.rights & NEEDS[session.listCommand]) === 0;
  for (let count = 0; count < KEYS_PER_STEP; count++) {
    if (replies.room < REPLY_ROOM_BYTES) return Outcome.OUTPUT_FULL;
    const step = parser.nextKey(request.end, context.inputEnd);
    if (step === KeyStep.needMore) return Outcome.NEED_INPUT;
    if (step === KeyStep.endOfLine) return endList(context);
    if (step === KeyStep.badKey) {
      failList(context, ErrorIds.badFormat);
      return CONTINUE;
    }
    if (callsOnly && !operations.isCall(request.keyAt, request.keyLength)) {
      failList(context, ErrorIds.notPermitted);
      return CONTINUE;
    }
    session.listKeys++;
    const outcome = retrieveListed(context);
    if (outcome !== CONTINUE || session.mode !== Mode.keys) return outcome;
  }
  return CONTINUE;
}

function endList({ encoder, session }: TextContext): Step {
  session.mode = Mode.command;
  if (session.listKeys === 0) encoder.error(ErrorIds.badFormat);
  else encoder.end();
  return CONTINUE;
}

function failList(context: TextContext, error: (typeof ErrorIds)[keyof typeof ErrorIds]): void {
  cutList(context);
  context.encoder.error(error);
}

function retrieveListed(context: TextContext): Step {
  const { operations, request, session } = context;
  const { listCommand, listExptime } = session;
  const touches = TOUCHES_ITEMS[listCommand];
  const withCas = WITH_CAS[listCommand];
  const options = (touches ? ReadOption.touch : 0) | (withCas ? ReadOption.withCas : 0);
  const result =
    options === 0
      ? operations.reads.read(request.keyAt, request.keyLength)
      : operations.reads.readWith(request.keyAt, request.keyLength, options, listExptime);
  switch (result) {
    case ReadResult.miss:
      return CONTINUE;
    case ReadResult.value:
      return sendItem(context, operations.reads.item, withCas) ? CONTINUE : Outcome.OUTPUT_FULL;
    case ReadResult.call:
      return replyToCall(context, listCommand, listExptime);
    case ReadResult.object:
      return replyToObject(context, touches ? listExptime : undefined);
    default:
      failList(context, ErrorIds.outOfMemoryReading);
      return CONTINUE;
  }
}

/** Writes the item's reply; false if its value did not fit and the session continues with it. */
function sendItem(context: TextContext, item: ItemRef, withCas: boolean): boolean {
  const { encoder, operations, request, session, values } = context;
  const { store } = operations;
  const length = store.valueLength(item);
  encoder.valueHeader(request.keyAt, request.keyLength, store.clientFlags(item), length);
  if (withCas) encoder.casToken(store.casHigh(item), store.casLow(item));
  encoder.lineEnd();
  if (!values.item(session, item, length)) {
    const isListed = session.mode === Mode.keys;
    sendLater(session, Mode.item, isListed ? Tail.lineEnd : Tail.lineEndAndEnd);
    return false;
  }
  encoder.lineEnd();
  return true;
}

export const RETRIEVAL_HANDLERS = { get: retrieve, gets: retrieve, gat: retrieve, gats: retrieve } as const;
