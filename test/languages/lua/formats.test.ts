// string.format and the time functions give the same results as C. Expected values come from C's printf and from Lua 5.3.

import { afterEach, describe, expect, test } from 'vitest';
import { evaluate, value } from './evaluate.js';

describe('string.format rounds like C', () => {
  test.each([
    ['"%.0f %.1f %.2f %.0e", 0.5, 0.25, 0.125, 2.5', '0 0.2 0.12 2e+00'],
    ['"%.0f %.0f %.0f %.0f", 1.5, 2.5, 3.5, -0.5', '2 2 4 -0'],
    ['"%.1f %.1f %.3f", 0.35, 0.45, 1.0005', '0.3 0.5 1.000'],
    ['"%.2e %.1e %.0e %.1e", 1.125, 1.25, 350, 1150', '1.12e+00 1.2e+00 4e+02 1.2e+03'],
    ['"%.3g %.1g %.2g %g", 1234.5, 0.25, 1.25, 1e15', '1.23e+03 0.2 1.2 1e+15'],
    ['"%g %g %g %g", 100000, 1000000, 0.0001, 0.00001', '100000 1e+06 0.0001 1e-05'],
    ['"%#g %#.0f %#.0e %#x %#o %#o", 1, 5, 5, 255, 8, 0', '1.00000 5. 5.e+00 0xff 010 0'],
    ['"%a %.2a %A %.0a %a", 1, 1.999, 0.1, 1.5, 0', '0x1p+0 0x2.00p+0 0X1.999999999999AP-4 0x2p+0 0x0p+0'],
    ['"%.20f %.3f", 0.1, 1e22', '0.10000000000000000555 10000000000000000000000.000'],
    ['"%05.1f|%-8.2e|%+.1f|% .1f", 0.25, 0.125, 0.05, 0.75', '000.2|1.25e-01|+0.1| 0.8'],
    ['"%.0d|%5.3d|%.3x|%x", 0, 7, 5, -1', '|  007|005|ffffffffffffffff'],
    ['"%.5f %5s %e", 0/0, 1/0, -1/0', '-nan   inf -inf'],
  ])('%s', (call, text) => {
    expect(value(`(string.format(${call}):gsub("-nan", "nan"))`)).toBe(text.replace('-nan', 'nan'));
  });

  test('an integer that C could not hold is an error', () => {
    for (const number of ['2^63', '-2^64', '1/0', '0/0']) {
      expect(value(`pcall(string.format, "%d", ${number})`)).toBe('false');
    }
    expect(value('string.format("%d", -2^63)')).toBe('-9223372036854775808');
  });
});

describe('%q', () => {
  test.each([
    ['"\\0001"', '"\\0001"'],
    ['"\\0x"', '"\\0x"'],
    ['"\\r\\127\\1272"', '"\\13\\127\\1272"'],
    ['"a\\"b\\\\c\\nd"', '"a\\"b\\\\c\\\nd"'],
    ['12', '12'],
    ['0.5', '0x1p-1'],
    ['1/0', '1e9999'],
    ['true', 'true'],
    ['nil', 'nil'],
  ])('of %s reads back as the same value', (expression, text) => {
    expect(value(`string.format("%q", ${expression})`)).toBe(text);
    expect(evaluate(`local v = ${expression} return tostring(${text} == v)`)).toBe('true');
  });

  test('of a table is an error', () => {
    expect(value('select(2, pcall(string.format, "%q", {}))')).toContain('value has no literal form');
  });
});

describe('os.date and os.time', () => {
  const { TZ } = process.env;

  afterEach(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });

  test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'])(
    'are inverse to each other in %s, in the hours around a change of the clock as well',
    (zone) => {
      process.env.TZ = zone;
      const body = `local wrong = 0
        for _, start in ipairs { 1711800000, 1729900000, 1730600000, 1712400000, 1743200000 } do
          for t = start, start + 172800, 900 do if os.time(os.date("*t", t)) ~= t then wrong = wrong + 1 end end
        end
        return wrong`;
      expect(evaluate(body, { budget: { milliseconds: 10_000 } })).toBe('0');
    },
  );

  test('name the time zone like C', () => {
    process.env.TZ = 'Europe/Berlin';
    const names =
      'os.date("%Z", 1719792000) .. os.date("%Z", 1735689600) .. os.date("!%Z", 0) .. os.date("%Z", 4102444800)';
    expect(value(names)).toBe('CESTCETGMTCET');
    process.env.TZ = 'America/Sao_Paulo';
    expect(value('os.date("%Z", 1719792000)')).toBe('-03');
  });
});
