// Searches among packed fields, whose lengths, tails and kinds are drawn so that many are alike. Every second table is a set: without values, fields
// of one length follow each other.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Key, Scalar } from '../../src/objects/types/object-type.js';
import { TableHarness } from './harness.js';

const MEBIBYTE = 1024 * 1024;
const ROUNDS = 1000;
const MOST_BYTES = 600;

const below = (random: Random, end: number): number => Math.floor(random.fraction() * end);

/** Texts of few different bytes, so that many keys have the same length, the same end, or both; and numbers whose bytes look like texts. */
function keysOf(random: Random): Key[] {
  const text = (length: number) =>
    Array.from({ length }, () => String.fromCharCode([0x20, 0x21, 0x80, 0xff, 0][below(random, 5)])).join('');
  const lengths = [0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 8, 254, 255, 256, 257];
  return Array.from({ length: 40 }, () => {
    const drawn = below(random, 18);
    if (drawn === 17) return [0, 1, 255, 256, 0x2120, -1, -0x2120, 0.5, 2 ** 40][below(random, 9)];
    return text(lengths[Math.min(drawn, lengths.length - 1)]);
  });
}

function drawnValue(random: Random): Scalar {
  const values = [true, false, 0, 7, 300, -5, 1.5, '', 'a', 'text', '\x20\x01\x20', 'x'.repeat(260)];
  return values[below(random, values.length)] as Scalar;
}

const bytesOf = (part: Key | Scalar) => (typeof part === 'string' ? part.length + 2 : 8);

describe('a search among packed fields', () => {
  test('finds each key with its value, and no key that is not there', () => {
    const random = new Random();
    random.seed(11, 1);
    const harness = new TableHarness(16 * MEBIBYTE);
    for (let round = 0; round < ROUNDS; round++) {
      const keys = keysOf(random);
      const kept = new Map<Key, Scalar>();
      let bytes = 0;
      for (const key of keys) {
        const value = round % 2 === 0 ? drawnValue(random) : true;
        bytes += bytesOf(key) + bytesOf(value);
        if (bytes > MOST_BYTES) break;
        kept.set(key, value);
      }
      const name = `table${round % 50}`;
      harness.begin();
      harness.remove(name);
      harness.tables.commit();
      harness.write(
        name,
        (table) => {
          for (const [key, value] of kept) table.set(key, value);
        },
        true,
      );
      const [gone] = kept.keys();
      if (gone !== undefined && round % 3 === 0) {
        kept.delete(gone);
        harness.write(name, (table) => table.delete(gone));
      }
      harness.read(name, (table) => {
        for (const key of keys) expect(table.get(key)).toEqual(kept.get(key));
      });
    }
  });
});
