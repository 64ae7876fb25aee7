// mg: reads an item with the facts that the client asks for, and creates or renews it if the flags say so. Also mn and me. The form of
// replies: meta-replies.ts.

import { CallResult } from '../../operations/call-outcomes.js';
import { Command } from '../../operations/command-table.js';
import { isObject, markFetched, markWinSent } from '../../operations/item-state.js';
import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import {
  type ItemRef,
  ReadOption,
  ReadResult,
  WriteKind,
  WriteOption,
  WriteResult,
} from '../../operations/outcomes.js';
import { Right } from '../../operations/rights.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import { ErrorIds, NO_ERROR } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { describeItem } from '../text/dump-commands.js';
import { replyCallError } from '../text/object-replies.js';
import { replyText } from '../text/pending-reply.js';
import { sendLater } from '../text/rest-of-value.js';
import type { TextContext } from '../text/text-context.js';
import { Mode, Tail } from '../text/text-session.js';
import { comparesFormerTtl, lastExptime, shownExptime, showsFormerTtl } from './meta-expiry.js';
import { Code, replyCode, replyHit, replyMetaError, replyValueHead, Shown } from './meta-replies.js';
import { Lower, Upper } from './meta-request.js';

/** Flags with which a read also writes. */
const WRITING_FLAGS = Upper.T | Upper.N;
const READ = ReadOption.withoutBump | ReadOption.uncounted;
const BASE64 = 0x62;
/** With these and O alone nothing is done but what `get` does. */
const PLAIN_LOWER = Lower.b | Lower.f | Lower.k | Lower.q | Lower.s | Lower.t | Lower.v;
const ACCESS_FLAGS = Lower.h | Lower.l;

export function metaGet(context: TextContext): Step {
  const { meta, operations } = context;
  const { metrics, reads } = operations;
  if (meta.error !== NO_ERROR) {
    replyMetaError(context, meta.error);
    return CONTINUE;
  }
  metrics.add(OPERATION_METRICS.cmd_meta, 1);
  if (!mayRead(context)) {
    replyMetaError(context, ErrorIds.notPermitted);
    return CONTINUE;
  }
  if (((meta.lower & ~PLAIN_LOWER) | (meta.upper & ~Upper.O)) === 0) return getPlainly(context);
  const options = (meta.lower & Lower.c) === 0 ? READ : READ | ReadOption.withCas;
  const result = reads.readWith(meta.keyAt, meta.keyLength, options, 0);
  if (result === ReadResult.value) return replyToHit(context, reads.item);
  if (result === ReadResult.miss && (meta.upper & Upper.N) !== 0) return vivify(context);
  if (result !== ReadResult.call) reads.count(result !== ReadResult.miss, false);
  return replyToOther(context, result);
}

/** The same as `get` but for the reply. */
function getPlainly(context: TextContext): Step {
  const { meta, operations } = context;
  const { reads } = operations;
  const result = reads.read(meta.keyAt, meta.keyLength);
  return result === ReadResult.value ? replyToFound(context, reads.item, 0) : replyToOther(context, result);
}

/** A call of a method needs the right of the method's access. */
function mayRead({ meta, operations, session }: TextContext): boolean {
  const needed = (meta.upper & WRITING_FLAGS) === 0 ? Right.read : Right.write;
  return (session.principal.rights & needed) !== 0 || operations.isCall(meta.keyAt, meta.keyLength);
}

/** Replies to a read that has been counted and found no value. */
function replyToOther(context: TextContext, result: ReadResult): Step {
  switch (result) {
    case ReadResult.miss:
      if ((context.meta.lower & Lower.q) === 0) replyCode(context, Code.miss, Shown.none);
      return CONTINUE;
    case ReadResult.call:
      return replyToCall(context);
    case ReadResult.object:
      return replyToObject(context);
    default:
      replyMetaError(context, ErrorIds.outOfMemoryReading);
      return CONTINUE;
  }
}

