// An exact log of requests: at most `limit` within any `ms`. For small limits, such as attempts to log in.

import { defineType, method } from 'cacheismo';

export default defineType({
  name: 'slidinglog',
  methods: {
    hit: method({
      access: 'upsert',
      parameters: { limit: { type: 'integer', minimum: 1, maximum: 1000 }, ms: { type: 'integer', minimum: 1 } },
      run(self, { limit, ms }, call) {
        const log = self.ordered('log');
        const now = call.monotonicMs;
        for (let first = log.first(); first && first[1] <= now - ms; first = log.first()) log.popFirst();
        if (log.count >= limit) return `DENY ${Math.ceil((log.at(log.count - limit + 1)?.[1] ?? now) + ms - now)}`;
        log.set(String(call.sequence()), now);
        call.expire(Math.ceil(ms / 1000) + 1);
        return `ALLOW ${limit - log.count}`;
      },
    }),
  },
});
