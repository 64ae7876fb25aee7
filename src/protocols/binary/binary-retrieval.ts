// get, getk, gat, gatk and their quiet forms: one key each. Values that are larger than the output window: value-output.ts.

import { type ItemRef, ReadOption, ReadResult } from '../../operations/outcomes.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { BinaryErrors } from './binary-errors.js';
import { replyMiss, replyToCall, replyToObject } from './binary-object-replies.js';
import { BinaryMode } from './binary-session.js';
import { IS_QUIET, READ_OPTIONS, RETURNS_KEY } from './opcodes.js';

/** All eight requests. */
export function retrieve(context: BinaryContext): Step {
  const { operations, request } = context;
  const options = READ_OPTIONS[request.opcode];
  const { reads } = operations;
  const exptime = (options & ReadOption.touch) === 0 ? 0 : context.exptimeAt(request.extrasAt);
  const result = reads.readWith(request.keyAt, request.keyLength, options, exptime);
  if (result === ReadResult.value) return sendItem(context, reads.item);
  return retrieveOther(context, result, options, exptime);
}

function retrieveOther(context: BinaryContext, result: ReadResult, options: number, exptime: number): Step {
  if (result === ReadResult.miss) replyMiss(context);
  else if (result === ReadResult.call) return replyToCall(context, exptime);
  else if (result === ReadResult.object) {
    return replyToObject(context, (options & ReadOption.touch) === 0 ? undefined : exptime);
  } else if (!IS_QUIET[context.request.opcode]) context.encoder.error(BinaryErrors.outOfMemory);
  return CONTINUE;
}

function sendItem({ encoder, operations, request, session, values }: BinaryContext, item: ItemRef): Step {
  const { store } = operations;
  const length = store.valueLength(item);
  const keyLength = RETURNS_KEY[request.opcode] ? request.keyLength : 0;
  encoder.valueHeader(store.clientFlags(item), keyLength, length, store.casHigh(item), store.casLow(item));
  if (values.item(session, item, length)) return CONTINUE;
  session.mode = BinaryMode.item;
  return Outcome.OUTPUT_FULL;
}

/** Continues an item of which a part has been sent. */
export function continueItem({ session, values }: BinaryContext): Step {
  if (!values.continueItem(session)) return Outcome.OUTPUT_FULL;
  session.mode = BinaryMode.request;
  return CONTINUE;
}
