// About how many different members there were, within some 3 %, in a kilobyte.

import { defineType, method } from 'cacheismo';

const REGISTERS = 1024;
const BIAS = 0.7213 / (1 + 1.079 / REGISTERS);

export default defineType({
  name: 'hyperloglog',
  methods: {
    add: method({
      access: 'upsert',
      parameters: { member: { type: 'string' } },
      run(self, { member }, call) {
        const registers = self.bytes('registers', REGISTERS);
        const [high, low] = call.hash64(member);
        const rank = Math.clz32(low) + 1;
        if (registers.getU8(high % REGISTERS) >= rank) return 0;
        registers.setU8(high % REGISTERS, rank);
        return 1;
      },
    }),
    count: method({
      access: 'read',
      run(self) {
        let sum = 0;
        let zeros = 0;
        for (const register of self.bytes('registers', REGISTERS).read()) {
          sum += 2 ** -register.charCodeAt(0);
          if (register === '\0') zeros++;
        }
        const estimate = (BIAS * REGISTERS * REGISTERS) / sum;
        const isSmall = estimate < 2.5 * REGISTERS && zeros > 0;
        return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / zeros) : estimate);
      },
    }),
    merge: method({
      access: 'upsert',
      parameters: { other: { type: 'string' } },
      run(self, { other }, call) {
        const from = call.open('hyperloglog', other);
        if (from) self.bytes('registers', REGISTERS).maxWith(from.bytes('registers', REGISTERS));
        return from ? 'OK' : undefined;
      },
    }),
  },
});
