// Idempotency keys: against a model with random requests and times, and each mistake of hand-written versions.

import { expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { AT_ONE_INSTANT } from './calls-in-bulk.js';
import { bytesOfObject, Choices, cacheWith, evictAll, passTime, play } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 2500 : 100_000;
const PRINT = 'f'.repeat(64);

const made = (config = {}) => cacheWith('plugins/idem.ts', config);

async function begun(cache: CacheInProcess, rest: string): Promise<number> {
  const reply = (await cache.call(`idem:begin:${rest}`)) ?? '';
  expect(reply).toMatch(/^(NEW|RETRY) \d+ \d+/);
  return Number(reply.split(' ')[1].split('\r')[0]);
}

interface Run {
  readonly print: string;
  token: number;
  attempt: number;
  until: number;
  ends: number;
  readonly keepsErrors: boolean;
  step: string | undefined;
  status: number | undefined;
  body: string | undefined;
}

class Model {
  now = 0;
  run: Run | undefined;

  advance(ms: number): void {
    this.now += ms;
    if (this.run !== undefined && this.run.ends <= this.now) this.run = undefined;
  }

  /** # stands for a new token, which `given` stores. */
  begin(print: string, runMs: number, keepMs: number, keepsErrors: boolean): string {
    const { run, now } = this;
    const until = now + runMs;
    if (run === undefined) {
      const rest = { step: undefined, status: undefined, body: undefined };
      this.run = { print, token: 0, attempt: 1, until, ends: until + keepMs, keepsErrors, ...rest };
      return 'NEW # 1';
    }
    if (run.print !== print) return 'MISMATCH';
    if (run.status !== undefined) return `DONE ${run.status}\r\n${run.body}`;
    if (run.until > now) return `BUSY ${run.until - now}`;
    Object.assign(run, { attempt: run.attempt + 1, until, ends: until + keepMs });
    return `RETRY # ${run.attempt}${run.step === undefined ? '' : `\r\n${run.step}`}`;
  }

  given(token: number): void {
    expect(token).toBeGreaterThan(this.run?.token ?? 0);
    (this.run as Run).token = token;
  }

  finish(token: number, status: number, body: string): string {
    const { run } = this;
    if (run?.token !== token) return 'LATE';
    if (run.status !== undefined) return 'OK';
    if (status >= 500 && !run.keepsErrors) this.run = undefined;
    else Object.assign(run, { status, body, ends: this.now + run.ends - run.until });
    return 'OK';
  }

  /** Whether the token may change the run. */
  isRunner(token: number): boolean {
    return this.run?.token === token && this.run.status === undefined;
  }
}

test('agrees with a model on random requests and times', async () => {
  using cache = await made();
  const choices = new Choices(9);
  const model = new Model();
  const tokens = [1];
  for (let call = 0; call < CALLS; call++) {
    model.advance(passTime(cache, choices, choices.of([0, 20, 100])));
    const token = choices.oneIn(4) ? choices.of(tokens) : (model.run?.token ?? choices.of(tokens));
    const told = (reply: string | undefined, expected: string) => expect([call, reply]).toEqual([call, expected]);
    const kind = choices.below(12);
    if (kind < 6) {
      const [print, runMs, keepMs] = [
        choices.of(['one', 'one', 'one', 'two']),
        1 + choices.below(100),
        1 + choices.below(300),
      ];
      const keepsErrors = choices.oneIn(2);
      const reply = (await cache.call(`idem:begin:k:${print}:${runMs}:${keepMs}:${keepsErrors}`)) ?? '';
      const expected = model.begin(print, runMs, keepMs, keepsErrors);
      if (expected.includes('#')) {
        const given = Number(reply.split(' ')[1]);
        model.given(given);
        tokens.push(given);
      }
      told(reply, expected.replace('#', String(model.run?.token)));
    } else if (kind < 8) {
      const status = choices.of([200, 422, 500, 503]);
      told(
        await cache.call(`idem:finish:k:${token}:${status}`, `body ${call}`),
        model.finish(token, status, `body ${call}`),
      );
    } else if (kind < 9) {
      const isRunner = model.isRunner(token);
      told(await cache.call(`idem:step:k:${token}:step-${call}`), isRunner ? 'OK' : 'LATE');
      if (isRunner) (model.run as Run).step = `step-${call}`;
    } else if (kind < 10) {
      const isRunner = model.isRunner(token);
      told(await cache.call(`idem:extend:k:${token}:50`), isRunner ? 'OK 50' : 'LATE');
      const run = model.run as Run;
      if (isRunner) Object.assign(run, { until: model.now + 50, ends: model.now + 50 + run.ends - run.until });
    } else if (kind < 11) {
      const isRunner = model.isRunner(token);
      told(await cache.call(`idem:abandon:k:${token}`), isRunner ? 'OK' : 'LATE');
      if (isRunner) model.run = undefined;
    } else {
      const { run, now } = model;
      const running = `RUNNING ${run?.attempt} ${Math.max(0, (run?.until ?? 0) - now)}`;
      const expected =
        run === undefined ? 'NONE' : run.status === undefined ? running : `DONE ${run.status} ${run.ends - now}`;
      told(await cache.call('idem:peek:k'), expected);
    }
  }
});

test('of two that begin in one millisecond one runs, and both get its answer', async () => {
  using cache = await made();
  const token = await begun(cache, `k:${PRINT}:5000:60000`);
  await play(cache, [
    [`idem:begin:k:${PRINT}:5000:60000`, 'BUSY 5000'],
    { advance: 1000 },
    [`idem:begin:k:${PRINT}:5000:60000`, 'BUSY 4000'],
    ['idem:peek:k', 'RUNNING 1 4000'],
  ]);
  expect(await cache.call(`idem:finish:k:${token}:201`, 'made: 7')).toBe('OK');
  for (let again = 0; again < 3; again++) {
    expect(await cache.call(`idem:begin:k:${PRINT}:5000:60000`)).toBe('DONE 201\r\nmade: 7');
  }
});

test('one key does not give the answer to another request', async () => {
  using cache = await made();
  const token = await begun(cache, 'k:one:5000:60000');
  expect(await cache.call('idem:begin:k:two:5000:60000')).toBe('MISMATCH');
  await cache.call(`idem:finish:k:${token}:200`, 'secret');
  expect(await cache.call('idem:begin:k:two:5000:60000')).toBe('MISMATCH');
});

test('a runner that dies blocks the key for its time only; the next is told that it is a retry, and the last step', async () => {
  using cache = await made();
  const first = await begun(cache, 'k:f:1000:60000');
  expect(await cache.call(`idem:step:k:${first}:charged-card:yes`)).toBe('OK');
  cache.advance(1000);
  const reply = (await cache.call('idem:begin:k:f:1000:60000')) ?? '';
  expect(reply).toMatch(/^RETRY \d+ 2\r\ncharged-card:yes$/);
  const second = Number(reply.split(' ')[1]);
  expect(second).toBeGreaterThan(first);
  // The first comes back.
  for (const late of [`finish:k:${first}:200:x`, `step:k:${first}:x`, `extend:k:${first}:5`, `abandon:k:${first}`]) {
    expect(await cache.call(`idem:${late}`)).toBe('LATE');
  }
  expect(await cache.call(`idem:finish:k:${second}:200:y`)).toBe('OK');
  expect(await cache.call('idem:begin:k:f:1000:60000')).toBe('DONE 200\r\ny');
});

test('a late runner may still finish if no other has begun', async () => {
  using cache = await made();
  const token = await begun(cache, 'k:f:1000:60000');
  cache.advance(2000);
  expect(await cache.call(`idem:finish:k:${token}:200:y`)).toBe('OK');
  expect(await cache.call('idem:begin:k:f:1000:60000')).toBe('DONE 200\r\ny');
});

test('the time for which an answer is kept counts from its end, to the millisecond', async () => {
  using cache = await made();
  cache.advance(12.5);
  const token = await begun(cache, 'k:f:5000:3000');
  cache.advance(4000);
  await cache.call(`idem:finish:k:${token}:200:y`);
  cache.advance(2999);
  expect(await cache.call('idem:begin:k:f:5000:3000')).toBe('DONE 200\r\ny');
  cache.advance(1);
  expect(await cache.call('idem:begin:k:f:5000:3000')).toMatch(/^NEW \d+ 1$/);
});

test('a repeated finish is harmless', async () => {
  using cache = await made();
  const token = await begun(cache, 'k:f:5000:60000');
  expect(await cache.call(`idem:finish:k:${token}:200:y`)).toBe('OK');
  expect(await cache.call(`idem:finish:k:${token}:500:z`)).toBe('OK');
  expect(await cache.call('idem:begin:k:f:5000:60000')).toBe('DONE 200\r\ny');
});

test('failures of the server are kept, or not if the caller says so', async () => {
  using cache = await made();
  let token = await begun(cache, 'k:f:5000:60000');
  await cache.call(`idem:finish:k:${token}:503:down`);
  expect(await cache.call('idem:begin:k:f:5000:60000')).toBe('DONE 503\r\ndown');
  token = await begun(cache, 'l:f:5000:60000:false');
  expect(await cache.call(`idem:finish:l:${token}:503:down`)).toBe('OK');
  token = await begun(cache, 'l:f:5000:60000:false');
  expect(await cache.call(`idem:finish:l:${token}:422:wrong`)).toBe('OK');
  expect(await cache.call('idem:begin:l:f:5000:60000')).toBe('DONE 422\r\nwrong');
});

test('a key that is abandoned is free', async () => {
  using cache = await made();
  const token = await begun(cache, 'k:f:5000:60000');
  expect(await cache.call(`idem:abandon:k:${token}`)).toBe('OK');
  expect(await cache.call('idem:peek:k')).toBe('NONE');
  expect(await cache.call('idem:begin:k:g:5000:60000')).toMatch(/^NEW /);
});

test('a key that is freed leaves no pinned object', async () => {
  using cache = await made();
  const abandoned = await begun(cache, 'a:f:5000:31622400000');
  await cache.call(`idem:abandon:a:${abandoned}`);
  const failed = await begun(cache, 'b:f:5000:31622400000:false');
  expect(await cache.call(`idem:finish:b:${failed}:500:x`)).toBe('OK');
  expect(cache.object('idem', 'a')).toBe(undefined);
  expect(cache.object('idem', 'b')).toBe(undefined);
  expect(await cache.send('stats objects\r\n')).toMatch(/pinned_objects 0\r\n/);
});

test('of an answer that is too long the status is kept', async () => {
  using cache = await made();
  const token = await begun(cache, 'k:f:5000:60000');
  expect(await cache.call(`idem:finish:k:${token}:200`, 'x'.repeat(512 * 1024 + 1))).toBe('TOOBIG');
  expect(await cache.call(`idem:finish:k:${token}:200`, 'again')).toBe('TOOBIG');
  expect(await cache.call('idem:begin:k:f:5000:60000')).toBe('TOOBIG 200');
  const other = await begun(cache, 'l:f:5000:60000');
  const longest = 'x'.repeat(512 * 1024);
  expect(await cache.call(`idem:finish:l:${other}:200`, longest)).toBe('OK');
  expect(await cache.call('idem:begin:l:f:5000:60000')).toBe(`DONE 200\r\n${longest}`);
});

test('of an answer that a reply could not have the status is kept', async () => {
  using cache = await made({ 'max-item-size': '4k' });
  for (const [key, bytes, expected] of [
    ['k', 4096 - 9, 'TOOBIG'],
    ['l', 4096 - 10, 'OK'],
  ] as const) {
    const token = await begun(cache, `${key}:f:5000:60000`);
    expect(await cache.call(`idem:finish:${key}:${token}:200`, 'x'.repeat(bytes))).toBe(expected);
    expect(await cache.call(`idem:begin:${key}:f:5000:60000`)).toMatch(/^(TOOBIG|DONE) 200/);
  }
});

test('answers are any bytes, and may be empty', async () => {
  using cache = await made();
  const token = await begun(cache, 'k:f:5000:60000');
  await cache.call(`idem:finish:k:${token}:204`, '');
  expect(await cache.call('idem:begin:k:f:5000:60000')).toBe('DONE 204\r\n');
  const other = await begun(cache, 'l:f:5000:60000');
  await cache.call(`idem:finish:l:${other}:200`, Buffer.from([0, 255, 13, 10]));
  expect(await cache.call('idem:begin:l:f:5000:60000')).toBe('DONE 200\r\n\0\xff\r\n');
});

test('setting the date of the machine changes nothing', async () => {
  using cache = await made();
  await begun(cache, 'k:f:5000:60000');
  for (const date of [1, 4_000_000_000]) {
    cache.setUnixTime(date);
    expect(await cache.call('idem:begin:k:f:5000:60000')).toBe('BUSY 5000');
  }
});

test('very many that begin at one instant give one runner', async () => {
  using cache = await made();
  let runners = 0;
  for (let call = 0; call < AT_ONE_INSTANT; call++) {
    if ((await cache.call('idem:begin:k:f:5000:60000'))?.startsWith('NEW')) runners++;
  }
  expect(runners).toBe(1);
});

test('the record of a request that runs is not evicted', async () => {
  using cache = await made({ 'memory-limit': 4 });
  const token = await begun(cache, 'k:f:5000:60000');
  await evictAll(cache);
  expect(await cache.call(`idem:finish:k:${token}:200:y`)).toBe('OK');
});

test('an answer that was evicted or deleted is forgotten', async () => {
  using cache = await made({ 'memory-limit': 4 });
  const token = await begun(cache, 'k:f:5000:60000');
  await cache.call(`idem:finish:k:${token}:200:y`);
  await evictAll(cache);
  expect(await cache.call('idem:begin:k:f:5000:60000')).toMatch(/^NEW /);
  await cache.send('delete idem$k\r\n');
  expect(await cache.call('idem:begin:k:f:5000:60000')).toMatch(/^NEW /);
});

test('arguments are checked, and looking makes no object', async () => {
  using cache = await made();
  for (const wrong of ['f:0:1', 'f:1:0', `${'x'.repeat(129)}:1:1`, ':1:1', 'f:86400001:1']) {
    await expect(cache.call(`idem:begin:k:${wrong}`)).rejects.toThrow(/must/);
  }
  await play(cache, [
    ['idem:peek:k', 'NONE'],
    ['idem:finish:k:1:200:x', 'LATE'],
    ['idem:step:k:1:x', 'LATE'],
    ['idem:abandon:k:1', 'LATE'],
    ['idem:extend:k:1:1', 'LATE'],
  ]);
  expect(cache.object('idem', 'k')).toBeUndefined();
});

test('a call that is ended at any step has changed nothing', async () => {
  using cache = await made();
  await cache.killAtEachStep('idem:begin:k:f:1000:60000:false');
  const { token } = cache.object('idem', 'k') as { token: number };
  await cache.killAtEachStep(`idem:step:k:${token}:x`);
  await cache.killAtEachStep(`idem:extend:k:${token}:1000`);
  cache.advance(1000);
  const { value } = await cache.killAtEachStep('idem:begin:k:f:1000:60000');
  const next = value?.split(' ')[1] ?? '';
  await cache.killAtEachStep(`idem:finish:k:${next}:200`, 'body');
  await cache.killAtEachStep('idem:begin:k:f:1000:60000');
});

test('a record takes at most 230 bytes with a fingerprint of 64, and the answer', async () => {
  using cache = await made();
  cache.advance(1234.567);
  expect(await bytesOfObject(cache, (key) => cache.call(`idem:begin:${key}:${PRINT}:5000:60000`))).toBeLessThanOrEqual(
    230,
  );
});