/** An empty item, which this client may fill. */
function vivify(context: TextContext): Step {
  const { facts, meta, operations } = context;
  const { assignedCas, keyAt, keyLength } = meta;
  const assignsCas = (meta.upper & Upper.E) !== 0 && operations.options.casEnabled;
  const how = assignsCas ? WriteKind.add | WriteOption.assignCas : WriteKind.add;
  operations.cas.assigned.set(assignedCas.high, assignedCas.low);
  const result = operations.writes.make(how, keyAt, keyLength, lastExptime(meta));
  let item = result === WriteResult.stored ? operations.writes.item : (0 as ItemRef);
  if (item !== 0 && (meta.lower & Lower.c) !== 0 && operations.options.casEnabled) {
    item = operations.store.ensureCas(item);
  }
  if (item === 0) {
    replyMetaError(context, ErrorIds.outOfMemoryReading);
    return CONTINUE;
  }
  // As in memcached, an item that is created counts as found.
  operations.reads.count(true, (meta.upper & Upper.T) !== 0);
  markWinSent(operations.store, item);
  if ((meta.lower & Lower.u) === 0) markFetched(operations.store, item);
  facts.noteItem(operations, item, meta.lower);
  facts.noteExpiry(operations, operations.clock.fromClient(shownExptime(meta)));
  facts.wasFetched = false;
  facts.idleSeconds = 0;
  facts.isWinSent = false;
  facts.isWon = true;
  return replyWithItem(context, item);
}

function replyToHit(context: TextContext, found: ItemRef): Step {
  const { facts, meta, operations } = context;
  const { lower, upper } = meta;
  let item = found;
  const formerExpiry = operations.store.expiresAt(item);
  operations.reads.count(true, (upper & Upper.T) !== 0);
  if ((lower & ACCESS_FLAGS) !== 0) facts.noteAccess(operations, item);
  if ((upper & Upper.T) !== 0) item = touch(context, item);
  else if ((lower & Lower.u) === 0) operations.store.hit(item);
  if (item === 0) {
    replyMetaError(context, ErrorIds.outOfMemoryReading);
    return CONTINUE;
  }
  return replyToFound(context, item, formerExpiry);
}

/** Replies with an item that has been counted and used. */
function replyToFound(context: TextContext, item: ItemRef, formerExpiry: number): Step {
  const { facts, meta, operations } = context;
  facts.noteItem(operations, item, meta.lower);
  if (!facts.isWinSent && (facts.isStale || isDueForRecache(context, item, formerExpiry))) {
    markWinSent(operations.store, item);
    facts.isWon = true;
  }
  if (showsFormerTtl(meta)) facts.noteExpiry(operations, formerExpiry);
  return replyWithItem(context, item);
}

function touch({ meta, operations }: TextContext, item: ItemRef): ItemRef {
  const { clock, store } = operations;
  const expiresAt = clock.fromClient(meta.exptime);
  return (meta.lower & Lower.u) === 0 ? store.touch(item, expiresAt) : store.setExpiry(item, expiresAt);
}

function isDueForRecache({ meta, operations }: TextContext, item: ItemRef, formerExpiry: number): boolean {
  if ((meta.upper & Upper.R) === 0) return false;
  const expiresAt = comparesFormerTtl(meta) ? formerExpiry : operations.store.expiresAt(item);
  return expiresAt !== 0 && expiresAt < operations.clock.fromClient(meta.recacheExptime);
}

function replyWithItem(context: TextContext, item: ItemRef): Step {
  const { encoder, facts, meta, session, values } = context;
  if ((meta.lower & Lower.v) === 0 || hasTheValue(context, item)) {
    replyHit(context, Shown.get);
    return CONTINUE;
  }
  replyValueHead(context, facts.size, Shown.get);
  if (!values.item(session, item, facts.size)) {
    sendLater(session, Mode.item, Tail.lineEnd);
    return Outcome.OUTPUT_FULL;
  }
  encoder.lineEnd();
  return CONTINUE;
}

/** A conditional fetch: the client already has the value whose token it sends. */
function hasTheValue({ meta, operations }: TextContext, item: ItemRef): boolean {
  if ((meta.upper & Upper.C) === 0) return false;
  operations.cas.compared.set(meta.comparedCas.high, meta.comparedCas.low);
  return operations.cas.matches(item);
}

