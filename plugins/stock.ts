// Stock of one article: units that are free, held for an order for some time, or sold. After every call free + held + sold = total.
//
// Pinned: a stock is never evicted. It is lost when the server ends: set it again from the units that are not sold. An order takes about
// 115 bytes and its name, 60 more with a customer, for a day after its end, so that a repeat of a request has the same reply.
// Each method takes O(log n). A hold ends by time alone; each call gives back the units of some that have ended, the oldest first.
//
// Fields: total, held, sold; orders by name: n, state (held, over, void or sold), customer, extended (how often); holds: an index of the held orders
// by when they end; past: of the others by when they are forgotten; customers: the units that each holds or has bought.

import { type CallContext, defineType, method, type Table } from 'cacheismo';
import {
  add,
  endedUnits,
  endsIn,
  freeOf,
  hold,
  MOST_RELEASED,
  numberIn,
  orderOf,
  release,
  settle,
  stateOf,
} from './lib/orders.js';

const LINE_END = '\r\n';
/** Holds that have ended and that `peek` counts as free: each takes up to 5 us. */
const MOST_COUNTED = 1000;
const MOST_MS = 2 ** 41;
/** Articles of one order. */
const MOST_ARTICLES = 32;

function nowOf(call: CallContext): number {
  return Math.floor(call.monotonicMs);
}

/** Why an order cannot be held: a reply; undefined if it can be, or is held. */
function refusal(self: Table, record: Table | undefined, n: number, now: number): string | undefined {
  const state = stateOf(record);
  if (state === 'held') return undefined;
  if (state === 'sold') return `SOLD ${numberIn(record as Table, 'n')}`;
  const free = freeOf(self);
  return n > free ? `SOLDOUT ${free} ${endsIn(self, now)}` : undefined;
}

/** What a commit would reply. */
function commitReply(self: Table, record: Table | undefined): 'OK' | 'LATE_OK' | 'GONE' {
  const state = stateOf(record);
  if (state === 'held' || state === 'sold') return 'OK';
  const isLeft = state === 'over' && numberIn(record as Table, 'n') <= freeOf(self);
  return isLeft ? 'LATE_OK' : 'GONE';
}

function commit(self: Table, order: string, record: Table | undefined, now: number): void {
  if (record !== undefined && stateOf(record) !== 'sold') settle(self, order, record, 'sold', now);
}

/** The units of an order that is not sold; from now on it cannot be. */
function cancel(self: Table, order: string, now: number): number {
  const record = orderOf(self, order);
  if (record === undefined) return 0;
  settle(self, order, record, 'void', now);
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
      reserve: true,
      summary: 'OK free held sold; DENY if fewer than are held and sold, unless forced',
      parameters: { total: UNITS, force: FORCE },
      run: (self, { total, force }, call) => changeTotal(self, total, force, call),
    }),
    add: method({
      access: 'upsert',
      reserve: true,
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
        const record = orderOf(self, order);
        const refused = refusal(self, record, n, now);
        if (refused !== undefined) return refused;
        if (stateOf(record) !== 'held') {
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
      reserve: true,
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
      reserve: true,
      summary: 'OK, also when repeated; LATE_OK if the hold has ended but the units are free; or GONE',
      parameters: { order: ORDER },
      run(self, { order }, call) {
        release(self, nowOf(call), order);
        const record = orderOf(self, order);
        const reply = commitReply(self, record);
        if (reply !== 'GONE') commit(self, order, record, nowOf(call));
        return reply;
      },
    }),
    cancel: method({
      access: 'write',
      reserve: true,
      summary: 'OK and the units that the order had, also when repeated; SOLD n if it is sold',
      parameters: { order: ORDER },
      run(self, { order }, call) {
        release(self, nowOf(call), order);
        const record = orderOf(self, order);
        if (stateOf(record) === 'sold') return refusal(self, record, 0, 0);
        return `OK ${cancel(self, order, nowOf(call))}`;
      },
    }),
    peek: method({
      access: 'read',
      summary: 'free held sold total next_ms',
      run(self, _none, call) {
        const now = nowOf(call);
        const holds = self.ordered('holds');
        const ended = endedUnits(self, now, MOST_COUNTED);
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
          const refused = refusal(stock, orderOf(stock, order), n, now);
          if (refused !== undefined) return refused + LINE_END + article;
        }
        for (const [article, stock] of stocks) {
          if (stateOf(orderOf(stock, order)) !== 'held') hold(stock, order, articles[article] as number, now + ttl_ms);
        }
        return `OK ${Math.min(...stocks.map(([, stock]) => endsIn(stock, now, order)))}`;
      },
    }),
    commitall: method({
      access: 'write',
      reserve: true,
      summary: 'sells all of them, ["hat","shirt"], or none: OK, LATE_OK, or GONE and the article in the next line',
      parameters: { order: ORDER, articles: ARTICLES },
      run(self, { order, articles }, call) {
        const stocks = openAll(self, order, articles, call);
        const replies = stocks.map(([, stock]) => commitReply(stock, orderOf(stock, order)));
        const gone = replies.indexOf('GONE');
        if (gone >= 0) return `GONE${LINE_END}${stocks[gone][0]}`;
        for (const [, stock] of stocks) commit(stock, order, orderOf(stock, order), nowOf(call));
        return replies.includes('LATE_OK') ? 'LATE_OK' : 'OK';
      },
    }),
    cancelall: method({
      access: 'write',
      reserve: true,
      summary: 'OK and the units of all of them; SOLD n and the article in the next line if one is sold',
      parameters: { order: ORDER, articles: ARTICLES },
      run(self, { order, articles }, call) {
        const stocks = openAll(self, order, articles, call);
        const sold = stocks.find(([, stock]) => stateOf(orderOf(stock, order)) === 'sold');
        if (sold !== undefined) return `${refusal(sold[1], orderOf(sold[1], order), 0, 0)}${LINE_END}${sold[0]}`;
        return `OK ${stocks.reduce((sum, [, stock]) => sum + cancel(stock, order, nowOf(call)), 0)}`;
      },
    }),
  },
});
