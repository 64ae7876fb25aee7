// strftime's conversions in the C locale, for os.date.

import { zoneNameAt } from './zone-names.js';

/** A moment's parts, in local time or UTC. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 is the first of January. */
  readonly yearDay: number;
  readonly isDaylightSaving: boolean;
  readonly zoneMinutes: number;
  readonly zoneName: () => string;
  readonly unixSeconds: number;
}

export function datePartsOf(unixSeconds: number, isUtc: boolean): DateParts | undefined {
  const date = new Date(unixSeconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  const zoneMinutes = isUtc ? 0 : -date.getTimezoneOffset();
  // Local fields are the UTC fields of a moment shifted by the zone.
  const shifted = new Date(date.getTime() + zoneMinutes * 60_000);
  const year = shifted.getUTCFullYear();
  let name: string | undefined;
  return {
    year,
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    weekday: shifted.getUTCDay(),
    yearDay: Math.floor(
      (Date.UTC(year, shifted.getUTCMonth(), shifted.getUTCDate()) - Date.UTC(year, 0, 1)) / 86_400_000,
    ),
    isDaylightSaving: !isUtc && zoneMinutes > standardZoneMinutes(year),
    zoneMinutes,
    zoneName: () => {
      name ??= isUtc ? 'GMT' : (zoneNameAt(unixSeconds, zoneMinutes * 60) ?? zoneName(date));
      return name;
    },
    unixSeconds,
  };
}

function standardZoneMinutes(year: number): number {
  return Math.min(...zoneMinutesOf(year));
}

/** Minutes that daylight saving adds in a year. */
export function daylightMinutes(year: number): number {
  const [winter, summer] = zoneMinutesOf(year);
  return Math.abs(winter - summer);
}

/** Before UTC, in January and in July. */
function zoneMinutesOf(year: number): [number, number] {
  return [-new Date(year, 0, 1).getTimezoneOffset(), -new Date(year, 6, 1).getTimezoneOffset()];
}

let zoneFormat: Intl.DateTimeFormat | undefined;

function zoneName(date: Date): string {
  zoneFormat ??= new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });
  return zoneFormat.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? '';
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

function two(value: number): string {
  return `${value}`.padStart(2, '0');
}

/** Number of the week of the year whose weeks start on the given weekday. */
function week({ yearDay, weekday }: DateParts, firstWeekday: number): number {
  return Math.floor((yearDay + 7 - ((weekday - firstWeekday + 7) % 7)) / 7);
}

/** Year and week after ISO 8601: weeks start on Monday, the first has a Thursday in the year. */
function isoWeek(parts: DateParts): { year: number; week: number } {
  const thursday = new Date(Date.UTC(parts.year, parts.month - 1, parts.day + 4 - (parts.weekday || 7)));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 };
}

function zone(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

const hourOfHalfDay = (parts: DateParts) => parts.hour % 12 || 12;

const CONVERSIONS: Readonly<Record<string, string | ((parts: DateParts) => string)>> = {
  a: (parts) => DAYS[parts.weekday].slice(0, 3),
  A: (parts) => DAYS[parts.weekday],
  b: (parts) => MONTHS[parts.month - 1].slice(0, 3),
  B: (parts) => MONTHS[parts.month - 1],
  c: '%a %b %e %H:%M:%S %Y',
  C: (parts) => two(Math.floor(parts.year / 100)),
  d: (parts) => two(parts.day),
  D: '%m/%d/%y',
  e: (parts) => `${parts.day}`.padStart(2),
  F: '%Y-%m-%d',
  g: (parts) => two(isoWeek(parts).year % 100),
  G: (parts) => `${isoWeek(parts).year}`,
  h: '%b',
  H: (parts) => two(parts.hour),
  I: (parts) => two(hourOfHalfDay(parts)),
  j: (parts) => `${parts.yearDay + 1}`.padStart(3, '0'),
  m: (parts) => two(parts.month),
  M: (parts) => two(parts.minute),
  n: () => '\n',
  p: (parts) => (parts.hour < 12 ? 'AM' : 'PM'),
  r: '%I:%M:%S %p',
  R: '%H:%M',
  s: (parts) => `${Math.floor(parts.unixSeconds)}`,
  S: (parts) => two(parts.second),
  t: () => '\t',
  T: '%H:%M:%S',
  u: (parts) => `${parts.weekday || 7}`,
  U: (parts) => two(week(parts, 0)),
  V: (parts) => two(isoWeek(parts).week),
  w: (parts) => `${parts.weekday}`,
  W: (parts) => two(week(parts, 1)),
  x: '%D',
  X: '%T',
  y: (parts) => two(parts.year % 100),
  Y: (parts) => `${parts.year}`,
  z: (parts) => zone(parts.zoneMinutes),
  Z: (parts) => parts.zoneName(),
  '%': () => '%',
};

/** The formatted moment, or the conversion that does not exist. */
export function formatDate(format: string, parts: DateParts): { text: string } | { unknown: string } {
  let unknown: string | undefined;
  const text = format.replace(/%[EO]?([\s\S]?)/g, (whole, letter: string) => {
    const conversion = CONVERSIONS[letter];
    if (conversion === undefined) {
      unknown ??= whole;
      return '';
    }
    if (typeof conversion === 'function') return conversion(parts);
    const inner = formatDate(conversion, parts);
    return 'text' in inner ? inner.text : '';
  });
  return unknown === undefined ? { text } : { unknown };
}
