// Commands on one existing item: delete, touch, incr and decr. Not for retrieval or storage.

import { MAX_DIGITS_64 } from '../../base/unsigned64.js';
import { COMMAND_METRICS } from '../../operations/operation-metrics.js';
import { isObject } from '../../operations/virtual-keys.js';
import type { ItemRef } from '../../store/store.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { Line } from './reply-encoder.js';
import { SPACE } from './text-bytes.js';
import type { CommandContext } from './text-context.js';
import { Command } from './text-request.js';

const NO_ITEM = 0 as ItemRef;

export function deleteItem(context: CommandContext): Step {
  const { metrics, request, store } = context;
  const item = store.find(request.keyAt, request.keyLength);
  if (item === NO_ITEM) {
    metrics.add(COMMAND_METRICS.delete_misses, 1);
    context.answer(Line.notFound);
  } else {
    metrics.add(COMMAND_METRICS.delete_hits, 1);
    store.remove(item);
    context.answer(Line.deleted);
  }
  return CONTINUE;
}

export function touchItem(context: CommandContext): Step {
  const { metrics, request, store } = context;
  metrics.add(COMMAND_METRICS.cmd_touch, 1);
  const item = store.find(request.keyAt, request.keyLength);
  if (item === NO_ITEM) {
    metrics.add(COMMAND_METRICS.touch_misses, 1);
    context.answer(Line.notFound);
  } else if (!touch(context, item)) {
    context.refuse(ErrorIds.outOfMemory);
  } else {
    metrics.add(COMMAND_METRICS.touch_hits, 1);
    context.answer(Line.touched);
  }
  return CONTINUE;
}

/** False when there is no memory for an expiry. */
function touch(context: CommandContext, item: ItemRef): boolean {
  const { clock, request, store, virtualKeys } = context;
  if (virtualKeys !== undefined && isObject(store, item)) return virtualKeys.touchObject(context);
  return store.touch(item, clock.fromClient(request.exptime)) !== NO_ITEM;
}

/** incr and decr: exact in 64 bits; incr wraps, decr stops at 0, as clients of memcached expect. */
export function countItem(context: CommandContext): Step {
  const { bytes, metrics, number, request, scratch, store } = context;
  const isIncr = request.command === Command.incr;
  const item = store.find(request.keyAt, request.keyLength);
  if (item === NO_ITEM) {
    metrics.add(isIncr ? COMMAND_METRICS.incr_misses : COMMAND_METRICS.decr_misses, 1);
    context.answer(Line.notFound);
    return CONTINUE;
  }
  const isCounter = !isObject(store, item);
  if (!isCounter || !readNumber(context, item)) {
    context.refuse(isCounter ? ErrorIds.nonNumeric : ErrorIds.notForObjects);
    return CONTINUE;
  }
  if (isIncr) number.add(request.operand);
  else number.subtract(request.operand);
  const end = number.write(bytes, scratch.at);
  store.hit(item);
  if (store.replaceValue(item, scratch.at, end - scratch.at) === NO_ITEM) {
    context.refuse(ErrorIds.outOfMemory);
    return CONTINUE;
  }
  metrics.add(isIncr ? COMMAND_METRICS.incr_hits : COMMAND_METRICS.decr_hits, 1);
  if (!request.noreply) {
    context.reply.copy(scratch.at, end - scratch.at);
    context.reply.lineEnd();
  }
  return CONTINUE;
}

/** Reads the item's value as a number. Spaces after it are allowed: memcached pads with them after a decr. */
function readNumber(context: CommandContext, item: ItemRef): boolean {
  const { bytes, number, scratch, store } = context;
  const length = store.valueLength(item);
  if (length === 0 || length > MAX_DIGITS_64) return false;
  store.copyValue(item, 0, length, scratch.at);
  let end = scratch.at + length;
  while (end > scratch.at && bytes[end - 1] === SPACE) end--;
  return number.parse(bytes, scratch.at, end);
}
