// A token bucket: `size` requests at one moment, then `rate` a second. A request of several tokens passes only if all of them are there.

import { defineType, method } from 'cacheismo';

export default defineType<{ left: number; at: number }>({
  name: 'bucket',
  methods: {
    take: method({
      access: 'upsert',
      parameters: {
        size: { type: 'number', minimum: 1 },
        rate: { type: 'number', exclusiveMinimum: 0 },
        n: { type: 'number', minimum: 0, default: 1 },
      },
      run(self, { size, rate, n }, call) {
        const now = call.monotonicMs;
        const refilled = ((now - (self.get('at') ?? now)) * rate) / 1000;
        const left = Math.min(size, (self.get('left') ?? size) + refilled);
        const passes = n <= left;
        self.set('left', passes ? left - n : left);
        self.set('at', now);
        call.expire(Math.ceil(size / rate));
        return passes ? `PASS ${Math.floor(left - n)}` : `WAIT ${Math.ceil(((n - left) * 1000) / rate)}`;
      },
    }),
  },
});
