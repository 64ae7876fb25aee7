// Counts in windows of time, for limits such as 100 a minute and 1000 an hour together.
//
// Guarantees: `hit` counts in all windows or in none. It estimates a sliding window as Cloudflare does: the count of the window before, by
// the part of it that the sliding window still covers, plus the count of this one. `log` is exact, for small limits. Refused hits do
// not count. Windows run on the monotonic clock, so setting the machine's date empties none of them.
// Evictable: what was evicted or deleted counts from 0. It expires when all of its windows are empty.
// Bytes: 105 for a sliding window with a key of 10 bytes, about 50 for each more; `log` 12 a hit up to 50, then 50. Cost: 3 fields a window.

import { type CallContext, defineType, method, type TypedTable } from 'cacheismo';
import { changeHits, firstWithin, type Hits, MOST_LOGGED } from './lib/hits.js';

interface Fields {
  /** Of a sliding window: its number, the count of the one before it, and its own. */
  [at: `at${number}`]: number;
  [before: `before${number}`]: number;
  [count: `count${number}`]: number;
  /** Of a fixed window. */
  [ends: `ends${number}`]: number;
  [used: `used${number}`]: number;
  [log: `log${number}`]: Hits;
  /** When a block ends. */
  blocked: number;
}

type Self = TypedTable<Fields>;

const YEAR_MS = 366 * 86_400_000;
/** Hits that one call writes to all logs together, so that it takes less than 10 ms. Measured: 3 us each. */
const MOST_WRITTEN = 2000;
const NEVER = Number.POSITIVE_INFINITY;
const LIMITS = /^\d{1,15}\/\d{1,11}(?:,\d{1,15}\/\d{1,11}){0,7}$/;

const N = { type: 'integer', minimum: 0, default: 1 } as const;
const PERIOD = { type: 'integer', minimum: 1, maximum: YEAR_MS } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const CHANGE = { n: N, limits: { type: 'string', default: '' } } as const;

/** A limit of a sliding window, with the names of its fields. */
function limitOf(most: number, period: number) {
  return { most, period, at: `at${period}`, before: `before${period}`, count: `count${period}` } as const;
}
type Limit = ReturnType<typeof limitOf>;

/** Limits are parsed once: callers send the same few texts. */
const known = new Map<string, readonly Limit[]>();
const MOST_KNOWN = 1000;

function limitsOf(text: string, call: CallContext): readonly Limit[] {
  const found = known.get(text);
  if (found !== undefined) return found;
  const pairs = text.split(',').map((pair) => pair.split('/').map(Number));
  const periods = new Set(pairs.map(([, period]) => period));
  if (
    !LIMITS.test(text) ||
    periods.size < pairs.length ||
    !(Math.min(...periods) >= 1 && Math.max(...periods) <= YEAR_MS)
  ) {
    call.refuse('limits must be like 100/60000,1000/3600000: counts per different milliseconds, at most 8');
  }
  if (known.size === MOST_KNOWN) known.clear();
  const limits = pairs.map(([most, period]) => limitOf(most, period));
  known.set(text, limits);
  return limits;
}

/** A sliding window during a call. */
class Sliding {
  before = 0;
  count = 0;
  readonly limit: Limit;
  readonly #self: Self;
  readonly #now: number;
  readonly #number: number;
  readonly #ends: number;

