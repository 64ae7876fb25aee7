// The Bloom filter: each method and edge, what goes wrong in other filters, random calls against a set, and its errors against theory.

import { describe, expect, test } from 'vitest';
import type { TestCache } from '../../src/app/testing/test-cache.js';
import { checkStore } from '../store/checker.js';
import { leastMs } from './calls-in-bulk.js';
import { Choices, cacheWith, evictAll, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 4000;
const FILE = 'plugins/bloom.ts';
const LIST = 1000;
const LARGE = isLong ? 1_000_000 : 100_000;

/** The results of `method` for members with numbers from `from` on. */
async function inLists(cache: TestCache, method: string, key: string, from: number, count: number): Promise<number[]> {
  const results: number[] = [];
  for (let at = from; at < from + count; at += LIST) {
    const members = Array.from({ length: Math.min(LIST, from + count - at) }, (_, index) => `member${at + index}`);
    const reply = (await cache.call(`bloom:${method}:${key}`, JSON.stringify(members))) as string;
    results.push(...reply.split(' ').map(Number));
  }
  return results;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The share of members that were not added and are found all the same. */
async function falsePositives(cache: TestCache, key: string, asked: number): Promise<number> {
  return sum(await inLists(cache, 'hasall', key, 50_000_000, asked)) / asked;
}

test('a filter agrees with a set on random calls, but for the error that was asked for', async () => {
  using cache = await cacheWith(FILE);
  const choices = new Choices(7);
  const added = new Set<string>();
  let [asked, wrong] = [0, 0];
  await cache.call('bloom:new:b:100:0.02');
  for (let call = 0; call < CALLS; call++) {
    const member = `m${choices.below(CALLS)}`;
    const method = choices.oneIn(3) ? 'add' : 'has';
    const reply = Number(await cache.call(`bloom:${method}:b:${member}`));
    const expected = added.has(member) === (method === 'has') ? 1 : 0;
    if (added.has(member)) expect([call, method, member, reply]).toEqual([call, method, member, expected]);
    else {
      asked++;
      if (reply !== expected) wrong++;
    }
    if (method === 'add') added.add(member);
  }
  expect(wrong / asked).toBeLessThan(0.02 * 1.2);
  checkStore(cache.parts.store);
});

describe('bloom', () => {
  test('says of each member whether it is new', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['bloom:has:b:ann', '0'],
      ['bloom:info:b', 'INFO 0 0 0 0 0'],
      ['bloom:new:b:1000:0.01:none', 'CREATED 1231'],
      ['bloom:has:b:ann', '0'],
      ['bloom:add:b:ann', '1'],
      ['bloom:add:b:ann', '0'],
      ['bloom:has:b:ann', '1'],
      ['bloom:has:b:bob', '0'],
      ['bloom:addall:b:["ann","bob","bob"]', '0 1 0'],
      ['bloom:hasall:b:["ann","bob","cid"]', '1 1 0'],
      ['bloom:info:b', 'INFO 1000 2 1 1231 1.4e-20'],
      ['bloom:add:b:with:colons', '1'],
      ['bloom:has:b:with', '0'],
      ['bloom:has:b:with:colons', '1'],
    ]);
  });

  test('is made on first use, for a thousand members at one percent, and grows', async () => {
    using cache = await cacheWith(FILE);
    expect(await cache.call('bloom:add:b:ann')).toBe('1');
    expect(await cache.call('bloom:info:b')).toMatch(/^INFO 1000 1 1 1411 /);
    expect(await cache.call('bloom:addall:c:[]')).toBe('');
    expect(cache.object('bloom', 'c')).toBe(undefined);
  });

  test('refuses an error below what its hashes can tell apart, and grows with the least that it takes', async () => {
    using cache = await cacheWith(FILE);
    await expect(cache.call('bloom:new:b:1:1e-100')).rejects.toThrow('error must be >= 1e-18');
    expect(await cache.call('bloom:new:b:1:1e-18')).toMatch(/^CREATED /);
    for (let member = 0; member < 5000; member++) await cache.call(`bloom:add:b:${member}`);
    expect(await cache.call('bloom:info:b')).toMatch(/^INFO 8191 5000 13 /);
  });

  test('errs no more often than asked when it is small', async () => {
    using cache = await cacheWith(FILE);
    let found = 0;
    for (let filter = 0; filter < 40; filter++) {
      await cache.call(`bloom:new:b${filter}:10:0.0001:none`);
      const members = Array.from({ length: 10 }, (_, index) => `in${filter}.${index}`);
      await cache.call(`bloom:addall:b${filter}`, JSON.stringify(members));
      for (let part = 0; part < 5; part++) {
        const others = Array.from({ length: 1000 }, (_, index) => `out${filter}.${part}.${index}`);
        found += (await cache.call(`bloom:hasall:b${filter}`, JSON.stringify(others)))?.split('1').length ?? 0;
        found--;
      }
    }
    // 20 are expected of 200,000.
    expect(found).toBeLessThan(50);
  });

  test('replies FULL beyond the capacity without growth, and knows the members that it has', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['bloom:new:b:3:0.001:none', 'CREATED 38'],
      ['bloom:addall:b:["a","b","c","d","a"]', '1 1 1 FULL 0'],
      ['bloom:has:b:d', '0'],
    ]);
  });

  test('takes the bits that its error needs and no more: 9.59 a member at one percent, for one layer the whole error', async () => {
    using cache = await cacheWith(FILE);
    const bytes = Number(((await cache.call('bloom:new:b:100000:0.01:none')) as string).split(' ')[1]);
    expect((bytes * 8) / 100_000).toBeCloseTo(9.59, 1);
    const growing = Number(((await cache.call('bloom:new:c:100000:0.01')) as string).split(' ')[1]);
    expect((growing * 8) / 100_000).toBeCloseTo(9.59 * (1 + Math.log(0.5) / Math.log(0.01)), 1);
  });

  test.each([0.1, 0.01, 0.001])(
    'finds at its capacity at most 1.2 times the share %d of others, and at least half of it',
    async (error) => {
      using cache = await cacheWith(FILE);
      await cache.call(`bloom:new:b:${LARGE}:${error}:none`);
      await inLists(cache, 'addall', 'b', 0, LARGE);
      expect(sum(await inLists(cache, 'hasall', 'b', 0, LARGE))).toBe(LARGE);
      const found = await falsePositives(cache, 'b', LARGE);
      expect(found).toBeLessThan(error * 1.2);
      expect(found).toBeGreaterThan(error * 0.5);
      const told = Number(((await cache.call('bloom:info:b')) as string).split(' ')[5]);
      expect(told / error).toBeGreaterThan(0.9);
      expect(told / error).toBeLessThan(1.1);
    },
  );

  test('stays below its error in all layers together when it grows', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('bloom:new:b:1000:0.02');
    await inLists(cache, 'addall', 'b', 0, 30_000);
    expect(sum(await inLists(cache, 'hasall', 'b', 0, 30_000))).toBe(30_000);
    expect(await falsePositives(cache, 'b', 50_000)).toBeLessThan(0.02);
    expect(await cache.call('bloom:info:b')).toMatch(/^INFO 31000 29\d\d\d 5 /);
  });

  test('tells members apart of which half of the hash is the same', async () => {
    using cache = await cacheWith(FILE);
    // A filter whose bits were chosen by 32 bits of the hash would find one in 4300 of a million members more, whatever its size.
    await cache.call(`bloom:new:b:${LARGE}:0.000001:none`);
    await inLists(cache, 'addall', 'b', 0, LARGE);
    expect(await falsePositives(cache, 'b', LARGE)).toBeLessThan(0.00002);
  });

  test('refuses a filter beyond the memory, with the bytes that it needs', async () => {
    using cache = await cacheWith(FILE);
    await expect(cache.call('bloom:new:b:10000000')).rejects.toThrow(
      /^CLIENT_ERROR bloom:new: a byte array of 137\d{5} bytes takes more than half of the memory, 8388608 bytes$/,
    );
    await expect(cache.call('bloom:new:b:0')).rejects.toThrow('capacity');
    await expect(cache.call('bloom:new:b:10:0')).rejects.toThrow('error');
    await expect(cache.call('bloom:new:b:10:1')).rejects.toThrow('error');
    await expect(cache.call('bloom:new:b:10:0.1:3')).rejects.toThrow('growth');
    await expect(cache.call('bloom:new:b:10:0.1:2:2')).rejects.toThrow('generations and gen_ms belong together');
    await expect(cache.call('bloom:new:b:10:0.1:2:1:1000')).rejects.toThrow('generations and gen_ms belong together');
    expect(cache.object('bloom', 'b')).toBe(undefined);
  });

  test('forgets members with their generation, and remembers those longer that come again', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['bloom:new:b:100:0.01:2:2:1000', 'CREATED 188'],
      ['bloom:add:b:ann', '1'],
      { advance: 900 },
      ['bloom:add:b:bob', '1'],
      { advance: 200 },
      ['bloom:has:b:ann', '1'],
      ['bloom:add:b:ann', '0'],
      ['bloom:add:b:cid', '1'],
      { advance: 899 },
      ['bloom:hasall:b:["ann","bob","cid"]', '1 1 1'],
      { advance: 1 },
      ['bloom:hasall:b:["ann","bob","cid"]', '1 0 1'],
      ['bloom:add:b:bob', '1'],
      { advance: 1000 },
      ['bloom:hasall:b:["ann","bob","cid"]', '0 1 0'],
      { advance: 100_000 },
      ['bloom:hasall:b:["ann","bob","cid"]', '0 0 0'],
      ['bloom:add:b:bob', '1'],
    ]);
    expect(await cache.call('bloom:info:b')).toMatch(/^INFO 100 1 1 /);
  });

  test('shares its error among its generations, of which each may grow', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('bloom:new:b:1000:0.02:2:3:1000');
    for (let generation = 0; generation < 3; generation++) {
      await inLists(cache, 'addall', 'b', generation * 3000, 3000);
      if (generation < 2) cache.advance(1000);
    }
    expect(sum(await inLists(cache, 'hasall', 'b', 0, 9000))).toBe(9000);
    expect(await falsePositives(cache, 'b', 50_000)).toBeLessThan(0.02);
    cache.advance(1000);
    expect(sum(await inLists(cache, 'hasall', 'b', 3000, 6000))).toBe(6000);
    expect(sum(await inLists(cache, 'hasall', 'b', 0, 3000)) / 3000).toBeLessThan(0.02);
  });

  test('begins a generation as large as the last one had to become, and smaller again after one with few members', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('bloom:new:b:100:0.01:2:2:1000');
    const generation = async (members: number): Promise<string> => {
      await inLists(cache, 'addall', 'b', 0, members);
      cache.advance(100_000);
      await cache.call('bloom:add:b:first');
      return ((await cache.call('bloom:info:b')) as string).split(' ').slice(1, 4).join(' ');
    };
    expect(await generation(650)).toBe('400 1 1');
    expect(await generation(350)).toBe('400 1 1');
    expect(await generation(150)).toBe('200 1 1');
    expect(await generation(1)).toBe('100 1 1');
  });

  test('refuses lists that are too long for a filter of many layers', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('bloom:new:b:1:0.01:2:32:1000');
    // Each generation with few members lets the next one begin small.
    for (let generation = 0; generation < 32; generation++) {
      if (generation > 0) cache.advance(1000);
      if (generation % 2 === 0)
        for (let from = 0; from < 500; from += 100) await inLists(cache, 'addall', 'b', from, 100);
      else await cache.call('bloom:add:b:one');
    }
    const layers = Number(((await cache.call('bloom:info:b')) as string).split(' ')[3]);
    const most = Math.floor(24_000 / (layers + 21));
    expect(most).toBeLessThan(1000);
    await expect(inLists(cache, 'hasall', 'b', 0, 1000)).rejects.toThrow(
      `at most ${most} members at a time, since the filter has ${layers} layers and sets 21 bits for a member`,
    );
    expect(await inLists(cache, 'hasall', 'b', 0, most)).toHaveLength(most);
  });

  test('does not notice that the date of the machine is set', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('bloom:new:b:100:0.01:2:2:1000');
    await cache.call('bloom:add:b:ann');
    cache.setUnixTime(1_900_000_000);
    expect(await cache.call('bloom:has:b:ann')).toBe('1');
    cache.setUnixTime(1_500_000_000);
    expect(await cache.call('bloom:add:b:ann')).toBe('0');
  });

  test('is left as it was by a call that ends at any step', async () => {
    using cache = await cacheWith(FILE);
    expect((await cache.killAtEachStep('bloom:add:b:ann')).value).toBe('1');
    await cache.call('bloom:new:b:2:0.01:2:2:1000');
    await cache.call('bloom:addall:b:["a","b"]');
    expect((await cache.killAtEachStep('bloom:add:b:c')).value).toBe('1');
    cache.advance(1500);
    expect((await cache.killAtEachStep('bloom:add:b:d')).value).toBe('1');
    checkStore(cache.parts.store);
  });

  test('starts anew when it was evicted', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('bloom:add:b:ann');
    await evictAll(cache);
    expect(await cache.call('bloom:add:b:ann')).toBe('1');
  });

  test('takes as many steps for a member among a million as among a thousand, and less than a millisecond', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 64 });
    await cache.call('bloom:new:small:1000:0.01:none');
    await cache.call('bloom:new:large:1000000:0.01:none');
    await inLists(cache, 'addall', 'large', 0, LARGE);
    await cache.call('bloom:add:small:new');
    const { steps } = cache.last;
    await cache.call('bloom:add:large:new');
    expect(Math.abs(cache.last.steps - steps)).toBeLessThan(10);
    expect(await leastMs(cache, 20, (index) => `bloom:add:large:more${index}`)).toBeLessThan(1);
  });
});
