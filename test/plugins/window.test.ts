// Windows of time: against a model that recounts all hits, and each mistake of hand-written counters.

import { expect, test } from 'vitest';
import { AT_ONE_INSTANT } from './calls-in-bulk.js';
import { bytesOfObject, Choices, cacheWith, evictAll, passTime, play } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 2000 : 100_000;
const YEAR_MS = 366 * 86_400_000;

const made = (config = {}) => cacheWith('plugins/window.ts', config);

/** Keeps every hit; times are whole milliseconds. */
class Model {
  now = 0;
  hits: { readonly at: number; n: number }[] = [];

  /** Hits of the window with a number. */
  count(period: number, number: number): number {
    return this.hits.filter(({ at }) => Math.floor(at / period) === number).reduce((sum, { n }) => sum + n, 0);
  }

  /** The count of the sliding window, times its period: a whole number. */
  estimate(period: number, at = this.now): number {
    const number = Math.floor(at / period);
    return this.count(period, number - 1) * ((number + 1) * period - at) + this.count(period, number) * period;
  }

  fits(most: number, period: number, n: number, at = this.now): boolean {
    return this.estimate(period, at) + n * period <= most * period;
  }

  /** Found by trying each millisecond. */
  retry(most: number, period: number, n: number): number {
    if (n > most) return -1;
    for (let ms = 1; ; ms++) if (this.fits(most, period, n, this.now + ms)) return ms;
  }

  reset(period: number): number {
    let ms = 0;
    while (this.estimate(period, this.now + ms) > 0) ms++;
    return ms;
  }

  hit(limits: readonly (readonly [most: number, period: number])[], n: number): string {
    const told = (word: string, index: number, retry: number): string => {
      const [most, period] = limits[index] as readonly [number, number];
      const remaining = Math.max(0, Math.floor(most - this.estimate(period) / period));
      return `${word} ${index + 1} ${remaining} ${retry} ${this.reset(period)}`;
    };
    const retries = limits.map(([most, period]) => (this.fits(most, period, n) ? 0 : this.retry(most, period, n)));
    if (retries.some((retry) => retry !== 0)) {
      const longest = retries.includes(-1) ? -1 : Math.max(...retries);
      return told('DENY', retries.indexOf(longest), longest);
    }
    if (n > 0) this.hits.push({ at: this.now, n });
    const left = limits.map(([most, period]) => Math.max(0, Math.floor(most - this.estimate(period) / period)));
    return told('ALLOW', left.indexOf(Math.min(...left)), 0);
  }
}

test.each([
  [[[5, 100]]],
  [[[1, 50]]],
  [
    [
      [4, 30],
      [10, 200],
      [25, 1000],
    ],
  ],
] as const)('agrees with a model on random hits in %j', async (limits) => {
  using cache = await made();
  const choices = new Choices(limits.length);
  const model = new Model();
  const text = limits.map((limit) => limit.join('/')).join(',');
  for (let call = 0; call < CALLS; call++) {
    model.now += passTime(cache, choices, choices.of([5, 20, 100]));
    model.hits = model.hits.filter(({ at }) => at > model.now - 3000);
    const n = choices.of([1, 1, 1, 0, 2, 5, 30]);
    if (choices.oneIn(10)) {
      const hits = model.hits;
      model.hits = [...hits];
      const expected = model.hit(limits, n);
      model.hits = hits;
      expect([call, await cache.call(`window:peek:k:${text}:${n}`)]).toEqual([call, expected]);
    } else {
      expect([call, await cache.call(`window:hit:k:${text}:${n}`)]).toEqual([call, model.hit(limits, n)]);
    }
  }
});

test('all windows count or none: a hit that one refuses is in no other', async () => {
  using cache = await made();
  await play(cache, [
    ['window:hit:k:2/1000,3/60000', 'ALLOW 1 1 0 2000'],
    ['window:hit:k:2/1000,3/60000', 'ALLOW 1 0 0 2000'],
    ['window:hit:k:2/1000,3/60000', 'DENY 1 0 1500 2000'],
    ['window:peek:k:3/60000:0', 'ALLOW 1 1 0 120000'],
    { advance: 2000 },
    ['window:hit:k:2/1000,3/60000', 'ALLOW 2 0 0 118000'],
    ['window:hit:k:2/1000,3/60000', 'DENY 2 0 78000 118000'],
    ['window:peek:k:2/1000:0', 'ALLOW 1 1 0 2000'],
  ]);
});

