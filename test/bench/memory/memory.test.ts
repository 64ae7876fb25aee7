// The parts of the memory benchmark that judge: sizes, recency, live keys, and the reading of replies.

import { describe, expect, test } from 'vitest';
import { Random } from '../load/random.js';
import { Batch } from './batch.js';
import { DISTRIBUTIONS, LARGEST_VALUE_BYTES, paretoBytes, type SizeDistribution } from './distributions.js';
import { evictionVerdict, measureEvictions } from './evictions.js';
import { LiveKeys, Recency } from './recency.js';
import { type ReplyListener, ReplyScanner } from './scanner.js';

function distributionNamed(name: string): SizeDistribution {
  return DISTRIBUTIONS.find((distribution) => distribution.name === name) as SizeDistribution;
}

describe('sizes', () => {
  test('the Pareto sizes have the quantiles of the distribution', () => {
    expect(paretoBytes(0)).toBe(1);
    // sigma / k * (2^k - 1)
    expect(paretoBytes(0.5)).toBe(168);
    expect(paretoBytes(1 - 1e-15)).toBe(LARGEST_VALUE_BYTES);
  });

  test('the mean of the Pareto sizes is sigma / (1 - k)', () => {
    const random = new Random(3);
    let sum = 0;
    for (let draw = 0; draw < 200_000; draw++) sum += distributionNamed('pareto').valueBytes(0, random);
    expect(sum / 200_000).toBeGreaterThan(315);
    expect(sum / 200_000).toBeLessThan(343);
  });

  test('uniform sizes reach both ends', () => {
    const random = new Random(3);
    const sizes = Array.from({ length: 50_000 }, () => distributionNamed('uniform').valueBytes(0, random));
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([1, 1000]);
  });

  test('a shift comes at half of the stores, a late one at half of the bytes', () => {
    const sizes = (name: string): number[] => {
      const drawn: number[] = [];
      for (let sum = 0; sum < 102_000; sum += 10 + (drawn.at(-1) as number)) {
        drawn.push(distributionNamed(name).valueBytes(sum / 102_000, new Random(1)));
      }
      return drawn;
    };
    const shift = sizes('shift100');
    expect([shift.length, shift.indexOf(900)]).toEqual([200, 100]);
    expect(sizes('late100').indexOf(900)).toBe(Math.ceil(51_000 / 110));
  });
});

describe('recency', () => {
  function recencyOf(order: readonly number[], keys: number): Recency {
    const recency = new Recency(keys);
    for (const key of order) recency.use(key, recency.nextStamp());
    return recency;
  }

  test('survivors that are the most recently used are exact LRU', () => {
    const recency = recencyOf([0, 1, 2, 3, 4, 0], 5);
    expect(recency.exactLruShare(Uint8Array.from([1, 0, 0, 1, 1]))).toBe(1);
  });

  test('a survivor that an exact LRU would have dropped lowers the share', () => {
    const recency = recencyOf([0, 1, 2, 3], 4);
    expect(recency.exactLruShare(Uint8Array.from([1, 0, 0, 1]))).toBe(0.5);
  });

  test('keys that were never used are ignored, an older stamp does not count', () => {
    const recency = new Recency(10);
    recency.use(0, 5);
    recency.use(0, 3);
    recency.use(1, 4);
    expect(recency.exactLruShare(Uint8Array.from([1, 0]))).toBe(1);
  });
});

test('live keys are added, removed and picked', () => {
  const live = new LiveKeys(10);
  for (const key of [3, 5, 7]) live.add(key);
  live.remove(3);
  live.remove(3);
  live.remove(9);
  expect(live.count).toBe(2);
  const random = new Random(1);
  const picked = new Set(Array.from({ length: 100 }, () => live.pick(random)));
  expect([...picked].sort()).toEqual([5, 7]);
});

describe('the scanner', () => {
  const STREAM =
    'VALUE k000000012 0 3\r\nxxx\r\nVALUE k000000013 7 0\r\n\r\nEND\r\nEND\r\nSTAT evictions 5\r\nEND\r\n' +
    'SERVER_ERROR out of memory\r\nVERSION 1.6\r\n';
  const SEEN = ['12:3', '13:0', 'evictions=5', 'SERVER_ERROR out of memory', 'end'];

  function scan(pieces: readonly Buffer[]): string[] {
    const seen: string[] = [];
    const listener: ReplyListener = {
      onHit: (key, valueBytes) => seen.push(`${key}:${valueBytes}`),
      onStat: (name, value) => seen.push(`${name}=${value}`),
      onBatchEnd: () => seen.push('end'),
      onError: (line) => seen.push(line),
    };
    const scanner = new ReplyScanner(listener);
    for (const piece of pieces) scanner.take(piece);
    return seen;
  }

  test('distinguishes hits, statistics, errors and the end of a batch', () => {
    expect(scan([Buffer.from(STREAM)])).toEqual(SEEN);
  });

  test('sees the same when the stream is cut at any byte', () => {
    const bytes = Buffer.from(STREAM);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(scan([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(SEEN);
    }
  });
});

test("a batch is text in the protocol's format", () => {
  const batch = new Batch();
  batch.set(7, 2);
  batch.get(2, (index) => index + 41);
  expect(batch.finish().toString()).toBe(
    'set k000000007 0 0 2 noreply\r\nxx\r\nget k000000041 k000000042\r\nversion\r\n',
  );
});

test('evictions by each store of our own stay within what they are allowed', () => {
  const distribution = distributionNamed('uniform');
  const result = measureEvictions({ distribution, order: 'gets', limitBytes: 2 ** 20, times: 3 });
  expect(result.refused).toBe(0);
  expect(result.mostEvicted).toBeGreaterThan(0);
  expect(evictionVerdict(result).measured).toBeLessThanOrEqual(1);
});
