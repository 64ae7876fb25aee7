// The bytes of the last short text.

import { expect, test } from 'vitest';
import { SHORT_TEXT_CHARACTERS, ShortText } from '../../src/base/short-text.js';

const AT = 16;
const bytes = new Uint8Array(AT + SHORT_TEXT_CHARACTERS);
const written = (length: number) => Buffer.from(bytes.subarray(AT, AT + length)).toString('latin1');

test('a text of bytes is encoded at its place, also where it comes twice or after another of its length', () => {
  const short = new ShortText(bytes, AT);
  for (const text of [
    'OK',
    'OK',
    'NO',
    '',
    `OK ${1e15} ${3_600_000}`,
    '\0\x7f\xff',
    'x'.repeat(SHORT_TEXT_CHARACTERS),
  ]) {
    expect(short.take(text)).toBe(true);
    expect(written(text.length)).toBe(text);
  }
});

test('a text with a character beyond bytes is refused each time', () => {
  const short = new ShortText(bytes, AT);
  expect([short.take('a\u0100'), short.take('a\u0100'), short.take('ok')]).toEqual([false, false, true]);
  expect(written(2)).toBe('ok');
});
