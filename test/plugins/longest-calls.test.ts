// The longest call of any type that ships takes at most 10 ms of CPU time: each method on objects that are as large as they may be, or, without
// LONG_TESTS, a part of that. A call is made some times, and the least counts, because the machine does other things too.

import { describe, expect, test } from 'vitest';
import { leastMs } from './calls-in-bulk.js';
import { LARGE_OBJECTS } from './large-objects.js';
import { cacheWith } from './models.js';
import { SHIPPED } from './shipped-types.js';

const MOST_MS = 10;
/** Other processes compete for the caches and the memory of the same machine, which makes a call take more CPU time: up to 1.5 times as much
    at ten processes for each processor. */
const BUSY = 2;
const ATTEMPTS = 5;

test.each(Object.entries(SHIPPED))('every method of %s is measured', (name, type) => {
  const calls = LARGE_OBJECTS.filter((object) => object.type === name).flatMap((object) => object.calls);
  const measured = calls.map((call) => [call(0)].flat()[0].split(':')[0]);
  expect(Object.keys(type.methods).filter((method) => !measured.includes(method))).toEqual([]);
});

describe.each(LARGE_OBJECTS)('$type with $what', ({ type, megabytes, make, calls }) => {
  test('takes at most 10 ms for any call', async () => {
    using cache = await cacheWith(`plugins/${type}.ts`, { 'memory-limit': megabytes });
    await make(cache);
    const long: string[] = [];
    for (const call of calls) {
      const ms = await leastMs(cache, ATTEMPTS, (attempt) => {
        const made = call(attempt);
        return typeof made === 'string' ? `${type}:${made}` : [`${type}:${made[0]}`, made[1]];
      });
      if (ms > BUSY * MOST_MS) long.push(`${[call(0)].flat()[0].slice(0, 60)}: ${ms.toFixed(1)} ms`);
    }
    expect(long).toEqual([]);
  });
});
