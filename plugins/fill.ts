// A cached value that one caller computes while the others wait or use the old one: no stampede on a miss, and no late write of an old value.
//
// Guarantees: however many callers get a missing or stale value at one time, one of them wins, gets a token and computes; it has lease_ms
// before another wins. `stale`, `drop`, `set` and deleting the object void tokens, so a value that was read before the change cannot be
// stored after it. These are the leases of Facebook's memcached (NSDI 2013) with stale values, and early refreshes as in XFetch (VLDB 2015).
// Evictable. If the object is evicted while its value is computed, the token is void, and the next caller computes again.
// Bytes: 160 and the value. Cost: copying the value. A value has at most -I less 60 bytes, so that it can be returned with its line.

import { type CallContext, defineType, method, type TypedTable } from 'cacheismo';

interface Cached {
  body: string;
  /** Monotonic milliseconds: when the value was stored, ceases to be fresh, and ceases to be served at all. */
  made: number;
  fresh: number;
  stale: number;
  /** What computing it took. */
  cost: number;
  /** The winner's; absent if there is none or its token is void. */
  token: number;
  /** Until when no other caller can win. */
  leased: number;
}

type Self = TypedTable<Cached>;

const LINE_END = '\r\n';
const DAY_MS = 86_400_000;
/** At most, of the line before a value. */
const LINE_BYTES = 60;
/** The rounding of sums of times. */
const GRAIN_MS = 1e-5;

const LIFE = { type: 'integer', minimum: 0, maximum: 366 * DAY_MS } as const;
const TOKEN = { type: 'integer', minimum: 1 } as const;

function store(self: Self, call: CallContext, freshMs: number, staleMs: number, costMs: number, body: string): string {
  const most = call.resultLimitBytes - LINE_BYTES;
  if (body.length > most) call.refuse(`body must have at most ${most} bytes, so that get can return it (-I)`);
  const now = call.monotonicMs;
  self.delete('token');
  self.delete('leased');
  self.set('made', now);
  self.set('fresh', now + freshMs);
  self.set('stale', now + freshMs + staleMs);
  self.set('cost', costMs);
  self.set('body', body);
  call.expire(secondsOf(freshMs + staleMs));
  return 'STORED';
}

function win(self: Self, call: CallContext, leaseMs: number, body: string | undefined): string {
  const token = call.sequence();
  self.set('token', token);
  self.set('leased', call.monotonicMs + leaseMs);
  const seconds = secondsOf(leaseMs);
  if ((call.ttlSeconds ?? 0) < seconds) call.expire(seconds);
  return `WIN ${token}${body === undefined ? '' : LINE_END + body}`;
}

/** Whether a fresh value is to be computed again early: soon before its end, or at random the sooner the longer computing takes. */
function isEarly(self: Self, call: CallContext, leftMs: number, refreshMs: number, beta: number): boolean {
  if (leftMs <= refreshMs) return true;
  return beta > 0 && -(self.get('cost') ?? 0) * beta * Math.log(call.random()) >= leftMs;
}

/** Objects expire by whole seconds of the server, the first of which has begun: hence one more. */
function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000) + 1;
}

function roundedDown(ms: number): number {
  return Math.floor(ms + GRAIN_MS);
}

export default defineType<Cached>()({
  name: 'fill',
  summary: 'a cached value that one caller at a time computes',
  missing: 'empty',
  methods: {
    get: method({
      access: 'upsert',
      summary:
        'HIT age_ms left_ms, STALE age_ms or WIN token, each with the value if there is one; WAIT retry_ms while another computes',
      parameters: {
        lease_ms: { type: 'integer', minimum: 1, maximum: DAY_MS, default: 10_000 },
        refresh_ms: { ...LIFE, default: 0 },
        beta: { type: 'number', minimum: 0, maximum: 100, default: 0 },
      },
      run(self, { lease_ms, refresh_ms, beta }, call) {
        const now = call.monotonicMs;
        const body = (self.get('stale') ?? 0) > now ? self.get('body') : undefined;
        const leftMs = (self.get('fresh') ?? 0) - now;
        const isFresh = body !== undefined && leftMs > 0;
        const leaseLeftMs = (self.get('leased') ?? 0) - now;
        if (leaseLeftMs <= 0 && (!isFresh || isEarly(self, call, leftMs, refresh_ms, beta))) {
          return win(self, call, lease_ms, body);
        }
        if (body === undefined) return `WAIT ${Math.max(1, Math.ceil(leaseLeftMs - GRAIN_MS))}`;
        const age = roundedDown(now - (self.get('made') ?? now));
        return (isFresh ? `HIT ${age} ${roundedDown(leftMs)}` : `STALE ${age}`) + LINE_END + body;
      },
    }),
    put: method({
      access: 'upsert',
      summary: 'stores what the winner has computed: STORED, or VOID if its token is not valid any more',
      parameters: {
        token: TOKEN,
        fresh_ms: LIFE,
        stale_ms: LIFE,
        cost_ms: { type: 'number', minimum: 0 },
        body: { type: 'string' },
      },
      run(self, { token, fresh_ms, stale_ms, cost_ms, body }, call) {
        if (self.get('token') !== token) return 'VOID';
        return store(self, call, fresh_ms, stale_ms, cost_ms, body);
      },
    }),
    set: method({
      access: 'upsert',
      summary: 'stores a value in any case, and voids tokens',
      parameters: { fresh_ms: LIFE, stale_ms: LIFE, body: { type: 'string' } },
      run: (self, { fresh_ms, stale_ms, body }, call) => store(self, call, fresh_ms, stale_ms, 0, body),
    }),
    stale: method({
      access: 'upsert',
      summary: 'the next caller wins; until then the value is stale. Voids tokens',
      run(self, _none, call) {
        self.delete('token');
        self.delete('leased');
        if (self.has('fresh')) self.set('fresh', Math.min(self.get('fresh') ?? 0, call.monotonicMs));
        return 'OK';
      },
    }),
    drop: method({
      access: 'upsert',
      summary: 'removes the value, and voids tokens',
      run(_self, _none, call) {
        call.remove();
        return 'OK';
      },
    }),
    fail: method({
      access: 'upsert',
      summary: 'the winner gives up: the next caller wins, after retry_ms. OK, or VOID',
      parameters: { token: TOKEN, retry_ms: { ...LIFE, default: 0 } },
      run(self, { token, retry_ms }, call) {
        if (self.get('token') !== token) return 'VOID';
        self.delete('token');
        self.set('leased', call.monotonicMs + retry_ms);
        const seconds = secondsOf(retry_ms);
        if ((call.ttlSeconds ?? 0) < seconds) call.expire(seconds);
        return 'OK';
      },
    }),
  },
});
