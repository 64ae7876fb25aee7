// Unique counting and Bloom filters, against the HyperLogLog of Redis.

import { atBoth, type Group, get, REDIS, redis, step, TYPESCRIPT, typescript } from './comparison.js';

const PFADD = `${REDIS} PFADD`;
const MEMBER = 'member########';
const CHANGED = ['0', '1'];
const PFADD_REPLIES = [':0', ':1'];
/** Counters of 1,000 members each. */
const COUNTERS = 100;
const COUNTER_MEMBERS = 1000;
/** Filters of 1 MiB of bits, and the members that each is made for. A measurement adds fewer to each, all of them new. */
const FILTERS = 10;
const FILTER_MEMBERS = 875_000;
const NEW_MEMBERS = 8_000_000;
/** Before the rounds, so that all registers are in use. */
const MANY = 100_000;

const pfadd = (key: string) => step(['PFADD', key, MEMBER], ...PFADD_REPLIES);

export function uniq(): Group {
  const add = get(`uniq:add:u#:${MEMBER}`, ...CHANGED);
  const addToCounter = get(`uniq:add:counter##:${MEMBER}`, ...CHANGED);
  return {
    name: 'uniq',
    scripts: [],
    fillings: [
      {
        count: COUNTERS * COUNTER_MEMBERS,
        ours: [addToCounter],
        redis: [pfadd('uniq$counter##')],
        bytes: {
          what: 'unique counter of 1,000 members',
          count: COUNTERS,
          atMost: 1400,
          redis: { keys: ['uniq$counter00'], count: 1 },
        },
      },
      { count: MANY, ours: [add], redis: [pfadd('uniq$u#')] },
    ],
    comparisons: [
      {
        name: 'uniq:add of new members',
        first: MANY,
        numbers: NEW_MEMBERS,
        ours: [typescript(add)],
        peer: redis(PFADD, pfadd('uniq$u#')),
        bars: {},
      },
    ],
  };
}

export function bloom(): Group {
  const make = get(`bloom:new:f#:${FILTER_MEMBERS}:0.01:none`, 'CREATED 10');
  return {
    name: 'bloom',
    scripts: [],
    fillings: [{ count: MANY, redis: [pfadd('uniq$u#')] }],
    comparisons: [
      {
        name: 'bloom:add of new members into 1 MiB of bits',
        first: MANY,
        numbers: NEW_MEMBERS,
        before: { count: FILTERS, ours: [make] },
        ours: [typescript(get(`bloom:add:f#:${MEMBER}`, ...CHANGED))],
        peer: redis(PFADD, pfadd('uniq$u#')),
        bars: { [TYPESCRIPT]: atBoth('CPU', 1.5) },
      },
    ],
  };
}
