// The stock of articles: each method and edge, the mistakes of hand-written reservations, random calls against a list of orders with the sum
// checked after each, and very many holds.

import { describe, expect, test } from 'vitest';
import type { TestCache } from '../../src/app/testing/test-cache.js';
import { checkStore } from '../store/checker.js';
import { callMany, leastMs } from './calls-in-bulk.js';
import { Choices, cacheWith, evictAll, passTime, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 8000;
const HOLDS = isLong ? 1_000_000 : 20_000;
/** That end at one instant. */
const ENDING = isLong ? 100_000 : 5000;
const FILE = 'plugins/stock.ts';

const DAY_MS = 24 * 3600 * 1000;

interface Order {
  readonly n: number;
  readonly customer: string;
  state: 'held' | 'ended' | 'cancelled' | 'sold';
  /** When its hold ends, or when it is forgotten. */
  until: number;
  extended: number;
}

/** A stock as a list of orders. */
class Model {
  now = 0;
  total = 0;
  readonly orders = new Map<string, Order>();

  tick(ms: number): void {
    this.now += ms;
    for (const order of this.orders.values()) {
      if (order.state === 'held' && order.until <= this.now) order.state = 'ended';
    }
  }

  units(...states: Order['state'][]): number {
    return this.#sum((order) => states.includes(order.state));
  }

  get free(): number {
    return this.total - this.units('held', 'sold');
  }

  get nextMs(): number {
    const ends = [...this.orders.values()].filter(({ state }) => state === 'held').map(({ until }) => until - this.now);
    return ends.length === 0 ? -1 : Math.min(...ends);
  }

  get peek(): string {
    return `${this.free} ${this.units('held')} ${this.units('sold')} ${this.total} ${this.nextMs}`;
  }

  set(total: number, isForced: boolean): string {
    const isRefused = total < 0 || (total < this.units('held', 'sold') && !isForced);
    if (!isRefused) this.total = total;
    return `${isRefused ? 'DENY' : 'OK'} ${this.free} ${this.units('held')} ${this.units('sold')}`;
  }

  hold(name: string, n: number, ttl: number, most: number, customer: string): string {
    const order = this.orders.get(name);
    if (order?.state === 'sold') return `SOLD ${order.n}`;
    if (order?.state === 'held') return `OK ${this.free} ${order.until - this.now}`;
    if (n > this.free) return `SOLDOUT ${this.free} ${this.nextMs}`;
    if (most > 0) {
      const has = this.#sum((one) => one.customer === customer && (one.state === 'held' || one.state === 'sold'));
      if (n > most - has) return `DENY ${Math.max(0, most - has)}`;
    }
    this.orders.set(name, { n, customer, state: 'held', until: this.now + ttl, extended: 0 });
    return `OK ${this.free} ${ttl}`;
  }

  extend(name: string, ms: number, times: number): string {
    const order = this.orders.get(name);
    if (order?.state !== 'held') return 'GONE';
    if (order.extended >= times) return `DENY ${order.until - this.now}`;
    order.extended++;
    order.until = Math.max(order.until, this.now + ms);
    return `OK ${order.until - this.now}`;
  }

  commit(name: string): string {
    const order = this.orders.get(name);
    if (order === undefined || order.state === 'cancelled') return 'GONE';
    if (order.state === 'ended' && order.n > this.free) return 'GONE';
    const reply = order.state === 'ended' ? 'LATE_OK' : 'OK';
    order.state = 'sold';
    return reply;
  }

  cancel(name: string): string {
    const order = this.orders.get(name);
    if (order === undefined) return 'OK 0';
    if (order.state === 'sold') return `SOLD ${order.n}`;
    order.state = 'cancelled';
    return `OK ${order.n}`;
  }

  #sum(counts: (order: Order) => boolean): number {
    return [...this.orders.values()].filter(counts).reduce((sum, { n }) => sum + n, 0);
  }
}

async function demandSum(cache: TestCache, key = 's'): Promise<string> {
  const reply = (await cache.call(`stock:peek:${key}`)) as string;
  const [free, held, sold, total] = reply.split(' ').map(Number);
  expect(free + held + sold).toBe(total);
  return reply;
}

