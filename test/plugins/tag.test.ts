// Values with tags: against a model with random calls and times, and each mistake of hand-written versions.

import { expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { checkStore } from '../store/checker.js';
import { bytesOfObject, Choices, cacheWith, evictAll, passTime, play } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 2000 : 100_000;
const LEASE_MS = 10_000;

const made = (config = {}) => cacheWith('plugins/tag.ts', config);

interface Value {
  readonly tags: readonly string[];
  readonly made: number;
  readonly ends: number;
  readonly body: string;
  leased: number;
}

class Model {
  now = 0;
  order = 0;
  readonly values = new Map<string, Value>();
  readonly purged = new Map<string, number>();
  readonly stale = new Map<string, number>();

  put(id: string, ttlMs: number, tags: readonly string[], body: string): void {
    const ends = ttlMs === 0 ? Number.POSITIVE_INFINITY : this.now + ttlMs;
    this.values.set(id, { tags, made: ++this.order, ends, body, leased: 0 });
  }

  get(id: string): string | undefined {
    const value = this.values.get(id);
    if (value === undefined || value.ends <= this.now || this.isAfter(this.purged, value)) return undefined;
    if (!this.isAfter(this.stale, value) || value.leased > this.now) return value.body;
    value.leased = this.now + LEASE_MS;
    return `STALE\r\n${value.body}`;
  }

  isAfter(purges: ReadonlyMap<string, number>, { tags, made }: Pick<Value, 'tags' | 'made'>): boolean {
    return tags.some((tag) => (purges.get(tag) ?? 0) > made);
  }

  count(tag: string): number {
    const values = [...this.values.values()].filter(({ tags, ends }) => tags.includes(tag) && ends > this.now);
    return values.filter((value) => !this.isAfter(this.purged, value)).length;
  }

  purge(purges: Map<string, number>, tags: readonly string[]): void {
    for (const tag of tags) purges.set(tag, ++this.order);
  }
}

test('agrees with a model on random calls and times', async () => {
  using cache = await made();
  const choices = new Choices(3);
  const model = new Model();
  const tokens: (readonly [token: string, order: number])[] = [];
  await cache.call('tag:now:n');
  for (let call = 0; call < CALLS; call++) {
    model.now += passTime(cache, choices, choices.of([0, 50, 4000]));
    const id = `n/${choices.below(8)}`;
    const tags = Array.from({ length: choices.below(4) }, () => choices.of(['a', 'b', 'c', 'd', 'e']));
    const list = tags.join(',') || ',';
    const ttlMs = choices.of([0, 0, 30, 3000]);
    const body = `body ${call}`;
    const told = (reply: string | undefined, expected: string | undefined) =>
      expect([call, reply]).toEqual([call, expected]);
    switch (choices.below(12)) {
      case 0:
      case 1:
      case 2:
        told(await cache.call(`tag:put:${id}:${ttlMs}:${list}`, body), 'STORED');
        model.put(id, ttlMs, tags, body);
        break;
      case 3:
        told(await cache.call(`tag:purge:n:${list}`), `OK ${new Set(tags).size}`);
        model.purge(model.purged, tags);
        break;
      case 4:
        told(await cache.call(`tag:softpurge:n:${list}`), `OK ${new Set(tags).size}`);
        model.purge(model.stale, tags);
        break;
      case 5:
        tokens.push([(await cache.call('tag:now:n')) as string, ++model.order]);
        break;
      case 6: {
        if (tokens.length === 0) break;
        const [token, order] = choices.of(tokens.slice(-3));
        const isMoved = [model.purged, model.stale].some((purges) => model.isAfter(purges, { tags, made: order }));
        told(await cache.call(`tag:putsince:${id}:${token}:${ttlMs}:${list}`, body), isMoved ? 'MOVED' : 'STORED');
        if (!isMoved) model.put(id, ttlMs, tags, body);
        break;
      }
      case 7: {
        const count = model.count('a');
        told(await cache.call('tag:count:n:a'), `OK ${count} ${count}`);
        break;
      }
      default:
        told(await cache.call(`tag:get:${id}`), model.get(id));
    }
  }
  checkStore(cache.parts.store);
});

test('a value that was put before one of its tags was purged is a miss, whatever the order of its tags', async () => {
  using cache = await made();
  await play(cache, [
    ['tag:put:shop/p1:0:books,new,books:one', 'STORED'],
    ['tag:put:shop/p2:0:plums:two', 'STORED'],
    ['tag:put:other/p1:0:books:three', 'STORED'],
    ['tag:get:shop/p1', 'one'],
    ['tag:purge:shop:new,figs', 'OK 2'],
    ['tag:get:shop/p1', undefined],
    ['tag:get:shop/p2', 'two'],
    ['tag:get:other/p1', 'three'],
    ['tag:put:shop/p1:0:new,books:again', 'STORED'],
    ['tag:get:shop/p1', 'again'],
  ]);
  expect(await cache.call('tag:tags:shop/p1')).toMatch(/^new \d{16}\r\nbooks 0$/);
});

test('what is lost is a miss, never a stale value', async () => {
  using cache = await made();
  await cache.call('tag:put:n/1:0:a:one');
  await cache.call('tag:purge:n:a');
  // The namespace has forgotten the purge, and begins again.
  await cache.send('delete tag$n\r\n');
  expect(await cache.call('tag:get:n/1')).toBeUndefined();
  await cache.call('tag:put:n/2:0:b:two');
  expect(await cache.call('tag:get:n/1')).toBeUndefined();
  expect(await cache.call('tag:get:n/2')).toBe('two');
  await evictAll(cache);
  expect(await cache.call('tag:get:n/2')).toBeUndefined();
});

test('a value that is computed from a source read before a purge is not stored', async () => {
  using cache = await made();
  const token = await cache.call('tag:now:n');
  await cache.call('tag:purge:n:a');
  expect(await cache.call(`tag:putsince:n/1:${token}:0:a,b:old`)).toBe('MOVED');
  expect(await cache.call('tag:get:n/1')).toBeUndefined();
  expect(await cache.call(`tag:putsince:n/1:${token}:0:b:fine`)).toBe('STORED');
  expect(await cache.call('tag:get:n/1')).toBe('fine');
});

test('of a stale value one caller in each lease gets the word STALE before the old body, the others the old body', async () => {
  using cache = await made();
  await cache.call('tag:put:n/1:0:a:old');
  expect(await cache.call('tag:softpurge:n:a:500')).toBe('OK 1');
  const answers = async () => [await cache.call('tag:get:n/1'), await cache.call('tag:get:n/1')];
  expect(await answers()).toEqual(['STALE\r\nold', 'old']);
  cache.advance(499);
  expect(await answers()).toEqual(['old', 'old']);
  cache.advance(1);
  expect(await answers()).toEqual(['STALE\r\nold', 'old']);
  await cache.call('tag:put:n/1:0:a:new');
  expect(await answers()).toEqual(['new', 'new']);
});

test('a stale value that is purged, too, is a miss', async () => {
  using cache = await made();
  await play(cache, [
    ['tag:put:n/1:0:a,b:old', 'STORED'],
    ['tag:softpurge:n:a', 'OK 1'],
    ['tag:purge:n:b', 'OK 1'],
    ['tag:get:n/1', undefined],
    ['tag:tags:n/1', undefined],
  ]);
});

test('the reply to get tells a stale value from any other, whatever its bytes', async () => {
  using cache = await made();
  const marked = 'STALE\r\nnot really';
  await cache.call('tag:put:n/1:0:a:old');
  await expect(cache.call('tag:put:n/1:0:a', marked)).rejects.toThrow('tag:put: a value must not begin with STALE');
  const token = await cache.call('tag:now:n');
  await expect(cache.call(`tag:putsince:n/1:${token}:0:a`, marked)).rejects.toThrow(
    'a value must not begin with STALE',
  );
  expect(await cache.call('tag:get:n/1')).toBe('old');
  for (const body of ['STALE', 'STALE old', '\r\nSTALE\r\n', '']) {
    expect(await cache.call('tag:put:n/1:0:a', body)).toBe('STORED');
    expect(await cache.call('tag:get:n/1')).toBe(body);
    await cache.call('tag:softpurge:n:a');
    expect(await cache.call('tag:get:n/1')).toBe(`STALE\r\n${body}`);
    expect(await cache.call('tag:get:n/1')).toBe(body);
  }
});

async function putNumbered(cache: CacheInProcess, from: number, to: number, ttlMs = 0): Promise<void> {
  for (let number = from; number < to; number++) {
    await cache.call(`tag:put:n/${number}:${ttlMs}:all${number % 10 === 0 ? ',tenth' : ''}:x`);
  }
}

/** The estimate, and how many values it is made from. */
async function counted(cache: CacheInProcess, tag: string): Promise<[values: number, counted: number]> {
  const [, values, count] = /^OK (\d+) (\d+)$/.exec((await cache.call(`tag:count:n:${tag}`)) as string) ?? [];
  return [Number(values), Number(count)];
}

test('up to 400 values are counted one by one', async () => {
  using cache = await made();
  expect(await cache.call('tag:count:n:all')).toBeUndefined();
  await putNumbered(cache, 0, 400);
  expect(await counted(cache, 'all')).toEqual([400, 400]);
  expect(await counted(cache, 'tenth')).toEqual([40, 40]);
  await play(cache, [
    ['tag:put:n/0:0:other:x', 'STORED'],
    ['tag:put:n/10:50:all,tenth,tenth:x', 'STORED'],
    ['tag:count:n:tenth', 'OK 39 39'],
    { advance: 50 },
    ['tag:count:n:tenth', 'OK 38 38'],
    ['tag:count:n:none', 'OK 0 0'],
    ['tag:softpurge:n:tenth', 'OK 1'],
    ['tag:count:n:tenth', 'OK 38 38'],
  ]);
  await cache.send('delete tag$n/20\r\nset tag$n/30 0 0 1\r\nx\r\n');
  expect(await counted(cache, 'tenth')).toEqual([36, 36]);
  await cache.call('tag:purge:n:tenth');
  expect([await counted(cache, 'tenth'), await counted(cache, 'all')]).toEqual([
    [0, 0],
    [360, 360],
  ]);
  await expect(cache.call('tag:count:n/1:all')).rejects.toThrow('the key is that of a namespace, without /ID');
});

test('more values are estimated from a sample, for the same steps however many there are', async () => {
  using cache = await made();
  const steps: number[] = [];
  for (const values of [2000, 20_000]) {
    await putNumbered(cache, steps.length === 0 ? 0 : 2000, values);
    for (const [tag, real] of [
      ['all', values],
      ['tenth', values / 10],
    ] as const) {
      const [estimate, seen] = await counted(cache, tag);
      expect([tag, values, Math.abs(estimate / real - 1) < 3 / Math.sqrt(seen)]).toEqual([tag, values, true]);
      expect(seen).toBeLessThanOrEqual(400);
    }
    steps.push(cache.last.steps);
  }
  expect(Math.max(...steps)).toBeLessThan(20_000);
});

test('values that have gone leave the sample, so that those that are there are counted one by one again', async () => {
  using cache = await made();
  for (let second = 0; second < 50; second++) {
    await putNumbered(cache, second * 100, second * 100 + 100, 1000);
    expect(await counted(cache, 'all')).toEqual([100, 100]);
    cache.advance(1000);
  }
  await cache.call('tag:purge:n:tenth');
  await putNumbered(cache, 0, 300);
  expect(await counted(cache, 'all')).toEqual([300, 300]);
});

test('values are evicted although they are counted', async () => {
  using cache = await made();
  await putNumbered(cache, 0, 300);
  const value = 'x'.repeat(100_000);
  for (let stored = 0; stored < 1.5 * cache.parts.store.limitBytes; stored += value.length) {
    await cache.send(`set filling${stored} 0 0 ${value.length}\r\n${value}\r\n`);
    await counted(cache, 'all');
  }
  expect(await counted(cache, 'all')).toEqual([0, 0]);
});

test('a purge costs the same however many values have the tag', async () => {
  using cache = await made();
  const stepsOfPurge = async (values: number) => {
    for (let value = 0; value < values; value++) await cache.call(`tag:put:n/${value}:0:a:x`);
    await cache.call('tag:purge:n:a');
    return cache.last.steps;
  };
  await cache.call('tag:purge:n:a');
  const few = await stepsOfPurge(10);
  expect(await stepsOfPurge(5000)).toBe(few);
  expect(await cache.call('tag:get:n/4999')).toBeUndefined();
});

test('tags are looked up only if a tag was purged since the value was stored', async () => {
  using cache = await made();
  const stepsWith = async (tags: string): Promise<number> => {
    await cache.call(`tag:put:n/${tags.length}:0:${tags}:body`);
    expect(await cache.call(`tag:get:n/${tags.length}`)).toBe('body');
    return cache.last.steps;
  };
  await cache.call('tag:purge:n:other');
  expect(await stepsWith('a,b,c,d,e')).toBe(await stepsWith('a'));
  await cache.call('tag:purge:n:other');
  expect(await cache.call('tag:get:n/1')).toBe('body');
  const { steps } = cache.last;
  expect(await cache.call('tag:get:n/9')).toBe('body');
  expect(cache.last.steps).toBeGreaterThan(steps);
});

test('tags are looked up once after a purge that was a tenth of a second ago, and a later purge is noticed', async () => {
  using cache = await made();
  const steps = async (expected: string | undefined): Promise<number> => {
    expect(await cache.call('tag:get:n/1')).toBe(expected);
    return cache.last.steps;
  };
  await cache.call('tag:put:n/1:0:a,b,c:body');
  const quick = await steps('body');
  await cache.call('tag:purge:n:other');
  expect(await steps('body')).toBeGreaterThan(quick);
  expect(await steps('body')).toBeGreaterThan(quick);
  cache.advance(150);
  expect(await steps('body')).toBeGreaterThan(quick);
  expect(await steps('body')).toBe(quick);
  await cache.call('tag:softpurge:n:b');
  cache.advance(150);
  expect(await steps('STALE\r\nbody')).toBeGreaterThan(quick);
  expect(await steps('body')).toBeGreaterThan(quick);
  await cache.call('tag:purge:n:c');
  await steps(undefined);
});

test('the oldest purges are forgotten beyond 100,000, with all values that are as old', async () => {
  using cache = await made({ 'memory-limit': 64 });
  await cache.call('tag:put:n/old:0:never:x');
  for (let first = 0; first < 100_001; first += 32) {
    const tags = Array.from({ length: 32 }, (_, index) => `t${first + index}`);
    await cache.call('tag:purge:n', tags.join(','));
  }
  expect(await cache.call('tag:get:n/old')).toBeUndefined();
  await cache.call('tag:put:n/new:0:t5:x');
  expect(await cache.call('tag:get:n/new')).toBe('x');
  await cache.call('tag:purge:n:t5');
  expect(await cache.call('tag:get:n/new')).toBeUndefined();
});

test('wrong keys and too many tags are refused with one line', async () => {
  using cache = await made();
  await expect(cache.call('tag:put:n:0:a:x')).rejects.toThrow('tag:put: the key of a value is NAMESPACE/ID');
  await expect(cache.call('tag:purge:n/1:a')).rejects.toThrow('the key is that of a namespace, without /ID');
  const many = Array.from({ length: 33 }, (_, index) => `t${index}`).join(',');
  await expect(cache.call(`tag:put:n/1:0:${many}:x`)).rejects.toThrow('tag:put: at most 32 tags');
  await expect(cache.call(`tag:put:n/1:0:${'t'.repeat(129)}:x`)).rejects.toThrow('a tag has at most 128 bytes');
  expect(cache.object('tag', 'n')).toBeUndefined();
});

test('ended at each step, calls leave everything as it was', async () => {
  using cache = await made();
  await cache.killAtEachStep('tag:put:n/1:5000:a,b:body');
  await cache.killAtEachStep('tag:softpurge:n:a');
  await cache.killAtEachStep('tag:get:n/1');
  expect((await cache.killAtEachStep('tag:count:n:a')).value).toBe('OK 1 1');
  await cache.killAtEachStep('tag:purge:n:a,b');
  expect(await cache.call('tag:get:n/1')).toBeUndefined();
});

test('a value takes at most 120 bytes besides its body', async () => {
  using cache = await made();
  await cache.call('tag:now:n');
  expect(await bytesOfObject(cache, (key) => cache.call(`tag:put:n/${key.slice(2)}:0:books,new`, ''))).toBeLessThan(
    120,
  );
});
