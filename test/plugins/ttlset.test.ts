// The set whose members end by themselves: against a map, its edges, and very many members that end at one instant.

import { describe, expect, test } from 'vitest';
import { checkStore } from '../store/checker.js';
import { callMany, leastMs } from './calls-in-bulk.js';
import { Choices, cacheWith, evictAll, passTime, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 2000;
const MEMBERS = isLong ? 100_000 : 20_000;
const FILE = 'plugins/ttlset.ts';

describe('ttlset', () => {
  test('agrees with a map on random calls, while the date of the machine moves', async () => {
    using cache = await cacheWith(FILE);
    const choices = new Choices(5);
    const ends = new Map<string, number>();
    let now = 0;
    await cache.call('ttlset:add:k:first:1000000000');
    ends.set('first', 1_000_000_000);
    for (let call = 0; call < CALLS; call++) {
      now += passTime(cache, choices, choices.of([3, 30, 300]));
      for (const [member, end] of ends) if (end <= now) ends.delete(member);
      const member = `m${choices.below(30)}`;
      if (choices.oneIn(4)) {
        const removed = ends.delete(member) ? 1 : 0;
        expect([call, await cache.call(`ttlset:remove:k:${member}`)]).toEqual([call, `OK ${removed}`]);
      } else if (choices.oneIn(3)) {
        const left = Math.max(0, (ends.get(member) ?? 0) - now);
        expect([call, await cache.call(`ttlset:has:k:${member}`)]).toEqual([call, String(left)]);
      } else {
        const ms = choices.of([1, 100, 1000]);
        ends.set(member, now + ms);
        expect([call, await cache.call(`ttlset:add:k:${member}:${ms}`)]).toEqual([call, `OK ${ends.size}`]);
      }
      expect([call, await cache.call('ttlset:count:k')]).toEqual([call, String(ends.size)]);
      const members = ((await cache.call('ttlset:members:k')) as string).split('\r\n').slice(0, -1);
      expect(members.sort()).toEqual([...ends.keys()].sort());
    }
    checkStore(cache.parts.store);
  });

  test('expires with its last member, not before', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['ttlset:add:k:a:5000', 'OK 1'],
      ['ttlset:add:k:b:100', 'OK 2'],
      { advance: 4999 },
      ['ttlset:has:k:a', '1'],
      { advance: 1 },
      ['ttlset:count:k', '0'],
      { advance: 2000 },
      ['ttlset:count:k', undefined],
    ]);
  });

  test('counts a time from the last add, which may also shorten it', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['ttlset:add:k:a:5000', 'OK 1'],
      { advance: 4000 },
      ['ttlset:add:k:a:3000', 'OK 1'],
      ['ttlset:has:k:a', '3000'],
      ['ttlset:add:k:a:10', 'OK 1'],
      ['ttlset:has:k:a', '10'],
    ]);
  });

  test('is a miss after its eviction, and the next add makes it', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 8 });
    await cache.call('ttlset:add:k:a:500000');
    await evictAll(cache);
    expect(await cache.call('ttlset:count:k')).toBeUndefined();
    expect(await cache.call('ttlset:add:k:b:500000')).toBe('OK 1');
  });

  test('is unchanged by calls that are ended at any step', async () => {
    using cache = await cacheWith(FILE);
    await cache.killAtEachStep('ttlset:add:k:a:50');
    await cache.killAtEachStep('ttlset:add:k:b:500');
    cache.advance(60);
    await cache.killAtEachStep('ttlset:add:k:c:500');
    await cache.killAtEachStep('ttlset:remove:k:b');
    checkStore(cache.parts.store);
  });

  test(`counts right when ${MEMBERS} members end at one instant, and drops a bounded number of them at a time`, async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 64 });
    await callMany(cache, MEMBERS, (index) => `ttlset:add:k:member${index}:1000`);
    expect(await cache.call('ttlset:count:k')).toBe(String(MEMBERS));
    cache.advance(1000);
    expect(await cache.call('ttlset:count:k')).toBe('0');
    expect(await leastMs(cache, 5, (index) => `ttlset:add:k:new${index}:5000`)).toBeLessThan(10);
    expect(await cache.call('ttlset:count:k')).toBe('5');
  });
});
