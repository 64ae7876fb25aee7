// Keys that an attacker has chosen to collide: the hash of the index is keyed at random, so that they spread like any others.
// Chains are counted, not time.

import { expect, test } from 'vitest';
import { Hash } from '../../src/store/hash.js';
import { INDEX_NEXT_WORD } from '../../src/store/item.js';
import { StoreHarness } from './harness.js';

const KEYS = 100_000;
/** With random hashes, a bucket with more than 16 entries occurs less than once in 10^6 runs. */
const LONGEST_CHAIN = 16;

/** Many languages hash strings by sums of the form 31 * sum + byte, in which `Aa` and `BB` are equal, in any order. */
function alikeBySum(): string[] {
  const pairs = Math.ceil(Math.log2(KEYS));
  return Array.from({ length: KEYS }, (_, number) =>
    Array.from({ length: pairs }, (_, bit) => ((number >> bit) & 1 ? 'Aa' : 'BB')).join(''),
  );
}

/** Keys that share a bucket of 128 if the keys of the hash are known. */
function alikeByKnownHash(): string[] {
  const hash = new Hash(0, 0);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const keys: string[] = [];
  for (let number = 0; keys.length < KEYS / 32; number++) {
    const key = `k${String(number).padStart(9, '0')}`;
    for (let index = 0; index < key.length; index++) bytes[index] = key.charCodeAt(index);
    if ((hash.of(view, 0, key.length, 0) & 127) === 0) keys.push(key);
  }
  return keys;
}

function longestChain({ store }: StoreHarness): number {
  const { words } = store.arena;
  let longest = 0;
  store.index.forEachBucket((_bucket, word) => {
    let length = 0;
    for (let entry = words[word]; entry !== 0; entry = words[entry * 2 + INDEX_NEXT_WORD]) length++;
    longest = Math.max(longest, length);
  });
  return longest;
}

test.each([
  ['under a sum of bytes', alikeBySum],
  ['under the same hash with known keys', alikeByKnownHash],
] as const)('keys made to collide %s spread over the index like others', (_name, keysOf) => {
  const harness = new StoreHarness(32 * 1024 * 1024);
  const keys = keysOf();
  for (const key of keys) harness.set(key, 1);
  expect(harness.store.itemCount).toBe(keys.length);
  expect(longestChain(harness)).toBeLessThanOrEqual(LONGEST_CHAIN);
  for (const key of keys.slice(0, 100)) expect(harness.get(key)).toBe('x');
});
