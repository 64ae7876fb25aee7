// Locks: lease, against SET NX PX and the script that compares the owner and deletes.

import { atBoth, EVALSHA, evalsha, type Group, get, redis, step, TYPESCRIPT, typescript } from './comparison.js';

const KEYS = 100_000;
const USER = 'user######';
const HOUR_MS = 3_600_000;

/** Deletes a lock if its owner still has it. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** As long as a UUID. */
const OWNER = '0b9d1c52-6f0e-4c0a-9a3d-7d2f8e5b41aa';

export function lease(): Group {
  const held = String(HOUR_MS);
  const acquired = (key: string, ms: string) => get(`lease:acquire:${key}:${OWNER}:${ms}`, 'OK');
  const locked = (key: string, ms: string) => step(['SET', `lease$${key}`, OWNER, 'NX', 'PX', ms], '+OK');
  return {
    name: 'lease',
    scripts: [RELEASE],
    fillings: [
      {
        count: KEYS,
        ours: [acquired(`held${USER}`, held)],
        redis: [locked(`held${USER}`, held)],
        bytes: { what: 'lease', count: KEYS, atMost: 150, redis: { keys: ['lease$helduser000000'], count: 1 } },
      },
    ],
    comparisons: [
      {
        // All numbers come before one comes again: by then its lease has ended.
        name: 'lease:acquire',
        numbers: KEYS,
        ours: [typescript(acquired(USER, '1'))],
        peer: redis('redis SET NX PX', locked(USER, '1')),
        bars: { [TYPESCRIPT]: atBoth('throughput', 1) },
      },
      {
        name: 'lease:acquire, lease:release',
        numbers: KEYS,
        ours: [typescript(acquired(`pair${USER}`, held), get(`lease:release:pair${USER}:${OWNER}:@2`, 'OK'))],
        peer: redis(
          'redis SET NX PX, EVALSHA',
          locked(`pair${USER}`, held),
          evalsha(RELEASE, [`lease$pair${USER}`], [OWNER], ':1'),
        ),
        bars: { [TYPESCRIPT]: atBoth('throughput', 1) },
      },
      {
        name: 'lease:release that is too late',
        numbers: KEYS,
        ours: [typescript(get(`lease:release:held${USER}:other:1`, 'LOST'))],
        peer: redis(EVALSHA, evalsha(RELEASE, [`lease$held${USER}`], ['other'], ':0')),
        bars: { [TYPESCRIPT]: atBoth('throughput', 1) },
      },
    ],
  };
}
