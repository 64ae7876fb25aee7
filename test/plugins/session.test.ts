// The session: each method and edge, the mistakes of hand-written sessions, and random calls against a map of fields.

import { describe, expect, test } from 'vitest';
import type { TestCache } from '../../src/app/testing/test-cache.js';
import { checkStore } from '../store/checker.js';
import { leastMs } from './calls-in-bulk.js';
import { Choices, cacheWith, evictAll, passTime, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 3000;
const FILE = 'plugins/session.ts';

/** Instead of a version. */
const ANY = 'any';
const IDLE_MS = 1000;
const ABSOLUTE_MS = 20_000;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A session as a map. Versions are those that the session has told. */
class Model {
  now = 0;
  created = 0;
  touched = 0;
  version = 0;
  fields = new Map<string, { value: Json; end: number }>();
  changes = new Map<string, number>();

  constructor(version: number, now: number) {
    this.version = version;
    this.now = now;
    this.created = now;
    this.touched = now;
  }

  get isOver(): boolean {
    return this.now >= Math.min(this.touched + IDLE_MS, this.created + ABSOLUTE_MS);
  }

  get left(): number {
    return Math.min(this.touched + IDLE_MS, this.created + ABSOLUTE_MS) - this.now;
  }

  /** Counted only if it has not been counted within 1 % of the idle time. */
  touch(): void {
    if (this.now - this.touched >= IDLE_MS / 100) this.touched = this.now;
  }

  find(name: string): { value: Json; end: number } | undefined {
    const field = this.fields.get(name);
    return field !== undefined && field.end > this.now ? field : undefined;
  }

  get json(): string {
    return JSON.stringify(
      Object.fromEntries(
        [...this.fields].filter(([name]) => this.find(name)).map(([name, { value }]) => [name, value]),
      ),
    );
  }

  put(name: string, value: Json | undefined, end: number, version: number): void {
    for (const [other, field] of this.fields) if (field.end <= this.now) this.fields.delete(other);
    if (value === undefined) this.fields.delete(name);
    else {
      const field = this.fields.get(name) ?? { value, end };
      this.fields.set(name, Object.assign(field, { value, end }));
    }
    this.changes.delete(name);
    this.changes.set(name, version);
    this.version = version;
    this.touch();
  }

  since(version: number): string {
    const names = [...this.changes].filter(([, last]) => last > version).map(([name]) => name);
    return JSON.stringify(Object.fromEntries(names.map((name) => [name, this.find(name)?.value ?? null])));
  }
}

async function opened(cache: TestCache, key = 's', idle = IDLE_MS, absolute = ABSOLUTE_MS): Promise<[number, Json]> {
  const reply = (await cache.call(`session:open:${key}:${idle}:${absolute}`)) as string;
  const [line, json] = reply.split('\r\n');
  expect(line).toMatch(/^OK \d+$/);
  return [Number(line.slice(3)), JSON.parse(json) as Json];
}

test('session agrees with a map of fields on random calls, while the date of the machine moves', async () => {
  using cache = await cacheWith(FILE);
  const choices = new Choices(3);
  let now = 0;
  let model = new Model((await opened(cache))[0], now);
  let before = model.version;
  const versionAfter = (reply: string | undefined): number => {
    const version = Number(/^OK (\d+)$/.exec(reply ?? '')?.[1]);
    expect(version).toBeGreaterThan(model.version);
    return version;
  };
  for (let call = 0; call < CALLS; call++) {
    const passed = passTime(cache, choices, choices.of([3, 30, 300]));
    now += passed;
    model.now = now;
    if (model.isOver || choices.oneIn(20)) {
      expect(await cache.call('session:get:s:none')).toBeUndefined();
      const wasOver = model.isOver;
      const [version, fields] = await opened(cache);
      if (wasOver) {
        expect(version).toBeGreaterThan(model.version);
        model = new Model(version, now);
      } else model.touch();
      expect([call, version, JSON.stringify(fields)]).toEqual([call, model.version, model.json]);
    }
    const name = choices.of(['a', 'b', 'c', 'd']);
    const found = model.find(name);
    const kind = choices.below(100);
    if (kind < 35) {
      const version = choices.of(['any', 'any', String(model.version), String(before)]);
      const ttl = choices.of([0, 0, 100]);
      const value = choices.of<Json>([1, 'text', null, { x: 1 }, { x: null, y: [1, null] }, []]);
      const reply = await cache.call(`session:patch:s:${version}:${ttl}`, JSON.stringify({ [name]: value }));
      if (version !== 'any' && Number(version) !== model.version) {
        expect([call, reply]).toEqual([call, `CONFLICT ${model.version}\r\n${model.since(Number(version))}`]);
      } else {
        before = model.version;
        const end = ttl === 0 ? Number.POSITIVE_INFINITY : now + ttl;
        model.put(name, mergedByHand(found?.value, value), end, versionAfter(reply));
      }
    } else if (kind < 45) {
      const isWhole = found === undefined || typeof found.value === 'number';
      const reply = cache.call(`session:incr:s:${name}:3`);
      if (!isWhole) await expect(reply).rejects.toThrow('the field must be a whole number');
      else {
        const sum = ((found?.value ?? 0) as number) + 3;
        expect(await reply).toBe(String(sum));
        const [version] = await opened(cache);
        model.put(name, sum, found?.end ?? Number.POSITIVE_INFINITY, version);
      }
    } else if (kind < 55) {
      expect(await cache.call(`session:take:s:${name}`)).toBe(found && JSON.stringify(found.value));
      if (found !== undefined) model.put(name, undefined, 0, (await opened(cache))[0]);
    } else if (kind < 75) {
      const [ms, condition] = [choices.of([20, 200]), choices.of(['always', 'nx', 'xx', 'gt', 'lt'])];
      const left = (found?.end ?? Number.POSITIVE_INFINITY) - now;
      const isMet = {
        always: true,
        nx: left === Number.POSITIVE_INFINITY,
        xx: left < Number.POSITIVE_INFINITY,
        gt: ms > left,
        lt: ms < left,
      }[condition];
      const expected = found === undefined ? 'NOFIELD' : isMet ? 'OK' : 'UNMET';
      expect([call, await cache.call(`session:expire:s:${name}:${ms}:${condition}`)]).toEqual([call, expected]);
      if (found !== undefined && expected === 'OK') found.end = now + ms;
    } else {
      const left = found === undefined ? 'NOFIELD' : `OK ${Math.min(found.end - now, model.left)}`;
      expect([call, await cache.call(`session:ttl:s:${name}`)]).toEqual([call, left]);
      expect([call, await cache.call(`session:get:s:${name}`)]).toEqual([call, found && JSON.stringify(found.value)]);
    }
  }
  checkStore(cache.parts.store);
});

/** A merge patch for the values of the test, which are at most one object deep. */
function mergedByHand(old: Json | undefined, patch: Json): Json | undefined {
  if (patch === null) return undefined;
  if (typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const fields = { ...(typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {}), ...patch };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

describe('session', () => {
  test('is made by open only, so that an id that a client has made up is a miss', async () => {
    using cache = await cacheWith(FILE);
    for (const call of ['get:s:a', 'take:s:a', 'incr:s:a', 'lock:s:me:10', 'rotate:s:t', 'end:s']) {
      expect(await cache.call(`session:${call}`)).toBeUndefined();
    }
    expect(await cache.call('session:patch:s', '{"a":1}')).toBeUndefined();
    expect(cache.object('session', 's')).toBeUndefined();
  });

  test('keeps both of two changes made at the same time, of one object too', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    await cache.call('session:patch:s', '{"cart":{"apple":1},"theme":"dark"}');
    await cache.call('session:patch:s', '{"cart":{"pear":2}}');
    await cache.call('session:patch:s', '{"cart":{"apple":3},"seen":[1,null]}');
    expect((await opened(cache))[1]).toEqual({ cart: { apple: 3, pear: 2 }, theme: 'dark', seen: [1, null] });
    await cache.call('session:patch:s', '{"cart":{"apple":null},"theme":null}');
    expect((await opened(cache))[1]).toEqual({ cart: { pear: 2 }, seen: [1, null] });
  });

  test('keeps the order of fields, and any bytes of their names and values', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    await cache.call('session:patch:s', '{"z":1,"a":"\u00fc\\n\\u20ac"}');
    await cache.call('session:patch:s', '{"m \\"q\\"":2,"z":3}');
    const reply = (await cache.call(`session:open:s:${IDLE_MS}:${ABSOLUTE_MS}`)) as string;
    const json = Buffer.from(reply.slice(reply.indexOf('\r\n') + 2), 'latin1').toString('utf8');
    expect(json).toBe('{"z":3,"a":"\u00fc\\n\u20ac","m \\"q\\"":2}');
  });

  test('refuses a change on an old version, and tells what has changed since as a patch', async () => {
    using cache = await cacheWith(FILE);
    const [first] = await opened(cache);
    const second = (await cache.call(`session:patch:s:${first}`, '{"a":1,"b":2}')) as string;
    const third = (await cache.call(`session:patch:s:${ANY}`, '{"b":null,"c":3}')) as string;
    const version = third.slice(3);
    expect(await cache.call(`session:patch:s:${second.slice(3)}`, '{"a":5}')).toBe(
      `CONFLICT ${version}\r\n{"b":null,"c":3}`,
    );
    expect(await cache.call('session:get:s:a')).toBe('1');
    expect(await cache.call(`session:patch:s:${version}`, '{}')).toBe(`OK ${version}`);
    expect(await cache.call(`session:patch:s:${version}`, '{"a":5}')).toMatch(/^OK \d+$/);
  });

  test('ends after its idle time, which open and changes count from now, and after its absolute time in any case', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache, 's', 1000, 2500);
    await cache.call('session:patch:s', '{"a":1}');
    cache.advance(900);
    await opened(cache, 's', 1000, 2500);
    cache.advance(900);
    await cache.call('session:patch:s', '{"b":1}');
    cache.advance(699);
    expect((await opened(cache, 's', 1000, 2500))[1]).toEqual({ a: 1, b: 1 });
    cache.advance(1);
    expect(await cache.call('session:get:s:a')).toBeUndefined();
    expect((await opened(cache, 's', 1000, 2500))[1]).toEqual({});
    cache.advance(1000);
    expect(await cache.call('session:patch:s', '{"a":1}')).toBeUndefined();
    cache.advance(2000);
    expect(cache.object('session', 's')).toBeUndefined();
  });

  test('writes for a reader no more often than each 1 % of its idle time', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    cache.advance(9);
    await opened(cache);
    expect(cache.last.writes).toBe(0);
    cache.advance(1);
    await opened(cache);
    expect(cache.last.writes).toBeGreaterThan(0);
    await cache.call('session:get:s:a');
    expect(cache.last.writes).toBe(0);
  });

  test('ends fields by their own ttl, which is never longer than the session, and removes flash messages once read', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    await cache.call(`session:patch:s:${ANY}:100`, '{"otp":"1234"}');
    await cache.call('session:patch:s', '{"flash":"saved"}');
    await play(cache, [
      ['session:ttl:s:otp', 'OK 100'],
      ['session:ttl:s:flash', 'OK 1000'],
      ['session:ttl:s:none', 'NOFIELD'],
      ['session:take:s:flash', '"saved"'],
      ['session:take:s:flash', undefined],
      { advance: 100 },
      ['session:get:s:otp', undefined],
      ['session:take:s:otp', undefined],
      ['session:incr:s:otp', '1'],
      ['session:expire:s:otp:5000', 'OK'],
      ['session:ttl:s:otp', 'OK 1000'],
      ['session:expire:s:otp:0', 'OK'],
      ['session:expire:s:otp:10', 'NOFIELD'],
    ]);
  });

  test('keeps the ttl of a field that is counted, and ends that of a field that is set', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    await cache.call(`session:patch:s:${ANY}:100`, '{"tries":1}');
    await play(cache, [
      ['session:incr:s:tries:2', '3'],
      ['session:incr:s:tries:0', '3'],
      ['session:ttl:s:tries', 'OK 100'],
    ]);
    await cache.call('session:patch:s', '{"tries":0}');
    expect(await cache.call('session:ttl:s:tries')).toBe('OK 1000');
  });

  test('sets the ttl of a field by the conditions of HEXPIRE', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    await cache.call('session:patch:s', '{"a":1}');
    await play(cache, [
      ['session:expire:s:a:100:xx', 'UNMET'],
      ['session:expire:s:a:100:gt', 'UNMET'],
      ['session:expire:s:a:100:nx', 'OK'],
      ['session:expire:s:a:200:nx', 'UNMET'],
      ['session:expire:s:a:100:gt', 'UNMET'],
      ['session:expire:s:a:100:lt', 'UNMET'],
      ['session:expire:s:a:200:gt', 'OK'],
      ['session:expire:s:a:150:lt', 'OK'],
      ['session:expire:s:a:300:xx', 'OK'],
      ['session:ttl:s:a', 'OK 300'],
    ]);
  });

  test('has a lock that ends with its time, is not extended by a repeat, and is not taken from another', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    const reply = (await cache.call('session:lock:s:tab1:300')) as string;
    const token = reply.split(' ')[1];
    await play(cache, [
      { advance: 100 },
      ['session:lock:s:tab1:300', `OK ${token} 200`],
      ['session:lock:s:tab2:300', 'HELD 200 1'],
      ['session:unlock:s:tab2:1', 'LOST'],
      [`session:unlock:s:tab1:${Number(token) + 1}`, 'LOST'],
      [`session:unlock:s:tab1:${token}`, 'OK'],
      [`session:unlock:s:tab1:${token}`, 'LOST'],
    ]);
    const second = ((await cache.call('session:lock:s:tab2:300')) as string).split(' ')[1];
    expect(Number(second)).toBeGreaterThan(Number(token));
    cache.advance(300);
    expect(await cache.call(`session:unlock:s:tab2:${second}`)).toBe('LOST');
    await expect(cache.call('session:lock:s:tab1:300:1')).rejects.toThrow('wait must be <= 0');
  });

  test('moves to a new id in one call; the old one says so for 10 s, without the new one', async () => {
    using cache = await cacheWith(FILE);
    const [first] = await opened(cache);
    await cache.call(`session:patch:s:${ANY}:500`, '{"otp":1}');
    await cache.call('session:patch:s', '{"user":7,"gone":1}');
    const last = await cache.call('session:patch:s', '{"gone":null}');
    const lock = (await cache.call('session:lock:s:me:400')) as string;
    await opened(cache, 'other');
    expect(await cache.call('session:rotate:s:other')).toBe('EXISTS');
    expect(await cache.call('session:rotate:s:t')).toBe(last);
    for (const call of ['get:s:user', `open:s:${IDLE_MS}:${ABSOLUTE_MS}`, 'take:s:user', 'rotate:s:u', 'lock:s:me:1']) {
      expect(await cache.call(`session:${call}`)).toBe('MOVED');
    }
    expect(await opened(cache, 't')).toEqual([Number(last?.slice(3)), { otp: 1, user: 7 }]);
    expect(await cache.call('session:ttl:t:otp')).toBe('OK 500');
    expect(await cache.call('session:lock:t:me:400')).toBe(lock);
    expect(await cache.call(`session:patch:t:${first}`, '{}')).toBe(
      `CONFLICT ${last?.slice(3)}\r\n{"otp":1,"user":7,"gone":null}`,
    );
    cache.advance(9_999);
    expect(await cache.call('session:get:s:user')).toBe('MOVED');
    cache.advance(1);
    expect(await cache.call('session:get:s:user')).toBeUndefined();
    expect((await opened(cache))[1]).toEqual({});
  });

  test('is full at 500 fields and at 256 KiB, without losing what it has', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, index]));
    expect(await cache.call('session:patch:s', JSON.stringify(fields))).toMatch(/^OK/);
    expect(await cache.call('session:patch:s', '{"one more":1}')).toBe('FULL');
    expect(await cache.call('session:incr:s:more')).toBe('FULL');
    expect(await cache.call('session:patch:s', '{"f1":null,"f2":0,"one more":1}')).toBe('FULL');
    expect(await cache.call('session:patch:s', '{"f1":null}')).toMatch(/^OK/);
    expect(await cache.call('session:patch:s', '{"one more":1}')).toMatch(/^OK/);
    expect(await cache.call('session:patch:s', JSON.stringify({ f2: 'x'.repeat(256 * 1024) }))).toBe('FULL');
    expect(await cache.call('session:get:s:f2')).toBe('2');
  });

  test('with 500 fields is opened within 10 ms of CPU time', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, index]));
    expect(await cache.call('session:patch:s', JSON.stringify(fields))).toMatch(/^OK/);
    expect(await leastMs(cache, 5, () => `session:open:s:${IDLE_MS}:${ABSOLUTE_MS}`)).toBeLessThan(10);
  });

  test('with 500 fields that have ended takes 500 others, and serves none of the old ones', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    const fields = (prefix: string) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${prefix}${index}`, index])));
    expect(await cache.call(`session:patch:s:${ANY}:500`, fields('old'))).toMatch(/^OK/);
    expect(await cache.call(`session:patch:s:${ANY}:600`, '{"one more":1}')).toBe('FULL');
    cache.advance(500);
    expect(await cache.call('session:incr:s:n')).toBe('1');
    expect((await opened(cache))[1]).toEqual({ n: 1 });
    expect(await cache.call('session:patch:s', fields('new'))).toBe('FULL');
    expect(await cache.call('session:patch:s', fields('new').replace('"new0":0,', ''))).toMatch(/^OK/);
    expect(Object.keys((await opened(cache))[1] as object)).toHaveLength(500);
    checkStore(cache.parts.store);
  });

  test('refuses a patch of more than 500 fields', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    const fields = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`f${index}`, null]));
    await expect(cache.call('session:patch:s', JSON.stringify(fields))).rejects.toThrow(
      'a patch changes at most 500 fields: send the others in another one',
    );
  });

  test('is full at a quarter of the longest reply, so that it can be opened', async () => {
    using cache = await cacheWith(FILE, { 'max-item-size': '8k' });
    await opened(cache);
    expect(await cache.call('session:patch:s', JSON.stringify({ f: 'x'.repeat(2046) }))).toBe('FULL');
    expect(await cache.call('session:patch:s', JSON.stringify({ f: 'x'.repeat(2045) }))).toMatch(/^OK/);
    expect((await opened(cache))[1]).toEqual({ f: 'x'.repeat(2045) });
  });

  test('ends with end', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    expect(await cache.call('session:end:s')).toBe('OK');
    expect(await cache.call('session:get:s:a')).toBeUndefined();
    expect(cache.object('session', 's')).toBeUndefined();
  });

  test('is a miss after its eviction, and its versions go on rising', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 8 });
    const [version] = await opened(cache);
    await evictAll(cache);
    expect(await cache.call('session:patch:s', '{"a":1}')).toBeUndefined();
    expect((await opened(cache))[0]).toBeGreaterThan(version);
  });

  test('refuses what is no patch, no version and no field', async () => {
    using cache = await cacheWith(FILE);
    await opened(cache);
    await expect(cache.call('session:patch:s', '[1]')).rejects.toThrow('patch must be a JSON object');
    await expect(cache.call('session:patch:s:x', '{}')).rejects.toThrow('version must');
    await expect(cache.call('session:patch:s', `{"${'a'.repeat(201)}":1}`)).rejects.toThrow(
      'a field has 1 to 200 bytes',
    );
    await cache.call('session:patch:s', '{"__proto__":{"a":1},"a":{"__proto__":{"b":2}}}');
    expect(await cache.call('session:get:s:a')).toBe('{"__proto__":{"b":2}}');
    for (const patch of ['{"b":1,"a":1e400}', '{"a":[null,-1e400]}', '{"a":{"b":{"c":1e999}}}']) {
      await expect(cache.call('session:patch:s', patch)).rejects.toThrow('a number of the field a is too large');
    }
    expect(await cache.call('session:get:s:a')).toBe('{"__proto__":{"b":2}}');
    expect(await cache.call('session:get:s:b')).toBeUndefined();
    await cache.call('session:patch:s', '{"c":[null,1e308]}');
    expect(await cache.call('session:get:s:c')).toBe('[null,1e+308]');
    await expect(cache.call('session:incr:s:a')).rejects.toThrow('the field must be a whole number');
  });

  test('is unchanged by calls that are ended at any step', async () => {
    using cache = await cacheWith(FILE);
    await cache.killAtEachStep(`session:open:s:${IDLE_MS}:${ABSOLUTE_MS}`);
    await cache.killAtEachStep(`session:patch:s:${ANY}:100`, '{"a":1,"b":{"c":2}}');
    await cache.killAtEachStep('session:patch:s', '{"b":{"d":2},"a":null}');
    await cache.killAtEachStep('session:incr:s:n');
    await cache.killAtEachStep('session:lock:s:me:100');
    await cache.killAtEachStep('session:expire:s:n:50');
    cache.advance(60);
    await cache.killAtEachStep('session:take:s:b');
    await cache.killAtEachStep('session:rotate:s:t');
    await cache.killAtEachStep('session:end:t');
    checkStore(cache.parts.store);
  });
});
