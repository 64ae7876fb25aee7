// os.time, os.clock and os.date. Scripts have no other function of the os library.

import { performance } from 'node:perf_hooks';
import type { LuaState, LuaTable, Native } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, NUMBER } from '../vm/tags.js';
import { getField } from '../vm/vm-access.js';
import { toNumber } from '../vm/vm-operations.js';
import { type DateParts, datePartsOf, daylightMinutes, formatDate } from './date-format.js';
import {
  argument,
  argumentError,
  checkNumber,
  checkTable,
  isTruthy,
  makeValue,
  optionalText,
  pushNumber,
  pushTable,
  pushText,
  setTableField,
  textValue,
} from './host-functions.js';

/** A choice: with 30 steps per character a format costs at most 30,000 steps. */
const LONGEST_FORMAT = 1000;
/** Steps of converting a time to its fields, and bytes that two characters such as %c can produce. */
const DATE_STEPS = 100;
const STEPS_PER_FORMAT_BYTE = 30;

/** The clock that scripts see. Calls set it, since the server's clock may be moved by tests. */
export const scriptClock = { unixSeconds: (): number => Date.now() / 1000 };

function dateField(L: LuaState, name: string, otherwise: number | undefined): number {
  const value = makeValue(NIL, null);
  getField(L, checkTable(L, 1, 'time'), textValue(name), value);
  const number = value.type === NIL ? otherwise : toNumber(value);
  if (number === undefined || !Number.isFinite(number)) {
    return raise(L, `field '${name}' ${value.type === NIL ? 'missing in date table' : 'is not an integer'}`);
  }
  return Math.trunc(number);
}

const time: Native = (L) => {
  meter.charge(DATE_STEPS);
  if (argument(L, 1).type === NIL) return pushNumber(L, Math.floor(scriptClock.unixSeconds()));
  const year = dateField(L, 'year', undefined);
  const date = new Date(
    year,
    dateField(L, 'month', undefined) - 1,
    dateField(L, 'day', undefined),
    dateField(L, 'hour', 12),
    dateField(L, 'min', 0),
    dateField(L, 'sec', 0),
  );
  // The constructor of Date maps the years 0 to 99 to 1900 to 1999.
  if (year >= 0 && year < 100) date.setFullYear(year);
  if (Number.isNaN(date.getTime())) raise(L, 'time result cannot be represented');
  return pushNumber(L, corrected(L, Math.floor(date.getTime() / 1000)));
};

/** As C's mktime reads `isdst`: which of the two hours is meant when clocks are put back, or that the fields are not in the time in
    force. */
function corrected(L: LuaState, unixSeconds: number): number {
  const isdst = makeValue(NIL, null);
  getField(L, argument(L, 1), textValue('isdst'), isdst);
  const parts = datePartsOf(unixSeconds, false);
  if (isdst.type === NIL || parts === undefined || parts.isDaylightSaving === isTruthy(isdst)) return unixSeconds;
  const shift = daylightMinutes(parts.year) * 60;
  return isTruthy(isdst) ? unixSeconds - shift : unixSeconds + shift;
}

function fillDateTable(L: LuaState, table: LuaTable, parts: DateParts): void {
  const fields = {
    year: parts.year,
    month: parts.month,
    day: parts.day,
    hour: parts.hour,
    min: parts.minute,
    sec: parts.second,
    wday: parts.weekday + 1,
    yday: parts.yearDay + 1,
  };
  for (const [name, value] of Object.entries(fields)) setTableField(L, table, name, makeValue(NUMBER, value));
  setTableField(L, table, 'isdst', makeValue(BOOLEAN, parts.isDaylightSaving));
}

const date: Native = (L) => {
  meter.charge(DATE_STEPS);
  const given = optionalText(L, 1, 'date', '%c');
  if (given.length > LONGEST_FORMAT) argumentError(L, 1, 'date', 'format too long');
  meter.charge(given.length * STEPS_PER_FORMAT_BYTE);
  const isUtc = given.startsWith('!');
  const format = isUtc ? given.slice(1) : given;
  const moment = argument(L, 2).type === NIL ? scriptClock.unixSeconds() : checkNumber(L, 2, 'date');
  const parts = datePartsOf(Math.floor(moment), isUtc);
  if (parts === undefined) return raise(L, 'time out of range');
  if (format.startsWith('*t')) {
    fillDateTable(L, pushTable(L), parts);
    return 1;
  }
  const formatted = formatDate(format, parts);
  if ('unknown' in formatted) return argumentError(L, 1, 'date', `invalid conversion specifier '${formatted.unknown}'`);
  return pushText(L, formatted.text);
};

export const OS_FUNCTIONS: Readonly<Record<string, Native>> = {
  time,
  date,
  clock: (L) => pushNumber(L, performance.now() / 1000),
  difftime: (L) =>
    pushNumber(L, checkNumber(L, 1, 'difftime') - (argument(L, 2).type === NIL ? 0 : checkNumber(L, 2, 'difftime'))),
};
