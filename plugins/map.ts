// A map of byte strings to byte strings or whole numbers.

import { defineType, method } from 'cacheismo';

const LINE_END = '\r\n';
const BETWEEN = ' : ';
const WHOLE_NUMBER = /^[+-]?\d{1,16}$/;

export default defineType({
  name: 'map',
  summary: 'a map of byte strings',
  missing: 'value',
  methods: {
    new: method({ access: 'create', summary: 'makes an empty map', run: () => 'CREATED' }),
    put: method({
      access: 'write',
      summary: 'sets the value of a key',
      parameters: { k: { type: 'string' }, v: { type: 'string' } },
      run(self, { k, v }) {
        self.set(k, v);
        return 'SUCCESS';
      },
    }),
    putifabsent: method({
      access: 'write',
      summary: 'SUCCESS, or EXISTS and nothing is set',
      parameters: { k: { type: 'string' }, v: { type: 'string' } },
      run(self, { k, v }) {
        if (self.has(k)) return 'EXISTS';
        self.set(k, v);
        return 'SUCCESS';
      },
    }),
    incr: method({
      access: 'write',
      summary: 'adds a whole number to the value of a key, which starts at 0; returns the sum',
      parameters: { k: { type: 'string' }, n: { type: 'integer', default: 1 } },
      run(self, { k, n }) {
        const value = self.get(k) ?? 0;
        const before = typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value;
        if (typeof before !== 'number') throw new Error(`the value of ${k} is not a whole number`);
        const sum = before + n;
        if (!Number.isSafeInteger(sum)) throw new Error(`the value of ${k} would be too large`);
        self.set(k, sum);
        return sum;
      },
    }),
    delete: method({
      access: 'write',
      summary: 'removes a key',
      parameters: { k: { type: 'string' } },
      run(self, { k }) {
        self.delete(k);
        return 'SUCCESS';
      },
    }),
    get: method({
      access: 'read',
      summary: 'key and value, or NOT_FOUND',
      parameters: { k: { type: 'string' } },
      run(self, { k }) {
        const value = self.get(k);
        return value === undefined ? 'NOT_FOUND' : k + BETWEEN + String(value);
      },
    }),
    count: method({ access: 'read', summary: 'the number of keys', run: (self) => self.count }),
    getkeys: method({ access: 'read', summary: 'the keys, one per line', run: (self) => self.join('keys', LINE_END) }),
    getvalues: method({
      access: 'read',
      summary: 'the values, one per line',
      run: (self) => self.join('values', LINE_END),
    }),
    getall: method({
      access: 'read',
      summary: 'keys and values, a line for each pair',
      run: (self) => self.join('entries', LINE_END, BETWEEN),
    }),
    ttl: method({
      access: 'write',
      summary: 'seconds left, -1 for no expiry; or sets them, 0 for no expiry',
      parameters: { seconds: { type: 'integer', minimum: -1, default: -1 } },
      run(_self, { seconds }, call) {
        if (seconds < 0) return call.ttlSeconds ?? -1;
        call.expire(seconds);
        return 'SUCCESS';
      },
    }),
  },
});
