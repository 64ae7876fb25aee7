// Strict parsing of argument bytes.

import { describe, expect, test } from 'vitest';
import {
  isTooDeep,
  parseBoolean,
  parseInteger,
  parseJson,
  parseNumber,
} from '../../../src/objects/arguments/parse-bytes.js';
import { threadCpuMilliseconds } from '../../bench/host/thread-clock.js';

function integer(text: string): number {
  return parseInteger(Buffer.from(text, 'latin1'), 0, text.length);
}

function number(text: string): number {
  return parseNumber(Buffer.from(text, 'latin1'), 0, text.length);
}

describe('an integer argument', () => {
  test.each([
    ['0', 0],
    ['7', 7],
    ['-7', -7],
    ['+7', 7],
    ['-0', 0],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
  ])('%j is %d', (text, value) => expect(integer(text)).toBe(value));

  test.each([
    '',
    '-',
    '+',
    '--1',
    '1e3',
    '0x10',
    ' 1',
    '1 ',
    '1.0',
    '1_000',
    'NaN',
    '9007199254740992',
    '1\n',
    '٣',
    '1'.repeat(401),
  ])('%j is refused', (text) => expect(integer(text)).toBeNaN());
});

describe('a number argument', () => {
  test.each([
    ['1', 1],
    ['-1.5', -1.5],
    ['+0.25', 0.25],
    ['0.1', 0.1],
    ['18446744073709551616', 2 ** 64],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['1e3', 1000],
    ['1e-7', 1e-7],
    ['1.5e+300', 1.5e300],
    ['-2E-7', -2e-7],
    ['9007199254740993', 2 ** 53],
  ])('%j is %d', (text, value) => expect(number(text)).toBe(value));

  test.each([
    '',
    '.',
    '5.',
    '-',
    '+',
    'e3',
    '1e',
    '1e+',
    '1e400',
    '1e1.5',
    '.e1',
    '0x10',
    'Infinity',
    '-Infinity',
    'NaN',
    ' 1',
    '1.2.3',
    '1,5',
    '1'.repeat(401),
  ])('%j is refused', (text) => expect(number(text)).toBeNaN());
});

test.each([0, -0, 1e-7, -1e-7, 5e-324, 1.7976931348623157e308, 1e21, 123456789012345680000, 0.1, 2 ** 53])(
  'the number %d is an argument in the form in which results show it',
  (value) => expect(number(String(value))).toBe(value === 0 ? 0 : value),
);

test('a boolean argument is true, false, 1 or 0', () => {
  expect(['true', '1', 'false', '0', 'TRUE', 'yes', ''].map(parseBoolean)).toEqual([
    true,
    true,
    false,
    false,
    undefined,
    undefined,
    undefined,
  ]);
});

describe('a JSON argument', () => {
  test('keeps the bytes of strings, and converts escapes to UTF-8', () => {
    expect(parseJson('["\u00c3\u00a9\u00ff"]')).toEqual(['\u00c3\u00a9\u00ff']);
    expect(parseJson('["\\u00e9\\u20ac\\uD83D\\uDE00\\u0041\\u0000"]')).toEqual([
      '\u00c3\u00a9\u00e2\u0082\u00ac\u00f0\u009f\u0098\u0080A\u0000',
    ]);
    expect(parseJson('["\\\\u00e9"]')).toEqual(['\\u00e9']);
  });

  test('replaces an unpaired surrogate and keeps the rest', () => {
    const replacement = '\u00ef\u00bf\u00bd';
    expect(parseJson('["\\ud800","\\udc00x","\\ud800\\ud83d\\ude00","\\ud83d\\u0041","\\ud83d\\n"]')).toEqual([
      replacement,
      `${replacement}x`,
      `${replacement}\u00f0\u009f\u0098\u0080`,
      `${replacement}A`,
      `${replacement}\n`,
    ]);
    expect(parseJson('["\\u00e9\\u0022\\\\"]')).toEqual(['\u00c3\u00a9"\\']);
    expect(['"\\u"', '"\\u12"', '"\\u00g0"', '"\\u00e9\\', '"\\ud83d\\u"'].map(parseJson)).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('with many escapes takes no more time than it is charged', () => {
    // Arguments are charged a step for eight bytes, and a step may take 100 ns.
    const json = `["${'\\ud800'.repeat(150_000)}"]`;
    const times = Array.from({ length: 5 }, () => {
      const before = threadCpuMilliseconds();
      expect((parseJson(json) as string[])[0]).toHaveLength(450_000);
      return threadCpuMilliseconds() - before;
    });
    expect(Math.min(...times)).toBeLessThan(((json.length >>> 3) * 100) / 1e6 + 5);
  });

  test('is undefined for invalid JSON', () => {
    expect(['', '[', '{a:1}', '01'].map(parseJson)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('can have a field __proto__', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });
});

test('JSON is nested too deep from 33 levels on, where brackets in strings count for none', () => {
  const nested = (levels: number, inner: string) => '['.repeat(levels) + inner + ']'.repeat(levels);
  const strings = ['[', '"', '\\', '\\"[', '\\\\', '\\\\\\"', '{"', ']'.repeat(40), '['.repeat(40)];
  for (const text of ['', ...strings, strings.join('')]) {
    const json = JSON.stringify({ [text]: text });
    expect([text, isTooDeep(nested(31, json)), isTooDeep(nested(32, json))]).toEqual([text, false, true]);
    expect(isTooDeep(`[${json},${nested(32, json)}]`)).toBe(true);
    expect(isTooDeep(`[${json},${nested(30, `${json},${json}`)}]`)).toBe(false);
  }
  expect(isTooDeep('["')).toBe(false);
  expect(isTooDeep('"\\"')).toBe(false);
});
