// A method ttl. The types that the original server had have a method ttl that also sets the seconds; the others have the server's own ttl and
// expire. Used by ../map.ts, ../quota.ts, ../set.ts and ../swcounter.ts.

import { method } from 'cacheismo';
import { MOST_TTL_SECONDS } from './ends.js';

export const ttl = method({
  access: 'write',
  summary: 'seconds left, -1 for no expiry; or sets them, 0 for no expiry',
  parameters: { seconds: { type: 'integer', minimum: -1, maximum: MOST_TTL_SECONDS, default: -1 } },
  run(_self, { seconds }, call) {
    if (seconds < 0) return call.ttlSeconds ?? -1;
    call.expire(seconds);
    return 'SUCCESS';
  },
});
