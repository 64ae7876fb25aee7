// A rate limiter: the generic cell rate algorithm (ITU-T I.371; redis-cell and throttled use it), which is a token bucket in one number.
// `tat`, the theoretical arrival time, is when all requests that have passed are paid back, at one per period / count.
//
// Guarantees: at most `burst` requests pass at one instant, and `count` per period in the long run, up to 10^6 a second. A refused call takes
// nothing. Setting the machine's date changes nothing.
// Evictable: a limiter that was evicted or deleted is full again. It expires when it would be full; one with a policy does not expire.
// Bytes: 64 with a key of 15 bytes, 104 with a policy. Cost: a call reads one field and writes one.

import { type CallContext, defineType, method, type TypedTable } from 'cacheismo';
import { MOST_TTL_SECONDS } from './lib/ends.js';

interface Limiter {
  /** In monotonic milliseconds. Every limiter has it, so that one of a single field has nothing else. */
  tat: number;
  /** The policy. */
  burst: number;
  count: number;
  period: number;
  /** When a block ends. */
  blocked: number;
  /** Set by a booking beyond the burst, and valid for the limits that it was made with: their burst in milliseconds. */
  booked: number;
}

type Self = TypedTable<Limiter>;

/** The rounding of `tat` stays below it for two years of uptime, and the clock's own steps are longer. */
const GRAIN_MS = 1e-5;
/** The rounding of long sums. */
const GRAIN_SHARE = 2 ** -50;
const YEAR_MS = 366 * 86_400_000;

const LIMITS = {
  burst: { type: 'integer', minimum: 0, default: 1, description: 'requests that may pass at one instant; or n' },
  count: { type: 'integer', minimum: 0, default: 0, description: 'requests per period' },
  period_ms: { type: 'integer', minimum: 0, maximum: YEAR_MS, default: 0 },
  n: { type: 'integer', minimum: 0, default: 1, description: 'requests of this call; 0 looks only' },
} as const;

interface Limits {
  readonly burst: number;
  readonly count: number;
  readonly period_ms: number;
  readonly n: number;
}

/** A limiter during a call. One serves all calls, since they run one after another: a new one for each would be garbage. */
class Bucket {
  #burst = 0;
  #count = 0;
  #period = 0;
  #n = 0;
  #now = 0;
  #waitMs = 0;
  /** For how long requests are paid back that have passed: that of a whole number, if all have passed at this instant. */
  #debtMs = 0;
  #blockedMs = 0;
  /** Whether there are fields besides `tat`. */
  #hasMore = false;
  #hasPolicy = false;
  /** Whether other limits had let more pass. Then `tat` counts as the burst, since these limits would refuse all calls for long. */
  #isCut = false;