test('the window slides: hits of the window before count by the part that it still covers', async () => {
  using cache = await made();
  await play(cache, [
    ['window:hit:k:10/1000:10', 'ALLOW 1 0 0 2000'],
    { advance: 1000 },
    // A fixed window would be empty.
    ['window:hit:k:10/1000', 'DENY 1 0 100 1000'],
    { advance: 250 },
    ['window:hit:k:10/1000:2', 'ALLOW 1 0 0 1750'],
    ['window:hit:k:10/1000', 'DENY 1 0 50 1750'],
    { advance: 1750 },
    ['window:peek:k:10/1000:0', 'ALLOW 1 10 0 0'],
  ]);
});

test('a skip of more than one window empties both', async () => {
  using cache = await made();
  await cache.call('window:hit:k:10/1000:10');
  cache.advance(2000);
  expect(await cache.call('window:hit:k:10/1000:10')).toBe('ALLOW 1 0 0 2000');
});

test('weighted hits do not overshoot, and a refused one of a million takes nothing', async () => {
  using cache = await made();
  await play(cache, [
    ['window:hit:k:10/1000:4', 'ALLOW 1 6 0 2000'],
    ['window:hit:k:10/1000:7', 'DENY 1 6 1250 2000'],
    ['window:hit:k:10/1000:1000000', 'DENY 1 6 -1 2000'],
    ['window:hit:k:10/1000:6', 'ALLOW 1 0 0 2000'],
  ]);
});

test('a limit of 1 works', async () => {
  using cache = await made();
  for (let round = 0; round < 20; round++) {
    expect(await cache.call('window:hit:k:1/1000')).toMatch(/^ALLOW 1 0 0 /);
    const [word, , , retry] = ((await cache.call('window:hit:k:1/1000')) ?? '').split(' ');
    expect(word).toBe('DENY');
    cache.advance(Number(retry) - 1);
    expect(await cache.call('window:hit:k:1/1000')).toMatch(/^DENY 1 0 1 /);
    cache.advance(1);
  }
});

test('retry is the first millisecond at which the hit fits, also over the next boundary, at odd times too', async () => {
  using cache = await made();
  const choices = new Choices(3);
  for (let round = 0; round < 500; round++) {
    cache.advance(choices.below(1000) / 7);
    const n = 1 + choices.below(4);
    const [word, , , retry] = ((await cache.call(`window:hit:k:7/333:${n}`)) ?? '').split(' ');
    if (word === 'ALLOW') continue;
    expect(Number(retry)).toBeGreaterThanOrEqual(1);
    cache.advance(Number(retry) - 1);
    if (Number(retry) > 1) expect(await cache.call(`window:peek:k:7/333:${n}`)).toMatch(/^DENY/);
    cache.advance(1);
    expect(await cache.call(`window:peek:k:7/333:${n}`)).toMatch(/^ALLOW/);
  }
});

test('very many hits at one instant let through exactly the limit', async () => {
  using cache = await made();
  let passed = 0;
  for (let call = 0; call < AT_ONE_INSTANT; call++) {
    if ((await cache.call(`window:hit:k:${AT_ONE_INSTANT / 2}/60000,60000/3600000`))?.startsWith('ALLOW')) passed++;
  }
  expect(passed).toBe(AT_ONE_INSTANT / 2);
});

test('a fixed window begins with its first hit, or by the clock', async () => {
  using cache = await made();
  cache.setUnixTime(1_700_000_015);
  await play(cache, [
    ['window:fixed:k:2:60000', 'ALLOW 1 1 0 60000'],
    { advance: 59_999 },
    ['window:fixed:k:2:60000', 'ALLOW 1 0 0 1'],
    ['window:fixed:k:2:60000', 'DENY 1 0 1 1'],
    ['window:fixed:k:2:60000:3', 'DENY 1 0 -1 1'],
    { advance: 1 },
    ['window:fixed:k:2:60000:2', 'ALLOW 1 0 0 60000'],
    // 20 seconds are over at the start, and 60 since.
    ['window:fixed:c:2:60000:1:clock', 'ALLOW 1 1 0 25000'],
    { advance: 25_000 },
    ['window:fixed:c:2:60000:2:clock', 'ALLOW 1 0 0 60000'],
    ['window:fixed:none:2:60000:0', 'ALLOW 1 2 0 0'],
  ]);
  expect(cache.object('window', 'none')).toBeUndefined();
});

