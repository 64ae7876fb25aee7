// A session: fields with JSON values, changed one by one, so that two requests at a time do not overwrite each other's.
//
// Evictable: an evicted session is missing, as it is after the server ends; its user has to log in again. It takes about 180 bytes, and each
// field about 10, its value, and its name twice. A method takes a microsecond for each field that it returns and ten for each that it changes.
// A session has at most 500 fields and 256 KiB, or a quarter of -I if that is less. Reading it writes no
// more than once in 1 % of its idle time.
//
// Fields: version; created, touched, idle, absolute (milliseconds); bytes; fields: JSON by name; versions: of the last change, by name, also of
// fields that were removed; ends: an index of fields by the end of their ttl; owner, token, lockEnds; moved (until when the old id answers MOVED).

import { type CallContext, defineType, method, type Result, type Scalar, type Table } from 'cacheismo';
import { changeFields, copyFields, jsonOf, jsonOfField, leftOf, type Values } from './lib/session-fields.js';

const LINE_END = '\r\n';
const MOST_BYTES = 256 * 1024;
/** So that a patch takes less than 10 ms. Measured: 10 to 17 us for each field. */
const MOST_PATCHED = 500;
const MOVED_MS = 10_000;
const MOST_MS = 2 ** 41;
const TOUCHES_IN_IDLE_TIME = 100;

const numberIn = (self: Table, field: string) => (self.get(field) ?? 0) as number;

/** When the session is over: after its idle time or its absolute time, whichever comes first. */
function endOf(self: Table): number {
  const [touched, idle, created, absolute] = ['touched', 'idle', 'created', 'absolute'].map((name) =>
    numberIn(self, name),
  );
  return Math.min(touched + idle, created + absolute);
}

/** The `run` of a method of a session that is not over. */
function whileOpen<Args>(run: (self: Table, args: Args, call: CallContext, now: number) => Result) {
  return (self: Table, args: Args, call: CallContext): Result => {
    const now = Math.floor(call.monotonicMs);
    if (endOf(self) > now) return run(self, args, call, now);
    return numberIn(self, 'moved') > now ? 'MOVED' : undefined;
  };
}

/** Counts the idle time from now, if it has not been counted just before. */
function touch(self: Table, now: number, call: CallContext): void {
  const touched = self.get('touched') as number | undefined;
  if (touched !== undefined && now - touched < numberIn(self, 'idle') / TOUCHES_IN_IDLE_TIME) return;
  self.set('touched', now);
  // Objects expire by whole seconds, of which the current one has begun.
  call.expire(Math.max(1, Math.ceil((endOf(self) - now) / 1000) + 1));
}

/** Changes fields as `changeFields` does: the new version, or undefined if the session would be full. */
function change(self: Table, values: Values, end: number | undefined, call: CallContext, now: number) {
  const version = call.sequence();
  const mostBytes = Math.min(MOST_BYTES, call.resultLimitBytes / 4);
  if (!changeFields(self, values, end, version, now, mostBytes)) return undefined;
  self.set('version', version);
  touch(self, now, call);
  return version;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a number in it is too large for a double: as JSON it would become null. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity);
}

/** A JSON merge patch (RFC 7396). */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const fields = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) fields.delete(name);
    else fields.set(name, merged(fields.get(name), value));
  }
  return Object.fromEntries(fields);
}

const FIELD = { type: 'string', minLength: 1, maxLength: 200 } as const;
const TIME = { type: 'integer', minimum: 1, maximum: MOST_MS } as const;
const OWNER = { type: 'string', minLength: 1, maxLength: 64 } as const;

