// Checks what methods pass to a byte array. Each message says what is wrong and what to pass.

import { nameOf, wholeNumber } from '../argument-checks.js';
import { MethodError } from '../call-errors.js';
import { MAX_ARRAY_BYTES } from './byte-layout.js';

/** Bits that a hash may choose: a filter with an error of 1e-18 needs 60 of them. */
export const MOST_HASHED_BITS = 255;

export function lengthOf(length: unknown): number {
  const bytes = wholeNumber(length, 'a length');
  if (bytes < 1 || bytes > MAX_ARRAY_BYTES) {
    throw new MethodError(`a byte array has 1 to ${MAX_ARRAY_BYTES} bytes, not ${bytes}`);
  }
  return bytes;
}

/** Throws unless `size` bytes at an offset lie within the array. */
export function demandWithin(offset: number, size: number, length: number): void {
  if (typeof offset === 'number' && offset >= 0 && offset + size <= length && Math.floor(offset) === offset) return;
  const at = wholeNumber(offset, 'an offset');
  const what = size <= 1 ? `offset ${at} is` : `${size} bytes from offset ${at} are`;
  throw new MethodError(`${what} outside of the array, which has ${length} bytes; offsets count from 0`);
}

/** Throws unless the array has a bit of that number. */
export function demandBit(bit: number, length: number): void {
  if (typeof bit === 'number' && bit >= 0 && bit < length * 8 && Math.floor(bit) === bit) return;
  const at = wholeNumber(bit, 'the number of a bit');
  throw new MethodError(`bit ${at} is outside of the array, which has ${length * 8} bits; bits count from 0`);
}

/** Throws unless the value is a whole number that fits into as many bytes. */
export function demandWhole(value: number, name: string, most: number): void {
  if (typeof value === 'number' && value >= 0 && value <= most && Math.floor(value) === value) return;
  const given = typeof value === 'number' ? String(value) : nameOf(value);
  throw new MethodError(`a ${name} is a whole number from 0 to ${most}, not ${given}`);
}

/** Throws unless these are the words of a hash, and a number of bits that it chooses. */
export function demandHash(high: number, low: number, count: number): void {
  demandWhole(high, 'word of a hash', 0xffff_ffff);
  demandWhole(low, 'word of a hash', 0xffff_ffff);
  if (typeof count === 'number' && count >= 1 && count <= MOST_HASHED_BITS && Math.floor(count) === count) return;
  const bits = wholeNumber(count, 'a number of bits');
  throw new MethodError(`a hash chooses 1 to ${MOST_HASHED_BITS} bits, not ${bits}`);
}

export function demandNumber(value: number): void {
  if (typeof value !== 'number') throw new MethodError(`an f64 is a number, not ${nameOf(value)}; convert it first`);
}

/** Whether a bit is to be set; it is where nothing is given. */
export function isOn(value: boolean | undefined): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'boolean') throw new MethodError(`a bit is set to true or false, not to ${nameOf(value)}`);
  return value;
}

export function bytesOf(text: unknown): string {
  if (typeof text === 'string') return text;
  throw new MethodError(`bytes are written as a string, not as ${nameOf(text)}; convert it first`);
}

/** Number of bytes in a range that begins at an offset: to the end where nothing is given. */
export function rangeOf(offset: number, length: number | undefined, arrayLength: number): number {
  if (length === undefined) {
    demandWithin(offset, 0, arrayLength);
    return arrayLength - offset;
  }
  if (wholeNumber(length, 'a length') < 0) throw new MethodError(`a length is 0 or more, not ${length}`);
  demandWithin(offset, length, arrayLength);
  return length;
}

export function demandSameLength(one: number, other: number): void {
  if (one === other) return;
  throw new MethodError(`the arrays have ${one} and ${other} bytes; only arrays of one length can be merged`);
}
