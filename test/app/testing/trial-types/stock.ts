// Stock with holds, which end by themselves: free + held + sold is always the total.

import { defineType, method, type Table } from 'cacheismo';

/** Holds that end in one call; the rest ends with later ones. */
const MOST_ENDED = 1000;

/** Gives back what expired holds have taken. */
function endHolds(self: Table, now: number): void {
  for (const [order] of self.ordered('ends').between(0, now, 'ascending', MOST_ENDED)) {
    self.add('free', endHold(self, order));
  }
}

/** The units that were held. */
function endHold(self: Table, order: string): number {
  const n = self.child('holds').get(order) as number;
  self.child('holds').delete(order);
  self.ordered('ends').delete(order);
  return n;
}

const order = { type: 'string' } as const;
const n = { type: 'integer', minimum: 1 } as const;

export default defineType({
  name: 'stock',
  methods: {
    add: method({
      access: 'upsert',
      parameters: { n },
      run: (self, args) => self.add('free', args.n),
    }),
    hold: method({
      access: 'write',
      parameters: { order, n, ms: { type: 'integer', minimum: 1 } },
      run(self, args, call) {
        endHolds(self, call.monotonicMs);
        if (self.child('holds').has(args.order)) return 'OK';
        const free = self.get('free') as number;
        if (free < args.n) return `SOLDOUT ${free}`;
        self.set('free', free - args.n);
        self.child('holds').set(args.order, args.n);
        self.ordered('ends').set(args.order, call.monotonicMs + args.ms);
        return 'OK';
      },
    }),
    sell: method({
      access: 'write',
      parameters: { order },
      run(self, args, call) {
        endHolds(self, call.monotonicMs);
        if (!self.child('holds').has(args.order)) return 'GONE';
        self.add('sold', endHold(self, args.order));
        return 'OK';
      },
    }),
  },
});
