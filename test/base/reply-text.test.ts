// The bytes of the last short text.

import { expect, test } from 'vitest';
import { ReplyText, SHORT_TEXT_CHARACTERS } from '../../src/base/reply-text.js';

const AT = 16;
const bytes = new Uint8Array(AT + SHORT_TEXT_CHARACTERS);
const written = (length: number) => Buffer.from(bytes.subarray(AT, AT + length)).toString('latin1');

test('a text of bytes is encoded at its place, also where it comes twice or after another of its length', () => {
  const short = new ReplyText(bytes, AT);
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
  const short = new ReplyText(bytes, AT);
  expect([short.take('a\u0100'), short.take('a\u0100'), short.take('ok')]).toEqual([false, false, true]);
  expect(written(2)).toBe('ok');
});

test('words become one text of bytes, unless that would be long', () => {
  const short = new ReplyText(bytes, AT);
  for (const words of [[], ['OK'], ['OK', 0, 12], [1e15, 'a', -1, 0.1, Number.NaN], [2 ** 53 - 1, 1e9, 1e9 - 1, 1e8]]) {
    const text = words.join(' ');
    expect(short.join(words)).toBe(text);
    expect(written(text.length)).toBe(text);
    expect(short.take(text)).toBe(true);
  }
  expect(short.join(['x'.repeat(SHORT_TEXT_CHARACTERS)])).toBe('x'.repeat(SHORT_TEXT_CHARACTERS));
  expect(short.join(['x'.repeat(SHORT_TEXT_CHARACTERS), ''])).toBeUndefined();
  expect(short.join(['\u0100'])).toBeUndefined();
  expect(short.join([{} as string])).toBeUndefined();
});
