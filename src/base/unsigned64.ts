// An exact unsigned 64-bit number as two 32-bit halves, reused in place: JavaScript's numbers end at 2^53 and BigInt
// allocates. It has the operations that incr, decr and cas need.

const TWO_TO_32 = 2 ** 32;
const ZERO = 0x30;

export class Unsigned64 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  equals(high: number, low: number): boolean {
    return this.high === high && this.low === low;
  }

  /** Reads decimal digits. Returns false for anything else and for numbers above 2^64-1; the value is then undefined. */
  parse(bytes: Uint8Array, at: number, end: number): boolean {
    if (at >= end) return false;
    let high = 0;
    let low = 0;
    for (let position = at; position < end; position++) {
      const digit = bytes[position] - ZERO;
      if (digit < 0 || digit > 9) return false;
      const shifted = low * 10 + digit;
      low = shifted >>> 0;
      high = high * 10 + (shifted - low) / TWO_TO_32;
      if (high >= TWO_TO_32) return false;
    }
    this.high = high;
    this.low = low;
    return true;
  }

  /** Adds and wraps at 2^64. */
  add(other: Unsigned64): void {
    const low = this.low + other.low;
    this.high = (this.high + other.high + (low >= TWO_TO_32 ? 1 : 0)) >>> 0;
    this.low = low >>> 0;
  }

  /** Subtracts and stops at 0. */
  subtract(other: Unsigned64): void {
    if (other.high > this.high || (other.high === this.high && other.low >= this.low)) {
      this.set(0, 0);
      return;
    }
    const borrow = this.low < other.low ? 1 : 0;
    this.high = this.high - other.high - borrow;
    this.low = (this.low - other.low) >>> 0;
  }

  /** Writes decimal digits from `at` on and returns the position after them. */
  write(bytes: Uint8Array, at: number): number {
    return writeDecimal64(bytes, at, this.high, this.low);
  }
}

/** Writes an unsigned 32-bit number in decimal and returns the position after it. */
export function writeDecimal(bytes: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    bytes[at] = ZERO + value;
    return at + 1;
  }
  let end = at + 2;
  for (let bound = 100; bound <= value; bound *= 10) end++;
  let rest = value;
  for (let position = end - 1; position >= at; position--) {
    const quotient = (rest / 10) >>> 0;
    bytes[position] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return end;
}

export function writeDecimal64(bytes: Uint8Array, at: number, high: number, low: number): number {
  if (high === 0) return writeDecimal(bytes, at, low);
  // Long division by 10^9 in steps that stay below 2^53: 16 bits at a time.
  let quotientHigh = 0;
  let quotientLow = 0;
  let remainder = 0;
  for (let shift = 48; shift >= 0; shift -= 16) {
    const limb = shift >= 32 ? (high >>> (shift - 32)) & 0xffff : (low >>> shift) & 0xffff;
    const part = remainder * 65536 + limb;
    const quotient = Math.floor(part / 1e9);
    remainder = part - quotient * 1e9;
    if (shift >= 32) quotientHigh = quotientHigh * 65536 + quotient;
    else quotientLow = quotientLow * 65536 + quotient;
  }
  const carried = Math.floor(quotientLow / TWO_TO_32);
  const end = writeDecimal64(bytes, at, quotientHigh + carried, quotientLow - carried * TWO_TO_32);
  for (let position = end + 8; position >= end; position--) {
    const quotient = (remainder / 10) >>> 0;
    bytes[position] = ZERO + remainder - quotient * 10;
    remainder = quotient;
  }
  return end + 9;
}
