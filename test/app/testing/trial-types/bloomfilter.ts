// Was it seen before? Says yes of at most 1 in 100 members that were not, up to `CAPACITY`.

import { defineType, method } from 'cacheismo';

const CAPACITY = 10_000;
/** 9.6 bits a member and 7 hashes make the error 1 %. */
const BITS = Math.ceil(CAPACITY * 9.6);
const HASHES = 7;

const bitsOf = ([high, low]: readonly [number, number]) =>
  Array.from({ length: HASHES }, (_, n) => (high + n * low) % BITS);

export default defineType({
  name: 'bloomfilter',
  methods: {
    add: method({
      access: 'upsert',
      parameters: { member: { type: 'string' } },
      run(self, { member }, call) {
        const seen = self.bytes('bits', BITS / 8);
        return bitsOf(call.hash64(member)).filter((bit) => seen.setBit(bit)).length > 0 ? 1 : 0;
      },
    }),
    has: method({
      access: 'read',
      parameters: { member: { type: 'string' } },
      run: (self, { member }, call) =>
        bitsOf(call.hash64(member)).every((bit) => self.bytes('bits', BITS / 8).getBit(bit)) ? 1 : 0,
    }),
  },
});
