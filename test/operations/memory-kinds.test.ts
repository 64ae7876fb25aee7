// What operators see of the memory by kind: the estimate for objects, and how scattered the free memory is.

import { expect, test } from 'vitest';
import { createTestCache, type TestCache } from '../../src/app/testing/testing.js';

async function figure(cache: TestCache, topic: string, name: string): Promise<number> {
  const rows = await cache.send(`stats${topic === '' ? '' : ` ${topic}`}\r\n`);
  return Number(new RegExp(`^STAT ${name} (\\S+)`, 'm').exec(rows)?.[1]);
}

async function fill(cache: TestCache, plain: number, objects: number): Promise<void> {
  for (let number = 0; number < Math.max(plain, objects); number++) {
    if (number < plain) await cache.send(`set p${number} 0 0 1000\r\n${'x'.repeat(1000)}\r\n`);
    if (number >= objects) continue;
    await cache.call(`set:new:o${number}`);
    for (let member = 0; member < 10; member++) await cache.call(`set:put:o${number}:${'m'.repeat(90)}${member}`);
  }
}

test.each([
  ['few items, all of which are counted', 40, 40, 0.02],
  ['many items, of which a sample is taken', 3000, 3000, 0.12],
])('object_bytes is the part of the memory that objects take: %s', async (_case, plain, objects, tolerance) => {
  const cache = await createTestCache({ types: ['scripts/set.lua'] });
  await fill(cache, plain, objects);
  const all = await figure(cache, '', 'bytes');
  const estimates: number[] = [];
  for (let attempt = 0; attempt < 5; attempt++) estimates.push(await figure(cache, 'objects', 'object_bytes'));
  const median = estimates.sort((one, other) => one - other)[2];
  await cache.send('flush_all\r\n');
  await fill(cache, plain, 0);
  const withoutObjects = await figure(cache, '', 'bytes');
  expect(Math.abs(median - (all - withoutObjects)) / all).toBeLessThan(tolerance);
  expect(await figure(cache, 'objects', 'object_bytes')).toBe(0);
  cache.close();
});

test('a large object counts whole, however small the sample is', async () => {
  const cache = await createTestCache({ types: ['scripts/set.lua'] });
  await fill(cache, 2000, 0);
  await cache.call('set:new:large');
  for (let member = 0; member < 3000; member++) await cache.call(`set:put:large:member-${member}`);
  const big = Number(/^STAT 1:bytes (\d+)/m.exec(await cache.send('stats bigkeys\r\n'))?.[1]);
  expect(big).toBeGreaterThan(50_000);
  expect(await figure(cache, 'objects', 'object_bytes')).toBe(big);
  cache.close();
});

test('scattered_bytes is free memory between items, not that at the end', async () => {
  const cache = await createTestCache({ types: ['scripts/set.lua'] });
  expect(await figure(cache, 'arena', 'scattered_bytes')).toBeLessThan(2048);
  await fill(cache, 2000, 0);
  expect(await figure(cache, 'arena', 'scattered_bytes')).toBeLessThan(4096);
  for (let number = 0; number < 2000; number += 2) await cache.send(`delete p${number}\r\n`);
  expect(await figure(cache, 'arena', 'scattered_bytes')).toBeGreaterThan(900_000);
  for (let number = 1; number < 2000; number += 2) await cache.send(`delete p${number}\r\n`);
  expect(await figure(cache, 'arena', 'scattered_bytes')).toBeLessThan(4096);
  cache.close();
});
