// A leaderboard against a sorted set of Redis.

import { DIGITS, type Group, get, REDIS, redis, step, typescript } from './comparison.js';

const KEY = 'board$b';
/** 13 bytes. */
const MEMBER = 'member#######';

export function board(size: number): Group {
  const put = get(`board:put:b:${MEMBER}:~~`, 'OK ');
  const rank = get(`board:rank:b:${MEMBER}`, ...DIGITS);
  const zadd = step(['ZADD', KEY, '~~', MEMBER], ':0', ':1');
  const compared = { numbers: size, bars: {} };
  return {
    name: 'board',
    scripts: [],
    fillings: [
      {
        count: size,
        ours: [put],
        redis: [zadd],
        bytes: {
          what: `board member of 13 bytes, of ${size}`,
          count: size,
          atMost: 85,
          redis: { keys: [KEY], count: size },
        },
      },
    ],
    comparisons: [
      {
        ...compared,
        name: `board:put of one of ${size}`,
        ours: [typescript(put)],
        peer: redis(`${REDIS} ZADD`, zadd),
      },
      {
        ...compared,
        name: `board:rank of one of ${size}`,
        ours: [typescript(rank)],
        peer: redis(`${REDIS} ZREVRANK`, step(['ZREVRANK', KEY, MEMBER], ...DIGITS.map((digit) => `:${digit}`))),
      },
      {
        ...compared,
        name: 'board:top, 10 lines',
        ours: [typescript(get('board:top:b', '1 '))],
        peer: redis(`${REDIS} ZREVRANGE`, step(['ZREVRANGE', KEY, '0', '9', 'WITHSCORES'], '*20\r\n')),
      },
    ],
  };
}