test('stock agrees with a list of orders on random calls, while the date of the machine moves', async () => {
  using cache = await cacheWith(FILE);
  const choices = new Choices(10);
  const model = new Model();
  expect(await cache.call('stock:set:s:20')).toBe(model.set(20, false));
  for (let call = 0; call < CALLS; call++) {
    model.tick(passTime(cache, choices, choices.of([3, 20, 100])));
    // New names after a while, since all old ones are sold.
    const epoch = Math.floor(call / 200);
    const order = `o${epoch}.${choices.below(12)}`;
    const kind = choices.below(100);
    let [key, expected]: [string, string] = ['', ''];
    if (kind < 45) {
      const n = 1 + choices.below(5);
      const [most, customer] = choices.oneIn(2) ? [0, ''] : [8, `c${epoch}.${choices.below(3)}`];
      const ttl = choices.of([1, 50, 200]);
      [key, expected] = [`hold:s:${order}:${n}:${ttl}:${most}:${customer}`, model.hold(order, n, ttl, most, customer)];
    } else if (kind < 60) [key, expected] = [`commit:s:${order}`, model.commit(order)];
    else if (kind < 75) [key, expected] = [`cancel:s:${order}`, model.cancel(order)];
    else if (kind < 85) [key, expected] = [`extend:s:${order}:80:2`, model.extend(order, 80, 2)];
    else if (kind < 92) {
      const total = Math.max(0, model.units('held', 'sold') + choices.below(20) - 5);
      const isForced = choices.oneIn(3);
      [key, expected] = [`set:s:${total}:${isForced}`, model.set(total, isForced)];
    } else {
      const n = choices.below(15) - 5;
      [key, expected] = [`add:s:${n}`, model.set(model.total + n, false)];
    }
    expect([call, key, await cache.call(`stock:${key}`)]).toEqual([call, key, expected]);
    expect([call, key, await demandSum(cache)]).toEqual([call, key, model.peek]);
  }
  checkStore(cache.parts.store);
});

