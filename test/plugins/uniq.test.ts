// Unique counting: each method and edge, what goes wrong in other counters, random calls against sets, and its errors against theory.

import { describe, expect, test } from 'vitest';
import { estimate, folded, ranksOf, standardError } from '../../plugins/lib/estimate.js';
import { type Hash, rankOf, registerOf, SparseCursor, sparseOf, withRegister } from '../../plugins/lib/sketch.js';
import type { TestCache } from '../../src/app/testing/test-cache.js';
import { checkStore } from '../store/checker.js';
import { callMany, leastMs } from './calls-in-bulk.js';
import { bytesOfObject, Choices, cacheWith, evictAll, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 1500;
const FILE = 'plugins/uniq.ts';
const LIST = 1000;

async function addMembers(cache: TestCache, key: string, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += LIST) {
    const members = Array.from({ length: Math.min(LIST, from + count - at) }, (_, index) => `member${at + index}`);
    await cache.call(`uniq:addall:${key}`, JSON.stringify(members));
  }
}

async function numberOf(cache: TestCache, call: string): Promise<number> {
  return Number(await cache.call(call));
}

function hashFrom(choices: Choices): Hash {
  return [choices.below(2 ** 32), choices.below(2 ** 32)];
}

function registersWith(hashes: Iterable<Hash>, precision: number): Uint8Array {
  const registers = new Uint8Array(2 ** precision);
  for (const hash of hashes) {
    const register = registerOf(hash, precision);
    registers[register] = Math.max(registers[register], rankOf(hash, precision));
  }
  return registers;
}

describe('registers', () => {
  test.each([100, 1000, 10_000, 100_000, ...(isLong ? [1_000_000, 10_000_000] : [])])(
    'estimate %i members within 1.2 times the standard error, and without a bias',
    (members) => {
      const precision = 10;
      const rounds = members < 10_000 ? 200 : isLong ? 100 : 40;
      const choices = new Choices(members);
      const errors = Array.from({ length: rounds }, () => {
        const registers = new Uint8Array(2 ** precision);
        for (let member = 0; member < members; member++) {
          const hash = hashFrom(choices);
          const register = registerOf(hash, precision);
          const rank = rankOf(hash, precision);
          if (registers[register] < rank) registers[register] = rank;
        }
        return estimate(ranksOf(registers), precision) / members - 1;
      });
      const mean = errors.reduce((total, error) => total + error, 0) / rounds;
      const square = Math.sqrt(errors.reduce((total, error) => total + error ** 2, 0) / rounds);
      expect(square).toBeLessThan(1.2 * standardError(precision));
      expect(Math.abs(mean)).toBeLessThan((3 * standardError(precision)) / Math.sqrt(rounds));
    },
  );

  test('have the rank of a hash from its first bit after the register to beyond its last', () => {
    expect([registerOf([0xffff_ffff, 0], 14), rankOf([0xffff_ffff, 0], 14)]).toEqual([16_383, 1]);
    expect([registerOf([0x0004_0000, 0], 14), rankOf([0x0004_0000, 0], 14)]).toEqual([1, 51]);
    expect(rankOf([0x0002_0000, 0], 14)).toBe(1);
    expect(rankOf([1, 0], 14)).toBe(18);
    expect(rankOf([0, 0x8000_0000], 14)).toBe(19);
    expect(rankOf([0, 1], 14)).toBe(50);
    expect(rankOf([0, 0], 4)).toBe(61);
    expect(estimate(ranksOf(new Uint8Array(16)), 4)).toBe(0);
    expect(estimate(ranksOf(new Uint8Array(16).fill(61)), 4)).toBe(Number.POSITIVE_INFINITY);
  });

  test('of a lower precision are those that its hashes have', () => {
    const choices = new Choices(3);
    // Many zeros, so that the bits that no longer choose the register decide.
    const hashes = Array.from({ length: 5000 }, (): Hash => {
      const [high, low] = hashFrom(choices);
      return [high >>> choices.below(20), choices.oneIn(9) ? 0 : low];
    });
    for (const [from, to] of [
      [18, 17],
      [18, 4],
      [14, 12],
      [5, 4],
      [9, 9],
    ]) {
      expect(folded(registersWith(hashes, from), from, to)).toEqual(registersWith(hashes, to));
    }
  });

  test('are the same as a text, whatever the order in which they are set', () => {
    const choices = new Choices(5);
    for (const range of [40, 3000, 262_144]) {
      const registers = new Uint8Array(range);
      let text = '';
      for (let turn = 0; turn < 600; turn++) {
        const register = choices.below(range);
        const rank = 1 + choices.below(choices.oneIn(4) ? 60 : 5);
        const before = text;
        text = withRegister(text, register, rank);
        if (rank <= registers[register]) expect(text).toBe(before);
        registers[register] = Math.max(registers[register], rank);
      }
      expect(text).toBe(sparseOf(registers));
      const read = new Uint8Array(range);
      for (const cursor = new SparseCursor(text); cursor.next(); ) read[cursor.register] = cursor.rank;
      expect(read).toEqual(registers);
    }
  });
});

