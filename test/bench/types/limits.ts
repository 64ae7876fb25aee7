// Rate limits: gcra and window, against the scripts of Redis for the same algorithms.

import {
  type Comparison,
  EVALSHA,
  evalsha,
  type Filling,
  type Group,
  get,
  LUA,
  lua,
  redis,
  step,
  TYPESCRIPT,
  typescript,
} from './comparison.js';

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

/** The sliding window of two counters, as in upstash/ratelimit, but with n in the comparison. The client names the two keys by its clock. */
const WINDOW = `
local used = tonumber(redis.call('GET', KEYS[1]) or 0)
local before = tonumber(redis.call('GET', KEYS[2]) or 0)
local limit, now, period, n = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local weighted = before * (1 - now % period / period)
if used + weighted + n > limit then return -1 end
local new = redis.call('INCRBY', KEYS[1], n)
if new == n then redis.call('PEXPIRE', KEYS[1], period * 2 + 1000) end
return math.floor(limit - new - weighted)`;

const KEYS = 100_000;
const USER = 'user######';
const HOUR_MS = 3_600_000;

function take(name: string, limits: string, ours: readonly string[], theirs: readonly string[]): Comparison {
  const call = get(`gcra:take:${USER}:${limits}`, ...ours);
  return {
    name,
    numbers: KEYS,
    ours: [typescript(call), lua(call)],
    peer: redis(EVALSHA, evalsha(GCRA, [`gcra$${USER}`], limits.split(':'), ...theirs)),
    bars: {
      [TYPESCRIPT]: { 1: { figure: 'throughput', required: 1.3 }, 16: { figure: 'throughput', required: 2.5 } },
      [LUA]: { 1: { figure: 'throughput', required: 1.2 }, 16: { figure: 'throughput', required: 2 } },
    },
  };
}

const LIMITERS: Filling = {
  count: KEYS,
  ours: [get(`gcra:take:full${USER}:10:1:60000:5`, 'ALLOW')],
  redis: [step(['SET', `gcra$full${USER}`, '1814903193600.123', 'PX', '300000'], '+OK')],
  bytes: {
    what: 'gcra limiter',
    count: KEYS,
    atMost: 90,
    redis: { keys: ['gcra$fulluser000000'], count: 1 },
  },
};

export function gcra(): Group {
  return {
    name: 'gcra',
    scripts: [GCRA],
    fillings: [LIMITERS],
    comparisons: [
      take('gcra:take that passes', '1000000:1000000:1000:1', ['ALLOW'], ['*5\r\n:0']),
      // The first request of each key passes, the others within the hour do not.
      take('gcra:take that is refused', `1:1:${HOUR_MS}:1`, ['DENY 1 0', 'ALLOW 1 0'], ['*5\r\n:1', '*5\r\n:0']),
    ],
  };
}

export function window(): Group {
  const limit = '999999999';
  const now = Date.now();
  const number = Math.floor(now / HOUR_MS);
  const keys = [`window$${USER}:${number}`, `window$${USER}:${number - 1}`];
  const hit = get(`window:hit:${USER}:${limit}/${HOUR_MS}`, 'ALLOW');
  const script = evalsha(WINDOW, keys, [limit, String(now), String(HOUR_MS), '1'], ':99');
  return {
    name: 'window',
    scripts: [WINDOW],
    fillings: [
      {
        count: KEYS,
        ours: [hit],
        redis: [script],
        bytes: {
          what: 'window',
          count: KEYS,
          redis: { keys: [`window$user000000:${number}`], count: 1 },
        },
      },
    ],
    comparisons: [
      {
        name: 'window:hit that passes',
        numbers: KEYS,
        ours: [typescript(hit)],
        peer: redis(EVALSHA, script),
        bars: {},
      },
    ],
  };
}
