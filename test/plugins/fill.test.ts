// Values that one caller computes: against a model with random callers and times, and each mistake of hand-written protections.

import { expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { AT_ONE_INSTANT } from './calls-in-bulk.js';
import { bytesOfObject, Choices, cacheWith, evictAll, passTime, play } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 2500 : 100_000;

const made = (config = {}) => cacheWith('plugins/fill.ts', config);

async function won(cache: CacheInProcess, rest: string, body?: string): Promise<number> {
  const reply = (await cache.call(`fill:get:${rest}`)) ?? '';
  const [head, ...lines] = reply.split('\r\n');
  expect([head.replace(/\d+/, '#'), lines.join('\r\n')]).toEqual(['WIN #', body ?? '']);
  return Number(head.split(' ')[1]);
}

class Model {
  now = 0;
  value: { readonly body: string; readonly made: number; fresh: number; readonly stale: number } | undefined;
  token: number | undefined;
  leased = 0;

  /** # stands for a new token. */
  get(leaseMs: number, refreshMs: number): string {
    const { value, now } = this;
    const isServed = value !== undefined && value.stale > now;
    const isFresh = isServed && value.fresh > now;
    if (this.leased <= now && (!isFresh || value.fresh - now <= refreshMs)) {
      this.leased = now + leaseMs;
      return `WIN #${isServed ? `\r\n${value.body}` : ''}`;
    }
    if (!isServed) return `WAIT ${this.leased - now}`;
    const age = now - value.made;
    return `${isFresh ? `HIT ${age} ${value.fresh - now}` : `STALE ${age}`}\r\n${value.body}`;
  }

  set(freshMs: number, staleMs: number, body: string): string {
    const { now } = this;
    this.value = { body, made: now, fresh: now + freshMs, stale: now + freshMs + staleMs };
    this.void();
    return 'STORED';
  }

  put(token: number, freshMs: number, staleMs: number, body: string): string {
    return token === this.token ? this.set(freshMs, staleMs, body) : 'VOID';
  }

  fail(token: number, retryMs: number): string {
    if (token !== this.token) return 'VOID';
    this.void();
    this.leased = this.now + retryMs;
    return 'OK';
  }

  stale(): string {
    if (this.value !== undefined) this.value.fresh = Math.min(this.value.fresh, this.now);
    this.void();
    return 'OK';
  }

  drop(): string {
    this.value = undefined;
    this.void();
    return 'OK';
  }

  void(): void {
    this.token = undefined;
    this.leased = 0;
  }
}

test('agrees with a model on random callers and times', async () => {
  using cache = await made();
  const choices = new Choices(4);
  const model = new Model();
  const tokens = [1];
  for (let call = 0; call < CALLS; call++) {
    model.now += passTime(cache, choices, choices.of([0, 20, 200]));
    const token = choices.oneIn(3) ? choices.of(tokens) : (model.token ?? choices.of(tokens));
    const told = (reply: string | undefined, expected: string) => expect([call, reply]).toEqual([call, expected]);
    const [freshMs, staleMs, body] = [choices.below(200), choices.below(200), `body ${call}`];
    const kind = choices.below(20);
    if (kind < 11) {
      const [leaseMs, refreshMs] = [1 + choices.below(100), choices.of([0, 0, 50])];
      // An object whose times are all over may expire, which voids its token.
      const expected = model.get(leaseMs, refreshMs);
      const reply = (await cache.call(`fill:get:k:${leaseMs}:${refreshMs}`)) ?? '';
      if (expected.includes('#')) {
        const given = Number(reply.split('\r\n')[0].split(' ')[1]);
        expect(given).toBeGreaterThan(tokens.at(-1) as number);
        tokens.push(given);
        model.token = given;
      }
      told(reply, expected.replace('#', String(model.token)));
    } else if (kind < 15) {
      if (cache.object('fill', 'k') === undefined) model.void();
      told(
        await cache.call(`fill:put:k:${token}:${freshMs}:${staleMs}:5`, body),
        model.put(token, freshMs, staleMs, body),
      );
    } else if (kind < 16)
      told(await cache.call(`fill:set:k:${freshMs}:${staleMs}`, body), model.set(freshMs, staleMs, body));
    else if (kind < 17) told(await cache.call('fill:stale:k'), model.stale());
    else if (kind < 18) told(await cache.call('fill:drop:k'), model.drop());
    else if (kind < 19) {
      if (cache.object('fill', 'k') === undefined) model.void();
      told(await cache.call(`fill:fail:k:${token}:${staleMs}`), model.fail(token, staleMs));
    } else {
      await cache.send('delete fill$k\r\n');
      model.drop();
    }
  }
});

test('of all who miss at one instant one wins, and the others wait', async () => {
  using cache = await made();
  const token = await won(cache, 'k');
  for (let caller = 0; caller < AT_ONE_INSTANT; caller++) {
    if ((await cache.call('fill:get:k')) !== 'WAIT 10000') throw new Error(`caller ${caller} does not wait`);
  }
  expect(await cache.call(`fill:put:k:${token}:60000:30000:120`, 'value')).toBe('STORED');
  expect(await cache.call('fill:get:k')).toBe('HIT 0 60000\r\nvalue');
});

test('while a stale value is computed again, the others get the old one', async () => {
  using cache = await made();
  await cache.call('fill:set:k:1000:5000', 'old');
  cache.advance(1000);
  const token = await won(cache, 'k', 'old');
  expect(await cache.call('fill:get:k')).toBe('STALE 1000\r\nold');
  cache.advance(500);
  expect(await cache.call('fill:get:k')).toBe('STALE 1500\r\nold');
  await cache.call(`fill:put:k:${token}:1000:5000:500`, 'new');
  expect(await cache.call('fill:get:k')).toBe('HIT 0 1000\r\nnew');
  cache.advance(6000);
  // Too old to be served at all.
  await won(cache, 'k');
  expect(await cache.call('fill:get:k:500')).toBe('WAIT 10000');
});

test('a winner that dies costs its lease, not longer', async () => {
  using cache = await made();
  const first = await won(cache, 'k:2000');
  cache.advance(1999);
  expect(await cache.call('fill:get:k:2000')).toBe('WAIT 1');
  cache.advance(1);
  const second = await won(cache, 'k:2000');
  // It was only slow: its value is not wanted any more.
  expect(await cache.call(`fill:put:k:${first}:1000:0:1`, 'late')).toBe('VOID');
  expect(await cache.call(`fill:put:k:${second}:1000:0:1`, 'value')).toBe('STORED');
});

test.each([
  ['stale', 'fill:stale:k'],
  ['drop', 'fill:drop:k'],
  ['set', 'fill:set:k:1000:1000:newer'],
])('a value that was read before %s cannot be stored after it', async (_name, change) => {
  using cache = await made();
  await cache.call('fill:set:k:10:60000', 'old');
  cache.advance(10);
  const token = await won(cache, 'k', 'old');
  await cache.call(change);
  expect(await cache.call(`fill:put:k:${token}:1000:1000:1`, 'old again')).toBe('VOID');
  expect(await cache.call(`fill:fail:k:${token}`)).toBe('VOID');
  // Not even if another has won since.
  await cache.call('fill:get:k');
  expect(await cache.call(`fill:put:k:${token}:1000:1000:1`, 'old again')).toBe('VOID');
});

test('deleting the object voids tokens', async () => {
  using cache = await made();
  const token = await won(cache, 'k');
  expect(await cache.send('delete fill$k\r\n')).toBe('DELETED\r\n');
  expect(await cache.call(`fill:put:k:${token}:1000:0:1`, 'late')).toBe('VOID');
  await won(cache, 'k');
});

test('stale keeps the value for those who do not win', async () => {
  using cache = await made();
  await cache.call('fill:set:k:60000:60000', 'value');
  cache.advance(10);
  expect(await cache.call('fill:stale:k')).toBe('OK');
  await won(cache, 'k', 'value');
  expect(await cache.call('fill:get:k')).toBe('STALE 10\r\nvalue');
});

test('a winner that fails lets the next win, or none for a while', async () => {
  using cache = await made();
  const first = await won(cache, 'k');
  expect(await cache.call(`fill:fail:k:${first}`)).toBe('OK');
  const second = await won(cache, 'k');
  expect(await cache.call(`fill:fail:k:${second}:3000`)).toBe('OK');
  await play(cache, [
    ['fill:get:k', 'WAIT 3000'],
    [`fill:put:k:${second}:1:1:1:x`, 'VOID'],
    { advance: 2999 },
    ['fill:get:k', 'WAIT 1'],
    { advance: 1 },
  ]);
  await won(cache, 'k');
});

test('refresh_ms lets one caller compute soon before the end, while the others get the fresh value', async () => {
  using cache = await made();
  await cache.call('fill:set:k:10000:0', 'value');
  cache.advance(8999);
  expect(await cache.call('fill:get:k:500:1000')).toBe('HIT 8999 1001\r\nvalue');
  cache.advance(1);
  await won(cache, 'k:500:1000', 'value');
  expect(await cache.call('fill:get:k:500:1000')).toBe('HIT 9000 1000\r\nvalue');
});

test('beta draws early winners: the more often, the longer computing takes and the nearer the end is', async () => {
  const share = async (costMs: number, leftMs: number, beta: number) => {
    using cache = await made();
    let early = 0;
    for (let round = 0; round < 2000; round++) {
      const token = await won(cache, `k${round}`);
      await cache.call(`fill:put:k${round}:${token}:${leftMs}:0:${costMs}`, 'v');
      if ((await cache.call(`fill:get:k${round}:10000:0:${beta}`))?.startsWith('WIN')) early++;
    }
    return early / 2000;
  };
  // The probability is exp(-left / (cost * beta)).
  for (const [costMs, leftMs, beta] of [
    [1000, 1000, 1],
    [1000, 2000, 1],
    [1000, 1000, 2],
  ] as const) {
    expect(Math.abs((await share(costMs, leftMs, beta)) - Math.exp(-leftMs / (costMs * beta)))).toBeLessThan(0.06);
  }
  expect(await share(1000, 1000, 0)).toBe(0);
});

test('setting the date of the machine makes nothing older', async () => {
  using cache = await made();
  await cache.call('fill:set:k:1000:1000', 'value');
  for (const date of [1, 4_000_000_000]) {
    cache.setUnixTime(date);
    expect(await cache.call('fill:get:k')).toBe('HIT 0 1000\r\nvalue');
  }
});

test('values are any bytes; age and time left are rounded down, the time to wait up', async () => {
  using cache = await made();
  await cache.call('fill:set:k:1000:1000', Buffer.from([0, 255, 13, 10]));
  cache.advance(0.25);
  expect(await cache.call('fill:get:k')).toBe('HIT 0 999\r\n\0\xff\r\n');
  await won(cache, 'l:1000');
  cache.advance(0.25);
  expect(await cache.call('fill:get:l:1000')).toBe('WAIT 1000');
});

test('a value lives to its millisecond, although objects expire by whole seconds, and is removed soon after', async () => {
  using cache = await made();
  for (let round = 0; round < 10; round++) {
    cache.advance(993.5);
    await cache.call(`fill:set:k${round}:1000:500`, 'value');
    cache.advance(1499);
    expect(await cache.call(`fill:get:k${round}:1`)).toBe(
      'WIN #\r\nvalue'.replace('#', await tokenOf(cache, `k${round}`)),
    );
    cache.advance(4000);
    expect(cache.object('fill', `k${round}`)).toBeUndefined();
  }
});

async function tokenOf(cache: CacheInProcess, key: string): Promise<string> {
  return String((cache.object('fill', key) as { token: number }).token);
}

test('an evicted value is a miss, and its token is void', async () => {
  using cache = await made({ 'memory-limit': 4 });
  const token = await won(cache, 'k');
  await evictAll(cache);
  expect(await cache.call(`fill:put:k:${token}:1000:0:1`, 'late')).toBe('VOID');
  await won(cache, 'k');
});

test('a value that get could not return with its line is refused', async () => {
  using cache = await made({ 'max-item-size': '4k' });
  const most = 4096 - 60;
  const reason = `body must have at most ${most} bytes, so that get can return it (-I)`;
  await expect(cache.call('fill:set:k:1000:1000', 'x'.repeat(most + 1))).rejects.toThrow(`fill:set: ${reason}`);
  const token = ((await cache.call('fill:get:k')) as string).split(' ')[1];
  await expect(cache.call(`fill:put:k:${token}:9:9:1`, 'x'.repeat(most + 1))).rejects.toThrow(`fill:put: ${reason}`);
  expect(await cache.call(`fill:put:k:${token}:1000:1000:1`, 'x'.repeat(most))).toBe('STORED');
  expect(await cache.call('fill:get:k')).toMatch(/^HIT 0 1000\r\nx+$/);
});

test('arguments are checked', async () => {
  using cache = await made();
  for (const wrong of [
    'get:k:0',
    'get:k:1:-1',
    'get:k:1:0:-1',
    'put:k:0:1:1:1:x',
    'put:k:1:-1:1:1:x',
    'set:k:1:1.5:x',
    'fail:k:1:-1',
  ]) {
    await expect(cache.call(`fill:${wrong}`)).rejects.toThrow(/must/);
  }
  await expect(cache.call('fill:put:k:1:1:1:1')).rejects.toThrow('body is required');
});

test('a call that is ended at any step has changed nothing', async () => {
  using cache = await made();
  const { value } = await cache.killAtEachStep('fill:get:k:500');
  await cache.killAtEachStep(`fill:put:k:${value?.split(' ')[1]}:1000:1000:10`, 'value');
  for (const call of ['get:k', 'stale:k', 'get:k', 'set:k:1:1:v', 'drop:k']) await cache.killAtEachStep(`fill:${call}`);
});

test('a value takes at most 160 bytes besides its own', async () => {
  using cache = await made();
  cache.advance(1234.567);
  const body = 'x'.repeat(100);
  expect(await bytesOfObject(cache, (key) => cache.call(`fill:set:${key}:60000:30000`, body))).toBeLessThanOrEqual(260);
});