test('counters agree with sets on random calls, exactly up to 256 members and then but for the error', async () => {
  using cache = await cacheWith(FILE);
  const choices = new Choices(11);
  const sets = new Map<string, Set<number>>();
  const setOf = (key: string): Set<number> => {
    const set = sets.get(key) ?? new Set();
    sets.set(key, set);
    return set;
  };
  const agrees = (found: number, members: number, place: unknown[]) => {
    if (members <= 256) expect([...place, found]).toEqual([...place, members]);
    // Six standard errors.
    else expect([...place, Math.abs(found / members - 1) < 0.05]).toEqual([...place, true]);
  };
  for (let call = 0; call < CALLS; call++) {
    const key = choices.of(['a', 'b', 'c']);
    const other = choices.of(['a', 'b', 'c', 'none']);
    const set = setOf(key);
    const kind = choices.below(10);
    if (kind < 5) {
      const member = choices.below(choices.oneIn(2) ? 200 : 4000);
      const isNew = !set.has(member);
      set.add(member);
      const reply = await cache.call(`uniq:add:${key}:${member}`);
      if (!isNew || set.size <= 256) expect([call, reply]).toEqual([call, isNew ? '1' : '0']);
    } else if (kind < 7) {
      const from = choices.below(4000);
      const members = Array.from({ length: choices.below(40) }, (_, index) => from + index);
      for (const member of members) set.add(member);
      await cache.call(`uniq:addall:${key}`, JSON.stringify(members.map(String)));
    } else if (kind === 7) {
      const union = new Set([...set, ...setOf(other)]);
      agrees(await numberOf(cache, `uniq:union:${key}:${other}`), union.size, [call, 'union']);
    } else if (set.size > 0 && kind === 8 && choices.oneIn(10)) {
      for (const member of setOf(other)) set.add(member);
      const [word, count] = ((await cache.call(`uniq:merge:${key}:${other}`)) as string).split(' ');
      expect(word).toBe('OK');
      agrees(Number(count), set.size, [call, 'merge']);
    } else agrees(await numberOf(cache, `uniq:count:${key}`), set.size, [call, 'count']);
    if (kind === 9 && choices.oneIn(60)) {
      await cache.send(`delete uniq$${key}\r\n`);
      sets.delete(key);
    }
  }
  checkStore(cache.parts.store);
});

