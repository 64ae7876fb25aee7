// The calls that are compared: ours, Redis's own command for the same, and the same logic as a script of Redis.

import type { Call } from '../load/plan.js';

export interface RedisScript {
  readonly source: string;
  /** The words after the script's hash: the number of keys, the keys, the arguments. */
  readonly calls: readonly Call[];
}

export interface Workload {
  readonly name: string;
  /** The size of the range of random numbers, and its first number. */
  readonly numbers: number;
  readonly firstNumber: number;
  readonly ours: readonly Call[];
  /** The text that each correct reply of ours contains. */
  readonly answers: string;
  readonly redis: readonly Call[] | undefined;
  readonly script: RedisScript;
  readonly fill: Filling;
}

/** The calls that store the data: `first` is sent once, `each` for every number from 0. */
export interface Filling {
  readonly count: number;
  readonly first?: { readonly ours: Call };
  readonly each: { readonly ours: readonly Call[]; readonly redis: readonly Call[] };
}

const ADD_MEMBER = "redis.call('SADD', KEYS[1], ARGV[1]) return 'SUCCESS'";
const ADD_OR_REMOVE = "redis.call(ARGV[2] == 'put' and 'SADD' or 'SREM', KEYS[1], ARGV[1]) return 'SUCCESS'";
const PUT_FIELD = "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) return 'SUCCESS'";
const ADD_VALUE = "redis.call('LPUSH', KEYS[1], ARGV[1]) redis.call('LTRIM', KEYS[1], 0, 15) return 'SUCCESS'";
/** The client sends the number of the calendar window, so that the script needs no dates. */
const USE_QUOTA = `
local quota = redis.call('HMGET', KEYS[1], 'limit', 'used', 'window')
local n = tonumber(ARGV[1])
local used = quota[3] == ARGV[2] and tonumber(quota[2]) + n or n
if used > tonumber(quota[1]) then return 'QUOTA_EXCEEDED' end
redis.call('HSET', KEYS[1], 'used', used, 'window', ARGV[2])
return 'QUOTA_OK'`;

const MEMBER = 'member#######';
const QUOTAS = 1000;
const QUOTA_KEY = 'user#######';
const COUNTERS = 1000;
const COUNTER_KEY = 'c######';
const MAP_FIELDS = 1000;

function setFilling(members: number): Filling {
  return {
    count: members,
    first: { ours: ['get', `set:new:of${members}`] },
    each: { ours: [['get', `set:put:of${members}:${MEMBER}`]], redis: [['SADD', `set$of${members}`, MEMBER]] },
  };
}

/** Puts members that the set already has. */
export function setPut(members: number): Workload {
  const key = `set$of${members}`;
  return {
    name: 'set:put',
    numbers: members,
    firstNumber: 0,
    ours: [['get', `set:put:of${members}:${MEMBER}`]],
    answers: 'SUCCESS',
    redis: [['SADD', key, MEMBER]],
    script: { source: ADD_MEMBER, calls: [['1', key, MEMBER]] },
    fill: setFilling(members),
  };
}

/** Puts a member that the set does not have and removes it again, so that the set keeps its size. */
export function setPutNew(members: number): Workload {
  const key = `set$of${members}`;
  return {
    name: 'set:put of new members, and set:delete',
    numbers: 1_000_000,
    firstNumber: 5_000_000,
    ours: [
      ['get', `set:put:of${members}:${MEMBER}`],
      ['get', `set:delete:of${members}:${MEMBER}`],
    ],
    answers: 'SUCCESS',
    redis: [
      ['SADD', key, MEMBER],
      ['SREM', key, MEMBER],
    ],
    script: {
      source: ADD_OR_REMOVE,
      calls: [
        ['1', key, MEMBER, 'put'],
        ['1', key, MEMBER, 'delete'],
      ],
    },
    fill: setFilling(members),
  };
}

export function mapPut(): Workload {
  const ours = [['get', 'map:put:fields:field#######:value#######']];
  const redis = [['HSET', 'map$fields', 'field#######', 'value#######']];
  return {
    name: 'map:put',
    numbers: MAP_FIELDS,
    firstNumber: 0,
    ours,
    answers: 'SUCCESS',
    redis,
    script: { source: PUT_FIELD, calls: [['1', 'map$fields', 'field#######', 'value#######']] },
    fill: { count: MAP_FIELDS, first: { ours: ['get', 'map:new:fields'] }, each: { ours, redis } },
  };
}

export function quotaAddAndCheck(): Workload {
  const window = String(Math.floor(Date.now() / 86_400_000));
  return {
    name: 'quota:addandcheck',
    numbers: QUOTAS,
    firstNumber: 0,
    ours: [['get', `quota:addandcheck:${QUOTA_KEY}:1`]],
    answers: 'QUOTA_OK',
    redis: undefined,
    script: { source: USE_QUOTA, calls: [['1', `quota$${QUOTA_KEY}`, '1', window]] },
    fill: quotaFilling(QUOTAS),
  };
}

export function quotaFilling(count: number): Filling {
  const window = String(Math.floor(Date.now() / 86_400_000));
  const fields = ['limit', '1000000000', 'period', 'day', 'used', '0', 'window', window];
  return {
    count,
    each: {
      ours: [['get', `quota:new:${QUOTA_KEY}:1000000000:day`]],
      redis: [['HSET', `quota$${QUOTA_KEY}`, ...fields]],
    },
  };
}

export function counterAdd(): Workload {
  return {
    name: 'swcounter:add',
    numbers: COUNTERS,
    firstNumber: 0,
    ours: [['get', `swcounter:add:${COUNTER_KEY}:~`]],
    answers: 'SUCCESS',
    redis: undefined,
    script: { source: ADD_VALUE, calls: [['1', `swcounter$${COUNTER_KEY}`, '~']] },
    fill: counterFilling(COUNTERS),
  };
}

/** Counters of 16 values, all of which exist. */
export function counterFilling(count: number): Filling {
  const values = <T>(value: T): T[] => new Array<T>(16).fill(value);
  return {
    count,
    each: {
      ours: [['get', `swcounter:new:${COUNTER_KEY}:16`], ...values(['get', `swcounter:add:${COUNTER_KEY}:~`])],
      redis: [['RPUSH', `swcounter$${COUNTER_KEY}`, ...values('~')]],
    },
  };
}

export function mapFilling(count: number): Filling {
  return {
    count,
    first: { ours: ['get', 'map:new:fields'] },
    each: {
      ours: [['get', 'map:put:fields:field#######:value#######']],
      redis: [['HSET', 'map$fields', 'field#######', 'value#######']],
    },
  };
}

export { setFilling };