test('a log is exact: each hit leaves the window after its own time', async () => {
  using cache = await made();
  await play(cache, [
    ['window:log:k:3:1000', 'ALLOW 1 2 0 1000'],
    { advance: 400 },
    ['window:log:k:3:1000:2', 'ALLOW 1 0 0 1000'],
    ['window:log:k:3:1000', 'DENY 1 0 600 1000'],
    ['window:log:k:3:1000:2', 'DENY 1 0 1000 1000'],
    ['window:log:k:3:1000:4', 'DENY 1 0 -1 1000'],
    { advance: 600 },
    ['window:log:k:3:1000', 'ALLOW 1 0 0 1000'],
    { advance: 400 },
    ['window:log:k:3:1000:2', 'ALLOW 1 0 0 1000'],
    ['window:log:none:3:1000:0', 'ALLOW 1 3 0 0'],
  ]);
  await expect(cache.call('window:log:k:1001:1000')).rejects.toThrow('limit must be <= 1000');
  expect(cache.object('window', 'none')).toBeUndefined();
});

test('a log agrees with a list of times on random hits', async () => {
  using cache = await made();
  const choices = new Choices(5);
  let now = 0;
  let times: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    now += passTime(cache, choices, choices.of([5, 30, 300]));
    times = times.filter((time) => time > now - 500);
    const limit = choices.oneIn(5) ? 1 + choices.below(20) : 12;
    const n = choices.of([1, 1, 2, 0, 5]);
    const isFull = times.length + n > limit;
    const freed = times[times.length + n - limit - 1] ?? 0;
    const retry = n > limit ? -1 : freed + 500 - now;
    if (!isFull) for (let one = 0; one < n; one++) times.push(now);
    const left = `${Math.max(0, limit - times.length)} ${isFull ? retry : 0} ${times.length === 0 ? 0 : (times.at(-1) ?? 0) + 500 - now}`;
    expect([call, await cache.call(`window:log:k:${limit}:500:${n}`)]).toEqual([
      call,
      `${isFull ? 'DENY' : 'ALLOW'} 1 ${left}`,
    ]);
  }
});

test('a penalty counts without a check, a reward never goes below 0', async () => {
  using cache = await made();
  await play(cache, [
    ['window:hit:k:10/1000,100/60000', 'ALLOW 1 9 0 2000'],
    ['window:penalty:k:20', 'OK'],
    ['window:peek:k:10/1000:0', 'DENY 1 0 1524 2000'],
    ['window:peek:k:100/60000:0', 'ALLOW 1 79 0 120000'],
    ['window:reward:k:15', 'OK'],
    ['window:peek:k:10/1000:0', 'ALLOW 1 4 0 2000'],
    ['window:reward:k:1000', 'OK'],
    ['window:peek:k:10/1000:0', 'ALLOW 1 10 0 0'],
    // Of an object that is not there: in the windows that are given.
    ['window:penalty:new:3:5/1000', 'OK'],
    ['window:peek:new:5/1000:0', 'ALLOW 1 2 0 2000'],
    ['window:fixed:f:5:1000:2', 'ALLOW 1 3 0 1000'],
    ['window:reward:f:9', 'OK'],
    ['window:fixed:f:5:1000:5', 'ALLOW 1 0 0 1000'],
    ['window:log:l:5:1000:2', 'ALLOW 1 3 0 1000'],
    ['window:penalty:l:2', 'OK'],
    ['window:log:l:5:1000:0', 'ALLOW 1 1 0 1000'],
    ['window:reward:l:3', 'OK'],
    ['window:log:l:5:1000:4', 'ALLOW 1 0 0 1000'],
  ]);
  // What was counted in the window before is given back too.
  await cache.call('window:hit:p:10/1000:10');
  cache.advance(1000);
  await cache.call('window:reward:p:4');
  expect(await cache.call('window:peek:p:10/1000:4')).toBe('ALLOW 1 0 0 2000');
});

test('a penalty of an object that is not there is refused without limits, since it would count nowhere', async () => {
  using cache = await made();
  await expect(cache.call('window:penalty:new')).rejects.toThrow('a new object needs limits, such as 100/60000');
  expect(await cache.call('window:reward:new')).toBe('OK');
  expect(cache.object('window', 'new')).toBe(undefined);
});

test('a log keeps its last 1000 hits at most, whatever penalties add', async () => {
  using cache = await made();
  await cache.call('window:log:k:1000:60000:999');
  for (let penalty = 0; penalty < 3; penalty++) await cache.call('window:penalty:k:600');
  expect(await cache.call('window:log:k:1000:60000')).toBe('DENY 1 0 60000 60000');
  expect(Object.keys((cache.object('window', 'k') as { log60000: object }).log60000)).toHaveLength(1002);
});

