// Objects of the types that ship that are as large as they may be, with a hundred thousand members, jobs or holds ending at one instant, and the
// calls that take longest on them: at least one of each method.

import type { TestCache } from '../../src/app/testing/test-cache.js';
import { callMany, type MadeCall } from './calls-in-bulk.js';
import type { ShippedType } from './shipped-types.js';

const isLong = process.env.LONG_TESTS !== undefined;
export const MEMBERS = isLong ? 1_000_000 : 4000;
export const ENDING = isLong ? 100_000 : 1000;
/** As many holders as a lease may have. */
const SLOTS = isLong ? 10_000 : 500;
const PURGES = isLong ? 100_000 : 5000;
const JOBS = isLong ? 5000 : 1000;
const HOLDS = isLong ? 5000 : 300;
/** Windows of a day, as many as a counter of the usual precision may have. */
const DAYS = isLong ? 256 : 32;
/** Counters of 2^16 registers. */
const COUNTERS = isLong ? 64 : 16;
/** Fields of a session. */
const FIELDS = 500;
const LIST = 1000;
/** Members that a filter of some 50 layers takes at a time. */
const OF_MANY_LAYERS = 300;
const MEBIBYTE = 2 ** 20;
const DAY_MS = 86_400_000;
/** Of a session. */
const ANY = 'any';
/** Tokens are larger than any that was given. */
const NO_TOKEN = '9007199254740991';

export interface LargeObject {
  readonly type: ShippedType;
  readonly what: string;
  readonly megabytes: number;
  make(cache: TestCache): Promise<void>;
  /** Without the type; a call that changes something uses the number of the attempt. */
  readonly calls: readonly ((attempt: number) => MadeCall)[];
}

function listOf(prefix: string, from = 0, count = LIST): string {
  return JSON.stringify(Array.from({ length: count }, (_, index) => `${prefix}${from + index}`));
}

const fieldsOf = (value: string, from = 0) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: FIELDS }, (_, n) => [`f${from + n}`, value])));
const counters = Array.from({ length: COUNTERS }, (_, index) => `k${index}`).join(',');
const articles = Array.from({ length: 32 }, (_, index) => `article${index}`);
const units = JSON.stringify(Object.fromEntries(articles.map((article) => [article, 1])));
const tags = Array.from({ length: 32 }, (_, index) => `t${index}`).join(',');
const longTags = Array.from({ length: 32 }, (_, index) => `${'t'.repeat(120)}${index}`).join(',');
const limits = [1, 2, 3, 4, 5, 6, 7, 8].map((minutes) => `1000000/${minutes * 60_000}`).join(',');

