// Patterns of parameters: they match the same texts as JavaScript's regular expressions, in time that depends only on the text's length.

import { describe, expect, test } from 'vitest';
import { LinearPattern } from '../../../src/objects/types/linear-pattern.js';

const free = () => {};

describe('a pattern finds what a RegExp finds', () => {
  const TEXTS = [
    '',
    'a',
    'b',
    'ab',
    'aab',
    'abc',
    'abab',
    'a-b',
    'a.b',
    '12',
    '2026-11-27',
    'x\n',
    'A_1',
    ']',
    '\\',
    '\xe9',
    'aaaa',
    '-',
    '^',
  ];
  const PATTERNS = [
    '',
    'a',
    '^a',
    'a$',
    '^a$',
    '^$',
    '^[a-c]+$',
    '[^a-c]',
    '^(a|b)*$',
    '^(a+)+$',
    '^(a|aa)+$',
    '^(?:ab){2}$',
    'a{2,3}',
    '^a{2,}$',
    '^a?b?$',
    '\\d{4}-\\d\\d-\\d\\d',
    '^\\w+$',
    '\\W',
    '\\s',
    '^\\S*$',
    '\\.',
    '.',
    '^.$',
    '[\\]]',
    '[\\w-]+',
    '[a\\-b]{3}',
    '\\x61',
    '^a*?b',
    '(^a|b$)',
    'a|',
    '(a*)*b',
    '^(a{0,2}){2}$',
    '[^\\d]',
    '[-a]',
    '^\\\\$',
    '[\\^]',
    '(|a)+b',
  ];
  test.each(PATTERNS)('%s', (pattern) => {
    const linear = new LinearPattern(pattern, free);
    const regular = new RegExp(pattern);
    // Twice: first computed, then from the cache.
    for (const text of [...TEXTS, ...TEXTS]) expect([text, linear.test(text)]).toEqual([text, regular.test(text)]);
  });
});

test('a pattern on which a RegExp backtracks endlessly takes steps in proportion to the text', () => {
  for (const [pattern, piece] of [
    ['^(a+)+$', 'a'],
    ['^(a|aa)+$', 'a'],
    ['(.*)*x', 'a'],
    ['^(\\w+\\s?)*$', 'word '],
    ['a*a*a*a*a*b', 'a'],
    ['(x+x+)+y', 'x'],
  ] as const) {
    const stepsOf = (length: number) => {
      let steps = 0;
      new LinearPattern(pattern, (charged) => {
        steps += charged;
      }).test(`${piece.repeat(length)}!`);
      return steps;
    };
    expect(stepsOf(100_000)).toBeLessThan(stepsOf(10_000) * 11 + 1000);
    expect(stepsOf(100_000)).toBeLessThan(100_000 * piece.length);
  }
});

test('a text that reaches new sets of states is charged for each', () => {
  let steps = 0;
  const pattern = new LinearPattern('(a|b)*a(a|b){300}$', (charged) => {
    steps += charged;
  });
  let seed = 1;
  const text = Array.from({ length: 3000 }, () => {
    seed = Math.imul(seed, 1103515245) + 12345;
    return (seed & 0x10000) === 0 ? 'a' : 'b';
  }).join('');
  pattern.test(text);
  expect(steps).toBeGreaterThan(3000 * 100);
});

test('a pattern matches from the start again after its table of sets was emptied', () => {
  const pattern = new LinearPattern('^[ab]*a[ab]{9}$', () => {});
  let seed = 1;
  for (let round = 0; round < 20; round++) {
    const text = Array.from({ length: 400 }, () => {
      seed = Math.imul(seed, 1103515245) + 12345;
      return (seed & 0x10000) === 0 ? 'a' : 'b';
    }).join('');
    expect(pattern.test(text)).toBe(text[390] === 'a');
    expect(pattern.test('abbbbbbbbb')).toBe(true);
    expect(pattern.test('cabbbbbbbbb')).toBe(false);
  }
});

test.each([
  ['(', 'has a ( without its )'],
  [')', 'has a ) too many at character 1'],
  ['[a', 'has a [ without its ]'],
  ['*a', 'repeats nothing at character 1'],
  ['a**', 'repeats a repetition at character 3'],
  ['a{3,2}', 'counts down in {3,2}'],
  ['[b-a]', 'has a range that goes down in [ ]'],
  ['(a)\\1', 'has \\1, which is not known here'],
  ['a(?=b)', 'has (?=: only ( and (?: are known, since looking around needs backtracking'],
  ['(?<name>a)', 'has (?<: only ( and (?: are known'],
  ['\\bword', 'has \\b, which is not known here'],
  ['\u20ac', 'has characters beyond bytes: write their UTF-8 bytes as \\xHH'],
  ['a{1,100000}', 'needs more than 2000 states'],
  ['((a{100}){100}){100}', 'needs more than 2000 states'],
  ['((){1000}){1000}', 'needs more than 2000 states'],
  ['('.repeat(60), 'has groups nested deeper than 50'],
  ['a'.repeat(1001), 'is longer than 1000 characters'],
])('the pattern %s is refused', (pattern, reason) => {
  expect(() => new LinearPattern(pattern, free)).toThrow(reason);
});