describe('stock', () => {
  test('is made by set and add, and by nothing else', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:hold:s:o1:1:1000', undefined],
      ['stock:peek:s', undefined],
      ['stock:add:s:-1', 'DENY 0 0 0'],
      ['stock:peek:s', undefined],
      ['stock:add:s:5', 'OK 5 0 0'],
      ['stock:set:t:0', 'OK 0 0 0'],
      ['stock:peek:t', '0 0 0 0 -1'],
    ]);
  });

  test('holds units, sells them, and answers each repeat the same', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:10', 'OK 10 0 0'],
      ['stock:hold:s:o1:4:1000', 'OK 6 1000'],
      ['stock:hold:s:o1:4:1000', 'OK 6 1000'],
      ['stock:peek:s', '6 4 0 10 1000'],
      ['stock:commit:s:o1', 'OK'],
      ['stock:commit:s:o1', 'OK'],
      ['stock:hold:s:o1:4:1000', 'SOLD 4'],
      ['stock:cancel:s:o1', 'SOLD 4'],
      ['stock:hold:s:o2:1:1000', 'OK 5 1000'],
      ['stock:cancel:s:o2', 'OK 1'],
      ['stock:cancel:s:o2', 'OK 1'],
      ['stock:commit:s:o2', 'GONE'],
      ['stock:cancel:s:o3', 'OK 0'],
      ['stock:peek:s', '6 0 4 10 -1'],
    ]);
  });

  test('holds as many units as are free, the last one included, and counts units, not orders', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:5', 'OK 5 0 0'],
      ['stock:hold:s:o1:6:1000', 'SOLDOUT 5 -1'],
      ['stock:hold:s:o1:4:1000', 'OK 1 1000'],
      ['stock:hold:s:o2:2:700', 'SOLDOUT 1 1000'],
      ['stock:hold:s:o2:1:700', 'OK 0 700'],
      ['stock:hold:s:o3:1:700', 'SOLDOUT 0 700'],
    ]);
  });

  test('gives the units of a hold back when its time is over, without a call for it', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:5', 'OK 5 0 0'],
      ['stock:hold:s:o1:5:1000', 'OK 0 1000'],
      { advance: 999 },
      ['stock:hold:s:o2:1:1000', 'SOLDOUT 0 1'],
      { advance: 1 },
      ['stock:peek:s', '5 0 0 5 -1'],
      ['stock:hold:s:o2:1:1000', 'OK 4 1000'],
      ['stock:hold:s:o1:5:1000', 'SOLDOUT 4 1000'],
      ['stock:hold:s:o1:4:500', 'OK 0 500'],
    ]);
  });

  test('sells the units of a hold that has ended only while they are free', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:5', 'OK 5 0 0'],
      ['stock:hold:s:o1:3:1000', 'OK 2 1000'],
      ['stock:hold:s:o2:2:1000', 'OK 0 1000'],
      { advance: 1000 },
      ['stock:commit:s:o1', 'LATE_OK'],
      ['stock:commit:s:o1', 'OK'],
      ['stock:hold:s:o3:1:1000', 'OK 1 1000'],
      ['stock:commit:s:o2', 'GONE'],
      ['stock:cancel:s:o3', 'OK 1'],
      ['stock:commit:s:o2', 'LATE_OK'],
      ['stock:peek:s', '0 0 5 5 -1'],
    ]);
  });

  test('extends a hold from now, never shortens it, and only so often', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:5', 'OK 5 0 0'],
      ['stock:hold:s:o1:3:1000', 'OK 2 1000'],
      { advance: 900 },
      ['stock:extend:s:o1:1000:2', 'OK 1000'],
      ['stock:extend:s:o1:10:2', 'OK 1000'],
      ['stock:extend:s:o1:5000:2', 'DENY 1000'],
      { advance: 1000 },
      ['stock:extend:s:o1:1000', 'GONE'],
      ['stock:extend:s:o9:1000', 'GONE'],
    ]);
  });

  test('gives a customer no more than a number of units, held and sold together', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:50', 'OK 50 0 0'],
      ['stock:hold:s:o1:3:1000:4:ann', 'OK 47 1000'],
      ['stock:hold:s:o2:2:1000:4:ann', 'DENY 1'],
      ['stock:hold:s:o2:2:1000:4:bob', 'OK 45 1000'],
      ['stock:commit:s:o1', 'OK'],
      ['stock:hold:s:o3:2:1000:4:ann', 'DENY 1'],
      ['stock:hold:s:o3:1:1000:4:ann', 'OK 44 1000'],
      ['stock:hold:s:o4:1:1000:4:ann', 'DENY 0'],
      ['stock:cancel:s:o3', 'OK 1'],
      ['stock:hold:s:o4:1:1000:4:ann', 'OK 44 1000'],
    ]);
    await expect(cache.call('stock:hold:s:o5:1:1000:4')).rejects.toThrow('max_per_customer needs a customer');
  });

  test('refuses a total below what is held and sold, unless it is forced', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:10', 'OK 10 0 0'],
      ['stock:hold:s:o1:4:1000', 'OK 6 1000'],
      ['stock:commit:s:o1', 'OK'],
      ['stock:hold:s:o2:4:1000', 'OK 2 1000'],
      ['stock:set:s:7', 'DENY 2 4 4'],
      ['stock:add:s:-3', 'DENY 2 4 4'],
      ['stock:set:s:8', 'OK 0 4 4'],
      ['stock:set:s:5:true', 'OK -3 4 4'],
      ['stock:hold:s:o3:1:1000', 'SOLDOUT -3 1000'],
      ['stock:add:s:-9:true', 'DENY -3 4 4'],
      ['stock:add:s:4', 'OK 1 4 4'],
    ]);
  });

  test('holds units of several articles, or none of any', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:hat:5', 'OK 5 0 0'],
      ['stock:set:shirt:1', 'OK 1 0 0'],
      ['stock:holdall:hat:o1:1000:{"hat":2,"shirt":2}', 'SOLDOUT 1 -1\r\nshirt'],
      ['stock:peek:hat', '5 0 0 5 -1'],
      ['stock:holdall:hat:o1:1000:{"hat":2,"shirt":1}', 'OK 1000'],
      { advance: 10 },
      ['stock:holdall:hat:o1:1000:{"hat":2,"shirt":1}', 'OK 990'],
      ['stock:peek:hat', '3 2 0 5 990'],
      ['stock:commitall:shirt:o1:["hat","shirt"]', 'OK'],
      ['stock:commitall:shirt:o1:["hat","shirt"]', 'OK'],
      ['stock:cancelall:hat:o1:["shirt","hat"]', 'SOLD 1\r\nshirt'],
      ['stock:holdall:hat:o2:1000:{"hat":3}', 'OK 1000'],
      ['stock:cancelall:hat:o2:["hat"]', 'OK 3'],
      ['stock:commitall:hat:o2:["hat"]', 'GONE\r\nhat'],
      ['stock:peek:hat', '3 0 2 5 -1'],
    ]);
    await expect(cache.call('stock:holdall:hat:o3:1000:{"hat":1,"sock":1}')).rejects.toThrow('there is no stock sock');
    await expect(cache.call('stock:holdall:hat:o3:1000:{"hat":0}')).rejects.toThrow('hat must be a whole number');
    expect(await demandSum(cache, 'hat')).toBe('3 0 2 5 -1');
  });

  test('commits several articles late, or none if one of them is gone', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:hat:5', 'OK 5 0 0'],
      ['stock:set:shirt:1', 'OK 1 0 0'],
      ['stock:holdall:hat:o1:1000:{"hat":2,"shirt":1}', 'OK 1000'],
      { advance: 1000 },
      ['stock:hold:shirt:o2:1:500', 'OK 0 500'],
      ['stock:commitall:hat:o1:["hat","shirt"]', 'GONE\r\nshirt'],
      ['stock:peek:hat', '5 0 0 5 -1'],
      ['stock:cancel:shirt:o2', 'OK 1'],
      ['stock:commitall:hat:o1:["hat","shirt"]', 'LATE_OK'],
      ['stock:peek:hat', '3 0 2 5 -1'],
    ]);
  });

  test('names the article that is gone although another is given twice, and refuses an order without articles', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:hat:5', 'OK 5 0 0'],
      ['stock:set:shirt:1', 'OK 1 0 0'],
      ['stock:hold:hat:o1:1:1000', 'OK 4 1000'],
      ['stock:commitall:hat:o1:["hat","hat","shirt"]', 'GONE\r\nshirt'],
    ]);
    await expect(cache.call('stock:holdall:hat:o2:1000:{}')).rejects.toThrow('articles');
  });

  test('is kept while plain values are evicted', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 8 });
    await cache.call('stock:set:s:5');
    await cache.call('stock:hold:s:o1:3:1000');
    await evictAll(cache);
    expect(await demandSum(cache)).toBe('2 3 0 5 1000');
  });

  test('forgets an order a day after its end', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['stock:set:s:5', 'OK 5 0 0'],
      ['stock:hold:s:o1:3:1000', 'OK 2 1000'],
      ['stock:commit:s:o1', 'OK'],
      { advance: DAY_MS - 1 },
      ['stock:commit:s:o1', 'OK'],
      { advance: 1 },
      ['stock:commit:s:o1', 'GONE'],
      ['stock:peek:s', '2 0 3 5 -1'],
    ]);
    expect(cache.object('stock', 's')).toMatchObject({ orders: {}, sold: 3 });
  });

  test('refuses fractions, negative numbers, and totals above 2^53', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('stock:set:s:9007199254740991');
    for (const key of ['set:s:-1', 'set:s:1.5', 'hold:s:o:-1:1000', 'hold:s:o:0.5:1000', 'hold:s:o:1:0', 'add:s:1']) {
      await expect(cache.call(`stock:${key}`)).rejects.toThrow('CLIENT_ERROR stock:');
    }
    expect(await demandSum(cache)).toBe('9007199254740991 0 0 9007199254740991 -1');
  });

  test('is unchanged by calls that are ended at any step, of several articles too', async () => {
    using cache = await cacheWith(FILE);
    await cache.killAtEachStep('stock:set:hat:9');
    await cache.killAtEachStep('stock:add:shirt:9');
    await cache.killAtEachStep('stock:hold:hat:o1:2:100:5:ann');
    await cache.killAtEachStep('stock:holdall:shirt:o2:100:{"hat":2,"shirt":3}');
    await cache.killAtEachStep('stock:extend:hat:o1:200');
    cache.advance(150);
    await cache.killAtEachStep('stock:commitall:hat:o2:["shirt","hat"]');
    await cache.killAtEachStep('stock:cancel:hat:o1');
    expect(await demandSum(cache, 'hat')).toBe('7 0 2 9 -1');
    expect(await demandSum(cache, 'shirt')).toBe('6 0 3 9 -1');
    checkStore(cache.parts.store);
  });
});

