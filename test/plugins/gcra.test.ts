// The rate limiter, in both languages: its formulas against a model in whole numbers, and each mistake of hand-written limiters.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AT_ONE_INSTANT } from './calls-in-bulk.js';
import { builtCache, bytesOfObject, Choices, cacheWith, evictAll, passTime, play, ROOT } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 3000 : 100_000;
const YEAR_MS = 366 * 86_400_000;

/** Calls methods of limiters with arguments by name. */
const CALLER = `return { name = "caller", missing = "empty", methods = { call = { access = "upsert",
  parameters = { { name = "method", type = "string" }, { name = "args", type = "object" } },
  run = function(self, args, call) return call.invoke("gcra", args.method, call.key, args.args) end } } }`;

interface Limits {
  readonly burst: number;
  readonly count: number;
  readonly period: number;
}

/** The formulas as the specification has them, exact: times are whole numbers of 1/2520 ms, which each interval of the test divides. */
class Model {
  static readonly TICKS = 2520;
  tat = 0;
  now = 0;
  /** The tolerance with which the last booking beyond the burst was made. */
  booked = -1;
  blocked = 0;

  advance(ms: number): void {
    this.now += ms * Model.TICKS;
  }

  take(limits: Limits, n: number, maxWaitMs = 0, writes = true): string {
    const { interval, tolerance } = this.#clamp(limits);
    const debt = Math.max(0, this.#tatFor(tolerance) - this.now);
    const blockedFor = Math.max(0, this.blocked - this.now);
    const wait = debt + n * interval - tolerance;
    if (n <= limits.burst && blockedFor === 0 && wait <= maxWaitMs * Model.TICKS) {
      if (writes && n > 0) this.#write(debt + n * interval, tolerance);
      return `ALLOW ${this.#fields(limits, debt + n * interval, 0, 0)}`;
    }
    if (writes && n > 0 && n <= limits.burst && this.tat - this.now > debt) this.#write(debt, tolerance);
    const retry = n > limits.burst ? -1 : Math.max(1, up(Math.max(blockedFor, wait - maxWaitMs * Model.TICKS)));
    return `DENY ${this.#fields(limits, debt, retry, blockedFor)}`;
  }

  book(limits: Limits, n: number, maxWaitMs: number): string {
    const { interval, tolerance } = this.#clamp(limits);
    const wait = Math.max(0, this.#tatFor(tolerance) - this.now) + n * interval - tolerance;
    const reply = this.take(limits, n, maxWaitMs);
    return reply.startsWith('ALLOW') ? `${reply} ${Math.max(0, up(wait))}` : reply;
  }

  refund(limits: Limits, n: number): string {
    const { interval, tolerance } = this.#clamp(limits);
    const debt = Math.max(0, Math.max(0, this.#tatFor(tolerance) - this.now) - n * interval);
    if (n > 0) this.#write(debt, tolerance);
    return `OK ${this.#fields(limits, debt, 0, Math.max(0, this.blocked - this.now))}`;
  }

  #clamp({ burst, count, period }: Limits) {
    const interval = (period * Model.TICKS) / count;
    expect(Number.isInteger(interval)).toBe(true);
    return { interval, tolerance: burst * interval };
  }

  #tatFor(tolerance: number): number {
    return this.booked === tolerance ? this.tat : Math.min(this.tat, this.now + tolerance);
  }

  #write(debt: number, tolerance: number): void {
    this.tat = this.now + debt;
    this.booked = debt > tolerance ? tolerance : -1;
  }

  #fields({ burst, count, period }: Limits, debt: number, retry: number, blockedFor: number): string {
    const interval = (period * Model.TICKS) / count;
    const remaining = blockedFor > 0 ? 0 : Math.max(0, Math.floor((burst * interval - debt) / interval));
    return `${burst} ${remaining} ${retry} ${up(Math.max(debt, blockedFor))}`;
  }
}

function up(ticks: number): number {
  return Math.ceil(ticks / Model.TICKS);
}

