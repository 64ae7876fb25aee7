// The leaderboard: each method and edge, the mistakes of hand-written boards, random calls against a sorted list, and a million members.

import { describe, expect, test } from 'vitest';
import type { TestCache } from '../../src/app/testing/test-cache.js';
import { checkStore } from '../store/checker.js';
import { callMany, leastMs } from './calls-in-bulk.js';
import { Choices, cacheWith, evictAll, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 1800;
const MEMBERS = isLong ? 1_000_000 : 50_000;
const FILE = 'plugins/board.ts';

type Order = 'desc' | 'asc';
type Ties = 'first' | 'last' | 'member';

interface Member {
  name: string;
  score: number;
  since: number;
}

/** A board as a list that is sorted for each call. */
class Model {
  #members: Member[] = [];
  #turn = 0;

  constructor(
    readonly order: Order = 'desc',
    readonly ties: Ties = 'first',
    readonly cap = Number.POSITIVE_INFINITY,
  ) {}

  get list(): readonly Member[] {
    return this.#members.sort((one, other) => this.#compare(one, other));
  }

  put(name: string, given: number, mode = 'set'): string | undefined {
    const found = this.#members.find((member) => member.name === name);
    if (found === undefined && mode === 'existing') return undefined;
    const member = found ?? { name, score: Number.NaN, since: 0 };
    const score = found === undefined ? given : this.#changed(mode, found.score, given);
    const isChanged = score !== member.score;
    if (isChanged) Object.assign(member, { score, since: this.#turn++ });
    if (found === undefined) this.#members.push(member);
    const worst = this.list.length > this.cap ? this.#members.pop()?.name : undefined;
    if (worst === name) return `OK ${score} 0 0\r\n${name}`;
    return `OK ${score} ${this.competition(score)} ${isChanged ? 1 : 0}${worst === undefined ? '' : `\r\n${worst}`}`;
  }

  remove(name: string): string {
    const before = this.#members.length;
    this.#members = this.#members.filter((member) => member.name !== name);
    return `OK ${before - this.#members.length}`;
  }

  trim(keep: number): string {
    const removed = Math.max(0, this.#members.length - keep);
    this.#members = this.list.slice(0, keep);
    return `OK ${removed} 0`;
  }

  ranks(name: string): (string | undefined)[] {
    const found = this.#members.find((member) => member.name === name);
    if (found === undefined) return [undefined, undefined, undefined];
    const { score } = found;
    const better = this.#members.filter((member) => this.#isBetter(member.score, score));
    const dense = 1 + new Set(better.map((member) => member.score)).size;
    const ranks = [1 + better.length, dense, 1 + this.list.indexOf(found)];
    return ranks.map((rank) => `${rank} ${this.#members.length} ${score}`);
  }

  competition(score: number): number {
    return 1 + this.#members.filter((member) => this.#isBetter(member.score, score)).length;
  }

  lines(members: readonly Member[]): string {
    return members.map(({ name, score }) => `${this.competition(score)} ${score} ${name}\r\n`).join('');
  }

  percentile(name: string): string | undefined {
    const found = this.#members.find((member) => member.name === name);
    if (found === undefined) return undefined;
    const worse = this.#members.filter((member) => this.#isBetter(found.score, member.score)).length;
    return String(Math.floor((worse / this.#members.length) * 1e4) / 100);
  }

  #changed(mode: string, old: number, given: number): number {
    if (mode === 'incr') return old + given;
    if (mode === 'best') return this.#isBetter(given, old) ? given : old;
    if (mode === 'worst') return this.#isBetter(given, old) ? old : given;
    return mode === 'new' ? old : given;
  }

  #isBetter(one: number, other: number): boolean {
    return this.order === 'asc' ? one < other : one > other;
  }

  #compare(one: Member, other: Member): number {
    if (one.score !== other.score) return this.#isBetter(one.score, other.score) ? -1 : 1;
    if (this.ties === 'member') return one.name < other.name ? -1 : 1;
    return this.ties === 'first' ? one.since - other.since : other.since - one.since;
  }
}

const MODES = ['set', 'set', 'incr', 'best', 'worst', 'new', 'existing'];
const KINDS = (['desc', 'asc'] as const).flatMap((order) =>
  (['first', 'last', 'member'] as const).map((ties) => ({ order, ties })),
);

describe.each(KINDS)('a board with order $order and ties $ties', ({ order, ties }) => {
  test.each([0, 12])('agrees with a sorted list on random calls, with cap %d', async (cap) => {
    using cache = await cacheWith(FILE);
    const choices = new Choices(cap + 7);
    const model = new Model(order, ties, cap === 0 ? undefined : cap);
    expect(await cache.call(`board:new:k:${order}:${ties}:${cap}:${cap === 0}`)).toBe('CREATED');
    const same = async (key: string, expected: string | number | undefined) =>
      expect([key, await cache.call(key)]).toEqual([key, expected === undefined ? undefined : String(expected)]);
    for (let call = 0; call < CALLS / 6; call++) {
      const name = `m${choices.below(25)}`;
      const score = choices.below(8) - 3;
      const mode = choices.of(MODES);
      if (choices.oneIn(12)) await same(`board:remove:k:${name}`, model.remove(name));
      else if (choices.oneIn(60)) await same('board:trim:k:6', model.trim(6));
      else await same(`board:put:k:${name}:${score}:${mode}`, model.put(name, score, mode));
      const { list } = model;
      const other = `m${choices.below(25)}`;
      const methods = ['competition', 'dense', 'ordinal'];
      for (const [index, rank] of model.ranks(other).entries()) {
        await same(`board:rank:k:${other}:${methods[index]}`, rank);
      }
      await same('board:top:k:5', model.lines(list.slice(0, 5)));
      await same('board:range:k:3:9', model.lines(list.slice(2, 9)));
      await same('board:range:k:-3:-1', model.lines(list.slice(-3)));
      const places = list.length;
      await same(`board:range:k:1:-${places}`, model.lines(list.slice(0, 1)));
      for (const to of [places + 1, places + 2, 2 * places]) await same(`board:range:k:1:-${to}`, '');
      await same('board:count:k', list.length);
      await same(`board:percentile:k:${other}`, model.percentile(other));
      const at = list.findIndex((member) => member.name === other);
      await same(
        `board:around:k:${other}:2`,
        at < 0 ? undefined : model.lines(list.slice(Math.max(0, at - 2), at + 3)),
      );
      const [low, high] = [choices.below(8) - 3, choices.below(8) - 3];
      const open = choices.below(4);
      const within = list.filter(
        (member) =>
          ((open & 1) !== 0 ? member.score > low : member.score >= low) &&
          ((open & 2) !== 0 ? member.score < high : member.score <= high),
      );
      const bounds = `${(open & 1) !== 0 ? '(' : ''}${low}:${(open & 2) !== 0 ? '(' : ''}${high}`;
      await same(`board:count:k:${bounds}`, within.length);
      await same(`board:byscore:k:${bounds}:4`, model.lines(within.slice(0, 4)));
    }
    checkStore(cache.parts.store);
  });
});

describe('board', () => {
  test('is made by the first put, and tells score, rank and whether the score changed', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:rank:k:ann', undefined],
      ['board:put:k:ann:50', 'OK 50 1 1'],
      ['board:put:k:bob:70.5', 'OK 70.5 1 1'],
      ['board:put:k:ann:50', 'OK 50 2 0'],
      ['board:rank:k:ann', '2 2 50'],
      ['board:rank:k:cid', undefined],
      ['board:top:k', '1 70.5 bob\r\n2 50 ann\r\n'],
      ['board:remove:k:cid', 'OK 0'],
      ['board:remove:k:bob', 'OK 1'],
      ['board:count:k', '1'],
    ]);
  });

  test('ranks a score of 0, which -0 equals', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:put:k:ann:0', 'OK 0 1 1'],
      ['board:put:k:ann:-0', 'OK 0 1 0'],
      ['board:put:k:bob:-0', 'OK 0 1 1'],
      ['board:rank:k:ann', '1 2 0'],
      ['board:count:k:0:0', '2'],
      ['board:count:k:-0:-0', '2'],
    ]);
  });

  test('takes infinite scores, and refuses what is no number', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:put:k:ann:inf', 'OK inf 1 1'],
      ['board:put:k:bob:-inf', 'OK -inf 2 1'],
      ['board:put:k:cid:+Infinity', 'OK inf 1 1'],
      ['board:count:k:-inf:inf', '3'],
      ['board:count:k:(-inf:(inf', '0'],
      ['board:byscore:k:-inf:0', '3 -inf bob\r\n'],
    ]);
    for (const score of ['NaN', 'nan', '', '1,5', '0x10', ' 1', 'inf1', '--1', '1e']) {
      await expect(cache.call(`board:put:k:ann:${encodeURIComponent(score)}:set:p`)).rejects.toThrow(
        'CLIENT_ERROR board:put: a score must be a number in decimal digits, inf or -inf',
      );
    }
    await expect(cache.call('board:put:k:ann:-inf:incr')).rejects.toThrow('the sum of inf and -inf is no score');
    expect(await cache.call('board:rank:k:ann')).toBe('1 3 inf');
  });

  test('keeps whole scores up to 2^53 exact', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:put:k:ann:9007199254740991', 'OK 9007199254740991 1 1'],
      ['board:put:k:bob:9007199254740990', 'OK 9007199254740990 2 1'],
      ['board:put:k:bob:1:incr', 'OK 9007199254740991 1 1'],
    ]);
  });

  test('keeps the place of a member that gets the score it has, by whatever mode', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:put:k:ann:5', 'OK 5 1 1'],
      ['board:put:k:bob:5', 'OK 5 1 1'],
      ['board:put:k:ann:0:incr', 'OK 5 1 0'],
      ['board:put:k:ann:5', 'OK 5 1 0'],
      ['board:put:k:ann:4:best', 'OK 5 1 0'],
      ['board:put:k:ann:9:worst', 'OK 5 1 0'],
      ['board:put:k:ann:9:new', 'OK 5 1 0'],
      ['board:rank:k:ann:ordinal', '1 2 5'],
      ['board:put:k:ann:1:incr', 'OK 6 1 1'],
      ['board:put:k:ann:-1:incr', 'OK 5 1 1'],
      ['board:rank:k:ann:ordinal', '2 2 5'],
    ]);
  });

  test('makes no member of a put for existing ones, and no board', async () => {
    using cache = await cacheWith(FILE);
    expect(await cache.call('board:put:k:ann:5:existing')).toBeUndefined();
    expect(cache.object('board', 'k')).toBeUndefined();
    await cache.call('board:put:k:bob:5');
    expect(await cache.call('board:put:k:ann:5:existing')).toBeUndefined();
    expect(await cache.call('board:count:k')).toBe('1');
  });

  test('with a cap drops the worst and names it, which may be the new one', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:new:k:desc:first:2', 'CREATED'],
      ['board:put:k:ann:5', 'OK 5 1 1'],
      ['board:put:k:bob:6', 'OK 6 1 1'],
      ['board:put:k:cid:7', 'OK 7 1 1\r\nann'],
      ['board:put:k:dan:6', 'OK 6 0 0\r\ndan'],
      ['board:put:k:bob:1', 'OK 1 2 1'],
      ['board:top:k', '1 7 cid\r\n2 1 bob\r\n'],
    ]);
  });

  test('keeps a payload with each member, which goes with it', async () => {
    using cache = await cacheWith(FILE);
    expect(await cache.call('board:put:k:ann:5:set', '{"team":"red: 1"}')).toBe('OK 5 1 1');
    await play(cache, [
      ['board:put:k:bob:5', 'OK 5 1 1'],
      ['board:put:k:ann:6', 'OK 6 1 1'],
      ['board:rank:k:ann', '1 2 6\r\n{"team":"red: 1"}'],
      ['board:top:k', '1 6 ann\t{"team":"red: 1"}\r\n2 5 bob\r\n'],
      ['board:remove:k:ann', 'OK 1'],
      ['board:put:k:ann:6', 'OK 6 1 1'],
      ['board:rank:k:ann', '1 2 6'],
    ]);
  });

  test('leaves the payload of a member as it is when a put is for new members only', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:put:k:ann:5:new:red', 'OK 5 1 1'],
      ['board:put:k:ann:6:new:blue', 'OK 5 1 0'],
      ['board:rank:k:ann', '1 1 5\r\nred'],
    ]);
  });

  test('takes any bytes in a member but those that end it in a line', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['board:put:k:a%3Ab%20c%00%FF:5', 'OK 5 1 1'],
      ['board:top:k', '1 5 a:b c\0\xff\r\n'],
    ]);
    for (const byte of ['%0A', '%0D', '%09', '']) {
      await expect(cache.call(`board:put:k:${byte}:5`)).rejects.toThrow('CLIENT_ERROR board:put: member must');
    }
  });

  test('counts distinct better scores for dense ranks, at most 1000 unless it was made for them', async () => {
    using cache = await cacheWith(FILE);
    await callMany(cache, 2004, (index) => `board:put:k:m${index}:${index >> 1}`);
    expect(await cache.call('board:rank:k:m6:dense')).toBe('999 2004 3');
    await expect(cache.call('board:rank:k:m0:dense')).rejects.toThrow('more than 1000 scores are better');
    expect(await cache.call('board:new:d:desc:first:0:true')).toBe('CREATED');
    await callMany(cache, 2004, (index) => `board:put:d:m${index}:${index >> 1}`);
    await play(cache, [
      ['board:rank:d:m0:dense', '1002 2004 0'],
      ['board:put:d:m2003:0', 'OK 0 2002 1'],
      ['board:rank:d:m0:dense', '1002 2004 0'],
      ['board:remove:d:m2002', 'OK 1'],
      ['board:rank:d:m0:dense', '1001 2003 0'],
    ]);
  });

  test('is empty again after its eviction, and the next put makes it', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 8 });
    await cache.call('board:put:k:ann:5');
    await evictAll(cache);
    expect(await cache.call('board:top:k')).toBeUndefined();
    expect(await cache.call('board:put:k:bob:4')).toBe('OK 4 1 1');
  });

  test('is unchanged by calls that are ended at any step', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('board:new:k:desc:first:3:true');
    for (const key of ['ann:1', 'bob:2', 'cid:3:set:p', 'dan:4', 'bob:1', 'cid:1:incr']) {
      expect((await cache.killAtEachStep(`board:put:k:${key}`)).kills).toBeGreaterThan(4);
    }
    expect((await cache.killAtEachStep('board:remove:k:cid')).value).toBe('OK 1');
    expect((await cache.killAtEachStep('board:trim:k:0')).value).toBe('OK 2 0');
    checkStore(cache.parts.store);
  });
});

