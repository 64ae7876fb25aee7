// A queue of jobs against scripts of Redis on sorted sets.

import { atBoth, EVALSHA, evalsha, type Group, get, redis, TYPESCRIPT, typescript } from './comparison.js';

// The scripts keep what makes a queue safe: one job for each id, also while it is remembered as done; a token for each hand-out, so that a
// worker that is late cannot complete the job of another; jobs of workers that died come back. They leave out what our queue has too:
// priorities, ends of jobs, limits, the dead list, a worker's name and the place of a new job.
//
// KEYS: jobs (hash, bodies by id), due (sorted set, when a job may be handed out), held (hash, token and attempts by id).
const PUT = `
if redis.call('EXISTS', 'done:' .. ARGV[1]) == 1 then return 0 end
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[3]) == 0 then return 0 end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
return 1`;
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1)[1]
if not id then return {} end
redis.call('ZADD', KEYS[2], now + ARGV[1], id)
local before = redis.call('HGET', KEYS[3], id)
local attempt = before and tonumber(string.match(before, ' (%d+)$')) + 1 or 1
local token = redis.call('INCR', KEYS[4])
redis.call('HSET', KEYS[3], id, token .. ' ' .. attempt)
return { id, token, attempt, redis.call('HGET', KEYS[1], id) }`;
const ACK = `
local held = redis.call('HGET', KEYS[3], ARGV[1])
if not held or string.match(held, '^%d+') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('SET', 'done:' .. ARGV[1], ARGV[2], 'PX', 300000)
return 1`;

const KEYS = ['queue:jobs', 'queue:due', 'queue:held', 'queue:tokens'];
const JOB = 'job########';
const BODY = 'x'.repeat(100);
const TTR_MS = '60000';
/** Of eight digits. */
const MOST_JOBS = 100_000_000;

export function queue(size: number): Group {
  const put = get(`queue:put:q:0:0:0:${JOB}:${BODY}`, 'OK job');
  const putByScript = evalsha(PUT, KEYS, [JOB, '0', BODY], ':1');
  return {
    name: 'queue',
    scripts: [PUT, TAKE, ACK],
    fillings: [
      {
        count: size,
        ours: [put],
        redis: [putByScript],
        bytes: {
          what: `job with a body of ${BODY.length}, of ${size}`,
          count: size,
          redis: { keys: KEYS, count: size },
        },
      },
    ],
    comparisons: [
      {
        name: `queue put, take, ack with ${size} jobs`,
        first: size,
        numbers: MOST_JOBS - size,
        ours: [typescript(put, get(`queue:take:q:w:${TTR_MS}`, 'JOB job'), get('queue:ack:q:@2:@3', 'OK'))],
        peer: redis(
          EVALSHA,
          putByScript,
          evalsha(TAKE, KEYS, [TTR_MS], '*4\r\n'),
          evalsha(ACK, KEYS, ['@1', '@2'], ':1'),
        ),
        bars: { [TYPESCRIPT]: atBoth('throughput', 1.3) },
      },
    ],
  };
}