describe('uniq', () => {
  test('counts members once', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['uniq:count:u', '0'],
      ['uniq:info:u', 'EXACT 0 0'],
      ['uniq:union:u:v', '0'],
      ['uniq:add:u:ann', '1'],
      ['uniq:add:u:ann', '0'],
      ['uniq:addall:u:["ann","bob"]', '1'],
      ['uniq:addall:u:["ann","bob"]', '0'],
      ['uniq:addall:u:[]', '0'],
      ['uniq:count:u', '2'],
      ['uniq:add:u:with:colons', '1'],
      ['uniq:count:u', '3'],
      ['uniq:info:u', 'EXACT 25 0'],
      ['uniq:new:u', 'CREATED'],
      ['uniq:count:u', '0'],
      ['uniq:info:u', 'EXACT 0 0'],
    ]);
  });

  test('is exact up to 256 members, and does not jump where its form changes', async () => {
    using cache = await cacheWith(FILE);
    let before = 0;
    const forms = new Set<string>();
    for (let members = 1; members <= 4000; members++) {
      await cache.call(`uniq:add:u:member${members}`);
      const count = await numberOf(cache, 'uniq:count:u');
      if (members <= 256) expect(count).toBe(members);
      if (members > 257) expect(Math.abs(count - before)).toBeLessThanOrEqual(3);
      before = count;
      forms.add(((await cache.call('uniq:info:u')) as string).split(' ')[0]);
    }
    expect([...forms]).toEqual(['EXACT', 'SPARSE', 'DENSE']);
    expect(await cache.call('uniq:info:u')).toBe('DENSE 12545 0.00813');
  });

  test.each([1000, 30_000, ...(isLong ? [1_000_000] : [])])('counts %i members but for the error', async (members) => {
    using cache = await cacheWith(FILE);
    await addMembers(cache, 'u', 0, members);
    expect(Math.abs((await numberOf(cache, 'uniq:count:u')) / members - 1)).toBeLessThan(3 * standardError(14));
  });

  test('takes at most 1,400 bytes for 1,000 members, with its key and its share of the index', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 64 });
    const members = JSON.stringify(Array.from({ length: 1000 }, (_, index) => `member${index}`));
    const bytes = await bytesOfObject(cache, (key) => cache.call(`uniq:addall:${key}`, members), isLong ? 4000 : 400);
    expect(bytes).toBeLessThanOrEqual(1400);
  });

  test('hashes alike on all servers, so that counters can be united', async () => {
    using one = await cacheWith(FILE);
    using other = await cacheWith(FILE);
    for (const cache of [one, other]) {
      await addMembers(cache, 'few', 0, 10);
      await addMembers(cache, 'some', 0, 1000);
      await addMembers(cache, 'many', 0, 5000);
    }
    for (const key of ['few', 'some', 'many']) expect(one.object('uniq', key)).toEqual(other.object('uniq', key));
  });

  test('of a union counts as one counter with all members, whatever the order', async () => {
    using cache = await cacheWith(FILE);
    for (const size of [100, 1500, 5000]) {
      await addMembers(cache, `a${size}`, 0, size);
      await addMembers(cache, `b${size}`, size / 2, size);
      await addMembers(cache, `both${size}`, 0, size * 1.5);
      const wanted = await cache.call(`uniq:count:both${size}`);
      expect(await cache.call(`uniq:union:a${size}:b${size}`)).toBe(wanted);
      expect(await cache.call(`uniq:union:b${size}:a${size},none,b${size}`)).toBe(wanted);
      expect(await cache.call(`uniq:merge:new${size}:a${size},b${size}`)).toBe(`OK ${wanted}`);
      expect(cache.object('uniq', `new${size}`)).toEqual(cache.object('uniq', `both${size}`));
      expect(await cache.call(`uniq:merge:a${size}:b${size}`)).toBe(`OK ${wanted}`);
      expect(await cache.call(`uniq:count:a${size}`)).toBe(wanted);
    }
    checkStore(cache.parts.store);
  });

  test('of different precisions unites at the lower one', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('uniq:new:fine:16');
    await cache.call('uniq:new:coarse:10');
    await cache.call('uniq:new:all:10');
    await addMembers(cache, 'fine', 0, 20_000);
    await addMembers(cache, 'coarse', 10_000, 20_000);
    await addMembers(cache, 'all', 0, 30_000);
    const wanted = await cache.call('uniq:count:all');
    expect(await cache.call('uniq:union:fine:coarse')).toBe(wanted);
    expect(await cache.call('uniq:union:coarse:fine')).toBe(wanted);
    expect(await cache.call('uniq:merge:fine:coarse')).toBe(`OK ${wanted}`);
    expect(cache.object('uniq', 'fine')).toEqual(cache.object('uniq', 'all'));
    await addMembers(cache, 'fine', 30_000, 1000);
    await addMembers(cache, 'all', 30_000, 1000);
    expect(await cache.call('uniq:count:fine')).toBe(await cache.call('uniq:count:all'));
    checkStore(cache.parts.store);
  });

  test.each([4, 8, 12, 18])('works with a precision of %i', async (precision) => {
    using cache = await cacheWith(FILE);
    await cache.call(`uniq:new:u:${precision}`);
    await addMembers(cache, 'u', 0, 20_000);
    expect(Math.abs((await numberOf(cache, 'uniq:count:u')) / 20_000 - 1)).toBeLessThan(3 * standardError(precision));
    checkStore(cache.parts.store);
  });

  test('of an intersection tells the error, which is that of the whole', async () => {
    using cache = await cacheWith(FILE);
    await addMembers(cache, 'a', 0, 100);
    await addMembers(cache, 'b', 70, 100);
    expect(await cache.call('uniq:intersection:a:b')).toBe('OK 30 0');
    expect(await cache.call('uniq:intersection:a:none')).toBe('OK 0 0');
    await addMembers(cache, 'c', 0, 20_000);
    await addMembers(cache, 'd', 15_000, 20_000);
    const [, count, error] = ((await cache.call('uniq:intersection:c:d')) as string).split(' ').map(Number);
    expect(error).toBeGreaterThan(300);
    expect(Math.abs(count - 5000)).toBeLessThan(3 * error);
  });

  test('with windows counts what came lately, and forgets what came before all windows', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['uniq:new:u:14:3:1000', 'CREATED'],
      ['uniq:addall:u:["a","b"]', '1'],
      ['uniq:count:u', '2'],
      { advance: 1001 },
      ['uniq:addall:u:["b","c"]', '1'],
      ['uniq:count:u', '3'],
      ['uniq:count:u:1', '2'],
      ['uniq:count:u:1000', '3'],
      { advance: 1000 },
      ['uniq:add:u:d', '1'],
      ['uniq:count:u', '4'],
      { advance: 1000 },
      ['uniq:count:u', '3'],
      ['uniq:add:u:a', '1'],
      ['uniq:count:u', '4'],
      ['uniq:count:u:1', '1'],
      { advance: 100_000 },
      ['uniq:count:u', '0'],
      ['uniq:add:u:a', '1'],
      ['uniq:count:u', '1'],
    ]);
    await addMembers(cache, 'u', 0, 5000);
    cache.advance(1000);
    await addMembers(cache, 'u', 2500, 5000);
    expect(Math.abs((await numberOf(cache, 'uniq:count:u')) / 7501 - 1)).toBeLessThan(0.03);
    checkStore(cache.parts.store);
  });

  test('refuses windows without a length, and the other way round', async () => {
    using cache = await cacheWith(FILE);
    await expect(cache.call('uniq:new:u:14:2')).rejects.toThrow('windows and window_ms belong together');
    await expect(cache.call('uniq:new:u:14:1:1000')).rejects.toThrow('windows and window_ms belong together');
    await expect(cache.call('uniq:new:u:3')).rejects.toThrow('precision');
    await expect(cache.call('uniq:new:u:19')).rejects.toThrow('precision');
    await cache.call('uniq:add:u:a');
    const many = Array.from({ length: 65 }, (_, index) => `k${index}`).join(',');
    await expect(cache.call('uniq:union:u', many)).rejects.toThrow('at most 64 counters are united at a time');
  });

  test('refuses to unite more registers than a call has time for', async () => {
    using cache = await cacheWith(FILE);
    for (let key = 0; key < 17; key++) {
      await cache.call(`uniq:new:k${key}:18`);
      await cache.call(`uniq:add:k${key}:m${key}`);
    }
    const keys = Array.from({ length: 17 }, (_, index) => `k${index}`);
    await expect(cache.call('uniq:union:u', keys.join(','))).rejects.toThrow(
      'at most 4194304 registers are united at a time: name fewer counters, or lower their precision',
    );
    expect(await cache.call('uniq:union:u', keys.slice(1).join(','))).toBe('16');
  });

  test('refuses windows with more registers than a call has time for', async () => {
    using cache = await cacheWith(FILE);
    await expect(cache.call('uniq:new:u:14:366:1000')).rejects.toThrow(
      '366 windows of that precision are too many to be counted in one call: the precision may be at most 13',
    );
    expect(await cache.call('uniq:new:u:14:256:1000')).toBe('CREATED');
    expect(await cache.call('uniq:new:u:13:366:1000')).toBe('CREATED');
  });

  test('adds a list as its members one by one, in all forms', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('uniq:new:one:10');
    await cache.call('uniq:new:list:10');
    for (let from = 0; from < 2000; from += 90) {
      const members = Array.from({ length: 100 }, (_, index) => `member${from + index}`);
      let hasChanged = 0;
      for (const member of members) hasChanged |= Number(await cache.call(`uniq:add:one:${member}`));
      expect(await cache.call('uniq:addall:list', JSON.stringify(members))).toBe(String(hasChanged));
      expect(await cache.call('uniq:addall:list', JSON.stringify(members))).toBe('0');
      for (const method of ['count', 'info']) {
        expect([from, await cache.call(`uniq:${method}:list`)]).toEqual([from, await cache.call(`uniq:${method}:one`)]);
      }
    }
    checkStore(cache.parts.store);
  });

  test('is left as it was by a call that ends at any step', async () => {
    using cache = await cacheWith(FILE);
    expect((await cache.killAtEachStep('uniq:add:u:first')).value).toBe('1');
    await addMembers(cache, 'u', 0, 255);
    expect((await cache.killAtEachStep('uniq:add:u:another')).value).toBe('1');
    await addMembers(cache, 'v', 0, 2500);
    for (let member = 2500; ; member++) {
      await cache.killAtEachStep(`uniq:add:v:member${member}`);
      if ((await cache.call('uniq:info:v'))?.startsWith('DENSE')) break;
    }
    expect((await cache.killAtEachStep('uniq:merge:u:v')).value).toMatch(/^OK /);
    checkStore(cache.parts.store);
  });

  test('starts anew when it was evicted', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('uniq:add:u:ann');
    await evictAll(cache);
    expect(await cache.call('uniq:add:u:ann')).toBe('1');
  });

  test('takes less than 10 ms of CPU time for any call, with counters of four times the registers', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 64 });
    await cache.call('uniq:new:a:16');
    await cache.call('uniq:new:b:16');
    await callMany(cache, 20_000, (index) => `uniq:add:${index % 2 === 0 ? 'a' : 'b'}:member${index}`);
    for (const call of ['add:a:new', 'count:a', 'union:a:b', 'merge:a:b']) {
      expect([call, (await leastMs(cache, 8, () => `uniq:${call}`)) < 10]).toEqual([call, true]);
    }
    await cache.call('uniq:new:low:4');
    expect(await leastMs(cache, 1, () => 'uniq:merge:a:low')).toBeLessThan(10);
  });
});