describe('stock with very many holds', () => {
  test('sells exactly what there is to 100,000 calls at one instant', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 64 });
    await cache.call('stock:set:s:1000');
    await callMany(cache, 100_000, (index) => `stock:hold:s:o${index}:1:1000`);
    expect(await demandSum(cache)).toBe('0 1000 0 1000 1000');
  });

  test(`holds one of ${HOLDS} in less than 100 us`, async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': isLong ? 1200 : 60 });
    await cache.call(`stock:set:s:${2 * HOLDS}`);
    await callMany(cache, HOLDS, (index) => `stock:hold:s:order${index}:1:${100_000 + index}`);
    expect(await leastMs(cache, 200, (index) => `stock:hold:s:new${index}:1:1000`)).toBeLessThan(0.1);
    expect(await leastMs(cache, 200, (index) => `stock:commit:s:order${index}`)).toBeLessThan(0.1);
    expect(await leastMs(cache, 20, () => 'stock:peek:s')).toBeLessThan(0.1);
  });

  test(`gives back ${ENDING} holds that end at one instant a bounded number at a time, the sum right after each`, async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 120 });
    await cache.call(`stock:set:s:${ENDING}`);
    await callMany(cache, ENDING, (index) => `stock:hold:s:order${index}:1:1000`);
    cache.advance(1000);
    expect(await leastMs(cache, 5, () => 'stock:peek:s')).toBeLessThan(10);
    expect(await leastMs(cache, 5, (index) => `stock:hold:s:new${index}:1:5000`)).toBeLessThan(10);
    for (let calls = 0; !(await demandSum(cache)).startsWith(`${ENDING - 5} 5 0`); calls++) {
      expect(calls).toBeLessThanOrEqual(ENDING / 100);
      await cache.call('stock:cancel:s:nobody');
    }
  });
});
