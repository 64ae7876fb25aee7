// The types that ship whose objects are pinned, where these take all of --pinned-limit: what was begun can be ended, and then there is room again.

import { describe, expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { checkStore } from '../store/checker.js';
import { cacheWith } from './models.js';

const LIMITED =
  /: pinned objects would take \d+ of at most \d+ bytes: delete some, let some expire, or raise --pinned-limit$/;

async function fullCache(
  file: string,
  make: (number: number) => string,
): Promise<[cache: CacheInProcess, made: number]> {
  const cache = await cacheWith(file, { 'pinned-limit': '64k' });
  let made = 0;
  try {
    for (; made < 10_000; made++) await cache.call(make(made));
  } catch (error) {
    expect(String(error)).toMatch(LIMITED);
  }
  expect(made).toBeLessThan(10_000);
  return [cache, made];
}

function end(cache: CacheInProcess): void {
  checkStore(cache.parts.store);
  cache.close();
}

describe('a queue', () => {
  const fill = (body: string) => fullCache('plugins/queue.ts', (number) => `queue:put:q:0:0:0:id${number}:${body}`);

  test.each(['b', 'b'.repeat(200)])('is worked off, and takes jobs again', async (body) => {
    const [cache, jobs] = await fill(body);
    for (let job = 0; job < jobs; job++) {
      const [, id, token] = (await cache.call('queue:take:q:worker:60000'))?.split(' ') ?? [];
      expect(await cache.call(`queue:ack:q:${id}:${token}`)).toBe('OK');
      if (job === Math.floor(jobs / 2))
        expect(await cache.call(`queue:put:q:0:0:0:again:${body}`)).toMatch(/^OK again /);
    }
    expect(await cache.call('queue:take:q:worker:60000')).toMatch(/^JOB again /);
    end(cache);
  });

  test('has its other methods', async () => {
    const [cache] = await fill('body');
    const taken = [...((await cache.call('queue:take:q:worker:60000:4')) ?? '').matchAll(/^JOB (\S+) (\d+)/gm)];
    const [a, b, c, d] = taken.map(([, id, token]) => `${id}:${token}`);
    expect(await cache.call(`queue:extend:q:${a}:90000`)).toBe('OK 90000');
    expect(await cache.call(`queue:release:q:${b}:5:7`)).toBe('OK');
    expect(await cache.call(`queue:bury:q:${c}:${'r'.repeat(200)}`)).toBe('OK 1');
    expect(await cache.call('queue:kick:q:1')).toBe('OK 1');
    expect(await cache.call('queue:pause:q')).toBe('OK');
    expect(await cache.call('queue:limit:q:1000:100000:5')).toBe('OK');
    expect(await cache.call('queue:resume:q')).toBe('OK');
    expect(await cache.call(`queue:ack:q:${d}`)).toBe('OK');
    expect(await cache.call('queue:drain:q')).toMatch(/^OK 200 /);
    end(cache);
  });

  test('that is full of jobs that are done is emptied by take once these are forgotten', async () => {
    const [cache, jobs] = await fill('b');
    for (let job = 0; job < jobs; job++) {
      const [, id, token] = (await cache.call('queue:take:q:worker:60000'))?.split(' ') ?? [];
      await cache.call(`queue:ack:q:${id}:${token}`);
    }
    const body = 'b'.repeat(cache.parts.store.retained.limitBytes - 20_000);
    const put = `set queue:put:q:0:0:0:large 0 0 ${body.length}\r\n${body}\r\n`;
    expect(await cache.send(put)).toMatch(LIMITED_LINE);
    cache.advance(301_000);
    for (let calls = 0; calls < jobs / 200; calls++)
      expect(await cache.call('queue:take:q:worker:1000')).toBe('EMPTY -1');
    expect(await cache.send(put)).toBe('STORED\r\n');
    end(cache);
  });
});

const LIMITED_LINE = new RegExp(`${LIMITED.source.slice(0, -1)}\r\n$`);

describe('a stock', () => {
  async function fullStock(more = ''): Promise<[cache: CacheInProcess, orders: number]> {
    const [cache, made] = await fullCache('plugins/stock.ts', (number) =>
      number === 0 ? 'stock:set:hat:1000000' : `stock:hold:hat:order${number}:1:60000${more}`,
    );
    return [cache, made - 1];
  }

  test('can sell and cancel each order, and hold again after a day', async () => {
    const [cache, orders] = await fullStock(':100000:someone');
    expect(await cache.call('stock:extend:hat:order1:90000')).toBe('OK 90000');
    for (let order = 1; order <= orders; order++) {
      const call = [
        `commit:hat:order${order}`,
        `cancel:hat:order${order}`,
        `commitall:hat:order${order}:["hat"]`,
        `cancelall:hat:order${order}:["hat"]`,
      ][order % 4];
      expect(await cache.call(`stock:${call}`)).toMatch(/^OK/);
    }
    expect(await cache.call('stock:add:hat:5')).toMatch(/^OK /);
    expect(await cache.call('stock:set:hat:2000000')).toMatch(/^OK /);
    cache.advance(25 * 3600 * 1000);
    expect(await cache.call('stock:hold:hat:later:1:60000')).toMatch(/^OK /);
    end(cache);
  });

  test('can hold again a day after all holds have ended, though no other method was called', async () => {
    const [cache] = await fullStock();
    cache.advance(61_000);
    await expect(cache.call('stock:hold:hat:later:1:60000')).rejects.toThrow(LIMITED);
    cache.advance(24 * 3600 * 1000);
    expect(await cache.call('stock:hold:hat:later:1:60000')).toMatch(/^OK /);
    end(cache);
  });
});

describe.each(['plugins/lease.ts', 'scripts/lease.lua'])('leases of %s', (file) => {
  test('can be renewed, released and stolen', async () => {
    const [cache, made] = await fullCache(file, (number) =>
      number < 50 ? `lease:acquire:shared:owner${number}:60000:300` : `lease:acquire:lock${number}:owner:60000`,
    );
    const held = async (call: string) => (await cache.call(call))?.split(' ')[1];
    const shared = await held('lease:acquire:shared:owner7:60000:300');
    expect(await cache.call(`lease:renew:shared:owner7:${shared}:86400000`)).toBe('OK 86400000');
    const single = await held(`lease:acquire:lock${made - 1}:owner:60000`);
    expect(await cache.call(`lease:renew:lock${made - 1}:owner:${single}:120000`)).toBe('OK 120000');
    expect(await cache.call(`lease:steal:lock${made - 1}:${'another'.repeat(8)}:60000`)).toMatch(/^OK /);
    await expect(cache.call('lease:steal:none:other:60000')).rejects.toThrow(LIMITED);
    expect(await cache.call(`lease:release:shared:owner7:${shared}`)).toBe('OK');
    end(cache);
  });
});

test('requests with an idempotency key can go on, be tried again and finish', async () => {
  const [cache, made] = await fullCache('plugins/idem.ts', (number) => `idem:begin:k${number}:print:1000:600000`);
  cache.advance(2000);
  const tokens: (string | undefined)[] = [];
  for (let key = 0; key < 50; key++) {
    tokens.push((await cache.call(`idem:begin:k${key}:print:1000:600000`))?.split(' ')[1]);
    expect(await cache.call(`idem:step:k${key}:${tokens[key]}:${'charged'.repeat(10)}`)).toBe('OK');
    expect(await cache.call(`idem:extend:k${key}:${tokens[key]}:5000`)).toBe('OK 5000');
  }
  await expect(cache.call(`idem:begin:k${made}:print:1000:600000`)).rejects.toThrow(LIMITED);
  for (let key = 0; key < 50; key++) expect(await cache.call(`idem:finish:k${key}:${tokens[key]}:200:done`)).toBe('OK');
  expect(await cache.call(`idem:begin:k${made}:print:1000:600000`)).toMatch(/^NEW /);
  end(cache);
});
