// Numbers of scripts: doubles throughout, exact to 2^53, printed without a point when they are whole.

import { describe, expect, test } from 'vitest';
import { evaluate, value } from './evaluate.js';

const VALUES: Readonly<Record<string, string>> = {
  '3.0': '3',
  '10 / 2': '5',
  '0.1': '0.1',
  '1/3': '0.3333333333333333',
  '9007199254740991': '9007199254740991',
  '2^53': '9007199254740992',
  '2147483647 + 1': '2147483648',
  '1790000000 * 1000': '1790000000000',
  '-2147483648 - 1': '-2147483649',
  '#("x"):rep(3) * 1000000000': '3000000000',
  '100000 * 100000': '10000000000',
  '1e15': '1000000000000000',
  '1e100': '1e+100',
  '-0.0': '0',
  '0xff': '255',
  '0xffffffffff': '1099511627775',
  '1e308 * 10': 'inf',
  '-1e308 * 10': '-inf',
  '0/0 ~= 0/0': 'true',
  '7 // 2': '3',
  '-7 // 2': '-4',
  '7 % 3': '1',
  '-7 % 3': '2',
  '7 % -3': '-2',
  '5.5 % 2': '1.5',
  '5 // 0': 'inf',
  '1 << 40': '1099511627776',
  '0xffffffff & 0xff0': '4080',
  '~0': '-1',
  '0xffffffff | 0': '4294967295',
  '256 >> 4': '16',
  '5 ~ 3': '6',
  '"10" + 5': '15',
  '10 .. 20': '1020',
  'tonumber("0x10")': '16',
  'tonumber("  12  ")': '12',
  'tonumber("1e3")': '1000',
  'tonumber("12a")': 'nil',
  'tonumber("")': 'nil',
  'tonumber("ff", 16)': '255',
  'tonumber("8", 8)': 'nil',
  'math.type(1)': 'integer',
  'math.type(1.5)': 'float',
  'math.maxinteger': '9007199254740991',
  'math.huge': 'inf',
  'math.floor(-3.5)': '-4',
  'math.max(3, 9, 4)': '9',
  '1 == 1.0': 'true',
  '"1" == 1': 'false',
  'string.format("%d", 4e9)': '4000000000',
  'string.format("%d", 2^53)': '9007199254740992',
  'string.format("%5.2f|%-5d|%05d|%x|%X|%g", 3.14159, 42, 7, 255, 255, 1e20)': ' 3.14|42   |00007|ff|FF|1e+20',
  'string.format("%s %q %%", 1.5, "a\\nb")': '1.5 "a\\\nb" %',
  'string.format("%+d % d %e %c", 5, 5, 12345.678, 65)': '+5  5 1.234568e+04 A',
  'string.format("%.3s|%10s|%-10s|", "abcdef", "r", "l")': 'abc|         r|l         |',
};

describe('numbers of scripts', () => {
  test.each(Object.entries(VALUES))('%s is %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test('count exactly to 2^53', () => {
    expect(evaluate('self.n = 2^53 - 3; for i = 1, 2 do self.n = self.n + 1 end; return self.n')).toBe(
      '9007199254740991',
    );
  });

  test('count in loops beyond 32 bits', () => {
    expect(evaluate('local n = 0; for i = 4294967295, 4294967300 do n = n + i end; return n')).toBe('25769803785');
    expect(evaluate('local t = {}; for i = 3, 1, -1 do t[#t + 1] = i end; return table.concat(t, ",")')).toBe('3,2,1');
    expect(evaluate('for i = 1, 2, 0 do end')).toBe("CLIENT_ERROR t:run: t.lua:1: 'for' step is zero");
  });

  test('are the same keys of tables however they were made', () => {
    expect(evaluate('local t = {}; t[1] = "a"; t[2/2] = "b"; t[2^53] = "c"; return t[1] .. t[9007199254740992]')).toBe(
      'bc',
    );
    expect(evaluate('local n = 0; for k in pairs({10, 20}) do n = n + k * 2147483647 end; return n')).toBe(
      '6442450941',
    );
  });
});
