// Finds one text in another in time proportional to the sum of their lengths; V8's own search takes their product in the worst case. Every
// character is charged.

import { meter } from '../vm/meter.js';

/** Texts up to this length are searched by V8, where the product of the lengths is a small multiple of their sum. */
const LEFT_TO_V8 = 8;
/** Characters per step, as a power of 2. */
const CHARACTERS_PER_STEP_BITS = 2;

/** As String.indexOf, for byte strings. */
export function indexOf(subject: string, needle: string, from: number): number {
  meter.charge(1 + ((subject.length - from) >>> CHARACTERS_PER_STEP_BITS));
  const first = subject.indexOf(needle.length <= LEFT_TO_V8 ? needle : needle.slice(0, LEFT_TO_V8), from);
  if (first === -1 || needle.length <= LEFT_TO_V8) return first;
  if (needle.length > subject.length - first) return -1;
  meter.charge((subject.length - first + needle.length) >>> CHARACTERS_PER_STEP_BITS);
  return searchFrom(subject, needle, first);
}

/** Knuth, Morris and Pratt: after a mismatch the search continues with the longest start of the needle that ends there. */
function searchFrom(subject: string, needle: string, from: number): number {
  const borders = bordersOf(needle);
  let matched = 0;
  for (let at = from; at < subject.length; at++) {
    const code = subject.charCodeAt(at);
    while (matched > 0 && needle.charCodeAt(matched) !== code) matched = borders[matched - 1];
    if (needle.charCodeAt(matched) === code) matched++;
    if (matched === needle.length) return at - needle.length + 1;
  }
  return -1;
}

/** For each start of the needle, the length of the longest shorter start that it ends with. */
function bordersOf(needle: string): Int32Array {
  meter.chargeBytes(needle.length * Int32Array.BYTES_PER_ELEMENT);
  const borders = new Int32Array(needle.length);
  let length = 0;
  for (let at = 1; at < needle.length; at++) {
    const code = needle.charCodeAt(at);
    while (length > 0 && needle.charCodeAt(length) !== code) length = borders[length - 1];
    if (needle.charCodeAt(length) === code) length++;
    borders[at] = length;
  }
  return borders;
}