test('a block refuses every kind of hit for so long', async () => {
  using cache = await made();
  await cache.call('window:block:k:5000');
  for (const call of ['hit:k:9/1000', 'peek:k:9/1000', 'fixed:k:9:1000', 'log:k:9:1000']) {
    expect(await cache.call(`window:${call}`)).toBe('DENY 0 0 5000 5000');
  }
  cache.advance(4999.5);
  expect(await cache.call('window:hit:k:9/1000')).toBe('DENY 0 0 1 1');
  cache.advance(0.5);
  expect(await cache.call('window:hit:k:9/1000')).toMatch(/^ALLOW/);
});

test('setting the date of the machine empties no window', async () => {
  using cache = await made();
  await cache.call('window:hit:k:1/60000');
  await cache.call('window:fixed:k:1:60000:1:clock');
  await cache.call('window:log:k:1:60000');
  for (const date of [1, 4_000_000_000]) {
    cache.setUnixTime(date);
    for (const call of ['hit:k:1/60000', 'fixed:k:1:60000:1:clock', 'log:k:1:60000']) {
      expect(await cache.call(`window:${call}`)).toMatch(/^DENY/);
    }
  }
});

test('windows are not forgotten before they are empty, and soon after', async () => {
  using cache = await made();
  cache.advance(700);
  await cache.call('window:hit:k:10/1000:10');
  cache.advance(1299);
  expect(await cache.call('window:peek:k:10/1000:10')).toBe('DENY 1 9 1 1');
  cache.advance(3000);
  expect(cache.object('window', 'k')).toBeUndefined();
});

test('an evicted object counts from 0', async () => {
  using cache = await made({ 'memory-limit': 4 });
  await cache.call('window:hit:k:1/3600000');
  await evictAll(cache);
  expect(await cache.call('window:hit:k:1/3600000')).toMatch(/^ALLOW/);
});

test('limits are checked', async () => {
  using cache = await made();
  const wrong = [
    '10',
    '10/',
    '/1000',
    '10/0',
    '10/1000,',
    '10/1000,20/1000',
    `1/${YEAR_MS + 1}`,
    '-1/1000',
    '1.5/1000',
    '1/1e3',
    '1/1,1/2,1/3,1/4,1/5,1/6,1/7,1/8,1/9',
  ];
  for (const limits of wrong) await expect(cache.call(`window:hit:k:${limits}`)).rejects.toThrow(/limits must be like/);
  for (const call of [
    'hit:k:1/1:-1',
    'fixed:k:1:0',
    'fixed:k:-1:1',
    'fixed:k:1:1:1:never',
    'penalty:k:-1',
    'block:k:-1',
  ]) {
    await expect(cache.call(`window:${call}`)).rejects.toThrow(/must be/);
  }
  expect(await cache.call(`window:hit:y:1/${YEAR_MS}`)).toMatch(/^ALLOW 1 0 0 /);
  expect(await cache.call(`window:hit:z:0/1000:1`)).toBe('DENY 1 0 -1 0');
});

test('a call that is ended at any step has changed nothing', async () => {
  using cache = await made();
  const calls = [
    'hit:k:9/1000,9/60000:2',
    'fixed:k:9:1000:2',
    'log:k:9:1000:3',
    'penalty:k:2',
    'reward:k:3',
    'block:k:9',
    'peek:k:9/1000',
  ];
  for (const call of calls) expect((await cache.killAtEachStep(`window:${call}`)).kills).toBeGreaterThan(0);
  cache.advance(1500);
  for (const call of calls) await cache.killAtEachStep(`window:${call}`);
});

test('an object takes at most 130 bytes with one window', async () => {
  using cache = await made();
  cache.advance(1_000_000_000);
  expect(await bytesOfObject(cache, (key) => cache.call(`window:hit:${key}:100/60000`))).toBeLessThanOrEqual(130);
});

test('refuses to write more hits than a call has time for', async () => {
  using cache = await made();
  for (let period = 1; period <= 8; period++) await cache.call(`window:log:k:1000:${period * 1000}:900`);
  await expect(cache.call('window:penalty:k:251')).rejects.toThrow(
    'n is at most 250 for an object with 8 logs: make several calls',
  );
  expect(await cache.call('window:reward:k:250')).toBe('OK');
  expect(await cache.call('window:log:k:1000:8000:0')).toMatch(/^ALLOW 1 350 /);
  cache.advance(4000);
  expect(await cache.call('window:penalty:k:1')).toBe('OK');
  expect(await cache.call('window:log:k:1000:4000:0')).toMatch(/^ALLOW 1 999 /);
  expect(await cache.call('window:log:k:1000:8000:0')).toMatch(/^ALLOW 1 349 /);
});
