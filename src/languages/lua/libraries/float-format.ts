// Doubles in C's notations %f, %e, %g and %a. JavaScript's own conversions are exact but round a tie away from zero, where C rounds
// it to the even digit. Signs and padding: format.ts.

/** A double as an odd integer times a power of two. */
function decompose(size: number): { odd: number; exponent: number } {
  bits.setFloat64(0, size);
  const high = bits.getUint32(0);
  const fraction = (high & 0xf_ffff) * 2 ** 32 + bits.getUint32(4);
  const biased = high >>> 20;
  let odd = biased === 0 ? fraction : fraction + 2 ** 52;
  let exponent = (biased === 0 ? 1 : biased) - 1075;
  while (odd !== 0 && odd % 2 === 0) {
    odd /= 2;
    exponent++;
  }
  return { odd, exponent };
}

const bits = new DataView(new ArrayBuffer(8));
/** No odd part of a double has a higher power of five as a factor. */
const MOST_FIVES = 22;

/** Whether the number is exactly halfway between two numbers with `digits` digits after the point; negative for tens, hundreds. */
function isTie(size: number, digits: number): boolean {
  const { odd, exponent } = decompose(size);
  if (odd === 0 || exponent !== -(digits + 1)) return false;
  return digits >= 0 || (-digits <= MOST_FIVES && odd % 5 ** -digits === 0);
}

function endsEven(digits: string): boolean {
  return '02468'.includes(digits.at(-1) as string);
}

/** %f of a number from 0 on. */
export function fixed(size: number, precision: number): string {
  if (size >= 1e21) return BigInt(size).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
  if (!isTie(size, precision)) return size.toFixed(precision);
  const below = size.toFixed(precision + 1).slice(0, precision === 0 ? -2 : -1);
  return endsEven(below) ? below : size.toFixed(precision);
}

/** %e of a number from 0 on. */
export function exponential(size: number, precision: number): string {
  return twoDigitExponent(rounded(size, precision));
}

function rounded(size: number, precision: number): string {
  const [digits, exponent] = size.toExponential(precision + 1).split('e') as [string, string];
  if (!digits.endsWith('5') || !isTie(size, precision - Number(exponent))) return size.toExponential(precision);
  const below = digits.slice(0, precision === 0 ? -2 : -1);
  return endsEven(below) ? `${below}e${exponent}` : size.toExponential(precision);
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** %g of a number from 0 on: the shorter of the two above, without zeros at the end unless they are wanted. */
export function general(size: number, precision: number, keepsZeros: boolean): string {
  const text = rounded(size, precision - 1);
  const exponent = Number(text.split('e')[1]);
  if (exponent < -4 || exponent >= precision) {
    const whole = keepsZeros ? withPoint(text) : text.replace(/\.?0+e/, 'e').replace(/^(\d)\.(\d*?)0+e/, '$1.$2e');
    return twoDigitExponent(whole);
  }
  const digits = fixed(size, precision - 1 - exponent);
  if (keepsZeros) return withPoint(digits);
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** With a point even where no digit follows it: the flag `#`. */
export function withPoint(text: string): string {
  if (text.includes('.')) return text;
  const at = text.search(/[ep]/);
  return at === -1 ? `${text}.` : `${text.slice(0, at)}.${text.slice(at)}`;
}

/** The 52 bits of a double's fraction, four per digit. */
const HEXADECIMAL_DIGITS = 13;

/** %a of a number from 0 on. Without a precision, all digits of the number. */
export function hexadecimal(size: number, precision: number | undefined): string {
  bits.setFloat64(0, size);
  const high = bits.getUint32(0);
  const biased = high >>> 20;
  const fraction = (BigInt(high & 0xf_ffff) << 32n) | BigInt(bits.getUint32(4));
  const exponent = size === 0 ? 0 : (biased === 0 ? 1 : biased) - 1023;
  let significand = fraction | (biased === 0 ? 0n : 1n << 52n);
  if (precision !== undefined && precision < HEXADECIMAL_DIGITS) {
    const dropped = BigInt(4 * (HEXADECIMAL_DIGITS - precision));
    const rest = significand & ((1n << dropped) - 1n);
    const half = 1n << (dropped - 1n);
    significand >>= dropped;
    if (rest > half || (rest === half && (significand & 1n) === 1n)) significand += 1n;
    significand <<= dropped;
  }
  let digits = (significand & ((1n << 52n) - 1n)).toString(16).padStart(HEXADECIMAL_DIGITS, '0');
  if (precision === undefined) digits = digits.replace(/0+$/, '');
  else digits = digits.slice(0, precision).padEnd(precision, '0');
  const point = digits === '' ? '' : '.';
  return `0x${significand >> 52n}${point}${digits}p${exponent < 0 ? '' : '+'}${exponent}`;
}
