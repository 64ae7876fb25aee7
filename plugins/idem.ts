// Idempotency keys: a request that a client repeats runs once, and its answer is given again (IETF draft idempotency-key-header).
//
// Guarantees: of all callers that begin with one key one gets NEW. When its time is over the next one gets RETRY instead, since the first may have
// had effects. A key never gives its answer to another request, which has another fingerprint.
// The key should contain caller, method and path; the fingerprint should be a hash of the body.
// Durations do not depend on the machine's date. While a request runs its record is pinned. An answer that was evicted or deleted is
// forgotten: the request would run again.
// Bytes: 190 with a key of 10 bytes and a fingerprint of 64, and the answer. Cost: the same for all.

import { type CallContext, defineType, method, type TypedTable } from 'cacheismo';

interface Run {
  fingerprint: string;
  /** Of the runner. */
  token: number;
  attempt: number;
  /** When the runner's time is over, and when the record is forgotten; in monotonic milliseconds. */
  until: number;
  ends: number;
  /** Set if answers of 500 and more are not kept. */
  dropsErrors: boolean;
  /** The last recovery point. */
  step: string;
  /** The answer. A body that is too long is not kept. */
  status: number;
  body: string;
}

type Self = TypedTable<Run>;

const LINE_END = '\r\n';
const DAY_MS = 86_400_000;
/** Longer bodies are not kept, nor those that a reply cannot have, with its first line. A choice. */
const LONGEST_BODY = 512 * 1024;
const LINE_BYTES = 10;
/** The rounding of sums of times. */
const GRAIN_MS = 1e-5;

const TOKEN = { type: 'integer', minimum: 1 } as const;
const RUN_MS = { type: 'integer', minimum: 1, maximum: DAY_MS } as const;

function isKept(self: Self, now: number): boolean {
  return (self.get('ends') ?? 0) > now;
}

function isRunBy(self: Self, token: number, now: number): boolean {
  return isKept(self, now) && self.get('token') === token && !self.has('status');
}

/** Gives the key to a runner. */
function run(self: Self, call: CallContext, attempt: number, runMs: number, keepMs: number): number {
  const token = call.sequence();
  self.set('token', token);
  self.set('attempt', attempt);
  runUntil(self, call, runMs, keepMs);
  return token;
}

function runUntil(self: Self, call: CallContext, runMs: number, keepMs: number): void {
  self.set('until', call.monotonicMs + runMs);
  self.set('ends', call.monotonicMs + runMs + keepMs);
  liveFor(runMs + keepMs, call);
  call.pin();
}

function keepMsOf(self: Self): number {
  return (self.get('ends') ?? 0) - (self.get('until') ?? 0);
}

function roundedUp(ms: number): number {
  return Math.max(0, Math.ceil(ms - GRAIN_MS));
}

/** Objects expire by whole seconds of the server, the first of which has begun: hence one more. */
function liveFor(ms: number, call: CallContext): void {
  call.expire(Math.ceil(ms / 1000) + 1);
}

export default defineType<Run>()({
  name: 'idem',
  summary: 'idempotency keys: a repeated request runs once',
  missing: 'empty',
  methods: {
    begin: method({
      access: 'upsert',
      reserve: true,
      summary:
        'NEW token 1; RETRY token attempt, and the last step; BUSY retry_ms; DONE status, and the body; TOOBIG status; MISMATCH',
      parameters: {
        fingerprint: { type: 'string', minLength: 1, maxLength: 128 },
        run_ms: RUN_MS,
        keep_ms: { type: 'integer', minimum: 1, maximum: 366 * DAY_MS },
        keep_errors: { type: 'boolean', default: true, description: 'whether answers of 500 and more are kept' },
      },
      run(self, { fingerprint, run_ms, keep_ms, keep_errors }, call) {
        const now = call.monotonicMs;
        if (!isKept(self, now)) {
          self.clear();
          self.set('fingerprint', fingerprint);
          if (!keep_errors) self.set('dropsErrors', true);
          return `NEW ${run(self, call, 1, run_ms, keep_ms)} 1`;
        }
        if (self.get('fingerprint') !== fingerprint) return 'MISMATCH';
        const status = self.get('status');
        if (status !== undefined) {
          const body = self.get('body');
          return body === undefined ? `TOOBIG ${status}` : `DONE ${status}${LINE_END}${body}`;
        }
        const leftMs = (self.get('until') ?? 0) - now;
        if (leftMs > 0) return `BUSY ${Math.max(1, roundedUp(leftMs))}`;
        const attempt = (self.get('attempt') ?? 0) + 1;
        const step = self.get('step');
        const token = run(self, call, attempt, run_ms, keep_ms);
        return `RETRY ${token} ${attempt}${step === undefined ? '' : LINE_END + step}`;
      },
    }),
    step: method({
      access: 'upsert',
      reserve: true,
      summary: 'stores a recovery point, which RETRY tells: OK, or LATE if another runs',
      parameters: { token: TOKEN, name: { type: 'string', minLength: 1, maxLength: 250 } },
      run(self, { token, name }, call) {
        if (!isRunBy(self, token, call.monotonicMs)) return 'LATE';
        self.set('step', name);
        return 'OK';
      },
    }),
    finish: method({
      access: 'upsert',
      summary:
        'stores the answer, which is kept from now on: OK; TOOBIG if only the status is kept; LATE if another runs',
      parameters: {
        token: TOKEN,
        status: { type: 'integer', minimum: 0, maximum: 999 },
        body: { type: 'string', default: '' },
      },
      run(self, { token, status, body }, call) {
        const now = call.monotonicMs;
        if (!isKept(self, now) || self.get('token') !== token) return 'LATE';
        // The answer was stored by an earlier call: a client may repeat it.
        if (self.has('status')) return self.has('body') ? 'OK' : 'TOOBIG';
        if (status >= 500 && self.has('dropsErrors')) {
          call.remove();
          return 'OK';
        }
        const keepMs = keepMsOf(self);
        self.set('ends', now + keepMs);
        self.set('status', status);
        liveFor(keepMs, call);
        call.unpin();
        if (body.length > Math.min(LONGEST_BODY, call.resultLimitBytes - LINE_BYTES)) return 'TOOBIG';
        self.set('body', body);
        return 'OK';
      },
    }),
    abandon: method({
      access: 'upsert',
      summary: 'frees the key, because nothing has happened: OK, or LATE',
      parameters: { token: TOKEN },
      run(self, { token }, call) {
        if (!isRunBy(self, token, call.monotonicMs)) return 'LATE';
        // An empty record would stay pinned until its end.
        call.remove();
        return 'OK';
      },
    }),
    extend: method({
      access: 'upsert',
      reserve: true,
      summary: 'more time for the runner, counted from now: OK expires_ms, or LATE',
      parameters: { token: TOKEN, run_ms: RUN_MS },
      run(self, { token, run_ms }, call) {
        if (!isRunBy(self, token, call.monotonicMs)) return 'LATE';
        runUntil(self, call, run_ms, keepMsOf(self));
        return `OK ${run_ms}`;
      },
    }),
    peek: method({
      access: 'read',
      summary: 'NONE; RUNNING attempt left_ms; DONE status left_ms',
      run(self, _none, call) {
        const now = call.monotonicMs;
        if (!isKept(self, now)) return 'NONE';
        const status = self.get('status');
        if (status !== undefined) return `DONE ${status} ${roundedUp((self.get('ends') ?? 0) - now)}`;
        return `RUNNING ${self.get('attempt')} ${roundedUp((self.get('until') ?? 0) - now)}`;
      },
    }),
  },
});
