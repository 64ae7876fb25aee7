// The string library of scripts: byte strings, patterns, formats. Expected values are those of Lua 5.3's manual.

import { describe, expect, test } from 'vitest';
import { evaluate, value } from './evaluate.js';

const VALUES: Readonly<Record<string, string>> = {
  '("hello"):find("l")': '3',
  '("hello"):find("xyz")': 'nil',
  '("a.b"):find(".", 1, true)': '2',
  '("hello"):find("")': '1',
  '("hello"):find("", 10)': 'nil',
  '("hello"):find("l", -2)': '4',
  '("key = value"):match("^(%w+)%s*=%s*(%w+)$")': 'key',
  '("2026-06-15"):match("(%d+)-(%d+)-(%d+)")': '2026',
  '("  trim  "):match("^%s*(.-)%s*$")': 'trim',
  '("hello world"):match("()world")': '7',
  '("THE (quick) fox"):find("%((%a+)%)")': '5',
  '("f(a(b)c)d"):match("%b()")': '(a(b)c)',
  '("THE (quick) fox"):gsub("%f[%a]%a+", "w")': 'w (w) w',
  '("abab"):match("(a)(b)%1%2")': 'a',
  '("x^y"):match("[%^]")': '^',
  '("a-z]"):match("[]]")': ']',
  '("a-z"):match("[a%-z]+")': 'a-z',
  '("abc"):gsub("", "-")': '-a-b-c-',
  '("abc"):gsub("%w", "%0%0")': 'aabbcc',
  '("hello world"):gsub("o", "0", 1)': 'hell0 world',
  '("$name is $age"):gsub("%$(%w+)", { name = "Lua", age = 33 })': 'Lua is 33',
  '("abc"):gsub("%w", function(c) if c == "b" then return "[" .. c .. "]" end end)': 'a[b]c',
  '("abc"):gsub("^a", "x")': 'xbc',
  '("abc"):rep(3, "-")': 'abc-abc-abc',
  '("abc"):rep(0)': '',
  '("abc"):rep(-1)': '',
  '("abc"):reverse()': 'cba',
  '("aBc"):upper() .. ("aBc"):lower()': 'ABCabc',
  '("abc"):sub(2)': 'bc',
  '("abc"):sub(-2, -2)': 'b',
  '("abc"):sub(0)': 'abc',
  '("abc"):sub(5)': '',
  '("abc"):byte(-1)': '99',
  'string.char(104, 105)': 'hi',
  '#"\\0\\1\\255"': '3',
  '("a\\0b"):find("\\0")': '2',
  '"a" < "b"': 'true',
  '"\\1" < "\\16"': 'true',
  '"a" < "B"': 'false',
  '"" < "a"': 'true',
  'select("#", ("a,b,,c"):gsub(",", ","))': '2',
  'table.concat({1, 2, "x"}, "-")': '1-2-x',
  'tostring(nil) .. tostring(true)': 'niltrue',
  '#tostring({}) > 7': 'true',
};

describe('strings of scripts', () => {
  test.each(Object.entries(VALUES))('%s is %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test('can be iterated by gmatch', () => {
    const body =
      'local t = {} for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do t[#t + 1] = k .. v end return table.concat(t, " ")';
    expect(evaluate(body)).toBe('a1 b2');
    expect(evaluate('local n = 0 for _ in ("abc"):gmatch("") do n = n + 1 end return n')).toBe('4');
  });

  test('preserve every byte, in values and in keys', () => {
    const body = `
      local t, n = {}, 0
      for a = 0, 255 do for b = 0, 255, 17 do t[string.char(a, b)] = true end end
      for _ in pairs(t) do n = n + 1 end
      return n`;
    expect(evaluate(body)).toBe(String(256 * 16));
    expect(evaluate('self[string.char(1, 35)] = 1 self[string.char(18, 3)] = 2 return object.count(self)')).toBe('2');
    expect(evaluate('local s = "" for i = 0, 255 do s = s .. string.char(i) end self.x = s return self.x')).toBe(
      String.fromCharCode(...Array(256).keys()),
    );
  });

  test.each([
    ['("a"):find("[a")', "malformed pattern (missing ']')"],
    ['("a"):find("%")', "malformed pattern (ends with '%')"],
    ['("a"):find("(a")', 'unfinished capture'],
    ['("a"):match("a)")', 'invalid pattern capture'],
    ['("a"):find("%1")', 'invalid capture index'],
    ['("a"):gsub("a", "%2")', 'invalid capture index'],
    ['("a"):gsub("a", "%x")', "invalid use of '%' in replacement"],
    ['("a"):gsub("a", true)', 'string/function/table expected'],
    ['("x"):rep(1e9)', 'resulting string too large: 1000000000 bytes, at most 16777216'],
    ['string.format("%y", 1)', "invalid option '%y'"],
    ['string.format("%d", "x")', 'number expected, got string'],
    ['string.format("%d")', 'no value'],
  ])('%s fails: %s', (expression, message) => {
    expect(value(expression)).toContain(message);
  });
});