export default defineType({
  name: 'session',
  summary: 'a session: JSON fields with versions and times to live',
  methods: {
    open: method({
      access: 'upsert',
      summary:
        'OK version, and the fields as JSON in the next line; makes a session where there is none, and counts its idle time from now',
      parameters: { idle_ms: TIME, absolute_ms: TIME },
      run(self, { idle_ms, absolute_ms }, call) {
        const now = Math.floor(call.monotonicMs);
        if (numberIn(self, 'moved') > now) return 'MOVED';
        if (endOf(self) <= now) {
          self.clear();
          self.set('version', call.sequence());
          self.set('created', now);
        }
        if (numberIn(self, 'idle') !== idle_ms || numberIn(self, 'absolute') !== absolute_ms) {
          self.set('idle', idle_ms);
          self.set('absolute', absolute_ms);
          self.delete('touched');
        }
        touch(self, now, call);
        const fields = [...(self.child('fields').keys() as Iterable<string>)];
        const left = fields.filter((field) => leftOf(self, field, now) > 0);
        return `OK ${self.get('version')}${LINE_END}${jsonOf(self, left, now)}`;
      },
    }),
    get: method({
      access: 'read',
      summary: 'the JSON of a field',
      parameters: { field: FIELD },
      run: whileOpen((self, { field }, _call, now) => jsonOfField(self, field, now)),
    }),
    take: method({
      access: 'write',
      summary: 'the same, and removes it',
      parameters: { field: FIELD },
      run: whileOpen((self, { field }, call, now) => {
        const value = jsonOfField(self, field, now);
        if (value !== undefined) change(self, [[field, undefined]], undefined, call, now);
        return value;
      }),
    }),
    patch: method({
      access: 'write',
      summary:
        'merges a JSON merge patch: OK version, FULL, or CONFLICT version and what has changed since, as a patch, in the next line',
      parameters: {
        version: { type: 'string', pattern: '^(any|[0-9]{1,16})$', default: 'any' },
        ttl_ms: { type: 'integer', minimum: 0, maximum: MOST_MS, default: 0 },
        patch: { type: 'object' },
      },
      run: whileOpen((self, { version, ttl_ms, patch }, call, now) => {
        const current = numberIn(self, 'version');
        if (version !== 'any' && Number(version) !== current) {
          const since = [...self.child('versions').entries()].filter(([, last]) => (last as number) > Number(version));
          return `CONFLICT ${current}${LINE_END}${jsonOf(
            self,
            since.map(([field]) => String(field)),
            now,
          )}`;
        }
        const parts = Object.entries(patch);
        if (parts.length > MOST_PATCHED)
          call.refuse(`a patch changes at most ${MOST_PATCHED} fields: send the others in another one`);
        const values = parts.map(([field, part]): [string, string | undefined] => {
          if (field === '' || field.length > FIELD.maxLength) call.refuse(`a field has 1 to ${FIELD.maxLength} bytes`);
          if (part === null) return [field, undefined];
          const old = isObject(part) ? jsonOfField(self, field, now) : undefined;
          const json = JSON.stringify(merged(old === undefined ? undefined : JSON.parse(old), part));
          if (json.includes('null') && hasInfinity(part)) call.refuse(`a number of the field ${field} is too large`);
          return [field, json];
        });
        if (values.length === 0) return `OK ${current}`;
        const made = change(self, values, ttl_ms === 0 ? undefined : now + ttl_ms, call, now);
        return made === undefined ? 'FULL' : `OK ${made}`;
      }),
    }),
    incr: method({
      access: 'write',
      summary: 'adds a whole number to a field, which starts at 0; the sum, or FULL',
      parameters: { field: FIELD, n: { type: 'integer', default: 1 } },
      run: whileOpen((self, { field, n }, call, now) => {
        const old = JSON.parse(jsonOfField(self, field, now) ?? '0') as unknown;
        const sum = (old as number) + n;
        if (!Number.isSafeInteger(old) || !Number.isSafeInteger(sum))
          call.refuse('the field must be a whole number below 2^53');
        if (n === 0) return sum;
        const left = leftOf(self, field, now);
        const end = left > 0 && left < Infinity ? now + left : undefined;
        return change(self, [[field, String(sum)]], end, call, now) === undefined ? 'FULL' : sum;
      }),
    }),
    expire: method({
      access: 'write',
      summary: 'ends a field in ms milliseconds, or now: OK, NOFIELD, or UNMET if its ttl is not as the condition says',
      parameters: {
        field: FIELD,
        ms: { type: 'integer', minimum: 0, maximum: MOST_MS },
        condition: { type: 'string', enum: ['always', 'nx', 'xx', 'gt', 'lt'], default: 'always' },
      },
      run: whileOpen((self, { field, ms, condition }, call, now) => {
        if (jsonOfField(self, field, now) === undefined) return 'NOFIELD';
        const left = leftOf(self, field, now);
        const isMet = { always: true, nx: left === Infinity, xx: left < Infinity, gt: ms > left, lt: ms < left };
        if (!isMet[condition]) return 'UNMET';
        if (ms === 0) change(self, [[field, undefined]], undefined, call, now);
        else self.ordered('ends').set(field, now + ms);
        return 'OK';
      }),
    }),
    ttl: method({
      access: 'read',
      summary: 'OK and the milliseconds that a field lasts, at most those of the session; or NOFIELD',
      parameters: { field: FIELD },
      run: whileOpen((self, { field }, _call, now) => {
        const isThere = jsonOfField(self, field, now) !== undefined;
        return isThere ? `OK ${Math.min(leftOf(self, field, now), endOf(self) - now)}` : 'NOFIELD';
      }),
    }),
    lock: method({
      access: 'write',
      summary:
        'OK token expires_ms, to its owner again without extending it; or HELD retry_ms 1. The server does not wait',
      parameters: { owner: OWNER, ttl_ms: TIME, wait: { type: 'integer', minimum: 0, maximum: 0, default: 0 } },
      run: whileOpen((self, { owner, ttl_ms }, call, now) => {
        const left = numberIn(self, 'lockEnds') - now;
        if (left > 0) return self.get('owner') === owner ? `OK ${self.get('token')} ${left}` : `HELD ${left} 1`;
        const lock = { owner, token: call.sequence(), lockEnds: now + ttl_ms };
        for (const [name, value] of Object.entries(lock)) self.set(name, value);
        return `OK ${lock.token} ${ttl_ms}`;
      }),
    }),
    unlock: method({
      access: 'write',
      summary: 'OK, or LOST if the lock has ended or is another',
      parameters: { owner: OWNER, token: { type: 'integer', minimum: 1 } },
      run: whileOpen((self, { owner, token }, _call, now) => {
        const isHeld = numberIn(self, 'lockEnds') > now && self.get('owner') === owner && self.get('token') === token;
        if (isHeld) self.delete('lockEnds');
        return isHeld ? 'OK' : 'LOST';
      }),
    }),
    rotate: method({
      access: 'write',
      summary: 'moves the session to a new id: OK version, or EXISTS; the old id replies MOVED for 10 s',
      parameters: { newid: { type: 'string', minLength: 1 } },
      run: whileOpen((self, { newid }, call, now) => {
        const limits = { idle_ms: numberIn(self, 'idle'), absolute_ms: numberIn(self, 'absolute') };
        if (call.open('session', newid) !== undefined) return 'EXISTS';
        call.invoke('session', 'open', newid, limits);
        const other = call.open('session', newid, 'write') as Table;
        for (const name of ['version', 'created', 'owner', 'token', 'lockEnds']) {
          const value = self.get(name);
          if (value !== undefined) other.set(name, value as Scalar);
        }
        copyFields(self, other, now);
        self.clear();
        self.set('moved', now + MOVED_MS);
        call.expire(MOVED_MS / 1000 + 1);
        return `OK ${other.get('version')}`;
      }),
    }),
    end: method({
      access: 'write',
      summary: 'OK; the session is over',
      run(_self, _none, call) {
        call.remove();
        return 'OK';
      },
    }),
  },
});
