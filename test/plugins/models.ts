// What tests of the types that ship share: a cache with one of them, random steps that can be repeated, and the bytes of an object. A model
// of a type is in the type's own test.

import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import type { TestCache, TestCacheOptions } from '../../src/app/testing/test-cache.js';
import { Random } from '../../src/base/random.js';
import { AMPLE_MS } from '../objects/ample-time.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What package.json exports as `cacheismo/testing`. */
interface Kit {
  createTestCache(options: TestCacheOptions): Promise<CacheInProcess>;
}

const KIT = `${ROOT}dist/bundle/testing.js`;

/** The cache as it is built: the bundle treats constants of other modules as constants, which vitest looks up at each use, so that the same call
    takes up to seven times as long there. */
export async function builtCache(options: TestCacheOptions): Promise<CacheInProcess> {
  const { createTestCache } = (await import(KIT)) as Kit;
  return createTestCache(options);
}

/** A built cache that serves the given file, such as `plugins/gcra.ts`, whatever else ships. */
export function cacheWith(file: string, config: Readonly<Record<string, unknown>> = {}): Promise<CacheInProcess> {
  return builtCache({ types: [ROOT + file], config: { 'call-milliseconds': AMPLE_MS, ...config } });
}

/** The same choices for the same seed. */
export class Choices {
  readonly #random = new Random();

  constructor(seed: number) {
    this.#random.seed(seed, 0);
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return Math.floor(this.#random.fraction() * end);
  }

  /** With a probability of one in `n`. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }
}

/** Lets time pass; now and then the machine's date is set back or forth, which nothing may notice. */
export function passTime(cache: CacheInProcess, choices: Choices, longestMs: number): number {
  if (choices.oneIn(4)) cache.setUnixTime(1_700_000_000 + choices.below(100_000_000));
  const ms = choices.oneIn(3) ? 0 : choices.below(longestMs + 1);
  cache.advance(ms);
  return ms;
}

/** Bytes of the limit that an object takes, with its key and its share of the index: the mean of many with keys of 10 bytes. */
export async function bytesOfObject(
  cache: CacheInProcess,
  make: (key: string) => Promise<unknown>,
  objects = 4000,
): Promise<number> {
  const { store } = cache.parts;
  const before = store.usedBytes;
  for (let index = 0; index < objects; index++) await make(`user${String(index).padStart(6, '0')}`);
  return (store.usedBytes - before) / objects;
}

/** Evicts all objects that are there, by storing as many plain values as fit. */
export async function evictAll(cache: CacheInProcess): Promise<void> {
  const value = 'x'.repeat(100_000);
  for (let stored = 0; stored < 2 * cache.parts.store.limitBytes; stored += value.length) {
    await cache.send(`set filling${stored} 0 0 ${value.length}\r\n${value}\r\n`);
  }
}

/** Makes calls in turn and compares each result with the expected one. */
export async function play(
  cache: TestCache,
  steps: readonly (readonly [call: string, result: string | undefined] | { readonly advance: number })[],
): Promise<void> {
  for (const step of steps) {
    if ('advance' in step) cache.advance(step.advance);
    else expect([step[0], await cache.call(step[0])]).toEqual(step);
  }
}
