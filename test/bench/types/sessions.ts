// Sessions against hashes of Redis with scripts for what must be one step.

import { EVALSHA, evalsha, type Group, get, REDIS, redis, step, typescript } from './comparison.js';

/** Of any version. */
const ANY = 'any';
const SESSIONS = 10_000;
const ID = 'user######';
const KEY = `session$${ID}`;
const [IDLE_MS, ABSOLUTE_MS] = ['1800000', '43200000'];
const FIELDS = { name: '"ann"', lang: '"en"', cart: '[1,2,3]', seen: '12', theme: '"dark"' };

const OPEN = `
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('HGETALL', KEYS[1])`;
const PATCH = `
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'version', 1)`;

export function session(): Group {
  const open = get(`session:open:${ID}:${IDLE_MS}:${ABSOLUTE_MS}`, 'OK ');
  const patch = Object.entries(FIELDS).map(([field, json]) => `"${field}":${json}`);
  const compared = { numbers: SESSIONS, bars: {} };
  return {
    name: 'session',
    scripts: [OPEN, PATCH],
    fillings: [
      {
        count: SESSIONS,
        ours: [open, get(`session:patch:${ID}:${ANY}:0:{${patch.join(',')}}`, 'OK ')],
        redis: [step(['HSET', KEY, 'version', '0', ...Object.entries(FIELDS).flat()], ':6')],
        bytes: {
          what: 'session of 5 fields',
          count: SESSIONS,
          redis: { keys: ['session$user000000'], count: 1 },
        },
      },
    ],
    comparisons: [
      {
        ...compared,
        name: 'session:open with 5 fields',
        ours: [typescript(open)],
        peer: redis(EVALSHA, evalsha(OPEN, [KEY], [IDLE_MS], '*12\r\n')),
      },
      {
        ...compared,
        name: 'session:get of a field',
        ours: [typescript(get(`session:get:${ID}:cart`, '[1,2,3]'))],
        peer: redis(`${REDIS} HGET`, step(['HGET', KEY, 'cart'], '$7\r\n[1,2,3]')),
      },
      {
        ...compared,
        name: 'session:patch of a field',
        ours: [typescript(get(`session:patch:${ID}:${ANY}:0:{"seen":~}`, 'OK '))],
        peer: redis(EVALSHA, evalsha(PATCH, [KEY], [IDLE_MS, 'seen', '~'], ':')),
      },
    ],
  };
}
