// 64-bit numbers against BigInt: reading, writing, adding with wrap, subtracting to 0.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Unsigned64, writeDecimal } from '../../src/base/unsigned64.js';

const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 40n }),
  fc.bigInt({ min: 2n ** 64n - 40n, max: 2n ** 64n - 1n }),
  fc.constantFrom(2n ** 32n - 1n, 2n ** 32n, 10n ** 9n, 10n ** 18n, 10n ** 19n, 2n ** 53n + 1n),
);

function make(value: bigint): Unsigned64 {
  const number = new Unsigned64();
  number.set(Number(value >> 32n), Number(value & 0xffffffffn));
  return number;
}

function show(number: Unsigned64): bigint {
  return (BigInt(number.high) << 32n) | BigInt(number.low);
}

function digits(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

describe('unsigned 64-bit numbers', () => {
  test('are written and read exactly', () => {
    fc.assert(
      fc.property(u64, (value) => {
        const bytes = new Uint8Array(32);
        const end = make(value).write(bytes, 3);
        expect(Buffer.from(bytes.subarray(3, end)).toString()).toBe(String(value));
        const number = new Unsigned64();
        expect(number.parse(bytes, 3, end)).toBe(true);
        expect(show(number)).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  test('wrap at 2^64 when added and stop at 0 when subtracted', () => {
    fc.assert(
      fc.property(u64, u64, (left, right) => {
        const sum = make(left);
        sum.add(make(right));
        expect(show(sum)).toBe(BigInt.asUintN(64, left + right));
        const difference = make(left);
        difference.subtract(make(right));
        expect(show(difference)).toBe(left > right ? left - right : 0n);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['', '-1', '+1', '1e3', '0x10', ' 1', '1 ', '18446744073709551616', '9'.repeat(400)])(
    'refuse %j',
    (text) => {
      expect(new Unsigned64().parse(digits(text), 0, text.length)).toBe(false);
    },
  );

  test('of 32 bits are written exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const bytes = new Uint8Array(16);
        const end = writeDecimal(bytes, 0, value);
        expect(Buffer.from(bytes.subarray(0, end)).toString()).toBe(String(value));
      }),
      { numRuns: 2000 },
    );
  });
});
