// The lock with fencing tokens, in both languages: against a model with random owners and times, and each mistake of hand-written locks.

import { describe, expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { bytesOfObject, Choices, cacheWith, evictAll, passTime, play } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 3000 : 100_000;
const DAY_MS = 86_400_000;

/** A list of grants. The server gives the tokens. */
class Model {
  now = 0;
  largestToken = 0;
  holders: { readonly owner: string; readonly token: number; ends: number }[] = [];

  advance(ms: number): void {
    this.now += ms;
    this.holders = this.holders.filter(({ ends }) => ends > this.now);
  }

  /** The expected reply to `acquire`; # stands for a new token. */
  acquire(owner: string, ttlMs: number, slots: number): string {
    const held = this.of(owner);
    if (held !== undefined) return `OK ${held.token} ${held.ends - this.now}`;
    if (this.holders.length < slots) return `OK # ${ttlMs}`;
    const ends = this.holders.map((holder) => holder.ends).sort((one, other) => other - one);
    return `HELD ${ends[slots - 1] - this.now} ${this.holders.length}`;
  }

  granted(owner: string, token: number, ttlMs: number): void {
    expect(token).toBeGreaterThan(this.largestToken);
    this.largestToken = token;
    this.holders.push({ owner, token, ends: this.now + ttlMs });
  }

  renew(owner: string, token: number, ttlMs: number): string {
    const held = this.of(owner);
    if (held?.token !== token) return 'LOST';
    held.ends = this.now + ttlMs;
    return `OK ${ttlMs}`;
  }

  release(owner: string, token: number): string {
    const held = this.of(owner);
    if (held?.token !== token) return 'LOST';
    this.holders.splice(this.holders.indexOf(held), 1);
    return 'OK';
  }

  check(token: number): string {
    const held = this.holders.find((holder) => holder.token === token);
    return held === undefined ? 'LOST' : `VALID ${held.ends - this.now}`;
  }

  who(): string[] {
    return this.holders.map(({ owner, token, ends }) => `${token} ${ends - this.now} ${owner}`).sort();
  }

  of(owner: string) {
    return this.holders.find((holder) => holder.owner === owner);
  }
}

async function acquired(cache: CacheInProcess, rest: string): Promise<number> {
  const reply = (await cache.call(`lease:acquire:${rest}`)) ?? '';
  expect(reply).toMatch(/^OK \d+ \d+$/);
  return Number(reply.split(' ')[1]);
}

describe.each(['plugins/lease.ts', 'scripts/lease.lua'])('lease of %s', (file) => {
  const made = () => cacheWith(file);

  test.each([1, 3, 40])('agrees with a model on random calls with up to %d slots', async (mostSlots) => {
    using cache = await made();
    const choices = new Choices(mostSlots);
    const model = new Model();
    const owners = Array.from({ length: mostSlots + 3 }, (_, index) => `owner-${index}`);
    const tokens = [1];
    for (let call = 0; call < CALLS; call++) {
      model.advance(passTime(cache, choices, choices.of([0, 30, 200])));
      const owner = choices.of(owners);
      const token = choices.oneIn(4) ? choices.of(tokens) : (model.of(owner)?.token ?? choices.of(tokens));
      const ttlMs = 1 + choices.below(2000);
      const slots = choices.oneIn(3) ? 1 + choices.below(mostSlots) : mostSlots;
      const told = (reply: string | undefined, expected: string) => expect([call, reply]).toEqual([call, expected]);
      const kind = choices.below(20);
      if (kind < 8) {
        const expected = model.acquire(owner, ttlMs, slots);
        const reply = (await cache.call(`lease:acquire:k:${owner}:${ttlMs}:${slots}`)) ?? '';
        if (expected.includes('#')) {
          const given = Number(reply.split(' ')[1]);
          model.granted(owner, given, ttlMs);
          tokens.push(given);
        }
        told(reply, expected.replace('#', String(model.largestToken)));
      } else if (kind < 11) {
        told(await cache.call(`lease:renew:k:${owner}:${token}:${ttlMs}`), model.renew(owner, token, ttlMs));
      } else if (kind < 15) {
        told(await cache.call(`lease:release:k:${owner}:${token}`), model.release(owner, token));
      } else if (kind < 18) told(await cache.call(`lease:check:k:${token}`), model.check(token));
      else if (kind < 19) {
        const [head, ...lines] = ((await cache.call('lease:who:k')) ?? '').split('\r\n');
        expect([call, head, lines.sort()]).toEqual([call, `HOLDERS ${model.holders.length}`, model.who()]);
      } else if (choices.oneIn(5)) {
        const isAlone = model.holders.length === 1 && model.of(owner) !== undefined;
        const reply = await cache.call(`lease:steal:k:${owner}:${ttlMs}:test`);
        if (!isAlone) {
          model.holders = [];
          model.granted(owner, Number(reply?.split(' ')[1]), ttlMs);
        }
        told(reply, `OK ${model.of(owner)?.token}`);
      }
      // There are at most as many holders as the most slots that a call has given.
      expect(model.holders.length).toBeLessThanOrEqual(mostSlots);
    }
  });

  test('one owner holds it until it is released; the next has a larger token', async () => {
    using cache = await made();
    const first = await acquired(cache, 'k:ann:30000');
    await play(cache, [
      ['lease:acquire:k:bob:30000', 'HELD 30000 1'],
      { advance: 10_000 },
      ['lease:acquire:k:bob:30000', 'HELD 20000 1'],
      [`lease:check:k:${first}`, 'VALID 20000'],
      [`lease:who:k`, `HOLDERS 1\r\n${first} 20000 ann`],
      [`lease:release:k:ann:${first}`, 'OK'],
      [`lease:release:k:ann:${first}`, 'LOST'],
      [`lease:check:k:${first}`, 'LOST'],
      [`lease:who:k`, 'HOLDERS 0'],
    ]);
    expect(cache.object('lease', 'k')).toBeUndefined();
    expect(await acquired(cache, 'k:bob:1')).toBeGreaterThan(first);
  });

  test('the same owner again gets its old token and no more time, so a repeated request is harmless', async () => {
    using cache = await made();
    const token = await acquired(cache, 'k:ann:30000');
    cache.advance(10_000);
    expect(await cache.call('lease:acquire:k:ann:60000')).toBe(`OK ${token} 20000`);
    cache.advance(20_000);
    expect(await acquired(cache, 'k:ann:60000')).toBeGreaterThan(token);
  });

  test('a renewal counts from now, not from the first acquisition, and may shorten', async () => {
    using cache = await made();
    const token = await acquired(cache, 'k:ann:30000');
    await play(cache, [
      { advance: 20_000 },
      [`lease:renew:k:ann:${token}:30000`, 'OK 30000'],
      { advance: 29_999 },
      [`lease:check:k:${token}`, 'VALID 1'],
      [`lease:renew:k:ann:${token}:5`, 'OK 5'],
      { advance: 5 },
      [`lease:check:k:${token}`, 'LOST'],
    ]);
  });

  test('a lost lease is never renewed: ended, taken by another, released, deleted, or another token', async () => {
    using cache = await made();
    const token = await acquired(cache, 'k:ann:1000');
    expect(await cache.call(`lease:renew:k:bob:${token}:1000`)).toBe('LOST');
    expect(await cache.call(`lease:renew:k:ann:${token + 1}:1000`)).toBe('LOST');
    cache.advance(1000);
    expect(await cache.call(`lease:renew:k:ann:${token}:1000`)).toBe('LOST');
    const next = await acquired(cache, 'k:bob:1000');
    expect(await cache.call(`lease:renew:k:ann:${token}:1000`)).toBe('LOST');
    expect(await cache.call(`lease:release:k:ann:${token}`)).toBe('LOST');
    await cache.send('delete lease$k\r\n');
    expect(await cache.call(`lease:renew:k:bob:${next}:1000`)).toBe('LOST');
    expect(await cache.call(`lease:check:k:${next}`)).toBe('LOST');
    expect(cache.object('lease', 'k')).toBeUndefined();
  });

  test('tokens rise over releases, ends, deletion, flush_all and dates that are set back', async () => {
    using cache = await made();
    let last = 0;
    const demandLarger = async () => {
      const token = await acquired(cache, 'k:ann:1000');
      expect(token).toBeGreaterThan(last);
      expect(token).toBeLessThan(Number.MAX_SAFE_INTEGER);
      last = token;
    };
    await demandLarger();
    await cache.call(`lease:release:k:ann:${last}`);
    await demandLarger();
    cache.advance(1000);
    await demandLarger();
    await cache.send('delete lease$k\r\n');
    await demandLarger();
    await cache.send('flush_all\r\n');
    cache.advance(1000);
    await demandLarger();
    cache.setUnixTime(1_000_000_000);
    await cache.call(`lease:release:k:ann:${last}`);
    await demandLarger();
  });

  test('a steal ends the lease of its holder, tells the log, and a repeated one changes nothing', async () => {
    using cache = await made();
    const first = await acquired(cache, 'k:ann:30000');
    const stolen = (await cache.call('lease:steal:k:bob:10000', 'ann hangs: see runbook')) ?? '';
    const token = Number(stolen.split(' ')[1]);
    expect(token).toBeGreaterThan(first);
    expect(cache.logged.join('\n')).toMatch(/lease:steal: bob steals k: ann hangs: see runbook/);
    await play(cache, [
      [`lease:renew:k:ann:${first}:1000`, 'LOST'],
      [`lease:release:k:ann:${first}`, 'LOST'],
      { advance: 5000 },
      ['lease:steal:k:bob:10000:again', stolen],
      [`lease:check:k:${token}`, 'VALID 5000'],
      ['lease:acquire:k:ann:1000', 'HELD 5000 1'],
    ]);
  });

  test('slots make it a semaphore; retry_ms is when the first slot is free', async () => {
    using cache = await made();
    const ann = await acquired(cache, 'k:ann:1000:3');
    await acquired(cache, 'k:bob:5000:3');
    const cid = await acquired(cache, 'k:cid:3000:3');
    await play(cache, [
      ['lease:acquire:k:dan:1000:3', 'HELD 1000 3'],
      ['lease:acquire:k:dan:1000:2', 'HELD 3000 3'],
      ['lease:acquire:k:dan:1000', 'HELD 5000 3'],
      [`lease:acquire:k:ann:9000:3`, `OK ${ann} 1000`],
      [`lease:renew:k:ann:${ann}:4000`, 'OK 4000'],
      ['lease:acquire:k:dan:1000:3', 'HELD 3000 3'],
      [`lease:release:k:cid:${cid}`, 'OK'],
      [`lease:check:k:${cid}`, 'LOST'],
    ]);
    await acquired(cache, 'k:dan:1000:3');
    cache.advance(5000);
    expect(await cache.call('lease:who:k')).toBe('HOLDERS 0');
    await acquired(cache, 'k:eve:1000');
    expect(Object.keys(cache.object('lease', 'k') as object)).toEqual(['owner', 'token', 'ends']);
  });

  test('ten thousand slots are held, end together, and are held again; no call takes long', async () => {
    using cache = await made();
    const slots = 10_000;
    for (let owner = 0; owner < slots; owner++) await acquired(cache, `k:o${owner}:60000:${slots}`);
    expect(await cache.call(`lease:acquire:k:late:1000:${slots}`)).toBe(`HELD 60000 ${slots}`);
    const { steps } = cache.last;
    expect(steps).toBeLessThan(1000);
    const listed = ((await cache.call('lease:who:k')) ?? '').split('\r\n');
    expect([listed.length, listed[0], listed[500]?.endsWith(' o499')]).toEqual([501, `HOLDERS ${slots}`, true]);
    cache.advance(59_999);
    await cache.call(`lease:acquire:k:late:1000:${slots}`);
    await acquired(cache, `l:only:1000:${slots}`);
    cache.advance(1);
    expect(await cache.call('lease:who:k')).toBe('HOLDERS 0');
    for (let owner = 0; owner < 300; owner++) {
      await acquired(cache, `k:p${owner}:60000:${slots}`);
      expect(cache.last.steps).toBeLessThan(20_000);
    }
    expect(((await cache.call('lease:who:k')) ?? '').split('\r\n')).toHaveLength(301);
  });

  test('a lease ends at its millisecond, although objects expire by whole seconds, and its object soon after', async () => {
    using cache = await made();
    for (let round = 0; round < 20; round++) {
      cache.advance(993.5);
      const token = await acquired(cache, `k${round}:ann:1500`);
      cache.advance(1499);
      expect(await cache.call(`lease:check:k${round}:${token}`)).toBe('VALID 1');
      expect(await cache.call(`lease:acquire:k${round}:bob:1500`)).toBe('HELD 1 1');
      cache.advance(1);
      expect(await cache.call(`lease:check:k${round}:${token}`)).toBe('LOST');
      cache.advance(3000);
      expect(cache.object('lease', `k${round}`)).toBeUndefined();
    }
  });

  test('setting the date of the machine opens no lock and keeps none', async () => {
    using cache = await made();
    const token = await acquired(cache, 'k:ann:5000');
    for (const date of [1, 4_000_000_000]) {
      cache.setUnixTime(date);
      expect(await cache.call(`lease:check:k:${token}`)).toBe('VALID 5000');
      expect(await cache.call('lease:acquire:k:bob:1')).toBe('HELD 5000 1');
    }
  });

  test('remaining time is rounded down and the time to wait is rounded up', async () => {
    using cache = await made();
    const token = await acquired(cache, 'k:ann:100');
    cache.advance(0.25);
    expect(await cache.call(`lease:check:k:${token}`)).toBe('VALID 99');
    expect(await cache.call('lease:acquire:k:bob:1')).toBe('HELD 100 1');
    cache.advance(99.5);
    expect(await cache.call(`lease:check:k:${token}`)).toBe('VALID 0');
    expect(await cache.call('lease:acquire:k:bob:1')).toBe('HELD 1 1');
  });

  test('a hundred thousand calls at one instant give one owner the lock', async () => {
    using cache = await made();
    let granted = 0;
    for (let owner = 0; owner < 100_000; owner++) {
      if ((await cache.call(`lease:acquire:k:o${owner}:1000`))?.startsWith('OK')) granted++;
    }
    expect(granted).toBe(1);
  });

  test('a lease is not evicted before its end', async () => {
    using cache = await cacheWith(file, { 'memory-limit': 4 });
    const token = await acquired(cache, 'k:ann:60000');
    await evictAll(cache);
    expect(await cache.call(`lease:check:k:${token}`)).toBe('VALID 60000');
  });

  test('times, slots and owners are checked', async () => {
    using cache = await made();
    const wrong = [
      'ann:0',
      `ann:${DAY_MS + 1}`,
      'ann:1.5',
      'ann:1000:0',
      'ann:1000:10001',
      `${'x'.repeat(65)}:1`,
      'a%20b:1',
      'a%0db:1',
    ];
    for (const rest of wrong) await expect(cache.call(`lease:acquire:k:${rest}`)).rejects.toThrow(/must/);
    expect(cache.object('lease', 'k')).toBeUndefined();
    await acquired(cache, `k:${'x'.repeat(64)}:${DAY_MS}:10000`);
    await acquired(cache, 'l:%e4%ff%3a:1:1');
  });

  test('looking makes no object', async () => {
    using cache = await made();
    await play(cache, [
      ['lease:who:none', 'HOLDERS 0'],
      ['lease:check:none:1', 'LOST'],
      ['lease:renew:none:ann:1:1', 'LOST'],
      ['lease:release:none:ann:1', 'LOST'],
    ]);
    expect(cache.object('lease', 'none')).toBeUndefined();
  });

  test('a call that is ended at any step has changed nothing', async () => {
    using cache = await made();
    expect((await cache.killAtEachStep('lease:acquire:k:ann:1000:3')).kills).toBeGreaterThan(0);
    const token = await acquired(cache, 'k:ann:1000:3');
    const calls = ['acquire:k:bob:500:3', 'acquire:k:cid:500:3', `renew:k:ann:${token}:600`, 'who:k'];
    for (const call of [...calls, `check:k:${token}`, `release:k:ann:${token}`]) {
      expect((await cache.killAtEachStep(`lease:${call}`)).kills).toBeGreaterThan(0);
    }
    cache.advance(550);
    for (const call of ['acquire:k:dan:500:3', 'steal:k:eve:500:why']) await cache.killAtEachStep(`lease:${call}`);
    expect(await cache.call('lease:who:k')).toMatch(/^HOLDERS 1\r\n\d+ 500 eve$/);
  });

  test('a lease takes at most 150 bytes', async () => {
    using cache = await made();
    cache.advance(1234.567);
    const bytes = await bytesOfObject(cache, (key) => cache.call(`lease:acquire:${key}:${'o'.repeat(36)}:30000`));
    expect(bytes).toBeLessThanOrEqual(150);
  });
});