  open(self: Self, call: CallContext, { burst, count, period_ms, n }: Limits): void {
    this.#now = call.monotonicMs;
    this.#hasMore = self.count > 1;
    this.#hasPolicy = this.#hasMore && self.has('period');
    if (count > 0 && period_ms > 0) this.#limit(burst, count, period_ms, n);
    else if (this.#hasPolicy && count === 0 && period_ms === 0) {
      // Without limits n is the first argument, unless arguments have names.
      const requests = n === LIMITS.n.default ? burst : n;
      this.#limit(self.get('burst') ?? 0, self.get('count') ?? 0, self.get('period') ?? 0, requests);
    } else call.refuse('give burst, count and period_ms, each from 1 on, or store a policy and give n only');
    const burstMs = this.#msOf(this.#burst);
    if (burstMs > Number.MAX_SAFE_INTEGER) call.refuse('burst * period_ms / count must be below 2^53');
    this.#debtMs = this.#exact(Math.max(0, (self.get('tat') ?? 0) - this.#now));
    this.#blockedMs = this.#hasMore ? Math.max(0, (self.get('blocked') ?? 0) - this.#now) : 0;
    this.#isCut = this.#debtMs > burstMs && self.get('booked') !== burstMs;
    if (this.#isCut) this.#debtMs = burstMs;
  }

  /** Whether the requests pass, after a wait of at most so long. */
  take(longestMs: number): boolean {
    this.#waitMs = this.#debtMs + this.#msOf(this.#n - this.#burst);
    if (this.#n > this.#burst || this.#blockedMs > 0 || this.#waitMs > longestMs) return false;
    this.#debtMs += this.#msOf(this.#n);
    return true;
  }

  refund(): void {
    this.#debtMs = Math.max(0, this.#debtMs - this.#msOf(this.#n));
  }

  save(self: Self, call: CallContext): void {
    if (this.#n === 0) return;
    const burstMs = this.#msOf(this.#burst);
    self.set('tat', this.#now + this.#debtMs);
    if (this.#debtMs > burstMs + GRAIN_MS) self.set('booked', burstMs);
    else if (this.#hasMore) self.delete('booked');
    if (!this.#hasPolicy) liveFor(this.#debtMs, call);
  }

  /** After a refusal. */
  saveCut(self: Self, call: CallContext): void {
    if (this.#isCut && this.#n <= this.#burst) this.save(self, call);
  }

  passed(word = 'ALLOW'): string {
    return `${word} ${this.#burst} ${this.#remaining} 0 ${this.resetMs}`;
  }

  refused(longestMs = 0): string {
    return `DENY ${this.#burst} ${this.#remaining} ${this.#retryMs(longestMs)} ${this.resetMs}`;
  }

  /** The old fields of redis-cell. */
  throttled(passes: boolean): string {
    const retryMs = passes ? -1 : this.#retryMs(0);
    const retry = retryMs < 0 ? -1 : Math.ceil(retryMs / 1000);
    return `${passes ? 0 : 1} ${this.#burst} ${this.#remaining} ${retry} ${Math.ceil(this.resetMs / 1000)}`;
  }

  get waitMs(): number {
    return roundedUp(this.#waitMs);
  }

  get resetMs(): number {
    return roundedUp(Math.max(this.#debtMs, this.#blockedMs));
  }

  /** -1 if the requests can never pass. */
  #retryMs(longestMs: number): number {
    if (this.#n > this.#burst) return -1;
    return Math.max(1, roundedUp(Math.max(this.#blockedMs, this.#waitMs - longestMs)));
  }

  get #remaining(): number {
    if (this.#blockedMs > 0) return 0;
    const burstMs = this.#msOf(this.#burst);
    const leftMs = burstMs - this.#debtMs + GRAIN_MS + burstMs * GRAIN_SHARE;
    return Math.min(this.#burst, Math.max(0, Math.floor((leftMs * this.#count) / this.#period)));
  }

  #limit(burst: number, count: number, period: number, n: number): void {
    this.#burst = burst;
    this.#count = count;
    this.#period = period;
    this.#n = n;
  }

  /** Divides last, so that three a second do not drift. */
  #msOf(requests: number): number {
    return (requests * this.#period) / this.#count;
  }

  /** The debt, without the error of rounding where it is that of a whole number of requests: many calls at one instant do not add up errors. */
  #exact(debtMs: number): number {
    const exactMs = this.#msOf(Math.round((debtMs * this.#count) / this.#period));
    return Math.abs(debtMs - exactMs) <= GRAIN_MS + debtMs * GRAIN_SHARE ? exactMs : debtMs;
  }
}

const bucket = new Bucket();

function roundedUp(ms: number): number {
  return Math.max(0, Math.ceil(ms - GRAIN_MS));
}

/** Objects expire by whole seconds of the server, the first of which has begun: hence one more. */
function liveFor(ms: number, call: CallContext): void {
  const seconds = Math.min(Math.ceil(ms / 1000) + 1, MOST_TTL_SECONDS);
  if ((call.ttlSeconds ?? 0) < seconds) call.expire(seconds);
}

function take(self: Self, call: CallContext, limits: Limits, longestMs = 0): boolean {
  bucket.open(self, call, limits);
  const passes = bucket.take(longestMs);
  if (passes) bucket.save(self, call);
  else bucket.saveCut(self, call);
  return passes;
}

export default defineType<Limiter>()({
  name: 'gcra',
  summary: 'a rate limiter (token bucket)',
  missing: 'empty',
  methods: {
    take: method({
      access: 'upsert',
      summary: 'ALLOW or DENY, limit, remaining, retry_ms (-1: never), reset_ms',
      parameters: LIMITS,
      run: (self, limits, call) => (take(self, call, limits) ? bucket.passed() : bucket.refused()),
    }),
    peek: method({
      access: 'read',
      summary: 'what take would return',
      parameters: LIMITS,
      run(self, limits, call) {
        bucket.open(self, call, limits);
        return bucket.take(0) ? bucket.passed() : bucket.refused();
      },
    }),
    book: method({
      access: 'upsert',
      summary: 'takes a later place: ALLOW as take and wait_ms, or DENY; with a policy: n and max_wait_ms',
      parameters: { ...LIMITS, max_wait_ms: { type: 'integer', minimum: 0, default: 0 } },
      run(self, { burst, count, period_ms, n, max_wait_ms }, call) {
        const hasLimits = period_ms > 0;
        const longestMs = hasLimits || max_wait_ms > 0 ? max_wait_ms : count;
        const limits = { burst, count: hasLimits ? count : 0, period_ms, n };
        return take(self, call, limits, longestMs) ? `${bucket.passed()} ${bucket.waitMs}` : bucket.refused(longestMs);
      },
    }),
    refund: method({
      access: 'upsert',
      summary: 'gives n requests back, never beyond full: OK, limit, remaining, 0, reset_ms',
      parameters: LIMITS,
      run(self, limits, call) {
        bucket.open(self, call, limits);
        bucket.refund();
        bucket.save(self, call);
        return bucket.passed('OK');
      },
    }),
    policy: method({
      access: 'upsert',
      summary: 'stores limits, after which other methods need n only; the object then lives until evicted',
      parameters: {
        burst: { type: 'integer', minimum: 1 },
        count: { type: 'integer', minimum: 1 },
        period_ms: { type: 'integer', minimum: 1, maximum: YEAR_MS },
      },
      run(self, { burst, count, period_ms }, call) {
        self.set('tat', self.get('tat') ?? call.monotonicMs);
        self.set('burst', burst);
        self.set('count', count);
        self.set('period', period_ms);
        call.expire(0);
        return 'OK';
      },
    }),
    block: method({
      access: 'upsert',
      summary: 'refuses all requests for a number of milliseconds',
      parameters: { ms: { type: 'integer', minimum: 0 } },
      run(self, { ms }, call) {
        self.set('tat', self.get('tat') ?? call.monotonicMs);
        self.set('blocked', call.monotonicMs + ms);
        if (!self.has('period')) liveFor(ms, call);
        return 'OK';
      },
    }),
    reset: method({
      access: 'upsert',
      summary: 'forgets requests, bookings and a block; a policy stays',
      run(self, _none, call) {
        if (!self.has('period')) call.remove();
        else {
          self.set('tat', call.monotonicMs);
          self.delete('blocked');
          self.delete('booked');
        }
        return 'OK';
      },
    }),
    clthrottle: method({
      access: 'upsert',
      summary:
        'CL.THROTTLE of redis-cell: its arguments, its five numbers, whole seconds, burst without the first request',
      parameters: {
        max_burst: { type: 'integer', minimum: 0 },
        count: { type: 'integer', minimum: 1 },
        period_s: { type: 'integer', minimum: 1, maximum: YEAR_MS / 1000 },
        quantity: { type: 'integer', minimum: 0, default: 1 },
      },
      run(self, { max_burst, count, period_s, quantity }, call) {
        const limits = { burst: max_burst + 1, count, period_ms: period_s * 1000, n: quantity };
        return bucket.throttled(take(self, call, limits));
      },
    }),
  },
});
