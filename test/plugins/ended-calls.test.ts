// Every method of every type that ships, ended at each of its steps: nothing has changed. The states are small; those that a type's own test
// ends are not repeated for their own sake.

import { describe, expect, test } from 'vitest';
import type { CacheInProcess } from '../../src/app/testing/cache-in-process.js';
import { checkStore } from '../store/checker.js';
import { cacheWith } from './models.js';
import { SHIPPED, type ShippedType } from './shipped-types.js';

/** Of a session. */
const ANY = 'any';

/** A number of milliseconds to wait, or a call; T and I stand for token and id of the last reply that has them. */
type Step = number | string;

const STEPS: Readonly<Record<ShippedType, readonly Step[]>> = {
  gcra: [
    'take:k:5:1:1000:2',
    'book:k:1:1:1000:1:9000',
    'refund:k:1:1:1000',
    'policy:k:3:1:1000',
    'peek:k',
    'block:k:100',
    'clthrottle:c:1:1:1',
    'reset:k',
  ],
  window: [
    'hit:k:5/100,9/1000:2',
    'peek:k:5/100',
    'fixed:k:5:100',
    'log:k:5:100:2',
    'penalty:k:2',
    60,
    'log:k:9:100:2',
    'reward:k:3',
    200,
    'log:k:5:100',
    'hit:k:5/100,9/1000',
    'block:k:100',
  ],
  lease: [
    'acquire:k:ann:1000:3',
    'acquire:k:bob:50:3',
    'renew:k:bob:T:70',
    'check:k:T',
    'who:k',
    100,
    'acquire:k:cid:1000:3',
    'release:k:cid:T',
    'steal:k:eve:500:why',
    'release:k:eve:T',
  ],
  fill: [
    'get:k:500',
    'put:k:T:100:100:10:old',
    'get:k',
    150,
    'get:k',
    'get:k',
    'fail:k:T:20',
    'stale:k',
    30,
    'get:k',
    'set:k:100:100:new',
    'drop:k',
  ],
  tag: [
    'now:n',
    'put:n/1:5000:a,b:body',
    'putsince:n/2:T:5000:a,b:body',
    'get:n/1',
    'tags:n/1',
    'count:n:a',
    'softpurge:n:a:50',
    'get:n/1',
    'get:n/1',
    'purge:n:a,b',
    'get:n/2',
  ],
  queue: [
    'limit:q:9:0:2:50',
    'put:q:0:0:50:a:x',
    'put:q:0:1:0:b:y',
    'put:q:0:1:0:b:y',
    'put:q:20:-1:0::z',
    'take:q:w:10:1',
    'extend:q:I:T:30',
    'release:q:I:T:5:2',
    60,
    'take:q:w:10:2',
    'bury:q:I:T:bad',
    'peek:q:buried',
    'stats:q',
    'kick:q:1',
    'pause:q',
    'take:q:w:10',
    'resume:q',
    'take:q:w:10:2',
    'ack:q:I:T',
    100,
    'put:q:0:0:0:c:x',
    'drain:q',
  ],
  board: [
    'new:k:desc:first:3:true',
    'put:k:ann:1',
    'put:k:bob:2:set:pay',
    'put:k:cid:2',
    'put:k:dan:4',
    'put:k:bob:1:incr',
    'rank:k:bob:dense',
    'top:k',
    'range:k:1:-1',
    'around:k:bob:1',
    'byscore:k:1:(4',
    'count:k',
    'percentile:k:bob',
    'remove:k:bob',
    'trim:k:1',
  ],
  session: [
    'open:s:1000:5000',
    `patch:s:${ANY}:60:{"a":1,"b":{"c":2}}`,
    `patch:s:${ANY}:0:{"b":{"d":2},"e":null}`,
    'patch:s:1:0:{"x":1}',
    'incr:s:n:2',
    'get:s:n',
    'expire:s:n:50',
    'ttl:s:n',
    'lock:s:me:100',
    'unlock:s:me:T',
    70,
    'take:s:b',
    'rotate:s:t',
    'open:s:1000:5000',
    'end:t',
  ],
  idem: [
    'begin:k:f:100:60000:false',
    'step:k:T:half',
    'extend:k:T:200',
    'peek:k',
    250,
    'begin:k:f:1000:60000',
    'finish:k:T:200:body',
    'begin:k:f:1000:60000',
    'begin:l:f:1000:60000',
    'abandon:l:T',
  ],
  stock: [
    'set:hat:9',
    'add:shirt:9',
    'hold:hat:o1:2:100:5:ann',
    'extend:hat:o1:120',
    'holdall:shirt:o2:100:{"hat":2,"shirt":3}',
    'peek:hat',
    150,
    'commitall:hat:o2:["shirt","hat"]',
    'hold:hat:o3:1:100',
    'commit:hat:o3',
    'hold:hat:o4:1:100',
    'cancel:hat:o4',
    'holdall:hat:o5:100:{"hat":1,"shirt":1}',
    'cancelall:hat:o5:["hat","shirt"]',
    86_500_000,
    'add:hat:1',
  ],
  uniq: [
    'new:u:4:3:1000',
    'add:u:a',
    'addall:u:["a","b","c"]',
    1100,
    'add:u:d',
    'count:u:500',
    'add:v:x',
    'union:u:v',
    'intersection:u:v',
    'merge:u:v',
    'info:u',
  ],
  bloom: [
    'new:b:2:0.01:2:2:1000',
    'add:b:a',
    'addall:b:["a","b","c"]',
    'has:b:a',
    'hasall:b:["a","z"]',
    1100,
    'add:b:a',
    2100,
    'add:b:d',
    'info:b',
  ],
  ttlset: ['add:k:a:50', 'add:k:b:500', 'has:k:a', 'count:k', 60, 'members:k', 'add:k:c:500', 'remove:k:b'],
};

/** Replaces T and I by what the last reply with a token has. */
function filledIn(step: string, last: { readonly id: string; readonly token: string }): string {
  return step.replace(/(?<=:)T(?=:|$)/, last.token).replace(/(?<=:)I(?=:|$)/, last.id);
}

async function play(cache: CacheInProcess, type: string, steps: readonly Step[]): Promise<number> {
  let last = { id: '', token: '' };
  let kills = 0;
  for (const step of steps) {
    if (typeof step === 'number') cache.advance(step);
    else {
      const report = await cache.killAtEachStep(`${type}:${filledIn(step, last)}`);
      kills += report.kills;
      const found = /^(?:JOB (?<id>\S+) |\w+ )?(?<token>\d{14,})/.exec(report.value ?? '')?.groups;
      if (found !== undefined) last = { id: found.id ?? '', token: found.token ?? '' };
    }
  }
  return kills;
}

describe.each(Object.entries(SHIPPED))('%s', (name, type) => {
  const steps = STEPS[name as ShippedType];

  test('is unchanged by calls that are ended at any step, of every method', async () => {
    const played = new Set(steps.map((step) => String(step).split(':')[0]));
    expect(Object.keys(type.methods).filter((method) => !played.has(method))).toEqual([]);
    using cache = await cacheWith(`plugins/${name}.ts`);
    expect(await play(cache, name, steps)).toBeGreaterThan(10);
    checkStore(cache.parts.store);
  });
});
