// Several members of a set, and several keys of a map, in one call, in both languages: pages while members change, random members, sets made
// from others, calls that fail in the middle, what large calls cost. Replies one by one: test/objects/conformance.ts.

import { describe, expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { checkStore } from '../store/checker.js';
import { Choices, cacheWith } from './models.js';

const CALLS = process.env.LONG_TESTS === undefined ? 400 : 20_000;
const LANGUAGES = [
  { language: 'TypeScript', file: (name: string) => `plugins/${name}.ts` },
  { language: 'Lua', file: (name: string) => `scripts/${name}.lua` },
];

const numbered = (count: number, prefix = 'm') => Array.from({ length: count }, (_, number) => `${prefix}${number}`);

async function lines(cache: CacheInProcess, call: string): Promise<string[]> {
  return ((await cache.call(call)) ?? '').split('\r\n').slice(0, -1);
}

async function putAll(cache: CacheInProcess, key: string, members: readonly string[]): Promise<void> {
  await cache.call(`set:new:${key}`);
  for (let from = 0; from < members.length; from += 100) {
    await cache.call(`set:putall:${key}`, JSON.stringify(members.slice(from, from + 100)));
  }
}

describe.each(LANGUAGES)('a set in $language', ({ file }) => {
  const made = (config = {}) => cacheWith(file('set'), config);

  test.each([20, 3000])('has a page for each of %d members that stay, whatever happens to others', async (count) => {
    using cache = await made();
    const choices = new Choices(count);
    const staying = numbered(count, 'staying');
    const others = numbered(count, 'other');
    const all = staying.flatMap((member, index) => [member, others[index]]);
    await putAll(cache, 'k', all);
    const seen = await lines(cache, 'set:scan:k:7');
    for (let page = seen; page.length > 0; seen.push(...page)) {
      for (let change = 0; change < 5; change++) {
        const last = seen.at(-1) as string;
        const member = choices.oneIn(3) && others.includes(last) ? last : choices.of(others);
        // One that is put again is the last of the set.
        await cache.call(`set:${member === last ? 'delete' : choices.of(['put', 'delete'])}:k:${member}`);
      }
      let after = seen.length - 1;
      while ((await cache.call(`set:scanafter:k:7:${seen[after]}`)) === 'NOT_FOUND') after--;
      page = await lines(cache, `set:scanafter:k:7:${seen[after]}`);
    }
    expect(seen.filter((member) => member.startsWith('staying'))).toEqual(staying);
  });

  test('has a page after each member, but none after one that was deleted', async () => {
    using cache = await made();
    await putAll(cache, 'k', numbered(500));
    expect(await lines(cache, 'set:scanafter:k:3:m99')).toEqual(['m100', 'm101', 'm102']);
    await cache.call('set:delete:k:m99');
    expect(await cache.call('set:scanafter:k:3:m99')).toBe('NOT_FOUND');
    expect(await lines(cache, 'set:scanafter:k:3:m98')).toEqual(['m100', 'm101', 'm102']);
  });

  test('has a member that was put again at its end, where a walk must not continue', async () => {
    using cache = await made();
    await putAll(cache, 'k', numbered(500));
    await cache.call('set:delete:k:m99');
    await cache.call('set:put:k:m99');
    expect(await lines(cache, 'set:scanafter:k:3:m498')).toEqual(['m499', 'm99']);
    expect(await lines(cache, 'set:scanafter:k:3:m99')).toEqual([]);
    // The page after the last but one does not begin with the last.
    expect(await lines(cache, 'set:scanafter:k:3:m98')).toEqual(['m100', 'm101', 'm102']);
  });

  test('has a page for the same steps, however large it is', async () => {
    using cache = await made();
    await putAll(cache, 'small', numbered(1000));
    await putAll(cache, 'large', numbered(30_000));
    const steps: number[] = [];
    for (const call of ['small:10:m500', 'large:10:m500']) {
      expect(await lines(cache, `set:scanafter:${call}`)).toHaveLength(10);
      steps.push(cache.last.steps);
    }
    expect(steps[1]).toBeLessThan(1.1 * steps[0]);
  });

  test('draws each member equally often', async () => {
    using cache = await made();
    const members = numbered(8);
    await putAll(cache, 'k', members);
    const times = new Map(members.map((member) => [member, 0]));
    for (let draw = 0; draw < 1000; draw++) {
      const drawn = await lines(cache, 'set:random:k:2');
      // In the order of the set, hence different ones.
      expect(drawn).toEqual(members.filter((member) => drawn.includes(member)));
      expect(drawn).toHaveLength(2);
      for (const member of drawn) times.set(member, (times.get(member) ?? 0) + 1);
    }
    // 250 times each, with a standard deviation of 14.
    for (const [member, count] of times) expect([member, Math.abs(count - 250) < 90]).toEqual([member, true]);
  });

  test('draws members of a large set', async () => {
    using cache = await made();
    await putAll(cache, 'k', numbered(3000));
    const drawn = await lines(cache, 'set:random:k:1000');
    expect(new Set(drawn).size).toBe(1000);
    expect(drawn.every((member) => Number(member.slice(1)) < 3000)).toBe(true);
    expect(await lines(cache, 'set:random:k:3000')).toHaveLength(3000);
  });

  test('draws some members of a large set without a walk over it', async () => {
    using cache = await made();
    await putAll(cache, 'k', numbered(20_000));
    const drawn = await lines(cache, 'set:random:k:16');
    expect(new Set(drawn).size).toBe(16);
    expect(drawn.every((member) => Number(member.slice(1)) < 20_000)).toBe(true);
    // The first call was charged for compiling the method.
    await lines(cache, 'set:random:k:16');
    expect(cache.last.steps).toBeLessThan(2000);
    expect(await lines(cache, 'set:random:k:17')).toHaveLength(17);
    expect(await lines(cache, 'set:random:k:0')).toEqual([]);
  });

  test('made from others agrees with a model', async () => {
    using cache = await made();
    const choices = new Choices(5);
    const model = new Map<string, Set<string>>();
    const keys = ['a', 'b', 'c', 'd'];
    for (let call = 0; call < CALLS; call++) {
      const key = choices.of(keys);
      const sources = Array.from({ length: 1 + choices.below(3) }, () => choices.of(keys));
      const sets = sources.map((source) => model.get(source));
      const member = `m${choices.below(12)}`;
      const method = choices.of(['new', 'put', 'put', 'put', 'unionof', 'intersectionof', 'differenceof', 'forget']);
      if (method === 'new') {
        await cache.call(`set:new:${key}`);
        model.set(key, new Set());
      } else if (method === 'put') {
        await cache.call(`set:put:${key}:${member}`);
        model.get(key)?.add(member);
      } else if (method === 'forget') {
        if (choices.oneIn(3)) model.delete(key);
        if (!model.has(key)) await cache.send(`delete set$${key}\r\n`);
      } else {
        const expected = combined(method, sets);
        if (expected !== undefined) model.set(key, expected);
        const reply = await cache.call(`set:${method}:${key}:${JSON.stringify(sources)}`);
        expect([call, reply]).toEqual([call, expected === undefined ? 'ERROR_CACHE_MISS' : String(expected.size)]);
      }
      for (const name of keys) {
        const set = model.get(name);
        const content = await cache.call(`set:getall:${name}`);
        expect([call, name, content]).toEqual([
          call,
          name,
          set === undefined ? 'ERROR_CACHE_MISS' : [...set].map((each) => `${each}\r\n`).join(''),
        ]);
      }
    }
    checkStore(cache.parts.store);
  });

  test('is as it was after a call whose steps, bytes or reply are too many', async () => {
    using cache = await made({ 'call-steps': 30_000, 'call-bytes': 4_000_000 });
    await putAll(cache, 'k', numbered(1500, 'm'.repeat(800)));
    await putAll(cache, 'wide', numbered(8000));
    const most = Number.MAX_SAFE_INTEGER;
    for (const call of [`scan:k:${most}`, `pop:k:${most}`, `random:k:${most}`]) {
      await expect(cache.call(`set:${call}`), call).rejects.toThrow(
        /more than \d+( bytes| steps|: return less, or raise -I)?$/,
      );
    }
    for (const call of [
      `scan:wide:${most}`,
      `pop:wide:${most}`,
      `random:wide:${most}`,
      'unionof:wide:["wide","wide"]',
    ]) {
      await expect(cache.call(`set:${call}`), call).rejects.toThrow(/takes more than 30000 steps|makes more than/);
    }
    expect([await cache.call('set:count:k'), await cache.call('set:count:wide')]).toEqual(['1500', '8000']);
    expect(await lines(cache, 'set:scan:wide:2')).toEqual(['m0', 'm1']);
    checkStore(cache.parts.store);
  });

  test('is as it was after a call that fails in the middle, or is ended at any step', async () => {
    using cache = await made();
    await putAll(cache, 'k', numbered(6));
    await putAll(cache, 'l', ['m1', 'x']);
    const tooLong = 'm'.repeat(1000);
    await expect(cache.call('set:putall:k', JSON.stringify(['new', tooLong]))).rejects.toThrow('set:putall: ');
    expect(await lines(cache, 'set:getall:k')).toEqual(numbered(6));
    await cache.killAtEachStep('set:putall:k:["y","m1","z"]');
    await cache.killAtEachStep('set:deletemany:k:["y","none","m2"]');
    expect((await cache.killAtEachStep('set:pop:k:2')).value).toBe('m0\r\nm1\r\n');
    await cache.killAtEachStep('set:random:k:2');
    expect((await cache.killAtEachStep('set:unionof:new:["k","l"]')).value).toBe('6');
    expect((await cache.killAtEachStep('set:unionof:k:["l","k"]')).value).toBe('6');
    expect((await cache.killAtEachStep('set:intersectionof:l:["k","l"]')).value).toBe('2');
    expect((await cache.killAtEachStep('set:differenceof:k:["k","l"]')).value).toBe('4');
    expect(await lines(cache, 'set:getall:k')).toEqual(['m3', 'm4', 'm5', 'z']);
  });
});

/** Undefined if one of the sets is missing. */
function combined(method: string, sets: readonly (ReadonlySet<string> | undefined)[]): Set<string> | undefined {
  const all = sets.filter((set) => set !== undefined);
  if (all.length < sets.length) return undefined;
  if (method === 'unionof') return new Set(all.flatMap((set) => [...set]));
  const [first, ...others] = all;
  const isWanted = (member: string) =>
    method === 'intersectionof' ? others.every((set) => set.has(member)) : !others.some((set) => set.has(member));
  return new Set([...first].filter(isWanted));
}

describe.each(LANGUAGES)('a map in $language', ({ file }) => {
  const made = (config = {}) => cacheWith(file('map'), config);

  test('has pages of pairs that stay, while others change', async () => {
    using cache = await made();
    const pairs = Object.fromEntries(numbered(300).map((key, number) => [key, number]));
    await cache.call('map:new:k');
    await cache.call('map:putmany:k', JSON.stringify(pairs));
    const seen = await lines(cache, 'map:scan:k:40');
    for (let page = seen; page.length > 0; ) {
      const last = (page.at(-1) as string).split(' : ')[0];
      // Those that have been seen are not seen again, and those that are changed stay where they are.
      await cache.call(`map:incr:k:${last}`);
      await cache.call('map:deletemany:k', JSON.stringify(page.slice(0, -1).map((pair) => pair.split(' : ')[0])));
      page = await lines(cache, `map:scanafter:k:40:${last}`);
      seen.push(...page);
    }
    expect(seen).toEqual(Object.entries(pairs).map(([key, value]) => `${key} : ${value}`));
    expect(await cache.call('map:count:k')).toBe('8');
  });

  test('is as it was after a call that fails in the middle, or is ended at any step', async () => {
    using cache = await made();
    await cache.call('map:new:k');
    await cache.call('map:putmany:k:{"a":1,"b":"two"}');
    const tooLong = JSON.stringify({ a: 2, ['k'.repeat(1000)]: 'x' });
    await expect(cache.call('map:putmany:k', tooLong)).rejects.toThrow('map:putmany: ');
    expect(cache.object('map', 'k')).toEqual({ a: 1, b: 'two' });
    await cache.killAtEachStep('map:putmany:k:{"a":3,"c":"three","d":"4"}');
    expect((await cache.killAtEachStep('map:incr:k:a:0.5')).value).toBe('3.5');
    expect((await cache.killAtEachStep('map:deletemany:k:["b","none","d"]')).value).toBe('2');
    expect(cache.object('map', 'k')).toEqual({ a: 3.5, c: 'three' });
    checkStore(cache.parts.store);
  });

  test('is as it was after a reply that would be too long', async () => {
    using cache = await made();
    await cache.call('map:new:k');
    for (const key of numbered(3)) await cache.call(`map:put:k:${key}`, 'x'.repeat(400_000));
    for (const call of ['scan:k:9', 'getmany:k:["m0","m1","m0"]']) {
      await expect(cache.call(`map:${call}`), call).rejects.toThrow(
        'returned 1200021 bytes, more than 1048576: return less, or raise -I',
      );
    }
    expect(await lines(cache, 'map:scanafter:k:9:m0')).toHaveLength(2);
    expect(await cache.call('map:count:k')).toBe('3');
  });
});
