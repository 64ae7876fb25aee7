// Numbers of scripts are doubles throughout: how they are printed and how text becomes one. Fengari's own would print 2^53 - 1 with 14
// digits and make 32-bit integers that wrap around.

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

/** Longer text is not a number, which bounds the conversion of strings in arithmetic. */
const LONGEST_NUMERAL = 1000;
/** Each repetition ends where the next part cannot start, so that no text is read more than twice. */
const DECIMAL = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)((?:[eE][+-]?\d+)?)$/;
const HEXADECIMAL = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+))?$/;

/** The number that a text is in Lua's syntax, or undefined. */
export function parseNumber(text: string): number | undefined {
  if (text.length > LONGEST_NUMERAL) return undefined;
  const trimmed = trim(text);
  const decimal = DECIMAL.exec(trimmed);
  if (decimal !== null) {
    const value = Number(`${decimal[2]}${decimal[3]}`);
    return decimal[1] === '-' ? -value : value;
  }
  const hexadecimal = HEXADECIMAL.exec(trimmed);
  if (hexadecimal === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  if (whole === '' && fraction === '') return undefined;
  let value = 0;
  for (const digit of whole + fraction) value = value * 16 + Number.parseInt(digit, 16);
  value *= 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** Trims the characters that C treats as blanks. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The number for `tonumber(text, base)`, or undefined. */
export function parseInBase(text: string, base: number): number | undefined {
  if (text.length > LONGEST_NUMERAL) return undefined;
  const trimmed = trim(text).toLowerCase();
  const negative = trimmed.startsWith('-');
  const digits = negative ? trimmed.slice(1) : trimmed;
  if (digits === '') return undefined;
  let value = 0;
  for (const digit of digits) {
    const digitValue = /[0-9a-z]/.test(digit) ? Number.parseInt(digit, 36) : base;
    if (digitValue >= base) return undefined;
    value = value * base + digitValue;
  }
  return negative ? -value : value;
}
