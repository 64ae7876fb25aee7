// A sliding-window counter: statistics of the last `size` values that were added.
//
// Fields: size, added (how many values ever were), and the values at 1 to size, the oldest overwritten first.

import { defineType, method, type Table } from 'cacheismo';
import { ttl } from './lib/ttl.js';

const MOST_VALUES = 100_000;

/** The number of values in the window; slots that were never filled do not count. */
function filled(self: Table): number {
  return Math.min(self.get('added') as number, self.get('size') as number);
}

function sum(self: Table): number {
  let total = 0;
  for (let slot = 1; slot <= filled(self); slot++) total += self.get(slot) as number;
  return total;
}

/** The value that `better` prefers to all others; 0 when nothing was added. */
function best(self: Table, better: (value: number, than: number) => boolean): number {
  const slots = filled(self);
  if (slots === 0) return 0;
  let found = self.get(1) as number;
  for (let slot = 2; slot <= slots; slot++) {
    const value = self.get(slot) as number;
    if (better(value, found)) found = value;
  }
  return found;
}

export default defineType({
  name: 'swcounter',
  summary: 'statistics of the last values that were added',
  missing: 'value',
  methods: {
    new: method({
      access: 'create',
      summary: 'makes a counter of the last `size` values',
      parameters: { size: { type: 'integer', minimum: 1, maximum: MOST_VALUES, default: 16 } },
      run(self, { size }) {
        self.set('size', size);
        self.set('added', 0);
        return 'CREATED';
      },
    }),
    add: method({
      access: 'write',
      summary: 'adds a value',
      parameters: { value: { type: 'number' } },
      run(self, { value }) {
        const added = self.get('added') as number;
        self.set((added % (self.get('size') as number)) + 1, value);
        self.set('added', added + 1);
        return 'SUCCESS';
      },
    }),
    getlast: method({
      access: 'read',
      summary: 'the value added last',
      run(self) {
        const added = self.get('added') as number;
        return added === 0 ? 0 : (self.get(((added - 1) % (self.get('size') as number)) + 1) as number);
      },
    }),
    getmin: method({
      access: 'read',
      summary: 'the smallest',
      run: (self) => best(self, (value, than) => value < than),
    }),
    getmax: method({
      access: 'read',
      summary: 'the largest',
      run: (self) => best(self, (value, than) => value > than),
    }),
    getsum: method({ access: 'read', summary: 'the sum', run: sum }),
    getavg: method({
      access: 'read',
      summary: 'the mean',
      run(self) {
        const values = filled(self);
        return values === 0 ? 0 : sum(self) / values;
      },
    }),
    getcount: method({ access: 'read', summary: 'the number of values in the window', run: filled }),
    ttl,
  },
});
