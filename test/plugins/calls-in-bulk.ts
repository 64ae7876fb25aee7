// Objects of the types that ship with very many members: made by pipelines of requests, and the CPU time of calls on them.

import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { threadTime } from '../../src/base/thread-time.js';

const REQUESTS_AT_A_TIME = 500;

/** Makes `count` calls, whose results are not looked at. */
export async function callMany(cache: CacheInProcess, count: number, key: (index: number) => string): Promise<void> {
  for (let from = 0; from < count; from += REQUESTS_AT_A_TIME) {
    let requests = '';
    for (let index = from; index < Math.min(count, from + REQUESTS_AT_A_TIME); index++) {
      requests += `get ${key(index)}\r\n`;
    }
    await cache.send(requests);
  }
}

/** Milliseconds of CPU time of a call: the least of some, since the machine does other things too. */
export async function leastMs(cache: CacheInProcess, calls: number, key: (index: number) => string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < calls; index++) {
    const text = key(index);
    const startMs = threadTime.cpuMs();
    await cache.call(text);
    least = Math.min(least, threadTime.cpuMs() - startMs);
  }
  return least;
}
