// Numbers of scripts are doubles throughout: how they are printed and how text becomes one. Fengari's own would print
// 2^53 - 1 with 14 digits and make 32-bit integers that wrap around. Not for string.format.

/** Shortest decimal form that gives the same number; integers to 2^53 and beyond without `.0`. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) {
    if (Math.abs(value) < 1e21) return value === 0 ? '0' : `${value}`;
    return exponentForm(value);
  }
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return exponentForm(value);
}

/** C writes at least two digits of an exponent. */
function exponentForm(value: number): string {
  return `${value}`.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Longer text is no number; keeps conversions of strings in arithmetic short. */
const LONGEST_NUMERAL = 1000;
const DECIMAL = /^[ \t\n\v\f\r]*([+-]?)(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/;
const HEXADECIMAL = /^[ \t\n\v\f\r]*([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+))?[ \t\n\v\f\r]*$/;

/** The number that a text is in Lua's syntax, or undefined. */
export function parseNumber(text: string): number | undefined {
  if (text.length > LONGEST_NUMERAL) return undefined;
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return decimal[1] === '-' ? -Number(decimal[2]) : Number(decimal[2]);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  if (whole === '' && fraction === '') return undefined;
  let value = 0;
  for (const digit of whole + fraction) value = value * 16 + Number.parseInt(digit, 16);
  value *= 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** The number for `tonumber(text, base)`, or undefined. */
export function parseInBase(text: string, base: number): number | undefined {
  const trimmed = text.trim().toLowerCase();
  const negative = trimmed.startsWith('-');
  const digits = negative ? trimmed.slice(1) : trimmed;
  if (digits === '' || digits.length > LONGEST_NUMERAL) return undefined;
  let value = 0;
  for (const digit of digits) {
    const digitValue = /[0-9a-z]/.test(digit) ? Number.parseInt(digit, 36) : base;
    if (digitValue >= base) return undefined;
    value = value * base + digitValue;
  }
  return negative ? -value : value;
}

/** A key that reads as the same number: -0 is 0. */
export function normalZero(value: number): number {
  return value === 0 ? 0 : value;
}
