// string.format: C's conversions on doubles, with exact integers to 2^53. Every directive is charged before it is carried out.

import type { LuaState } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING } from '../vm/tags.js';
import { exponential, fixed, general, hexadecimal, withPoint } from './float-format.js';
import {
  argument,
  argumentCount,
  argumentError,
  CONCATENATION_BYTES,
  checkLength,
  checkNumber,
  checkText,
  isNumber,
} from './host-functions.js';
import { describe } from './library-base.js';

interface Specification {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
  /** Where the template continues. */
  readonly end: number;
}

/** C has five flags. */
const MOST_FLAGS = 5;
/** Lua's own limit for the width and the precision. */
const MOST_DIGITS = 2;
/** Steps of a conversion in addition to its bytes; the digits of a large number take longest. */
const DIRECTIVE_STEPS = 130;
/** The range of C's integers. */
const INTEGER_LIMIT = 2 ** 63;

/** The formatted text, charged piece by piece. */
export function formatText(L: LuaState): string {
  const template = checkText(L, 1, 'format');
  let text = '';
  let next = 2;
  let at = 0;
  for (let sign = template.indexOf('%'); sign !== -1; sign = template.indexOf('%', at)) {
    meter.charge(1);
    text += pieceOf(template.slice(at, sign));
    if (template[sign + 1] === '%') {
      text += pieceOf('%');
      at = sign + 2;
      continue;
    }
    const specification = readDirective(L, template, sign);
    const n = next++;
    if (n > argumentCount(L)) argumentError(L, n, 'format', 'no value');
    meter.charge(DIRECTIVE_STEPS);
    const converted = convert(L, n, specification);
    if (converted === undefined) {
      return raise(L, `invalid option '${template.slice(sign, specification.end)}' to 'format'`);
    }
    checkLength(L, text.length + converted.length);
    text += pieceOf(converted);
    at = specification.end;
  }
  return text + pieceOf(template.slice(at));
}

function pieceOf(text: string): string {
  if (text !== '') meter.chargeBytes(text.length + CONCATENATION_BYTES);
  return text;
}

function readDirective(L: LuaState, template: string, sign: number): Specification {
  let at = sign + 1;
  const run = (allowed: string, most: number, complaint: string) => {
    const from = at;
    while (at < template.length && allowed.includes(template[at])) {
      if (++at - from > most) raise(L, `invalid format (${complaint})`);
    }
    return template.slice(from, at);
  };
  const flags = run('-+ #0', MOST_FLAGS, 'repeated flags');
  const width = run('0123456789', MOST_DIGITS, 'width or precision too long');
  let precision: string | undefined;
  if (template[at] === '.') {
    at++;
    precision = run('0123456789', MOST_DIGITS, 'width or precision too long');
  }
  return {
    flags,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    conversion: template[at] ?? '',
    end: at + 1,
  };
}

function convert(L: LuaState, n: number, specification: Specification): string | undefined {
  switch (specification.conversion) {
    case 'd':
    case 'i':
      return padNumber(integerDigits(L, n, specification), specification, specification.precision === undefined);
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return padNumber(unsigned(L, n, specification), specification, specification.precision === undefined);
    case 'c':
      return pad(String.fromCharCode(checkNumber(L, n, 'format') & 255), specification);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
      return floating(checkNumber(L, n, 'format'), specification);
    case 'q':
      return literal(L, n);
    case 's': {
      const text = describe(L, argument(L, n));
      return pad(specification.precision === undefined ? text : text.slice(0, specification.precision), specification);
    }
    default:
      return undefined;
  }
}

function pad(text: string, { flags, width }: Specification): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

