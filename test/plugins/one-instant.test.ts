// Very many calls at one instant, of types whose own tests do not have it: what must happen once happens once, and nothing is lost.

import { expect, test } from 'vitest';
import { AT_ONE_INSTANT as CALLS, callMany, wordsOf } from './calls-in-bulk.js';
import { cacheWith } from './models.js';

test('of all that get a missing value from fill one computes it', async () => {
  using cache = await cacheWith('plugins/fill.ts');
  expect(await wordsOf(cache, CALLS, () => 'fill:get:k:5000')).toEqual({ WIN: 1, WAIT: CALLS - 1 });
});

test('of all that get a stale value from tag one is told to compute it', async () => {
  using cache = await cacheWith('plugins/tag.ts');
  await cache.call('tag:put:n/1:0:a:old');
  await cache.call('tag:softpurge:n:a:5000');
  expect(await wordsOf(cache, CALLS, () => 'tag:get:n/1')).toEqual({ STALE: 1, old: CALLS - 1 });
});

test('a queue hands out each job once, and takes each id once', async () => {
  using cache = await cacheWith('plugins/queue.ts', { 'memory-limit': 64 });
  const jobs = CALLS / 10;
  expect(await wordsOf(cache, CALLS, (index) => `queue:put:q:0:0:0:j${index % jobs}:x`)).toEqual({
    OK: jobs,
    DUP: CALLS - jobs,
  });
  const ids = new Set<string>();
  const tokens = new Set<string>();
  await callMany(
    cache,
    CALLS,
    () => 'queue:take:q:w:1000',
    (replies) => {
      for (const [, id, token] of replies.matchAll(/^JOB (\S+) (\d+)/gm)) {
        ids.add(id);
        tokens.add(token);
      }
    },
  );
  expect([ids.size, tokens.size]).toEqual([jobs, jobs]);
  expect(await cache.call('queue:stats:q')).toBe(`0 0 ${jobs} 0 0 0 0`);
});

test('a board adds all scores', async () => {
  using cache = await cacheWith('plugins/board.ts');
  await callMany(cache, CALLS, (index) => `board:put:b:m${index % 10}:1:incr`);
  expect(await cache.call('board:top:b:2')).toBe(`1 ${CALLS / 10} m0\r\n1 ${CALLS / 10} m1\r\n`);
});

test('a session adds all numbers, and gives its lock once', async () => {
  using cache = await cacheWith('plugins/session.ts');
  await cache.call('session:open:s:60000:60000');
  await callMany(cache, CALLS, () => 'session:incr:s:n');
  expect(await cache.call('session:get:s:n')).toBe(String(CALLS));
  expect(await wordsOf(cache, CALLS, (index) => `session:lock:s:o${index}:1000`)).toEqual({ OK: 1, HELD: CALLS - 1 });
});

test('a counter and a filter find a member new once', async () => {
  using counters = await cacheWith('plugins/uniq.ts');
  expect(await wordsOf(counters, CALLS, () => 'uniq:add:u:ann')).toEqual({ 1: 1, 0: CALLS - 1 });
  using filters = await cacheWith('plugins/bloom.ts');
  expect(await wordsOf(filters, CALLS, () => 'bloom:add:b:ann')).toEqual({ 1: 1, 0: CALLS - 1 });
});

test('a ttlset has a member once, until the last of its times is over', async () => {
  using cache = await cacheWith('plugins/ttlset.ts');
  await callMany(cache, CALLS, (index) => `ttlset:add:k:m${index % 10}:${1 + index}`);
  expect(await cache.call('ttlset:count:k')).toBe('10');
  cache.advance(CALLS - 1);
  expect(await cache.call('ttlset:members:k')).toBe('m9\r\n');
});
