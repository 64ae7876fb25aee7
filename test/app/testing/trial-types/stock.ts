// Stock with holds, which end by themselves: free + held + sold is always the total.

import { defineType, method, type Table } from 'cacheismo';

/** Holds that end in one call; the rest ends with later ones. */
const MOST_ENDED = 1000;

function amount(self: Table, name: string): number {
  return (self.get(name) as number | undefined) ?? 0;
}

/** Gives back what expired holds have taken. */
function endHolds(self: Table, now: number): void {
  for (const [order] of self.ordered('ends').between(0, now, 'ascending', MOST_ENDED)) giveBack(self, order);
}

function giveBack(self: Table, order: string): number {
  const n = amount(self.child('holds'), order);
  self.child('holds').delete(order);
  self.ordered('ends').delete(order);
  self.set('free', amount(self, 'free') + n);
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
      run: (self, args) => {
        self.set('free', amount(self, 'free') + args.n);
        return amount(self, 'free');
      },
    }),
    hold: method({
      access: 'write',
      parameters: { order, n, ms: { type: 'integer', minimum: 1 } },
      run(self, args, call) {
        endHolds(self, call.monotonicMs);
        if (self.child('holds').has(args.order)) return 'OK';
        if (amount(self, 'free') < args.n) return `SOLDOUT ${amount(self, 'free')}`;
        self.set('free', amount(self, 'free') - args.n);
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
        const sold = giveBack(self, args.order);
        self.set('free', amount(self, 'free') - sold);
        self.set('sold', amount(self, 'sold') + sold);
        return 'OK';
      },
    }),
  },
});
