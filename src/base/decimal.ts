// Whole numbers as decimal digits, written without a string. Those of the protocols, of 32 and 64 bits: unsigned64.ts.

const ZERO = 0x30;
/** Numbers below are written in one go. V8 computes with 32 bits up to here. */
export const PART = 1e9;
const PART_DIGITS = 9;

/** The most digits of a safe integer. */
export const MOST_WHOLE_DIGITS = 16;

/** Whether `writeWhole` takes the number. */
export function isPlainWhole(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value;
}

/** Writes a safe integer of at least 0; returns the position after it. */
export function writeWhole(value: number, bytes: Uint8Array, at: number): number {
  if (value < PART) {
    const end = at + digitsOf(value | 0);
    writeDigits(value | 0, bytes, at, end);
    return end;
  }
  const high = Math.floor(value / PART) | 0;
  const middle = at + digitsOf(high);
  writeDigits(high, bytes, at, middle);
  writeDigits((value - high * PART) | 0, bytes, middle, middle + PART_DIGITS);
  return middle + PART_DIGITS;
}

/** Of a whole number below PART. */
export function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

/** A whole number below PART, with zeros before it as far as there is room. */
export function writeDigits(value: number, bytes: Uint8Array, from: number, end: number): void {
  let rest = value;
  for (let at = end - 1; at >= from; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}
