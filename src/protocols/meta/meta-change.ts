// md and ma: removing, invalidating or emptying an item, and counting. The form of replies: meta-replies.ts.

import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import { ArithmeticOption, ArithmeticResult, type ItemRef, RemoveResult } from '../../operations/outcomes.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import type { TextContext } from '../text/text-context.js';
import { lastExptime, shownExptime, showsFormerTtl } from './meta-expiry.js';
import { Code, replyCode, replyMetaError, replyValueHead, Shown } from './meta-replies.js';
import { Lower, type MetaRequest, Upper } from './meta-request.js';

const [INCREMENT, DECREMENT] = ['I+', 'D-'].map(
  (letters) => new Set([...letters].map((letter) => letter.charCodeAt(0))),
);

export function metaDelete(context: TextContext): Step {
  const { facts, meta, operations } = context;
  if (meta.error !== NO_ERROR) {
    replyMetaError(context, meta.error);
    return CONTINUE;
  }
  operations.metrics.add(OPERATION_METRICS.cmd_meta, 1);
  facts.clear();
  const result = remove(context);
  if (result === RemoveResult.removed) {
    if ((meta.lower & Lower.q) === 0) replyCode(context, Code.hit, Shown.none);
  } else if (result === RemoveResult.notFound) replyCode(context, Code.notFound, Shown.none);
  else if (result === RemoveResult.exists) {
    // As in memcached, which counts none of the binary protocol's.
    operations.metrics.add(OPERATION_METRICS.delete_misses, 1);
    replyCode(context, Code.exists, Shown.none);
  } else replyMetaError(context, ErrorIds.outOfMemory);
  return CONTINUE;
}

/** With I the item stays, stale; with x it stays without its value. */
function remove({ meta, operations }: TextContext): number {
  const { comparedCas, assignedCas, clientFlags, exptime, keyAt, keyLength, lower, upper } = meta;
  const comparesCas = (upper & Upper.C) !== 0;
  operations.cas.compared.set(comparedCas.high, comparedCas.low);
  const isEmptied = (lower & Lower.x) !== 0;
  const isStale = (upper & Upper.I) !== 0;
  if (!isEmptied && !isStale) return operations.remove(keyAt, keyLength, comparesCas, 'md');
  operations.cas.assigned.set(assignedCas.high, assignedCas.low);
  const newExptime = (upper & Upper.T) === 0 ? undefined : exptime;
  const assignsCas = (upper & Upper.E) !== 0 && operations.options.casEnabled;
  return operations.invalidate(keyAt, keyLength, comparesCas, newExptime, isStale, isEmptied, assignsCas, clientFlags);
}

export function metaArithmetic(context: TextContext): Step {
  const { facts, meta, operations } = context;
  const options = optionsOf(context);
  if (meta.error !== NO_ERROR || options < 0) {
    replyMetaError(context, arithmeticError(meta, options < 0));
    return CONTINUE;
  }
  operations.metrics.add(OPERATION_METRICS.cmd_meta, 1);
  setNumbers(context);
  facts.clear();
  const { arithmetic } = operations;
  const exptime = (options & ArithmeticOption.vivify) !== 0 ? lastExptime(meta) : 0;
  const result = arithmetic.change(options, meta.keyAt, meta.keyLength, exptime);
  if (result === ArithmeticResult.changed || result === ArithmeticResult.created) return replyToChange(context, result);
  if (result === ArithmeticResult.notFound) replyCode(context, Code.notFound, Shown.none);
  else if (result === ArithmeticResult.exists) replyCode(context, Code.exists, Shown.none);
  else if (result === ArithmeticResult.nonNumeric) replyMetaError(context, ErrorIds.nonNumeric);
  else if (result === ArithmeticResult.notForObjects) replyMetaError(context, ErrorIds.notForObjects);
  else replyMetaError(context, ErrorIds.outOfMemory);
  return CONTINUE;
}

/** As in memcached there is one line for whatever is wrong with the flags, and an opaque token that is too long is found last. */
function arithmeticError({ error, hasKey }: MetaRequest, isModeUnknown: boolean): ErrorId {
  if (!hasKey || error === ErrorIds.tooManyFlags) return error;
  if (error !== NO_ERROR && error !== ErrorIds.opaqueTooLong) return ErrorIds.invalidOrDuplicateFlag;
  return isModeUnknown ? ErrorIds.invalidArithmeticMode : error;
}

/** ArithmeticOptions, or -1 for an unknown mode. */
function optionsOf({ meta, operations }: TextContext): number {
  const { casEnabled } = operations.options;
  const { comparedCas, lower, mode, upper } = meta;
  const hasMode = (upper & Upper.M) !== 0;
  if (hasMode && !INCREMENT.has(mode) && !DECREMENT.has(mode)) return -1;
  return (
    (hasMode && DECREMENT.has(mode) ? ArithmeticOption.decrement : 0) |
    ((upper & Upper.N) !== 0 ? ArithmeticOption.vivify : 0) |
    ((lower & Lower.c) !== 0 && casEnabled ? ArithmeticOption.withCas : 0) |
    // As in memcached, the token 0 matches any here.
    ((upper & Upper.C) !== 0 && !comparedCas.equals(0, 0) ? ArithmeticOption.compareCas : 0) |
    ((upper & Upper.E) !== 0 && casEnabled ? ArithmeticOption.assignCas : 0)
  );
}

function setNumbers({ meta, operations }: TextContext): void {
  const { arithmetic, cas } = operations;
  const { assignedCas, comparedCas, delta, initial, upper } = meta;
  if ((upper & Upper.D) !== 0) arithmetic.delta.set(delta.high, delta.low);
  else arithmetic.delta.set(0, 1);
  if ((upper & Upper.J) !== 0) arithmetic.initial.set(initial.high, initial.low);
  else arithmetic.initial.set(0, 0);
  cas.compared.set(comparedCas.high, comparedCas.low);
  cas.assigned.set(assignedCas.high, assignedCas.low);
}

function replyToChange(context: TextContext, result: ArithmeticResult): Step {
  const { encoder, facts, meta, operations, replies } = context;
  const { arithmetic, clock, store } = operations;
  const { lower, upper } = meta;
  let { item } = arithmetic;
  const expiredAt = store.expiresAt(item);
  const isMade = result === ArithmeticResult.created;
  if (!isMade && (upper & Upper.T) !== 0) item = store.setExpiry(item, clock.fromClient(meta.exptime));
  if (item === (0 as ItemRef)) {
    replyMetaError(context, ErrorIds.outOfMemory);
    return CONTINUE;
  }
  if ((lower & Lower.q) !== 0) return CONTINUE;
  facts.noteItem(operations, item, lower);
  if (isMade) facts.noteExpiry(operations, clock.fromClient(shownExptime(meta)));
  else if (showsFormerTtl(meta)) facts.noteExpiry(operations, expiredAt);
  if ((lower & Lower.v) === 0) {
    replyCode(context, Code.hit, Shown.arithmetic);
    return CONTINUE;
  }
  facts.isStale = false;
  facts.isWinSent = false;
  replyValueHead(context, arithmetic.digitsLength, Shown.arithmetic);
  replies.words(arithmetic.digitsAt, arithmetic.digitsLength);
  encoder.lineEnd();
  return CONTINUE;
}