export const LARGE_OBJECTS: readonly LargeObject[] = [
  {
    type: 'gcra',
    what: 'a policy, a block and a booking',
    megabytes: 16,
    async make(cache) {
      await cache.call('gcra:policy:k:10:1:1000');
      await cache.call('gcra:book:k:15:60000');
    },
    calls: [
      () => 'take:k',
      () => 'peek:k',
      () => 'book:k:1:60000',
      () => 'refund:k',
      () => 'policy:k:10:1:1000',
      () => 'block:k:1',
      () => 'reset:k',
      () => 'clthrottle:c:10:1:1',
    ],
  },
  {
    type: 'window',
    what: 'eight limits, and logs of 1000 hits of which all end',
    megabytes: 16,
    async make(cache) {
      await cache.call(`window:hit:k:${limits}`);
      await cache.call('window:fixed:k:1000:1000');
      for (let period = 1; period <= 8; period++) await cache.call(`window:log:k:1000:${period * 1000}:1000`);
      cache.advance(8000);
    },
    calls: [
      () => `hit:k:${limits}`,
      () => `peek:k:${limits}`,
      () => 'fixed:k:1000:1000',
      (attempt) => `log:k:1000:${1000 * (1 + attempt)}:1000`,
      () => 'penalty:k:250',
      () => 'reward:k:250',
      () => 'block:k:1',
    ],
  },
  {
    type: 'lease',
    what: `${SLOTS} slots of which all end`,
    megabytes: 256,
    async make(cache) {
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) {
        await callMany(cache, SLOTS, (index) => `lease:acquire:${key}:o${index}:60000:${SLOTS}`);
      }
      cache.advance(60_000);
      // One that has not ended, so that the others are removed one by one.
      for (const key of ['f', 'g', 'h', 'i', 'j']) await cache.call(`lease:acquire:${key}:new:60000:${SLOTS}`);
    },
    calls: [
      (attempt) => `acquire:${'abcde'[attempt]}:me:60000:${SLOTS}`,
      (attempt) => `acquire:f:me${attempt}:60000:${SLOTS}`,
      () => `renew:f:o1:${NO_TOKEN}:60000`,
      () => `release:f:o1:${NO_TOKEN}`,
      () => `check:f:${NO_TOKEN}`,
      () => 'who:f',
      (attempt) => `steal:${'fghij'[attempt]}:me:60000`,
    ],
  },
  {
    type: 'fill',
    what: 'a value of a mebibyte',
    megabytes: 64,
    async make(cache) {
      await cache.call('fill:set:k:1000:100000', 'x'.repeat(MEBIBYTE - 60));
    },
    calls: [
      () => 'get:k',
      () => `put:k:${NO_TOKEN}:1:1:1:x`,
      () => ['set:k:1000:100000', 'x'.repeat(MEBIBYTE - 60)],
      () => 'stale:k',
      () => `fail:k:${NO_TOKEN}`,
      () => 'drop:k',
    ],
  },
  {
    type: 'tag',
    what: `${PURGES} purges, 32 tags and values of a mebibyte`,
    megabytes: 128,
    async make(cache) {
      for (let first = 0; first < PURGES; first += 32) {
        await cache.call('tag:purge:n', listOf('t', first, 32).replace(/["[\]]/g, ''));
      }
      await cache.call(`tag:put:n/1:60000:${tags}`, 'x'.repeat(MEBIBYTE - 100));
    },
    calls: [
      () => 'get:n/1',
      () => 'tags:n/1',
      () => [`put:n/1:60000:${tags}`, 'x'.repeat(MEBIBYTE - 100)],
      () => [`putsince:n/2:${NO_TOKEN}:60000:${tags}`, 'x'.repeat(MEBIBYTE - 100)],
      (attempt) => ['purge:n', longTags.replaceAll('tt', `${attempt}`)],
      (attempt) => ['softpurge:n', longTags.replaceAll('tt', `${attempt}`)],
      () => 'now:n',
      () => 'count:n:t1',
    ],
  },
  {
    type: 'queue',
    what: `${MEMBERS} jobs, of which the time of ${ENDING} workers and the memory of ${ENDING} done ones end`,
    megabytes: 1600,
    async make(cache) {
      await callMany(cache, MEMBERS, (index) => `queue:put:q:0:${index % 10}:0:j${index}:body${index}`);
      const acks: string[] = [];
      await callMany(
        cache,
        ENDING / 100,
        () => 'queue:take:q:w:1000:100',
        (replies) => {
          for (const [, id, token] of replies.matchAll(/^JOB (\S+) (\d+)/gm)) acks.push(`queue:ack:q:${id}:${token}`);
        },
      );
      await callMany(cache, acks.length, (index) => acks[index]);
      await callMany(cache, ENDING / 100, () => 'queue:take:q:w:1000:100');
      cache.advance(300_000);
    },
    calls: [
      (attempt) => `put:q:0:0:0:new${attempt}:x`,
      () => 'take:q:w:1000000:100',
      () => `ack:q:j1:${NO_TOKEN}`,
      () => `release:q:j1:${NO_TOKEN}`,
      () => `extend:q:j1:${NO_TOKEN}:1000`,
      () => `bury:q:j1:${NO_TOKEN}:bad`,
      () => 'kick:q:100',
      () => 'peek:q:ready:100',
      () => 'peek:q:delayed:100',
      () => 'peek:q:taken:100',
      () => 'peek:q:buried:100',
      () => 'stats:q',
      () => 'limit:q:0:0:5',
      () => 'pause:q',
      () => 'resume:q',
      () => 'drain:q',
    ],
  },
  {
    type: 'queue',
    what: 'jobs that end and are over their attempts, after those of 200 priorities that are delayed',
    megabytes: 256,
    async make(cache) {
      await cache.call('queue:limit:q:0:0:1');
      for (let priority = -100; priority < 100; priority++)
        await cache.call(`queue:put:q:1000000:${priority}:0:d${priority}:x`);
      await callMany(cache, JOBS, (index) => `queue:put:q:0:100:0:j${index}:x`);
      await callMany(cache, JOBS / 100, () => 'queue:take:q:w:1000:100');
      await callMany(cache, JOBS, (index) => `queue:put:q:0:100:${index % 2}:k${index}:x`);
      cache.advance(1000);
    },
    calls: [
      () => 'take:q:w:1000:100',
      () => 'kick:q:100',
      () => 'stats:q',
      () => 'peek:q:delayed:100',
      () => 'take:q:w:1000:0',
      () => 'drain:q',
    ],
  },
  {
    type: 'board',
    what: `${MEMBERS} members with dense ranks`,
    megabytes: 512,
    async make(cache) {
      await cache.call('board:new:k:desc:first:0:true');
      await callMany(cache, MEMBERS, (index) => `board:put:k:player${index}:${index >> 1}`);
    },
    calls: [
      (attempt) => `put:k:player${attempt}:${attempt}`,
      (attempt) => `put:k:new${attempt}:${attempt}:incr`,
      ...['competition', 'dense', 'ordinal'].map((method) => () => `rank:k:player7:${method}`),
      () => 'top:k:1000',
      () => 'range:k:-1000:-1',
      () => 'around:k:player100:499',
      () => 'byscore:k:-inf:inf:1000',
      () => 'count:k:5:(1000',
      () => 'percentile:k:player7',
      (attempt) => `remove:k:player${10 + attempt}`,
      () => 'trim:k:10',
      (attempt) => `new:other${attempt}`,
    ],
  },
  {
    type: 'board',
    what: `a cap, ties by member, and long members with payloads, of ${MEMBERS / 10}`,
    megabytes: 512,
    async make(cache) {
      await cache.call(`board:new:k:asc:member:${MEMBERS / 10}`);
      for (let index = 0; index < MEMBERS / 10; index++) {
        await cache.call(`board:put:k:${'m'.repeat(180)}${index}:${index % 7}:set`, 'p'.repeat(256));
      }
    },
    calls: [
      () => 'top:k:1000',
      (attempt) => `put:k:${'m'.repeat(180)}new${attempt}:1`,
      () => `rank:k:${'m'.repeat(180)}7:dense`,
      () => 'trim:k:100',
    ],
  },
  {
    type: 'session',
    what: `${FIELDS} fields which all end`,
    megabytes: 64,
    async make(cache) {
      for (const key of 'abcdefghij') {
        await cache.call(`session:open:${key}:10000000:10000000`);
        await cache.call(`session:patch:${key}:${ANY}:1000`, fieldsOf('x'.repeat(400)));
      }
      cache.advance(1000);
    },
    calls: [
      () => 'open:a:10000000:10000000',
      () => 'get:a:f1',
      () => 'ttl:a:f1',
      (attempt) => [`patch:${'abcde'[attempt]}:${ANY}:2000`, fieldsOf('y'.repeat(400))],
      (attempt) => [`patch:${'abcde'[attempt]}:${ANY}:2000`, fieldsOf('y'.repeat(400), FIELDS)],
      () => ['patch:a:1', '{"a":1}'],
      (attempt) => `incr:${'fghij'[attempt]}:n`,
      (attempt) => `take:${'abcde'[attempt]}:f1`,
      () => 'expire:a:f2:5000',
      () => 'lock:a:me:1000',
      () => `unlock:a:me:${NO_TOKEN}`,
      (attempt) => `rotate:${'abcde'[attempt]}:new${attempt}`,
      (attempt) => `end:new${attempt}`,
    ],
  },
  {
    type: 'idem',
    what: 'an answer of half a mebibyte',
    megabytes: 64,
    async make(cache) {
      for (const key of 'abcde') {
        const [, token] = ((await cache.call(`idem:begin:${key}:f:1000:60000`)) as string).split(' ');
        await cache.call(`idem:finish:${key}:${token}:200`, 'x'.repeat(MEBIBYTE / 2));
      }
    },
    calls: [
      (attempt) => `begin:${'abcde'[attempt]}:f:1000:60000`,
      (attempt) => `begin:new${attempt}:f:1000:60000`,
      () => `step:a:${NO_TOKEN}:half`,
      () => [`finish:a:${NO_TOKEN}:200`, 'x'.repeat(MEBIBYTE / 2)],
      () => `abandon:a:${NO_TOKEN}`,
      () => `extend:a:${NO_TOKEN}:1000`,
      () => 'peek:a',
    ],
  },
  {
    type: 'stock',
    what: `${MEMBERS} holds and sales, of which ${ENDING} holds end and ${ENDING} are forgotten`,
    megabytes: 1600,
    async make(cache) {
      await cache.call(`stock:set:s:${2 * MEMBERS}`);
      await callMany(cache, ENDING, (index) => `stock:hold:s:old${index}:1:1:9:c${index % 100}`);
      await callMany(cache, ENDING, (index) => `stock:commit:s:old${index}`);
      cache.advance(DAY_MS);
      await callMany(cache, MEMBERS - ENDING, (index) => `stock:hold:s:order${index}:1:${DAY_MS + index}`);
      await callMany(cache, ENDING, (index) => `stock:hold:s:ending${index}:1:1000:9:d${index}`);
      cache.advance(1000);
    },
    calls: [
      () => 'peek:s',
      () => `set:s:${2 * MEMBERS}`,
      () => 'add:s:1',
      (attempt) => `hold:s:new${attempt}:1:1000:9:me`,
      () => 'extend:s:order1:1000',
      (attempt) => `commit:s:order${attempt}`,
      (attempt) => `cancel:s:order${10 + attempt}`,
    ],
  },
  {
    type: 'stock',
    what: `orders of 32 articles, each with ${HOLDS} holds that end`,
    megabytes: 512,
    async make(cache) {
      for (const article of articles) {
        await cache.call(`stock:set:${article}:100000`);
        await callMany(cache, HOLDS, (index) => `stock:hold:${article}:order${index}:1:1000`);
      }
      cache.advance(1000);
    },
    calls: [
      (attempt) => [`holdall:article0:new${attempt}:1000`, units],
      (attempt) => [`commitall:article0:new${attempt}`, JSON.stringify(articles)],
      (attempt) => [`cancelall:article0:none${attempt}`, JSON.stringify(articles)],
    ],
  },
  {
    type: 'uniq',
    what: 'the highest precision, and as many registers as are united at a time',
    megabytes: 256,
    async make(cache) {
      await cache.call('uniq:new:fine:18');
      await cache.call('uniq:new:coarse:18');
      for (let from = 0; from < MEMBERS; from += LIST) await cache.call('uniq:addall:fine', listOf('m', from));
      for (let from = 0; from < MEMBERS; from += LIST) await cache.call('uniq:addall:coarse', listOf('n', from));
      for (let key = 0; key < COUNTERS; key++) {
        await cache.call(`uniq:new:k${key}:16`);
        for (let from = 0; from < 5; from++)
          await cache.call(`uniq:addall:k${key}`, listOf('m', (5 * key + from) * LIST));
      }
      await cache.call(`uniq:new:year:14:${DAYS}:${DAY_MS}`);
      for (let day = 0; day < DAYS; day++) {
        for (let from = 0; from < 3; from++) await cache.call('uniq:addall:year', listOf('m', (3 * day + from) * LIST));
        if (day < DAYS - 1) cache.advance(DAY_MS);
      }
    },
    calls: [
      (attempt) => `add:fine:new${attempt}`,
      (attempt) => ['addall:fine', listOf('new', attempt * LIST)],
      (attempt) => [`addall:new${attempt}`, listOf('m')],
      (attempt) => [`addall:new${attempt}`, listOf('m', LIST)],
      () => 'count:fine',
      () => 'count:year',
      () => `count:year:${30 * DAY_MS}`,
      () => 'union:fine:coarse',
      () => ['union:fine', counters],
      () => 'intersection:fine:coarse',
      () => 'merge:fine:coarse',
      () => ['merge:k0', counters],
      () => 'info:year',
      (attempt) => `new:other${attempt}:18`,
    ],
  },
  {
    type: 'bloom',
    what: `${MEMBERS} members, and filters of many generations and layers`,
    megabytes: 256,
    async make(cache) {
      await cache.call(`bloom:new:large:${MEMBERS}:0.000001`);
      for (let from = 0; from < MEMBERS; from += LIST) await cache.call('bloom:addall:large', listOf('m', from));
      await cache.call('bloom:new:old:10:0.01:2:32:1000');
      for (let generation = 0; generation < 32; generation++) {
        for (let from = 0; from < 3; from++)
          await cache.call('bloom:addall:old', listOf('m', (3 * generation + from) * LIST, OF_MANY_LAYERS));
        if (generation < 31) cache.advance(1000);
      }
    },
    calls: [
      (attempt) => `add:large:new${attempt}`,
      (attempt) => ['addall:large', listOf('new', LIST * attempt)],
      () => 'has:large:m1',
      () => ['hasall:large', listOf('m', 0)],
      (attempt) => ['addall:old', listOf('new', LIST * attempt, OF_MANY_LAYERS)],
      () => ['hasall:old', listOf('none', 0, OF_MANY_LAYERS)],
      () => 'info:old',
      (attempt) => `new:other${attempt}:1000000:0.01:none`,
    ],
  },
  {
    type: 'ttlset',
    what: `${MEMBERS} members, of which ${ENDING} end`,
    megabytes: 256,
    async make(cache) {
      await callMany(cache, MEMBERS, (index) => `ttlset:add:k:member${index}:${index < ENDING ? 1000 : 1_000_000}`);
      cache.advance(1000);
    },
    calls: [
      (attempt) => `add:k:new${attempt}:5000`,
      () => 'has:k:member1',
      () => 'count:k',
      () => 'members:k:1000',
      (attempt) => `remove:k:member${attempt}`,
    ],
  },
];