/** The JSON of an object is made only for a client that asks for it or for its size. */
function replyToObject(context: TextContext): Step {
  const { facts, meta, operations } = context;
  const { keyAt, keyLength, lower, upper } = meta;
  const exptime = (upper & Upper.T) === 0 ? undefined : meta.exptime;
  const { item } = operations.reads;
  facts.noteAccess(operations, item);
  facts.noteItem(operations, item, meta.lower);
  if ((lower & (Lower.v | Lower.s)) === 0) {
    if (exptime !== undefined) operations.touch(keyAt, keyLength, exptime);
    else if ((lower & Lower.u) === 0) operations.store.hitObject(item);
    if (exptime !== undefined) facts.noteItem(operations, operations.store.find(keyAt, keyLength), lower);
    replyHit(context, Shown.get);
    return CONTINUE;
  }
  if (exptime !== undefined && !showsFormerTtl(meta))
    facts.noteExpiry(operations, operations.clock.fromClient(exptime));
  return replyToResult(context, operations.callContent(keyAt, keyLength, exptime));
}

function replyToCall(context: TextContext): Step {
  const { facts, meta, operations, session } = context;
  facts.clear();
  return replyToResult(context, operations.callRetrieve(session.principal, Command.get, meta.exptime));
}

function replyToResult(context: TextContext, result: CallResult): Step {
  const { facts, meta, operations } = context;
  const virtualKeys = operations.virtualKeys as VirtualKeys;
  const turn = virtualKeys.isTurnOver() ? Outcome.YIELD : CONTINUE;
  const value = result === CallResult.original ? virtualKeys.firstValue : virtualKeys.value;
  if (result === CallResult.clientError || result === CallResult.serverError) {
    replyCallError(context, result, virtualKeys.value);
    return turn;
  }
  if (result === CallResult.nothing || result === CallResult.absent || value === undefined) {
    if ((meta.lower & Lower.q) === 0) replyCode(context, Code.miss, Shown.none);
    return turn;
  }
  facts.size = value.length;
  if ((meta.lower & Lower.v) === 0) {
    replyHit(context, Shown.get);
    return turn;
  }
  return sendResult(context, value) ? turn : Outcome.OUTPUT_FULL;
}

/** `VA` with a call's result; false if the value did not fit and the session continues with it. */
export function sendResult(context: TextContext, value: string | Uint8Array, shown = Shown.get): boolean {
  const { encoder, session, values } = context;
  replyValueHead(context, value.length, shown);
  if (!values.text(session, value)) {
    sendLater(session, Mode.text, Tail.lineEnd);
    return false;
  }
  encoder.lineEnd();
  return true;
}

export function metaNothing(context: TextContext): Step {
  context.operations.metrics.add(OPERATION_METRICS.cmd_meta, 1);
  context.meta.count = 0;
  replyCode(context, Code.nothing, Shown.none);
  return CONTINUE;
}

/** me: what is known of an item, for people. As in memcached the only flag that counts is b, and only as the first one. */
export function metaDebug(context: TextContext): Step {
  const { facts, meta, operations } = context;
  const isEncoded = meta.count > 0 && meta.letters[0] === BASE64;
  const keyAt = isEncoded ? meta.keyAt : meta.sentKeyAt;
  const keyLength = isEncoded ? meta.keyLength : meta.sentKeyLength;
  if (!meta.hasKey || keyLength <= 0) {
    replyMetaError(context, ErrorIds.badFormat);
    return CONTINUE;
  }
  operations.metrics.add(OPERATION_METRICS.cmd_meta, 1);
  const item = operations.store.find(keyAt, keyLength);
  if (operations.observer.isActive) operations.observer.onLookup(keyAt, keyLength, item);
  facts.clear();
  if (item === 0) {
    meta.count = 0;
    replyCode(context, Code.miss, Shown.none);
    return CONTINUE;
  }
  const kind = isObject(operations.store, item) ? ' object=yes' : '';
  return replyText(context, `ME ${sentKey(context)} ${describeItem(operations, item)}${kind}\r\n`);
}

function sentKey({ bytes, meta }: TextContext): string {
  return Buffer.from(bytes.subarray(meta.sentKeyAt, meta.sentKeyAt + meta.sentKeyLength)).toString('latin1');
}
