// The calls of types that ship, and what users of Redis run for the same today.

import type { Filling, Workload } from '../objects/workloads.js';

/** GCRA as a script: one key, the server's time, an end for each key. The reply has the five numbers of redis-cell, in milliseconds. */
const GCRA = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local burst, interval, n = tonumber(ARGV[1]), ARGV[3] / ARGV[2], tonumber(ARGV[4])
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local new = tat + n * interval
local early = new - burst * interval - now
if early > 0 then
  return { 1, burst, math.floor(burst - (tat - now) / interval), math.ceil(early), math.ceil(tat - now) }
end
redis.call('SET', KEYS[1], string.format('%.3f', new), 'PX', math.ceil(new - now))
return { 0, burst, math.floor(burst - (new - now) / interval), -1, math.ceil(new - now) }`;

/** Deletes a lock if its owner still has it. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;
const ACQUIRE = "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])";

const KEYS = 100_000;
const USER = 'user######';
/** As long as a UUID. */
const OWNER = '0b9d1c52-6f0e-4c0a-9a3d-7d2f8e5b41aa';

/** Keys that are never hit again before this many milliseconds are over. */
const LEASE_MS = 1;

function limiter(name: string, limits: string, answers: string): Workload {
  const words = limits.split(':');
  const calls = [['get', `gcra:take:${USER}:${limits}`]];
  const script = [['1', `gcra$${USER}`, ...words]];
  return {
    name,
    numbers: KEYS,
    firstNumber: 0,
    ours: calls,
    answers,
    redis: undefined,
    script: { source: GCRA, calls: script },
    fill: { count: 1, each: { ours: calls, redis: [['PING']] } },
  };
}

export function takeAllowed(): Workload {
  return limiter('gcra:take that passes', '1000000:1000000:1000:1', 'ALLOW');
}

/** The first request of each key passes, the others within the hour do not. */
export function takeRefused(): Workload {
  return limiter('gcra:take that is refused', '1:1:3600000:1', ' 1 0 ');
}

/** Each finds a lease that has ended. */
export function acquire(): Workload {
  const ours = [['get', `lease:acquire:${USER}:${OWNER}:${LEASE_MS}`]];
  return {
    name: 'lease:acquire',
    numbers: KEYS,
    firstNumber: 0,
    ours,
    answers: 'OK',
    redis: [['SET', `lease$${USER}`, OWNER, 'NX', 'PX', String(LEASE_MS)]],
    script: { source: ACQUIRE, calls: [['1', `lease$${USER}`, OWNER, String(LEASE_MS)]] },
    fill: { count: 1, each: { ours, redis: [['PING']] } },
  };
}

/** Of leases that another has: only then a load of fixed requests knows the reply. */
export function release(): Workload {
  const held = 3_600_000;
  return {
    name: 'lease:release that is too late',
    numbers: KEYS,
    firstNumber: 0,
    ours: [['get', `lease:release:${USER}:other:1`]],
    answers: 'LOST',
    redis: undefined,
    script: { source: RELEASE, calls: [['1', `lease$${USER}`, 'other']] },
    fill: {
      count: KEYS,
      each: {
        ours: [['get', `lease:acquire:${USER}:${OWNER}:${held}`]],
        redis: [['SET', `lease$${USER}`, OWNER, 'PX', String(held)]],
      },
    },
  };
}

export const LIMITERS: Filling = {
  count: KEYS,
  each: {
    ours: [['get', `gcra:take:${USER}:10:1:60000:5`]],
    redis: [['SET', `gcra$${USER}`, '1814903193600.123', 'PX', '300000']],
  },
};

export const LEASES: Filling = release().fill;
