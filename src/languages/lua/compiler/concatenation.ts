// Concatenation in compiled code: short texts and numbers are joined in one go, and charged as the virtual machine charges each pair.

import type { CallInfo, LuaState } from '../vm/fengari-types.js';
import { FREE_LENGTH, LuaString, STRING_OVERHEAD_BYTES } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { formatNumber } from '../vm/numbers.js';
import { concatenate } from '../vm/vm-operations.js';
import { enter } from './rare-operations.js';
import { put, type RawValue } from './raw-values.js';

/** Steps of a number's text. */
const NUMBER_STEPS = 4;

export function concat(L: LuaState, ci: CallInfo, pc: number, rest: number, ...values: RawValue[]): RawValue {
  let text = '';
  let steps = values.length;
  let bytes = 0;
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index];
    let part: string;
    if (typeof value === 'number') {
      part = formatNumber(value);
      steps += NUMBER_STEPS;
    } else if (value instanceof LuaString && value.tsslen() <= FREE_LENGTH) part = value.joinable;
    else return concatBoxes(L, ci, pc, rest, values);
    if (part.length > 0 && text.length > 0) {
      bytes += Math.min(part.length, text.length) + STRING_OVERHEAD_BYTES;
      // Each pair of short texts costs the step of its bytes.
      steps++;
    }
    text = part + text;
    if (text.length > FREE_LENGTH) return concatBoxes(L, ci, pc, rest, values);
  }
  enter(ci, pc, rest);
  meter.budget.bytesLeft -= bytes;
  meter.charge(steps);
  if (meter.budget.bytesLeft < 0) meter.refill();
  meter.countdown -= rest;
  return new LuaString(null, text);
}

function concatBoxes(L: LuaState, ci: CallInfo, pc: number, rest: number, values: readonly RawValue[]): RawValue {
  enter(ci, pc, rest);
  const first = ci.l_base + ci.l_code[pc].B;
  for (let index = 0; index < values.length; index++) put(L, first + index, values[index]);
  concatenate(L, first, values.length);
  meter.countdown -= rest;
  return L.stack[first].value;
}