/** Intervals of 1/10 ms to 1000/7 ms; each divides 1/2520 ms. */
const SOME_LIMITS: readonly Limits[] = [
  { burst: 1, count: 1, period: 10 },
  { burst: 5, count: 7, period: 1000 },
  { burst: 10, count: 3, period: 100 },
  { burst: 3, count: 9, period: 100 },
  { burst: 20, count: 10, period: 1 },
  { burst: 0, count: 1, period: 1 },
];

describe.each(['plugins/gcra.ts', 'scripts/gcra.lua'])('gcra of %s', (file) => {
  const made = () => cacheWith(file);

  test('lets a burst pass at one instant, then one request per interval, and tells when', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:take:k:3:10:1000', 'ALLOW 3 2 0 100'],
      ['gcra:take:k:3:10:1000', 'ALLOW 3 1 0 200'],
      ['gcra:take:k:3:10:1000', 'ALLOW 3 0 0 300'],
      ['gcra:take:k:3:10:1000', 'DENY 3 0 100 300'],
      { advance: 37 },
      ['gcra:take:k:3:10:1000', 'DENY 3 0 63 263'],
      { advance: 63 },
      ['gcra:take:k:3:10:1000', 'ALLOW 3 0 0 300'],
      ['gcra:take:k:3:10:1000:2', 'DENY 3 0 200 300'],
      { advance: 1000 },
      ['gcra:take:k:3:10:1000:3', 'ALLOW 3 0 0 300'],
    ]);
  });

  test('agrees with the formulas on random calls, limits and times, whatever the date of the machine', async () => {
    using cache = await made();
    const choices = new Choices(14);
    const model = new Model();
    for (let call = 0; call < CALLS; call++) {
      model.advance(passTime(cache, choices, choices.of([3, 50, 1000])));
      const limits = choices.oneIn(50) ? choices.of(SOME_LIMITS) : SOME_LIMITS[Math.floor(call / 300) % 5];
      const n = choices.of([1, 1, 1, 0, 2, 5, 30]);
      const given = `${limits.burst}:${limits.count}:${limits.period}:${n}`;
      const maxWaitMs = choices.of([0, 20, 500]);
      const [text, expected] = choices.of([
        () => [`gcra:take:k:${given}`, model.take(limits, n)],
        () => [`gcra:take:k:${given}`, model.take(limits, n)],
        () => [`gcra:peek:k:${given}`, model.take(limits, n, 0, false)],
        () => [`gcra:book:k:${given}:${maxWaitMs}`, model.book(limits, n, maxWaitMs)],
        () => [`gcra:refund:k:${given}`, model.refund(limits, n)],
      ])();
      expect([call, text, await cache.call(text)]).toEqual([call, text, expected]);
      if (choices.oneIn(200)) {
        const ms = choices.below(100);
        expect(await cache.call(`gcra:block:k:${ms}`)).toBe('OK');
        model.blocked = model.now + ms * Model.TICKS;
      }
      if (choices.oneIn(300)) {
        expect(await cache.call('gcra:reset:k')).toBe('OK');
        Object.assign(model, { tat: 0, blocked: 0, booked: -1 });
      }
    }
  });

  test('weighted requests do not overshoot: one of a million takes nothing', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:take:k:10:10:1000:4', 'ALLOW 10 6 0 400'],
      ['gcra:take:k:10:10:1000:7', 'DENY 10 6 100 400'],
      ['gcra:take:k:10:10:1000:1000000', 'DENY 10 6 -1 400'],
      ['gcra:take:k:10:10:1000:6', 'ALLOW 10 0 0 1000'],
    ]);
  });

  test('a limit of 1 lets one request pass in each period, at odd rates too', async () => {
    using cache = await made();
    for (const [count, period] of [
      [1, 1000],
      [3, 1000],
      [7, 1000],
      [1, 7],
    ] as const) {
      const call = `gcra:take:k${count}${period}:1:${count}:${period}`;
      for (let round = 0; round < 20; round++) {
        expect(await cache.call(call)).toBe(`ALLOW 1 0 0 ${Math.ceil(period / count)}`);
        expect(await cache.call(call)).toMatch(/^DENY 1 0 /);
        cache.advance(Number((await cache.call(call))?.split(' ')[3]));
      }
    }
  });

  test('three requests a second do not drift in a day', async () => {
    using cache = await made();
    let passed = 0;
    for (let call = 0; call < 1000; call++) {
      for (; (await cache.call('gcra:take:k:3:3:1000'))?.startsWith('ALLOW'); passed++);
      cache.advance(86_400);
    }
    expect(passed).toBe(3 * 1000);
    const steps = 7000;
    passed = 0;
    for (let call = 0; call < steps; call++) {
      if ((await cache.call('gcra:take:d:3:3:1000'))?.startsWith('ALLOW')) passed++;
      cache.advance(100);
    }
    // Three at the start, and then one for each third of a second.
    expect(passed).toBe(3 + Math.floor(((steps - 1) * 100 * 3) / 1000));
  });

  test('rates of a million a second and periods of a year work', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:take:m:1000000:1000000:1000:999999', 'ALLOW 1000000 1 0 1000'],
      ['gcra:take:m:1000000:1000000:1000:2', 'DENY 1000000 1 1 1000'],
      { advance: 1 },
      ['gcra:take:m:1000000:1000000:1000:1001', 'ALLOW 1000000 0 0 1000'],
      [`gcra:take:y:2:1:${YEAR_MS}`, `ALLOW 2 1 0 ${YEAR_MS}`],
      [`gcra:take:y:2:1:${YEAR_MS}`, `ALLOW 2 0 0 ${2 * YEAR_MS}`],
      [`gcra:take:y:2:1:${YEAR_MS}`, `DENY 2 0 ${YEAR_MS} ${2 * YEAR_MS}`],
      { advance: YEAR_MS - 1 },
      [`gcra:take:y:2:1:${YEAR_MS}`, `DENY 2 0 1 ${YEAR_MS + 1}`],
      { advance: 1 },
      [`gcra:take:y:2:1:${YEAR_MS}`, `ALLOW 2 0 0 ${2 * YEAR_MS}`],
    ]);
    const beyond = `gcra:take:k:9007199254740991:1:${YEAR_MS}`;
    await expect(cache.call(beyond)).rejects.toThrow('burst * period_ms / count must be below 2^53');
  });

  test.each([
    [AT_ONE_INSTANT, 3, 1000],
    [AT_ONE_INSTANT / 5, 1_000_000, 1000],
    [AT_ONE_INSTANT / 5, 1, YEAR_MS],
  ])('%d calls at one instant let through exactly the burst, with %d per %d ms', async (calls, count, period) => {
    using cache = await made();
    // After four months of uptime, at a time that is no whole number.
    cache.advance(1e10 + 0.123);
    const burst = calls / 2;
    let passed = 0;
    for (let call = 0; call < calls; call++) {
      if ((await cache.call(`gcra:take:k:${burst}:${count}:${period}`))?.startsWith('ALLOW')) passed++;
    }
    expect(passed).toBe(burst);
  });

  test('no more remain than the limit, at rates beyond a million a second too', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:peek:k:1:9007199254740991:1:2', 'DENY 1 1 -1 0'],
      ['gcra:peek:k:9007199254740991:9007199254740991:31622400000:0', 'ALLOW 9007199254740991 9007199254740991 0 0'],
    ]);
  });

  test('refused calls do not move the time of the next', async () => {
    using cache = await made();
    await cache.call('gcra:take:k:1:1:1000');
    const before = cache.object('gcra', 'k');
    for (let call = 0; call < 100; call++) expect(await cache.call('gcra:take:k:1:1:1000')).toBe('DENY 1 0 1000 1000');
    await cache.call('gcra:take:k:1:1:1000:5');
    expect(cache.object('gcra', 'k')).toEqual(before);
  });

  test('limits that are changed apply immediately: an old debt refuses nothing that the new limits allow', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:take:k:60:60:3600000:60', 'ALLOW 60 0 0 3600000'],
      // The burst of the new limits counts as taken.
      ['gcra:take:k:10:10:1000', 'DENY 10 0 100 1000'],
      { advance: 100 },
      ['gcra:take:k:10:10:1000', 'ALLOW 10 0 0 1000'],
      // Back again: what is not paid back counts under any limits.
      ['gcra:peek:k:60:60:3600000', 'ALLOW 60 58 0 61000'],
    ]);
  });

  test('retry is at least 1 ms while refused and long enough, and -1 for what can never pass', async () => {
    using cache = await made();
    const choices = new Choices(7);
    for (let round = 0; round < 300; round++) {
      const limits = `${1 + choices.below(4)}:${1 + choices.below(2000)}:1000`;
      const fields = (await cache.call(`gcra:take:k:${limits}`))?.split(' ') ?? [];
      if (fields[0] === 'ALLOW') {
        expect(fields[3]).toBe('0');
        continue;
      }
      const retry = Number(fields[3]);
      expect(retry).toBeGreaterThanOrEqual(1);
      cache.advance(retry);
      expect(await cache.call(`gcra:peek:k:${limits}`)).toMatch(/^ALLOW /);
      cache.advance(choices.below(3) / 7);
    }
    expect(await cache.call('gcra:take:k:2:1:1000:3')).toMatch(/^DENY 2 \d -1 /);
    expect(await cache.call('gcra:take:k:0:1:1000')).toMatch(/^DENY 0 0 -1 /);
  });

  test('n = 0 is a look: it changes nothing, and an empty limiter allows it with 0 remaining', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:take:k:2:1:1000:0', 'ALLOW 2 2 0 0'],
      ['gcra:book:k:2:1:1000:0', 'ALLOW 2 2 0 0 0'],
      ['gcra:refund:k:2:1:1000:0', 'OK 2 2 0 0'],
    ]);
    expect(cache.object('gcra', 'k')).toBeUndefined();
    await play(cache, [
      ['gcra:take:k:2:1:1000:2', 'ALLOW 2 0 0 2000'],
      ['gcra:take:k:2:1:1000:0', 'ALLOW 2 0 0 2000'],
      ['gcra:take:k:2:1:1000', 'DENY 2 0 1000 2000'],
    ]);
  });

  test('peek needs no object and no right to write, and makes none', async () => {
    using cache = await made();
    expect(await cache.call('gcra:peek:k:10:1:1000')).toBe('ALLOW 10 9 0 1000');
    expect(cache.object('gcra', 'k')).toBeUndefined();
    expect(await cache.call('cacheismo:methods:gcra')).toMatch(/^peek read /m);
  });

  test('a booking waits for its place, and those after it wait longer', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:book:k:1:1:1000:1:2500', 'ALLOW 1 0 0 1000 0'],
      ['gcra:book:k:1:1:1000:1:2500', 'ALLOW 1 0 0 2000 1000'],
      ['gcra:book:k:1:1:1000:1:2500', 'ALLOW 1 0 0 3000 2000'],
      ['gcra:book:k:1:1:1000:1:2500', 'DENY 1 0 500 3000'],
      // Who does not book is refused as long as booked places are not over.
      ['gcra:take:k:1:1:1000', 'DENY 1 0 3000 3000'],
      { advance: 2999 },
      ['gcra:take:k:1:1:1000', 'DENY 1 0 1 1'],
      { advance: 1 },
      ['gcra:take:k:1:1:1000', 'ALLOW 1 0 0 1000'],
      ['gcra:book:k:1:1:1000:2:100000', 'DENY 1 0 -1 1000'],
    ]);
    expect(cache.object('gcra', 'k')).toEqual({ tat: 4000 });
  });

  test('bookings of earlier limits do not refuse what new limits allow', async () => {
    using cache = await made();
    await cache.call('gcra:book:k:1:1:60000:1:600000');
    expect(await cache.call('gcra:book:k:1:1:60000:1:600000')).toBe('ALLOW 1 0 0 120000 60000');
    expect(await cache.call('gcra:take:k:1:1:1000')).toBe('DENY 1 0 1000 1000');
    cache.advance(1000);
    expect(await cache.call('gcra:take:k:1:1:1000')).toBe('ALLOW 1 0 0 1000');
  });

  test('a refund gives back, never beyond full', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:take:k:5:1:1000:4', 'ALLOW 5 1 0 4000'],
      ['gcra:refund:k:5:1:1000:3', 'OK 5 4 0 1000'],
      ['gcra:refund:k:5:1:1000:1000', 'OK 5 5 0 0'],
      ['gcra:take:k:5:1:1000:6', 'DENY 5 5 -1 0'],
    ]);
  });

  test('a policy is stored, and calls then give n only', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:policy:k:3:1:1000', 'OK'],
      ['gcra:take:k', 'ALLOW 3 2 0 1000'],
      ['gcra:peek:k:2', 'ALLOW 3 0 0 3000'],
      ['gcra:take:k:2', 'ALLOW 3 0 0 3000'],
      ['gcra:take:k', 'DENY 3 0 1000 3000'],
      ['gcra:book:k:1:1000', 'ALLOW 3 0 0 4000 1000'],
      ['gcra:book:k:1:1000', 'DENY 3 0 1000 4000'],
      ['gcra:refund:k:2', 'OK 3 1 0 2000'],
      ['gcra:policy:k:10:1:1000', 'OK'],
      ['gcra:take:k', 'ALLOW 10 7 0 3000'],
      // Limits that are given count.
      ['gcra:take:k:3:1:1000', 'DENY 3 0 1000 3000'],
      ['gcra:reset:k', 'OK'],
      ['gcra:peek:k', 'ALLOW 10 9 0 1000'],
      { advance: 366 * 86_400_000 },
      ['gcra:take:k', 'ALLOW 10 9 0 1000'],
    ]);
    for (const call of ['gcra:take:none', 'gcra:take:none:5', 'gcra:take:k:5:1', 'gcra:take:k:5:0:1000']) {
      await expect(cache.call(call)).rejects.toThrow('store a policy');
    }
  });

  test('with a policy takes n by its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cacheismo-caller-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const caller = join(folder, 'caller.lua');
    writeFileSync(caller, CALLER);
    using cache = await builtCache({ types: [ROOT + file, caller] });
    await play(cache, [
      ['gcra:policy:k:3:1:1000', 'OK'],
      ['caller:call:k:peek:{"n":3}', 'ALLOW 3 0 0 3000'],
      ['caller:call:k:take:{"n":2}', 'ALLOW 3 1 0 2000'],
      ['caller:call:k:take:{"n":0}', 'ALLOW 3 1 0 2000'],
      ['caller:call:k:take:{"n":2}', 'DENY 3 1 1000 2000'],
      ['caller:call:k:refund:{"n":2}', 'OK 3 3 0 0'],
      ['caller:call:k:take:{"n":1}', 'ALLOW 3 2 0 1000'],
      ['caller:call:k:book:{"n":3,"max_wait_ms":1000}', 'ALLOW 3 0 0 4000 1000'],
      ['caller:call:k:book:{"n":2,"max_wait_ms":1000}', 'DENY 3 0 2000 4000'],
      ['caller:call:k:take:{"burst":5,"count":1,"period_ms":1000,"n":5}', 'DENY 5 1 4000 4000'],
    ]);
  });

  test('a block refuses for so long, a reset forgets', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:block:k:5000', 'OK'],
      ['gcra:take:k:3:1:1000', 'DENY 3 0 5000 5000'],
      ['gcra:book:k:3:1:1000:1:100000', 'DENY 3 0 5000 5000'],
      { advance: 4999 },
      ['gcra:peek:k:3:1:1000:0', 'DENY 3 0 1 1'],
      { advance: 1 },
      ['gcra:take:k:3:1:1000:2', 'ALLOW 3 1 0 2000'],
      ['gcra:block:k:60000', 'OK'],
      ['gcra:block:k:0', 'OK'],
      ['gcra:take:k:3:1:1000', 'ALLOW 3 0 0 3000'],
      ['gcra:reset:k', 'OK'],
      ['gcra:reset:k', 'OK'],
      ['gcra:take:k:3:1:1000', 'ALLOW 3 2 0 1000'],
      ['gcra:block:p:0', 'OK'],
      ['gcra:reset:none', 'OK'],
    ]);
    expect(cache.object('gcra', 'none')).toBeUndefined();
  });

  test('clthrottle has the arguments and the five numbers of redis-cell, in whole seconds', async () => {
    using cache = await made();
    await play(cache, [
      ['gcra:clthrottle:k:15:30:60', '0 16 15 -1 2'],
      ['gcra:clthrottle:k:15:30:60:15', '0 16 0 -1 32'],
      ['gcra:clthrottle:k:15:30:60', '1 16 0 2 32'],
      ['gcra:clthrottle:k:0:1:60:2', '1 1 0 -1 32'],
      { advance: 500 },
      ['gcra:clthrottle:k:15:30:60', '1 16 0 2 32'],
    ]);
  });

  test('a limiter is not forgotten before its reset, although objects expire by whole seconds, and is forgotten soon after', async () => {
    using cache = await made();
    for (let offset = 0; offset < 20; offset++) {
      cache.advance(997.3);
      await cache.call(`gcra:take:k${offset}:1:1:1500`);
      cache.advance(1499);
      expect(await cache.call(`gcra:take:k${offset}:1:1:1500`)).toBe('DENY 1 0 1 1');
      cache.advance(3001);
      expect(cache.object('gcra', `k${offset}`)).toBeUndefined();
    }
    await cache.call('gcra:block:b:10000');
    await cache.call('gcra:take:b:1:1:1000');
    cache.advance(9999);
    expect(await cache.call('gcra:take:b:1:1:1000')).toBe('DENY 1 0 1 1');
  });

  test('setting the date of the machine neither empties nor fills a limiter', async () => {
    using cache = await made();
    await cache.call('gcra:take:k:2:1:1000:2');
    for (const date of [1, 4_000_000_000, 1_500_000_000]) {
      cache.setUnixTime(date);
      expect(await cache.call('gcra:take:k:2:1:1000')).toBe('DENY 2 0 1000 2000');
    }
  });

  test('an evicted or deleted limiter is full again', async () => {
    using cache = await cacheWith(file, { 'memory-limit': 4 });
    await cache.call('gcra:take:k:2:1:100000:2');
    await evictAll(cache);
    expect(await cache.call('gcra:take:k:2:1:100000')).toBe('ALLOW 2 1 0 100000');
    await cache.send('delete gcra$k\r\n');
    expect(await cache.call('gcra:take:k:2:1:100000')).toBe('ALLOW 2 1 0 100000');
  });

  test('numbers are checked', async () => {
    using cache = await made();
    for (const wrong of [
      '-1:1:1',
      '1:-1:1',
      '1:1:-1',
      '1:1:1:-1',
      '1.5:1:1',
      '1:NaN:1',
      '1:1:1e3',
      `1:1:${YEAR_MS + 1}`,
    ]) {
      await expect(cache.call(`gcra:take:k:${wrong}`)).rejects.toThrow(/must be/);
    }
    await expect(cache.call('gcra:take:k:9007199254740993:1:1')).rejects.toThrow(/must be/);
    expect(cache.object('gcra', 'k')).toBeUndefined();
  });

  test('a call that is ended at any step has changed nothing', async () => {
    using cache = await made();
    const calls = [
      'take:k:5:1:1000:2',
      'book:k:1:1:1000:1:9000',
      'take:k:1:1:10',
      'refund:k:5:1:1000',
      'policy:k:3:1:1000',
    ];
    for (const call of [...calls, 'block:k:100', 'reset:k', 'clthrottle:c:1:1:1', 'peek:none:1:1:1']) {
      const { kills } = await cache.killAtEachStep(`gcra:${call}`);
      expect(kills).toBeGreaterThan(0);
    }
  });

  test('a limiter takes at most 90 bytes, and 120 with a policy', async () => {
    using cache = await made();
    cache.advance(1234.567);
    expect(await bytesOfObject(cache, (key) => cache.call(`gcra:take:${key}:10:3:1000`))).toBeLessThanOrEqual(90);
    using other = await made();
    other.advance(1234.567);
    expect(await bytesOfObject(other, (key) => other.call(`gcra:policy:${key}:10:3:1000`))).toBeLessThanOrEqual(120);
  });
});
