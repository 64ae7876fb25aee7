// The cache as it is built, for tests of time: the bundle treats constants of other modules as constants, which vitest looks up at each use, so
// that the same call takes up to seven times as long there.

import type { TestCache, TestCacheOptions } from '../../src/app/testing/test-cache.js';
import { AMPLE_MS } from '../objects/ample-time.js';
import { ROOT } from './models.js';

/** What package.json exports as `cacheismo/testing`. */
interface Kit {
  createTestCache(options: TestCacheOptions): Promise<TestCache>;
}

const KIT = `${ROOT}dist/bundle/testing.js`;

/** A cache that serves the given file, such as `plugins/gcra.ts`, whatever else ships. */
export async function builtCacheWith(
  file: string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<TestCache & Disposable> {
  const { createTestCache } = (await import(KIT)) as Kit;
  const cache = await createTestCache({ types: [ROOT + file], config: { 'call-milliseconds': AMPLE_MS, ...config } });
  return Object.assign(cache, { [Symbol.dispose]: () => cache.close() });
}
