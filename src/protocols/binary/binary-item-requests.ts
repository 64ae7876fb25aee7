// Requests on one existing item: delete, touch, increment and decrement, and their quiet forms.

import {
  ArithmeticOption,
  ArithmeticResult,
  type ItemRef,
  RemoveResult,
  TouchResult,
} from '../../operations/outcomes.js';
import { CONTINUE, type Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { type BinaryError, BinaryErrors } from './binary-errors.js';
import { ARITHMETIC_OPTIONS, IS_QUIET } from './opcodes.js';

/** The expiry with which a missing number is not made. */
const NOT_MADE = 0xffff_ffff;

const ARITHMETIC_ERRORS: Readonly<Partial<Record<ArithmeticResult, BinaryError>>> = {
  [ArithmeticResult.notFound]: BinaryErrors.notFound,
  [ArithmeticResult.nonNumeric]: BinaryErrors.nonNumeric,
  [ArithmeticResult.notForObjects]: BinaryErrors.notForObjects,
  [ArithmeticResult.exists]: BinaryErrors.exists,
  [ArithmeticResult.noMemory]: BinaryErrors.outOfMemoryCounting,
};

export function deleteItem(context: BinaryContext): Step {
  const { casEnabled, encoder, operations, request } = context;
  const comparesCas = casEnabled && request.hasCas;
  if (comparesCas) operations.cas.compared.set(request.casHigh, request.casLow);
  const result = operations.remove(request.keyAt, request.keyLength, comparesCas);
  if (result === RemoveResult.notFound) encoder.error(BinaryErrors.notFound);
  else if (result === RemoveResult.exists) encoder.error(BinaryErrors.exists);
  else if (!IS_QUIET[request.opcode]) encoder.done(0, 0);
  return CONTINUE;
}

export function touchItem(context: BinaryContext): Step {
  const { casEnabled, encoder, operations, request } = context;
  const exptime = context.exptimeAt(request.extrasAt);
  const result = operations.touch(request.keyAt, request.keyLength, exptime, casEnabled);
  if (result === TouchResult.notFound) encoder.error(BinaryErrors.notFound);
  else if (result === TouchResult.noMemory) encoder.error(BinaryErrors.outOfMemory);
  else sendTouched(context, operations.item);
  return CONTINUE;
}

function sendTouched({ encoder, operations }: BinaryContext, item: ItemRef): void {
  const { store } = operations;
  encoder.valueHeader(store.clientFlags(item), 0, 0, store.casHigh(item), store.casLow(item));
}

/** Extras: the delta, the initial value (8 bytes each) and the expiry of an item that is made. */
export function changeNumber(context: BinaryContext): Step {
  const { casEnabled, encoder, operations, request, view } = context;
  const { extrasAt, keyAt, keyLength, opcode } = request;
  const { arithmetic, cas, store } = operations;
  const exptime = view.getUint32(extrasAt + 16);
  let options = ARITHMETIC_OPTIONS[opcode];
  if (exptime !== NOT_MADE) options |= ArithmeticOption.vivify;
  if (casEnabled && !IS_QUIET[opcode]) options |= ArithmeticOption.withCas;
  if (casEnabled && request.hasCas) {
    options |= ArithmeticOption.compareCas;
    cas.compared.set(request.casHigh, request.casLow);
  }
  arithmetic.delta.set(view.getUint32(extrasAt), view.getUint32(extrasAt + 4));
  arithmetic.initial.set(view.getUint32(extrasAt + 8), view.getUint32(extrasAt + 12));
  const result = arithmetic.change(options, keyAt, keyLength, context.exptimeAt(extrasAt + 16));
  if (result !== ArithmeticResult.changed && result !== ArithmeticResult.created) {
    encoder.error(ARITHMETIC_ERRORS[result] ?? BinaryErrors.invalid);
  } else if (!IS_QUIET[opcode]) {
    const { item, number } = arithmetic;
    encoder.number(number.high, number.low, store.casHigh(item), store.casLow(item));
  }
  return CONTINUE;
}
