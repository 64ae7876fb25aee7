// The orders of a stock: what they hold, and what becomes of them. The type: ../stock.ts.

import type { OrderedIndex, Ranked, Table } from 'cacheismo';

/** Of the same length, so that what becomes of an order takes no memory: `over` is a hold that has ended, `void` one that was cancelled. */
export type State = 'held' | 'over' | 'void' | 'sold';

/** Orders that one call gives back or forgets beyond those that it is about. */
export const MOST_RELEASED = 100;
const KEEP_MS = 24 * 3600 * 1000;

export function numberIn(table: Table, field: string): number {
  return (table.get(field) ?? 0) as number;
}

/** Adds to a number of a table; 0 takes no room. */
export function add(table: Table, field: string, n: number): void {
  if (table.add(field, n) === 0) table.delete(field);
}

export function freeOf(self: Table): number {
  return numberIn(self, 'total') - numberIn(self, 'held') - numberIn(self, 'sold');
}

/** The record of an order; undefined if it is not known. */
export function orderOf(self: Table, order: string): Table | undefined {
  return self.child('orders').get(order) as Table | undefined;
}

/** What became of an order. */
export function stateOf(record: Table | undefined): State | undefined {
  return record === undefined ? undefined : ((record.get('state') ?? 'held') as State);
}

/** Holds units that are free. */
export function hold(self: Table, order: string, n: number, ends: number, customer = ''): void {
  self.child('orders').set(order, customer === '' ? { n, state: 'held' } : { n, state: 'held', customer });
  self.ordered('holds').set(order, ends);
  self.ordered('past').delete(order);
  add(self, 'held', n);
  if (customer !== '') add(self.child('customers'), customer, n);
}

/** Ends a hold, or sells what one had that has ended. */
export function settle(self: Table, order: string, record: Table, state: State, now: number): void {
  const n = numberIn(record, 'n');
  const isHeld = self.ordered('holds').delete(order);
  if (isHeld) add(self, 'held', -n);
  if (state === 'sold') add(self, 'sold', n);
  // What is held and then sold counts for the customer all along.
  const more = (state === 'sold' ? n : 0) - (isHeld ? n : 0);
  const customer = more === 0 ? undefined : record.get('customer');
  if (customer !== undefined) add(self.child('customers'), customer as string, more);
  record.set('state', state);
  self.ordered('past').set(order, now + KEEP_MS);
}

/** Gives back some of the holds that have ended, that of the order among them, and forgets some orders. */
export function release(self: Table, now: number, order?: string, most = MOST_RELEASED): void {
  const holds = self.ordered('holds');
  const past = self.ordered('past');
  let ended = holds.countBetween(0, now);
  if (ended > 0 && order !== undefined && (holds.get(order) ?? Infinity) <= now) {
    settle(self, order, orderOf(self, order) as Table, 'over', now);
    ended--;
  }
  if (ended > 0) giveBack(self, holds, past, Math.min(most, ended));
  const forgotten = Math.min(most, past.countBetween(0, now));
  if (forgotten === 0) return;
  const orders = self.child('orders');
  for (let index = 0; index < forgotten; index++) orders.delete(past.popFirst()?.[0] as string);
}

/** Gives back the first holds, which have ended. */
function giveBack(self: Table, holds: OrderedIndex, past: OrderedIndex, count: number): void {
  const orders = self.child('orders');
  let units = 0;
  for (let index = 0; index < count; index++) {
    const [order, ends] = holds.popFirst() as Ranked;
    const record = orders.get(order) as Table;
    const n = numberIn(record, 'n');
    const customer = record.get('customer');
    if (customer !== undefined) add(self.child('customers'), customer as string, -n);
    record.set('state', 'over');
    // Counted from its end: where there is no memory to give holds back, a call after that day forgets the order and frees some.
    past.set(order, ends + KEEP_MS);
    units += n;
  }
  add(self, 'held', -units);
}

/** The units of some of the holds that have ended and are not given back. */
export function endedUnits(self: Table, now: number, most: number): number {
  const holds = self.ordered('holds');
  const count = Math.min(most, holds.countBetween(0, now));
  if (count === 0) return 0;
  const orders = self.get('orders') as Table;
  let units = 0;
  for (const order of holds.members(1, count)) units += numberIn(orders.get(order) as Table, 'n');
  return units;
}

/** Milliseconds until a hold ends: of an order, or the next one of all; -1 if nothing is held. */
export function endsIn(self: Table, now: number, order?: string): number {
  const holds = self.ordered('holds');
  const ends = order === undefined ? holds.first()?.[1] : holds.get(order);
  return ends === undefined ? -1 : Math.max(1, ends - now);
}
