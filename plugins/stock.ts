// Stock of one article: units that are free, held for an order for some time, or sold. After every call free + held + sold = total.
//
// Pinned: a stock is never evicted. It is lost when the server ends: set it again from the units that are not sold. An order takes about
// 100 bytes and its name, 60 more with a customer, for a day after its end, so that a repeat of a request has the same reply.
// Each method takes O(log n). A hold ends by time alone; each call gives back the units of some that have ended, the oldest first.
//
// Fields: total, held, sold; orders by name: n, state (held if there is none), customer, extended (how often); holds: an index of the held orders
// by when they end; past: of the others by when they are forgotten; customers: the units that each holds or has bought.

import { type CallContext, defineType, method, type Table } from 'cacheismo';

const LINE_END = '\r\n';
/** Orders that one call gives back or forgets beyond those that it is about: each takes up to 25 us. */
const MOST_RELEASED = 100;
/** Holds that have ended and that `peek` counts as free: each takes a microsecond. */
const MOST_COUNTED = 1000;
const KEEP_MS = 24 * 3600 * 1000;
const MOST_MS = 2 ** 41;
/** Articles of one order. */
const MOST_ARTICLES = 32;

function nowOf(call: CallContext): number {
  return Math.floor(call.monotonicMs);
}

function numberIn(table: Table, field: string): number {
  return (table.get(field) ?? 0) as number;
}

/** Adds to a number of a table; 0 takes no room. */
function add(table: Table, field: string, n: number): void {
  if (table.add(field, n) === 0) table.delete(field);
}

function freeOf(self: Table): number {
  return numberIn(self, 'total') - numberIn(self, 'held') - numberIn(self, 'sold');
}

function orderOf(self: Table, order: string): Table | undefined {
  return self.child('orders').get(order) as Table | undefined;
}

/** What became of an order; undefined if it is not known. */
function stateOf(self: Table, order: string): State | undefined {
  const record = orderOf(self, order);
  return record === undefined ? undefined : ((record.get('state') ?? 'held') as State);
}

type State = 'held' | 'ended' | 'cancelled' | 'sold';

/** Holds units that are free. */
function hold(self: Table, order: string, n: number, ends: number, customer = ''): void {
  self.child('orders').set(order, customer === '' ? { n } : { n, customer });
  self.ordered('holds').set(order, ends);
  self.ordered('past').delete(order);
  count(self, order, n, 'held');
}

/** Ends a hold, or sells what one had that has ended. */
function settle(self: Table, order: string, state: State, now: number): void {
  const record = orderOf(self, order) as Table;
  const n = numberIn(record, 'n');
  if (self.ordered('holds').delete(order)) count(self, order, -n, 'held');
  if (state === 'sold') count(self, order, n, 'sold');
  record.set('state', state);
  self.ordered('past').set(order, now + KEEP_MS);
}

/** Counts the units of an order as held or sold, and for its customer. */
function count(self: Table, order: string, n: number, as: 'held' | 'sold'): void {
  add(self, as, n);
  const customer = orderOf(self, order)?.get('customer');
  if (customer !== undefined) add(self.child('customers'), customer as string, n);
}

/** Gives back some of the holds that have ended, that of the order among them, and forgets some orders. */
function release(self: Table, now: number, order?: string, most = MOST_RELEASED): void {
  const holds = self.ordered('holds');
  if (order !== undefined && (holds.get(order) ?? Infinity) <= now) settle(self, order, 'ended', now);
  for (const [ended] of holds.between(0, now, 'ascending', most)) settle(self, ended, 'ended', now);
  const past = self.ordered('past');
  for (const [old] of past.between(0, now, 'ascending', most)) {
    past.delete(old);
    self.child('orders').delete(old);
  }
}

/** Milliseconds until a hold ends: of an order, or the next one of all; -1 if nothing is held. */
function endsIn(self: Table, now: number, order?: string): number {
  const holds = self.ordered('holds');
  const ends = order === undefined ? holds.first()?.[1] : holds.get(order);
  return ends === undefined ? -1 : Math.max(1, ends - now);
}

/** Why an order cannot be held: a reply; undefined if it can be, or is held. */
function refusal(self: Table, order: string, n: number, now: number): string | undefined {
  const state = stateOf(self, order);
  if (state === 'held') return undefined;
  if (state === 'sold') return `SOLD ${numberIn(orderOf(self, order) as Table, 'n')}`;
  return n > freeOf(self) ? `SOLDOUT ${freeOf(self)} ${endsIn(self, now)}` : undefined;
}

