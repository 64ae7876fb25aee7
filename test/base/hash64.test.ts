// The hash that methods can compute, against other implementations of MurmurHash3 x86_128.

import { expect, test } from 'vitest';
import { hash64 } from '../../src/base/hash64.js';

test.each([
  ['', '0000000000000000'],
  ['hello', '2b2444a0db91def7'],
  ['0123456789abcdef0', '1f8a385560920c06'],
  ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c67'],
])('hash64 of %j is that of MurmurHash3', (bytes, hash) => {
  const [high, low] = hash64(bytes);
  expect(high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')).toBe(hash);
});

test('hash64 spreads keys that differ in one digit over all bits', () => {
  const ones = new Array<number>(64).fill(0);
  const keys = 4096;
  for (let key = 0; key < keys; key++) {
    const [high, low] = hash64(`user:${key}`);
    for (let bit = 0; bit < 32; bit++) {
      ones[bit] += (high >>> bit) & 1;
      ones[32 + bit] += (low >>> bit) & 1;
    }
  }
  for (const count of ones) expect(Math.abs(count - keys / 2)).toBeLessThan(keys / 16);
});
