// string.format: C's conversions on doubles, with exact integers to 2^53. Not for how numbers print by themselves.

import type { LuaState } from './fengari-types.js';
import { describe } from './library-base.js';
import { raise } from './lua-error.js';
import { meter } from './meter.js';
import { argument, argumentCount, argumentError, checkNumber, checkText } from './native.js';

interface Specification {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

const DIRECTIVE = /%([-+ #0]*)(\d*)(?:\.(\d*))?([\s\S]?)/g;

export function formatText(L: LuaState): string {
  const template = checkText(L, 1, 'format');
  let next = 2;
  return template.replace(
    DIRECTIVE,
    (whole, flags: string, width: string, precision: string | undefined, conversion: string) => {
      if (conversion === '%') return '%';
      if (flags.length > 5 || width.length > 2 || (precision?.length ?? 0) > 2) {
        raise(L, 'invalid format (width or precision too long)');
      }
      const specification = {
        flags,
        width: Number(width),
        precision: precision === undefined ? undefined : Number(precision),
      };
      const n = next++;
      if (n > argumentCount(L)) argumentError(L, n, 'format', 'no value');
      const text = convert(L, n, conversion, specification);
      meter.chargeBytes(text?.length ?? 0);
      return text ?? raise(L, `invalid option '${whole}' to 'format'`);
    },
  );
}

function convert(L: LuaState, n: number, conversion: string, specification: Specification): string | undefined {
  switch (conversion) {
    case 'd':
    case 'i':
      return padNumber(integerDigits(L, n, specification), specification, specification.precision === undefined);
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return padNumber(unsigned(L, n, conversion, specification), specification, specification.precision === undefined);
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
      return floating(checkNumber(L, n, 'format'), conversion, specification);
    case 'q':
      return quoted(L, n);
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
  if (!Number.isFinite(value)) argumentError(L, n, 'format', 'number has no integer representation');
  return BigInt(Math.trunc(value));
}

function integerDigits(L: LuaState, n: number, { flags, precision }: Specification): string {
  const value = integer(L, n);
  const digits = (value < 0n ? -value : value).toString().padStart(precision ?? 0, '0');
  return signOf(value < 0n, flags) + digits;
}

function unsigned(L: LuaState, n: number, conversion: string, { flags, precision }: Specification): string {
  const value = BigInt.asUintN(64, integer(L, n));
  const base = conversion === 'o' ? 8 : conversion === 'u' ? 10 : 16;
  let digits = value.toString(base).padStart(precision ?? 0, '0');
  if (flags.includes('#') && base === 16 && value !== 0n) digits = `0x${digits}`;
  return conversion === 'X' ? digits.toUpperCase() : digits;
}

function floating(value: number, conversion: string, specification: Specification): string {
  const { flags, precision = 6 } = specification;
  const sign = signOf(value < 0 || Object.is(value, -0), flags);
  const size = Math.abs(value);
  const hasDigits = Number.isFinite(size);
  const lower = conversion.toLowerCase();
  let digits: string;
  if (Number.isNaN(size)) digits = 'nan';
  else if (!hasDigits) digits = 'inf';
  else if (lower === 'f') digits = fixed(size, precision);
  else if (lower === 'e') digits = twoDigitExponent(size.toExponential(precision));
  else if (lower === 'a') digits = hexadecimal(size);
  else digits = general(size, precision === 0 ? 1 : precision, flags.includes('#'));
  const text = sign + (conversion === lower ? digits : digits.toUpperCase());
  return padNumber(text, specification, hasDigits);
}

/** toFixed gives up at 1e21; integers beyond are written exactly. */
function fixed(size: number, precision: number): string {
  if (size < 1e21) return size.toFixed(precision);
  return BigInt(size).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function general(size: number, precision: number, keepsZeros: boolean): string {
  const exponent = size === 0 ? 0 : Number(size.toExponential(precision - 1).split('e')[1]);
  if (exponent < -4 || exponent >= precision) {
    const text = size.toExponential(precision - 1);
    return twoDigitExponent(keepsZeros ? text : text.replace(/\.?0+e/, 'e'));
  }
  const text = size.toFixed(Math.max(0, precision - 1 - exponent));
  return keepsZeros || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
}

function hexadecimal(size: number): string {
  if (size === 0) return '0x0p+0';
  let exponent = Math.floor(Math.log2(size));
  let mantissa = size / 2 ** exponent;
  if (mantissa >= 2) {
    mantissa /= 2;
    exponent++;
  }
  return `0x${mantissa.toString(16)}p${exponent < 0 ? '' : '+'}${exponent}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\\n', '\r': '\\r', '\0': '\\0' };

function quoted(L: LuaState, n: number): string {
  const value = argument(L, n);
  const text = describe(L, value);
  if (typeof value.value === 'number' || typeof value.value === 'boolean' || value.value === null) return text;
  return `"${checkText(L, n, 'format').replace(/["\\\n\r\0]/g, (character) => ESCAPES[character] as string)}"`;
}
