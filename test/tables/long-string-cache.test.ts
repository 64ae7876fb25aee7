// The cache of repeated strings of medium length.

import { expect, test } from 'vitest';
import { LEAST_LONG_BYTES, LongStringCache, MOST_LONG_BYTES } from '../../src/tables/long-string-cache.js';

const bytes = new Uint8Array(4096);
const seen = new LongStringCache({ bytes, view: new DataView(bytes.buffer) });

function stringOf(text: string, at: number): string {
  bytes.fill(0xa5, at, at + MOST_LONG_BYTES + 8);
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return seen.string(at, text.length);
}

test('a range of medium length gives its own string, whatever the cache holds', () => {
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  // Strings repeat, and some differ in one byte or in their length alone.
  for (let round = 0; round < 50_000; round++) {
    const length = LEAST_LONG_BYTES + random(MOST_LONG_BYTES - LEAST_LONG_BYTES + 1);
    const letters = new Array(length).fill('a');
    if (random(2) === 0) letters[random(length)] = ['\0', 'b', '\xff'][random(3)];
    const text = letters.join('');
    const got = stringOf(text, 1 + random(64));
    if (got !== text) expect(got).toBe(text);
  }
});
