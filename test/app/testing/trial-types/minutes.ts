// Counts per minute of the last hour.

import { defineType, method } from 'cacheismo';

const MINUTES = 60;

export default defineType({
  name: 'minutes',
  methods: {
    add: method({
      access: 'upsert',
      parameters: { n: { type: 'number', default: 1 } },
      run(self, { n }, call) {
        const minute = Math.floor(call.unixMs / 60_000);
        for (const old of self.keys()) if (Number(old) <= minute - MINUTES) self.delete(old);
        call.expire(MINUTES * 60);
        return self.add(minute, n);
      },
    }),
    sum: method({
      access: 'read',
      parameters: { minutes: { type: 'integer', minimum: 1, maximum: MINUTES, default: MINUTES } },
      run(self, { minutes }, call) {
        const minute = Math.floor(call.unixMs / 60_000);
        let sum = 0;
        for (let back = 0; back < minutes; back++) sum += (self.get(minute - back) as number | undefined) ?? 0;
        return sum;
      },
    }),
  },
});
