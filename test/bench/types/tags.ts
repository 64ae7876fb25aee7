// Values with tags: a get against a plain get of the same server and against versions by EVALSHA; and purges of tags with many and with few
// values.

import {
  atBoth,
  EVALSHA,
  evalsha,
  type Group,
  get,
  redis,
  type Side,
  step,
  TYPESCRIPT,
  typescript,
} from './comparison.js';

const VALUES = 100_000;
const FEW = 10;
const BODY = 'v'.repeat(100);
/** Five for each value, of 5000 that were all purged at some time. */
const TAGS = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${letter}###`);
const TAG_NUMBERS = 1000;

/** The versions of the tags, with the body, in one hash: the body if no tag has another version by now. */
const GET = `
local value = redis.call('HMGET', KEYS[1], 'body', 'versions')
if not value[1] then return false end
if table.concat(redis.call('MGET', KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]), ' ') ~= value[2] then return false end
return value[1]`;

function onOurs(name: string, ...steps: Side['steps']): Side {
  return { ...typescript(...steps), name };
}

export function tag(size: number): Group {
  const value = 'shop/item######';
  const tagged = get(`tag:get:${value}`, BODY);
  const plain = `plain/item######`;
  return {
    name: 'tag',
    scripts: [GET],
    fillings: [
      {
        count: TAG_NUMBERS,
        ours: [get(`tag:purge:shop:${TAGS.join(',')}`, 'OK 5')],
        redis: TAGS.map((name) => step(['SET', `tag$${name}`, '1'], '+OK')),
      },
      {
        count: VALUES,
        ours: [get(`tag:put:${value}:0:${TAGS.join(',')}:${BODY}`, 'STORED')],
        redis: [step(['HSET', `tag$${value}`, 'body', BODY, 'versions', '1 1 1 1 1'], ':2')],
        bytes: {
          what: 'tagged value with a body of 100',
          count: VALUES,
          redis: { keys: ['tag$shop/item000000'], count: 1 },
        },
      },
      { count: VALUES, ours: [step(['set', plain, '0', '0', `${BODY.length}\r\n${BODY}`], 'STORED')] },
      { count: size, ours: [get('tag:put:large/item#######:0:all:v', 'STORED')] },
      { count: FEW, ours: [get('tag:put:small/item#######:0:all:v', 'STORED')] },
    ],
    comparisons: [
      {
        name: 'tag:get with 5 tags',
        numbers: VALUES,
        ours: [typescript(tagged)],
        peer: onOurs('plain get', get(plain, BODY)),
        bars: { [TYPESCRIPT]: { 16: { figure: 'CPU', required: 2.5 } } },
      },
      {
        name: 'tag:get with 5 tags that are looked up, since another was purged',
        numbers: VALUES,
        before: { count: 1, ours: [get('tag:purge:shop:other', 'OK 1')] },
        ours: [typescript(tagged)],
        peer: onOurs('plain get', get(plain, BODY)),
        bars: { [TYPESCRIPT]: { 16: { figure: 'CPU', required: 2.5 } } },
      },
      {
        name: 'tag:get with 5 tags that are looked up',
        numbers: VALUES,
        ours: [typescript(tagged)],
        peer: redis(EVALSHA, evalsha(GET, [`tag$${value}`, ...TAGS.map((name) => `tag$${name}`)], [], '$100\r\n')),
        bars: {},
      },
      {
        name: `tag:purge with ${size} values`,
        numbers: FEW,
        ours: [typescript(get('tag:purge:large:all', 'OK 1'))],
        peer: onOurs(`tag:purge with ${FEW}`, get('tag:purge:small:all', 'OK 1')),
        bars: { [TYPESCRIPT]: atBoth('CPU', 1.2) },
      },
    ],
  };
}
