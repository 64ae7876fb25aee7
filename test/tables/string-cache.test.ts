// The cache of repeated argument strings.

import { expect, test } from 'vitest';
import { MOST_SEEN_BYTES, StringCache } from '../../src/tables/string-cache.js';

const bytes = new Uint8Array(4096);
const seen = new StringCache({ bytes, view: new DataView(bytes.buffer) });

function stringOf(text: string, at: number): string {
  bytes.fill(0xa5, at, at + MOST_SEEN_BYTES + 8);
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return seen.string(at, text.length);
}

test('a range of bytes gives its own string, whatever the cache holds', () => {
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  // Few letters, including zeros, so that strings repeat, and some differ only in their length.
  for (let round = 0; round < 200_000; round++) {
    const length = 2 + random(MOST_SEEN_BYTES - 1);
    let text = '';
    const letters = random(8) === 0 ? 3 : 1;
    for (let index = 0; index < length; index++) text += String.fromCharCode([0, 97, 255][random(letters)]);
    const got = stringOf(text, 1 + random(64));
    if (got !== text) expect(got).toBe(text);
  }
});

test('a string of each length from 2 on is the same when it is requested three times', () => {
  for (let round = 0; round < 3; round++) {
    for (let length = 2; length <= MOST_SEEN_BYTES; length++) {
      const text = 'abcdefghijklmnop'.slice(0, length);
      expect(stringOf(text, 100 + length)).toBe(text);
    }
  }
});
