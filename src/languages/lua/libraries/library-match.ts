// string.find, match, gmatch and gsub over pattern.ts.

import type { LuaState, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { LuaString, partOf } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { getField } from '../vm/vm-access.js';
import { callWithoutYield, pushSlot } from '../vm/vm-calls.js';
import { stringOf } from '../vm/vm-operations.js';
import {
  argument,
  argumentError,
  CONCATENATION_BYTES,
  checkLength,
  checkText,
  isFunction,
  isStringOrNumber,
  isTable,
  isTruthy,
  optionalInteger,
  pushHolder,
  pushJoined,
  pushNil,
  pushNumber,
  pushValue,
  typeName,
} from './host-functions.js';
import { Matcher, PatternError } from './pattern.js';
import { indexOf } from './plain-search.js';

const SPECIALS = /[\^$*+?.([%-]/;

/** Runs a search; a mistake in the pattern becomes an error of the script. */
function searching<T>(L: LuaState, search: () => T): T {
  try {
    return search();
  } catch (error) {
    if (error instanceof PatternError) raise(L, error.message);
    throw error;
  }
}

/** A text has been charged when it was taken out of the subject. */
function pushCapture(L: LuaState, capture: string | number): void {
  if (typeof capture === 'number') pushNumber(L, capture);
  else pushSlot(L).setsvalue(new LuaString(null, capture));
}

/** Pushes all captures, or the whole match when there are none and `wholeIfNone`. */
function pushCaptures(L: LuaState, matcher: Matcher, start: number, end: number, wholeIfNone: boolean): number {
  const count = matcher.captures.length === 0 && wholeIfNone ? 1 : matcher.captures.length;
  for (let index = 0; index < count; index++) pushCapture(L, matcher.captured(index, start, end));
  return count;
}

/** A start position as an offset; negative counts from the end. */
export function offsetOf(position: number, length: number): number {
  if (position > 0) return position - 1;
  return position === 0 ? 0 : Math.max(0, length + position);
}

/** Steps of preparing a search, and of making an iterator over matches. */
const SEARCH_STEPS = 6;
const ITERATOR_STEPS = 60;

function findOrMatch(L: LuaState, name: 'find' | 'match'): number {
  const subject = checkText(L, 1, name);
  const pattern = checkText(L, 2, name);
  const from = offsetOf(optionalInteger(L, 3, name, 1), subject.length);
  if (from > subject.length) return pushNil(L);
  const isFind = name === 'find';
  meter.charge(SEARCH_STEPS + (pattern.length >>> 4));
  if (isFind && (isTruthy(argument(L, 4)) || !SPECIALS.test(pattern))) return findPlain(L, subject, pattern, from);
  const isAnchored = pattern.startsWith('^');
  const matcher = new Matcher(subject, pattern);
  return searching(L, () => {
    for (let start = from; start <= subject.length; start++) {
      const end = matcher.matchAt(start, isAnchored ? 1 : 0);
      if (end !== -1) {
        if (!isFind) return pushCaptures(L, matcher, start, end, true);
        pushNumber(L, start + 1);
        pushNumber(L, end);
        return 2 + pushCaptures(L, matcher, start, end, false);
      }
      if (isAnchored) break;
      meter.charge(1);
    }
    return pushNil(L);
  });
}

function findPlain(L: LuaState, subject: string, needle: string, from: number): number {
  const at = indexOf(subject, needle, from);
  if (at === -1) return pushNil(L);
  pushNumber(L, at + 1);
  pushNumber(L, at + needle.length);
  return 2;
}

const gmatch: Native = (L) => {
  const subject = checkText(L, 1, 'gmatch');
  const pattern = checkText(L, 2, 'gmatch');
  meter.charge(ITERATOR_STEPS);
  const matcher = new Matcher(subject, pattern);
  let at = 0;
  let lastEnd = -1;
  const step: Native = (inner) =>
    searching(inner, () => {
      for (; at <= subject.length; at++) {
        meter.charge(1);
        const end = matcher.matchAt(at, 0);
        if (end === -1 || end === lastEnd) continue;
        const start = at;
        at = end;
        lastEnd = end;
        return pushCaptures(inner, matcher, start, end, true);
      }
      return pushNil(inner);
    });
  return pushHolder(L, step, [argument(L, 1), argument(L, 2)]);
};

/** The replacement of a match: text with %1, a table's field, or a function's result. */
type Replace = (matcher: Matcher, start: number, end: number) => string;

function replacement(L: LuaState): Replace {
  const value = argument(L, 3);
  if (isStringOrNumber(value)) return textReplacement(L, stringOf(value).text);
  if (isTable(value)) return valueReplacement(L, (key, result) => getField(L, value, key, result));
  if (isFunction(value)) return functionReplacement(L, value);
  return argumentError(L, 3, 'gsub', `string/function/table expected, got ${typeName(value)}`);
}

function textReplacement(L: LuaState, template: string): Replace {
  meter.charge(template.length >>> 4);
  if (!template.includes('%')) return () => template;
  return (matcher, start, end) => {
    let text = '';
    let at = 0;
    for (let sign = template.indexOf('%'); sign !== -1; sign = template.indexOf('%', at)) {
      const what = template[sign + 1] ?? '';
      meter.charge(2 + ((sign - at) >>> 4));
      meter.chargeBytes(CONCATENATION_BYTES);
      text += template.slice(at, sign) + (what === '%' ? '%' : captureText(L, matcher, what, start, end));
      at = sign + 2;
      checkLength(L, text.length);
    }
    meter.charge((template.length - at) >>> 4);
    return text + template.slice(at);
  };
}

/** The texts for `%0` to `%9` in a replacement. */
function captureText(L: LuaState, matcher: Matcher, what: string, start: number, end: number): string {
  if (what < '0' || what > '9' || what === '') return raise(L, "invalid use of '%' in replacement string");
  return what === '0' ? matcher.whole(start, end) : String(matcher.captured(Number(what) - 1, start, end));
}

/** A false or nil result leaves the match as it is. */
function resultText(L: LuaState, result: TValue, whole: string): string {
  if (!isTruthy(result)) return whole;
  if (!isStringOrNumber(result)) raise(L, `invalid replacement value (a ${typeName(result)})`);
  return stringOf(result).text;
}

function valueReplacement(L: LuaState, look: (key: TValue, result: TValue) => void): Replace {
  return (matcher, start, end) => {
    pushCapture(L, matcher.captured(0, start, end));
    const slot = L.stack[L.top - 1];
    look(slot, slot);
    L.top--;
    return resultText(L, slot, matcher.whole(start, end));
  };
}

function functionReplacement(L: LuaState, value: TValue): Replace {
  return (matcher, start, end) => {
    const whole = matcher.whole(start, end);
    const off = L.top;
    pushValue(L, value);
    pushCaptures(L, matcher, start, end, true);
    callWithoutYield(L, off, 1);
    L.top = off;
    return resultText(L, L.stack[off], whole);
  };
}

const gsub: Native = (L) => {
  const subject = checkText(L, 1, 'gsub');
  const pattern = checkText(L, 2, 'gsub');
  const replace = replacement(L);
  const most = optionalInteger(L, 4, 'gsub', subject.length + 1);
  const isAnchored = pattern.startsWith('^');
  let result = '';
  let count = 0;
  const append = (text: string) => {
    meter.chargeBytes(text.length + CONCATENATION_BYTES);
    checkLength(L, result.length + text.length);
    result += text;
  };
  searching(L, () => {
    // A replacement function may search too: each match has its own matcher's captures read before it is called.
    const matcher = new Matcher(subject, pattern);
    let at = 0;
    /** The subject has been copied to the result up to here. */
    let done = 0;
    while (count < most) {
      meter.charge(1);
      const end = matcher.matchAt(at, isAnchored ? 1 : 0);
      if (end !== -1) {
        count++;
        meter.charge(1);
        if (at > done) append(partOf(subject, done, at));
        done = end;
        append(replace(matcher, at, end));
      }
      if (end !== -1 && end > at) at = end;
      else if (at < subject.length) at++;
      else break;
      if (isAnchored) break;
    }
    if (done < subject.length) append(partOf(subject, done, subject.length));
  });
  pushJoined(L, result);
  pushNumber(L, count);
  return 2;
};

export const MATCH_FUNCTIONS: Readonly<Record<string, Native>> = {
  find: (L) => findOrMatch(L, 'find'),
  match: (L) => findOrMatch(L, 'match'),
  gmatch,
  gsub,
};