  constructor(self: Self, limit: Limit, now: number) {
    this.limit = limit;
    this.#self = self;
    this.#now = now;
    this.#number = Math.floor(now / limit.period);
    this.#ends = (this.#number + 1) * limit.period;
    const stored = self.get(limit.at);
    if (stored === this.#number) {
      this.before = self.get(limit.before) ?? 0;
      this.count = self.get(limit.count) ?? 0;
    } else if (stored === this.#number - 1) this.before = self.get(limit.count) ?? 0;
  }

  /** Multiplied instead of divided, so that whole numbers stay exact. */
  fits(n: number): boolean {
    const { most, period } = this.limit;
    return this.before * (this.#ends - this.#now) <= (most - this.count - n) * period;
  }

  /** How long until n more fit if nothing else comes. For what does not fit now. */
  retryMs(n: number): number {
    const { most, period } = this.limit;
    if (n > most) return NEVER;
    const room = most - this.count - n;
    // In this window, or in the one after it.
    const fitsAt =
      room >= 0
        ? this.#ends - (room * period) / this.before
        : this.#ends + Math.max(0, period - ((most - n) * period) / this.count);
    return Math.max(1, Math.ceil(fitsAt - this.#now));
  }

  get remaining(): number {
    const { most, period } = this.limit;
    return Math.floor(most - this.count - (this.before * (this.#ends - this.#now)) / period);
  }

  /** How long until it is empty. */
  get resetMs(): number {
    if (this.count > 0) return Math.ceil(this.#ends + this.limit.period - this.#now);
    return this.before > 0 ? Math.ceil(this.#ends - this.#now) : 0;
  }

  change(n: number): void {
    this.before = Math.max(0, this.before + Math.min(0, n + this.count));
    this.count = Math.max(0, this.count + n);
  }

  save(call: CallContext): void {
    this.#self.set(this.limit.at, this.#number);
    this.#self.set(this.limit.before, this.before);
    this.#self.set(this.limit.count, this.count);
    liveFor(this.resetMs, call);
  }
}

/** Objects expire by whole seconds of the server, the first of which has begun: hence one more. */
function liveFor(ms: number, call: CallContext): void {
  const seconds = Math.ceil(ms / 1000) + 1;
  if ((call.ttlSeconds ?? 0) < seconds) call.expire(seconds);
}

function told(word: 'ALLOW' | 'DENY', which: number, remaining: number, retryMs: number, resetMs: number): string {
  return `${word} ${which} ${Math.max(0, remaining)} ${retryMs === NEVER ? -1 : retryMs} ${resetMs}`;
}

function whileBlocked(self: Self, now: number): string | undefined {
  const leftMs = Math.ceil((self.get('blocked') ?? 0) - now);
  return leftMs > 0 ? told('DENY', 0, 0, leftMs, leftMs) : undefined;
}

function sliding(self: Self, text: string, n: number, call: CallContext, saves: boolean): string {
  const windows = limitsOf(text, call).map((limit) => new Sliding(self, limit, call.monotonicMs));
  const blocked = whileBlocked(self, call.monotonicMs);
  if (blocked !== undefined) return blocked;
  const full = windows.filter((window) => !window.fits(n));
  if (full.length > 0) {
    const last = full.reduce((one, other) => (other.retryMs(n) > one.retryMs(n) ? other : one));
    return told('DENY', windows.indexOf(last) + 1, last.remaining, last.retryMs(n), last.resetMs);
  }
  for (const window of windows) {
    window.count += n;
    if (saves && n > 0) window.save(call);
  }
  const tightest = windows.reduce((one, other) => (other.remaining < one.remaining ? other : one));
  return told('ALLOW', windows.indexOf(tightest) + 1, tightest.remaining, 0, tightest.resetMs);
}

/** Adds hits to a log or, for a negative n, removes the latest. */
function logHits(self: Self, period: number, n: number, call: CallContext): void {
  changeHits(self.child(`log${period}`), call.monotonicMs, period, n);
  liveFor(period, call);
}

/** Counts up, or down for a negative n, without a check: in all windows that the object has. */
function change(self: Self, n: number, text: string, call: CallContext): string {
  if (call.isNew && n > 0 && text === '') call.refuse('a new object needs limits, such as 100/60000');
  const names = [...self.keys()].map(String);
  const periods = (kind: string) =>
    names.filter((name) => name.startsWith(kind)).map((name) => Number(name.slice(kind.length)));
  const logs = periods('log');
  const most = logs.length === 0 ? Infinity : Math.floor(MOST_WRITTEN / logs.length);
  const logged = Math.max(-MOST_LOGGED, Math.min(n, MOST_LOGGED));
  if (Math.abs(logged) > most)
    call.refuse(`n is at most ${most} for an object with ${logs.length} logs: make several calls`);
  const limits = text === '' ? periods('at').map((period) => limitOf(0, period)) : limitsOf(text, call);
  for (const limit of limits) {
    const window = new Sliding(self, limit, call.monotonicMs);
    window.change(n);
    window.save(call);
  }
  for (const period of periods('ends')) {
    if ((self.get(`ends${period}`) ?? 0) <= call.monotonicMs) continue;
    self.set(`used${period}`, Math.max(0, (self.get(`used${period}`) ?? 0) + n));
  }
  for (const period of logs) logHits(self, period, logged, call);
  return 'OK';
}

export default defineType<Fields>()({
  name: 'window',
  summary: 'counts in sliding and fixed windows of time, several at a time',
  missing: 'empty',
  methods: {
    hit: method({
      access: 'upsert',
      summary: 'ALLOW or DENY, which window, remaining, retry_ms (-1: never), reset_ms; limits as 9/1000,99/60000',
      parameters: { limits: { type: 'string' }, n: N },
      run: (self, { limits, n }, call) => sliding(self, limits, n, call, true),
    }),
    peek: method({
      access: 'read',
      summary: 'what hit would return',
      parameters: { limits: { type: 'string' }, n: N },
      run: (self, { limits, n }, call) => sliding(self, limits, n, call, false),
    }),
    fixed: method({
      access: 'upsert',
      summary: 'the same in a window that begins with its first hit, or by the clock (UTC)',
      parameters: {
        limit: COUNT,
        period_ms: PERIOD,
        n: N,
        anchor: { type: 'string', enum: ['first', 'clock'], default: 'first' },
      },
      run(self, { limit, period_ms, n, anchor }, call) {
        const now = call.monotonicMs;
        const blocked = whileBlocked(self, now);
        if (blocked !== undefined) return blocked;
        const storedEnds = self.get(`ends${period_ms}`) ?? 0;
        const isOver = storedEnds <= now;
        const ends = isOver ? now + period_ms - (anchor === 'clock' ? call.unixMs % period_ms : 0) : storedEnds;
        const used = isOver ? 0 : (self.get(`used${period_ms}`) ?? 0);
        const leftMs = Math.ceil(ends - now);
        if (used + n > limit) {
          return told('DENY', 1, limit - used, n > limit ? NEVER : leftMs, isOver ? 0 : leftMs);
        }
        if (n > 0) {
          self.set(`ends${period_ms}`, ends);
          self.set(`used${period_ms}`, used + n);
          liveFor(leftMs, call);
        }
        return told('ALLOW', 1, limit - used - n, 0, used + n > 0 ? leftMs : 0);
      },
    }),
    log: method({
      access: 'upsert',
      summary: 'the same, exact, by the times of at most 1000 hits',
      parameters: { limit: { ...COUNT, maximum: MOST_LOGGED }, period_ms: PERIOD, n: N },
      run(self, { limit, period_ms, n }, call) {
        const now = call.monotonicMs;
        const blocked = whileBlocked(self, now);
        if (blocked !== undefined) return blocked;
        const since = now - period_ms;
        const hits = self.has(`log${period_ms}`) ? self.child(`log${period_ms}`) : undefined;
        const last = hits?.get('last') ?? 0;
        const count = hits === undefined ? 0 : last + 1 - firstWithin(hits, since);
        const untilMs = (kept: number) => (count <= kept ? 0 : Math.ceil((hits?.get(last - kept) ?? 0) - since));
        if (count + n > limit) {
          return told('DENY', 1, limit - count, n > limit ? NEVER : untilMs(limit - n), untilMs(0));
        }
        if (n > 0) logHits(self, period_ms, n, call);
        return told('ALLOW', 1, limit - count - n, 0, n > 0 ? period_ms : untilMs(0));
      },
    }),
    penalty: method({
      access: 'upsert',
      summary: 'counts n more without a check, in all windows that there are, or in those of the limits',
      parameters: CHANGE,
      run: (self, { n, limits }, call) => change(self, n, limits, call),
    }),
    reward: method({
      access: 'upsert',
      summary: 'counts n less, never below 0',
      parameters: CHANGE,
      run: (self, { n, limits }, call) => change(self, -n, limits, call),
    }),
    block: method({
      access: 'upsert',
      summary: 'refuses all hits for a number of milliseconds',
      parameters: { ms: { ...COUNT, maximum: YEAR_MS } },
      run(self, { ms }, call) {
        self.set('blocked', call.monotonicMs + ms);
        liveFor(ms, call);
        return 'OK';
      },
    }),
  },
});