describe(`board with ${MEMBERS} members`, () => {
  const scoreOf = (index: number) => (index * 7919) % (MEMBERS / 10);
  const fill = (cache: TestCache) =>
    callMany(cache, MEMBERS, (index) => `board:put:k:player${String(index).padStart(7, '0')}:${scoreOf(index)}`);

  test('takes at most 85 bytes for each', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 256 });
    const { store } = cache.parts;
    const before = store.usedBytes;
    await fill(cache);
    expect(await cache.call('board:count:k')).toBe(String(MEMBERS));
    expect((store.usedBytes - before) / MEMBERS).toBeLessThan(85);
  });

  test('ranks in less than 100 us, and removes a bounded number at a time', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 256 });
    await fill(cache);
    const member = (index: number) => `player${String((index * 104_729) % MEMBERS).padStart(7, '0')}`;
    expect(await leastMs(cache, 200, (index) => `board:put:k:${member(index)}:${index}`)).toBeLessThan(0.1);
    expect(await leastMs(cache, 200, (index) => `board:rank:k:${member(index)}`)).toBeLessThan(0.1);
    expect(await leastMs(cache, 20, (index) => `board:top:k:${1000 - index}`)).toBeLessThan(10);
    expect(await leastMs(cache, 5, () => 'board:trim:k:10')).toBeLessThan(10);
    expect(await cache.call('board:trim:k:10')).toBe(`OK 500 ${MEMBERS - 3010}`);
  });
});