/** What a commit would reply. */
function commitReply(self: Table, order: string): 'OK' | 'LATE_OK' | 'GONE' {
  const state = stateOf(self, order);
  if (state === 'held' || state === 'sold') return 'OK';
  const isLeft = state === 'ended' && numberIn(orderOf(self, order) as Table, 'n') <= freeOf(self);
  return isLeft ? 'LATE_OK' : 'GONE';
}

function commit(self: Table, order: string, now: number): void {
  if (stateOf(self, order) !== 'sold') settle(self, order, 'sold', now);
}

/** The units of an order that is not sold; from now on it cannot be. */
function cancel(self: Table, order: string, now: number): number {
  const record = orderOf(self, order);
  if (record === undefined) return 0;
  settle(self, order, 'cancelled', now);
  return numberIn(record, 'n');
}

function changeTotal(self: Table, total: number, isForced: boolean, call: CallContext): string {
  if (!call.isNew) release(self, nowOf(call));
  const [held, sold] = [numberIn(self, 'held'), numberIn(self, 'sold')];
  if (total < 0 || (total < held + sold && !isForced)) return `DENY ${freeOf(self)} ${held} ${sold}`;
  if (total > Number.MAX_SAFE_INTEGER) call.refuse('a total must be at most 2^53 - 1');
  self.set('total', total);
  return `OK ${freeOf(self)} ${held} ${sold}`;
}

/** The stocks of several articles, after what has ended in them was released. */
function openAll(self: Table, order: string, articles: readonly string[], call: CallContext): [string, Table][] {
  if (articles.length === 0) call.refuse('articles must name at least one');
  if (articles.length > MOST_ARTICLES) call.refuse(`an order has at most ${MOST_ARTICLES} articles`);
  const most = Math.ceil(MOST_RELEASED / articles.length);
  return [...new Set(articles)].map((article) => {
    const stock = article === call.key ? self : call.open('stock', article, 'write');
    if (stock === undefined) return call.refuse(`there is no stock ${article}`);
    release(stock, nowOf(call), order, most);
    return [article, stock];
  });
}

const ORDER = { type: 'string', minLength: 1, maxLength: 128 } as const;
const ARTICLES = { type: 'array', items: { type: 'string' }, minItems: 1 } as const;
const UNITS = { type: 'integer', minimum: 0 } as const;
const TIME = { type: 'integer', minimum: 1, maximum: MOST_MS } as const;
const FORCE = { type: 'boolean', default: false } as const;