/** Zeros go between the sign and the digits. */
function padNumber(text: string, specification: Specification, isZeroAllowed: boolean): string {
  const { flags, width } = specification;
  if (!flags.includes('0') || flags.includes('-') || !isZeroAllowed) return pad(text, specification);
  const prefix = /^[-+ ]?(?:0[xX])?/.exec(text)?.[0] ?? '';
  return prefix + text.slice(prefix.length).padStart(width - prefix.length, '0');
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function integer(L: LuaState, n: number): bigint {
  const value = checkNumber(L, n, 'format');
  if (!(value >= -INTEGER_LIMIT && value < INTEGER_LIMIT)) {
    argumentError(L, n, 'format', 'number has no integer representation');
  }
  return BigInt(Math.trunc(value));
}

/** With precision 0, the number 0 has no digits. */
function digitsOf(value: bigint, base: number, precision: number | undefined): string {
  if (precision === 0 && value === 0n) return '';
  return value.toString(base).padStart(precision ?? 0, '0');
}

function integerDigits(L: LuaState, n: number, { flags, precision }: Specification): string {
  const value = integer(L, n);
  return signOf(value < 0n, flags) + digitsOf(value < 0n ? -value : value, 10, precision);
}

function unsigned(L: LuaState, n: number, { flags, precision, conversion }: Specification): string {
  const value = BigInt.asUintN(64, integer(L, n));
  const base = conversion === 'o' ? 8 : conversion === 'u' ? 10 : 16;
  let digits = digitsOf(value, base, precision);
  if (flags.includes('#') && base === 16 && value !== 0n) digits = `0x${digits}`;
  if (flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  return conversion === 'X' ? digits.toUpperCase() : digits;
}

function floating(value: number, specification: Specification): string {
  const { flags, conversion } = specification;
  const size = Math.abs(value);
  const lower = conversion.toLowerCase();
  let digits: string;
  if (Number.isFinite(size)) {
    digits = finiteDigits(size, lower, specification);
    if (flags.includes('#')) digits = withPoint(digits);
  } else digits = Number.isNaN(size) ? 'nan' : 'inf';
  const text =
    signOf(value < 0 || Object.is(value, -0), flags) + (conversion === lower ? digits : digits.toUpperCase());
  return padNumber(text, specification, Number.isFinite(size));
}

function finiteDigits(size: number, conversion: string, { flags, precision }: Specification): string {
  switch (conversion) {
    case 'f':
      return fixed(size, precision ?? 6);
    case 'e':
      return exponential(size, precision ?? 6);
    case 'a':
      return hexadecimal(size, precision);
    default:
      return general(size, precision === 0 ? 1 : (precision ?? 6), flags.includes('#'));
  }
}

/** %q: text that Lua reads back as the same value. */
function literal(L: LuaState, n: number): string {
  const value = argument(L, n);
  if (value.type === STRING) return quoted(checkText(L, n, 'format'));
  if (isNumber(value)) return numeral(value.value as number);
  if (value.type === NIL || value.type === BOOLEAN) return describe(L, value);
  return argumentError(L, n, 'format', 'value has no literal form');
}

function numeral(value: number): string {
  if (Number.isNaN(value)) return '(0/0)';
  if (!Number.isFinite(value)) return value < 0 ? '-1e9999' : '1e9999';
  if (Number.isSafeInteger(value)) return `${value === 0 ? 0 : value}`;
  return (value < 0 ? '-' : '') + hexadecimal(Math.abs(value), undefined);
}

/** The escape after a backslash in a string literal. */
const MARKED = /["\\\n\u0000-\u001f\u007f]/;

function quoted(text: string): string {
  meter.charge(text.length >>> 4);
  if (!MARKED.test(text)) return `"${text}"`;
  let result = '"';
  let done = 0;
  meter.charge(text.length >>> 3);
  for (let at = 0; at < text.length; at++) {
    const marked = escapeOf(text, at);
    if (marked === undefined) continue;
    meter.charge(1);
    result += pieceOf(text.slice(done, at) + marked);
    done = at + 1;
  }
  return `${result}${pieceOf(text.slice(done))}"`;
}

function escapeOf(text: string, at: number): string | undefined {
  const code = text.charCodeAt(at);
  if (code === 0x22 || code === 0x5c) return `\\${text[at]}`;
  if (code === 0x0a) return '\\\n';
  if (code >= 0x20 && code !== 0x7f) return undefined;
  const next = text.charCodeAt(at + 1);
  // A following digit would be read as part of the escape.
  return `\\${next >= 0x30 && next <= 0x39 ? `${code}`.padStart(3, '0') : code}`;
}
