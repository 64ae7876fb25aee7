// Commands on one existing item: delete, touch, incr and decr.

import { COMMANDS } from '../../operations/command-table.js';
import { ArithmeticOption, ArithmeticResult, RemoveResult, TouchResult } from '../../operations/outcomes.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { Line } from './reply-encoder.js';
import type { TextContext } from './text-context.js';

const ARITHMETIC = COMMANDS.map((row) => row.arithmetic ?? ArithmeticOption.none);

const ARITHMETIC_ERRORS: Readonly<Partial<Record<ArithmeticResult, ErrorId>>> = {
  [ArithmeticResult.nonNumeric]: ErrorIds.nonNumeric,
  [ArithmeticResult.notForObjects]: ErrorIds.notForObjects,
  [ArithmeticResult.noMemory]: ErrorIds.outOfMemory,
};

function deleteItem(context: TextContext): Step {
  const { operations, request } = context;
  const result = operations.remove(request.keyAt, request.keyLength, false);
  context.reply(result === RemoveResult.removed ? Line.deleted : Line.notFound);
  return CONTINUE;
}

function touchItem(context: TextContext): Step {
  const { operations, request } = context;
  const result = operations.touch(request.keyAt, request.keyLength, request.exptime);
  if (result === TouchResult.noMemory) context.replyError(ErrorIds.outOfMemory);
  else context.reply(result === TouchResult.touched ? Line.touched : Line.notFound);
  return CONTINUE;
}

function changeNumber(context: TextContext): Step {
  const { encoder, operations, replies, request } = context;
  const { arithmetic } = operations;
  const { command, keyAt, keyLength, operand } = request;
  arithmetic.delta.set(operand.high, operand.low);
  const result = arithmetic.change(ARITHMETIC[command], keyAt, keyLength, 0);
  if (result === ArithmeticResult.notFound) context.reply(Line.notFound);
  else if (result !== ArithmeticResult.changed) context.replyError(ARITHMETIC_ERRORS[result] ?? NO_ERROR);
  else if (!request.noreply) {
    replies.copy(arithmetic.digitsAt, arithmetic.digitsLength);
    encoder.lineEnd();
  }
  return CONTINUE;
}

export const ITEM_HANDLERS = {
  incr: changeNumber,
  decr: changeNumber,
  touch: touchItem,
  delete: deleteItem,
} as const;