export default defineType({
  name: 'stock',
  retention: 'pinned',
  summary: 'units of an article that are free, held for an order, or sold',
  methods: {
    set: method({
      access: 'upsert',
      summary: 'OK free held sold; DENY if fewer than are held and sold, unless forced',
      parameters: { total: UNITS, force: FORCE },
      run: (self, { total, force }, call) => changeTotal(self, total, force, call),
    }),
    add: method({
      access: 'upsert',
      summary: 'the same for n units more, or fewer',
      parameters: { n: { type: 'integer' }, force: FORCE },
      run: (self, { n, force }, call) => changeTotal(self, numberIn(self, 'total') + n, force, call),
    }),
    hold: method({
      access: 'write',
      summary:
        'OK free expires_ms, also when repeated; SOLDOUT free next_ms; DENY and what the customer may still have; or SOLD n',
      parameters: {
        order: ORDER,
        n: UNITS,
        ttl_ms: TIME,
        max_per_customer: { ...UNITS, default: 0 },
        customer: { ...ORDER, minLength: 0, default: '' },
      },
      run(self, { order, n, ttl_ms, max_per_customer, customer }, call) {
        const now = nowOf(call);
        release(self, now, order);
        const refused = refusal(self, order, n, now);
        if (refused !== undefined) return refused;
        if (stateOf(self, order) !== 'held') {
          if (max_per_customer > 0) {
            if (customer === '') call.refuse('max_per_customer needs a customer');
            const left = max_per_customer - numberIn(self.child('customers'), customer);
            if (n > left) return `DENY ${Math.max(0, left)}`;
          }
          if (n > 0) hold(self, order, n, now + ttl_ms, customer);
        }
        return `OK ${freeOf(self)} ${endsIn(self, now, order)}`;
      },
    }),
    extend: method({
      access: 'write',
      summary: 'OK expires_ms, counted from now; DENY expires_ms after `times` of them; GONE if the hold has ended',
      parameters: { order: ORDER, ms: TIME, times: { ...UNITS, default: 3 } },
      run(self, { order, ms, times }, call) {
        const now = nowOf(call);
        release(self, now, order);
        const holds = self.ordered('holds');
        const ends = holds.get(order);
        if (ends === undefined) return 'GONE';
        const record = orderOf(self, order) as Table;
        if (numberIn(record, 'extended') >= times) return `DENY ${ends - now}`;
        add(record, 'extended', 1);
        holds.set(order, Math.max(ends, now + ms));
        return `OK ${endsIn(self, now, order)}`;
      },
    }),
    commit: method({
      access: 'write',
      summary: 'OK, also when repeated; LATE_OK if the hold has ended but the units are free; or GONE',
      parameters: { order: ORDER },
      run(self, { order }, call) {
        release(self, nowOf(call), order);
        const reply = commitReply(self, order);
        if (reply !== 'GONE') commit(self, order, nowOf(call));
        return reply;
      },
    }),
    cancel: method({
      access: 'write',
      summary: 'OK and the units that the order had, also when repeated; SOLD n if it is sold',
      parameters: { order: ORDER },
      run(self, { order }, call) {
        release(self, nowOf(call), order);
        if (stateOf(self, order) === 'sold') return refusal(self, order, 0, 0);
        return `OK ${cancel(self, order, nowOf(call))}`;
      },
    }),
    peek: method({
      access: 'read',
      summary: 'free held sold total next_ms',
      run(self, _none, call) {
        const now = nowOf(call);
        const holds = self.ordered('holds');
        let ended = 0;
        for (const [order] of holds.between(0, now, 'ascending', MOST_COUNTED)) {
          ended += numberIn((self.get('orders') as Table).get(order) as Table, 'n');
        }
        const next = holds.between(now + 1, Infinity, 'ascending', 1)[0]?.[1];
        const [held, sold, total] = ['held', 'sold', 'total'].map((field) => numberIn(self, field));
        return [freeOf(self) + ended, held - ended, sold, total, next === undefined ? -1 : next - now].join(' ');
      },
    }),
    holdall: method({
      access: 'write',
      summary:
        'holds units of several articles, {"hat":1,"shirt":2}, or none: OK expires_ms, or the refusal and its article in the next line',
      parameters: { order: ORDER, ttl_ms: TIME, articles: { type: 'object' } },
      run(self, { order, ttl_ms, articles }, call) {
        const now = nowOf(call);
        const stocks = openAll(self, order, Object.keys(articles), call);
        for (const [article, stock] of stocks) {
          const n = articles[article] as number;
          if (!(Number.isSafeInteger(n) && n > 0)) call.refuse(`${article} must be a whole number from 1 on`);
          const refused = refusal(stock, order, n, now);
          if (refused !== undefined) return refused + LINE_END + article;
        }
        for (const [article, stock] of stocks) {
          if (stateOf(stock, order) !== 'held') hold(stock, order, articles[article] as number, now + ttl_ms);
        }
        return `OK ${Math.min(...stocks.map(([, stock]) => endsIn(stock, now, order)))}`;
      },
    }),
    commitall: method({
      access: 'write',
      summary: 'sells all of them, ["hat","shirt"], or none: OK, LATE_OK, or GONE and the article in the next line',
      parameters: { order: ORDER, articles: ARTICLES },
      run(self, { order, articles }, call) {
        const stocks = openAll(self, order, articles, call);
        const replies = stocks.map(([, stock]) => commitReply(stock, order));
        const gone = replies.indexOf('GONE');
        if (gone >= 0) return `GONE${LINE_END}${stocks[gone][0]}`;
        for (const [, stock] of stocks) commit(stock, order, nowOf(call));
        return replies.includes('LATE_OK') ? 'LATE_OK' : 'OK';
      },
    }),
    cancelall: method({
      access: 'write',
      summary: 'OK and the units of all of them; SOLD n and the article in the next line if one is sold',
      parameters: { order: ORDER, articles: ARTICLES },
      run(self, { order, articles }, call) {
        const stocks = openAll(self, order, articles, call);
        const sold = stocks.find(([, stock]) => stateOf(stock, order) === 'sold');
        if (sold !== undefined) return `${refusal(sold[1], order, 0, 0)}${LINE_END}${sold[0]}`;
        return `OK ${stocks.reduce((sum, [, stock]) => sum + cancel(stock, order, nowOf(call)), 0)}`;
      },
    }),
  },
});
