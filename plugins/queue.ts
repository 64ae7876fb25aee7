// A queue of jobs: delayed, prioritised, each handed out until a worker says that it is done, so at least once.
//
// Pinned: a queue is never evicted, but lost when the server ends. A job takes about 100 bytes, its id and body, 90 more while a worker has it, and
// 60 once it is done, while a repeat is recognised. A method takes O(log n), and a microsecond for each priority in use.
//
// Fields: bytes, acked, failed, paused, limits. jobs, by id: body, at (put), end (of its ttl), token, attempt, note (worker, or why buried). due: an
// index of jobs by priority, then by when they may be handed out, for those that a worker has when its time is over: so time makes jobs ready without
// a change. taken: those that a worker has; buried: those not in `due`. done, by id: token, and until when it is kept.

import { type CallContext, defineType, method, type Table } from 'cacheismo';
import { earliest, firstDue, heads, membersBetween, SPAN, startOf } from './lib/priorities.js';

/** Jobs that one call drops, buries, moves or looks at: each takes up to 10 us. */
const MOST_MOVED = 200;
/** A reply of `take` has more than one job only up to here. */
const MOST_REPLY_BYTES = 256 * 1024;
/** At most, of the line before a body, and of the line end between two jobs. */
const LINE_BYTES = 384;

const numberIn = (table: Table, field: string, otherwise = 0) => (table.get(field) ?? otherwise) as number;
const jobOf = (self: Table, id: string) => self.child('jobs').get(id) as Table;
/** Until when a job that is done is remembered. */
const until = (record: unknown) => (record === undefined ? 0 : Number(String(record).split(' ')[1]));
/** Whether there is such a job whose ttl is over. It is dropped when it would be handed out, or when its id is put again. */
const isOver = (job: unknown, now: number) => job !== undefined && numberIn(job as Table, 'end', Infinity) <= now;

function bodyOf(self: Table, id: string): string {
  return jobOf(self, id).get('body') as string;
}

/** Whether a job can be returned after what is returned already. */
function fits(self: Table, id: string, replyBytes: number, call: CallContext): boolean {
  return replyBytes + bodyOf(self, id).length + LINE_BYTES <= call.resultLimitBytes;
}

/** The index that a job is in, if its last hand-out had that token; else the job was handed on. */
function placeOf(self: Table, id: string, token: number): 'taken' | 'waiting' | 'buried' | undefined {
  if ((self.child('jobs').get(id) as Table | undefined)?.get('token') !== token) return undefined;
  if (self.ordered('taken').get(id) !== undefined) return 'taken';
  return self.ordered('due').get(id) === undefined ? 'buried' : 'waiting';
}

/** Lets a job wait from a place in `due` on. */
function wait(self: Table, id: string, score: number): void {
  self.ordered('taken').delete(id);
  self.ordered('due').set(id, score);
}

function bury(self: Table, id: string, note: string): void {
  self.ordered('buried').set(id, startOf(self.ordered('due').get(id) as number));
  for (const name of ['due', 'taken']) self.ordered(name).delete(id);
  jobOf(self, id).set('note', note);
}

function drop(self: Table, id: string): void {
  self.add('bytes', -bodyOf(self, id).length);
  for (const name of ['due', 'taken', 'buried']) if (self.has(name)) self.ordered(name).delete(id);
  self.child('jobs').delete(id);
}

/** Forgets some jobs that were done long ago. */
function forget(self: Table, now: number): void {
  const done = self.child('done');
  let forgotten = 0;
  for (const [id, record] of done.entries()) {
    if (until(record) > now || forgotten++ === MOST_MOVED) break;
    done.delete(id);
  }
}

/** Hands a job out: its part of the reply. Undefined if its ttl or its attempts are over. */
function handOut(self: Table, id: string, worker: string, ttrMs: number, call: CallContext): string | undefined {
  const now = Math.floor(call.monotonicMs);
  const job = jobOf(self, id);
  const attempts = numberIn(job, 'attempt');
  if (isOver(job, now)) drop(self, id);
  else if (attempts >= (numberIn(self, 'max_attempts') || Infinity)) {
    bury(self, id, `failed ${attempts} times`);
    self.add('failed', 1);
  } else {
    job.set('token', call.sequence());
    job.set('attempt', attempts + 1);
    job.set('note', worker);
    occupy(self, id, now + ttrMs);
    return shown(job, id, now);
  }
  return undefined;
}

/** Gives a worker time until then. */
function occupy(self: Table, id: string, time: number): void {
  const due = self.ordered('due');
  due.set(id, startOf(due.get(id) as number) + time);
  self.ordered('taken').set(id, time);
}

function shown(job: Table, id: string, now: number, note = ''): string {
  const body = job.get('body') as string;
  const age = now - numberIn(job, 'at');
  return `JOB ${id} ${numberIn(job, 'token')} ${numberIn(job, 'attempt')} ${age} ${body.length}${note}\r\n${body}`;
}

function pause(self: Table, isPaused: boolean): string {
  self.set('paused', isPaused);
  return 'OK';
}

const ID = { type: 'string', minLength: 1, maxLength: 64, pattern: '^[!-~]*$' } as const;
const OWN_ID = { ...ID, minLength: 0, default: '' } as const;
const TOKEN = { type: 'integer', minimum: 1 } as const;
const PRIORITY = { type: 'integer', minimum: -100, maximum: 100, default: 0 } as const;
const OTHER_PRIORITY = { type: 'string', pattern: '^(-?([0-9]{1,2}|100))?$', default: '' } as const;
const DELAY = { type: 'integer', minimum: 0, maximum: SPAN / 2, default: 0 } as const;
const TIME = { type: 'integer', minimum: 1, maximum: SPAN / 2 } as const;
const NOTE = { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\r\\n]*$' } as const;
const LIMIT = { type: 'integer', minimum: 0, default: 0 } as const;
const DEDUPE = { ...DELAY, default: 300_000 } as const;
const STATE = { type: 'string', enum: ['ready', 'delayed', 'taken', 'buried'], default: 'ready' } as const;
const JOBS = { type: 'integer', minimum: 0, maximum: 100, default: 1 } as const;

export default defineType({
  name: 'queue',
  retention: 'pinned',
  summary: 'a queue of jobs: delayed, prioritised, at least once',
  methods: {
    put: method({
      access: 'upsert',
      summary: 'OK id position, or DUP id, or FULL; the lowest priority comes first',
      parameters: { delay_ms: DELAY, priority: PRIORITY, ttl_ms: DELAY, id: OWN_ID, body: { type: 'string' } },
      run(self, { delay_ms, priority, ttl_ms, id, body }, call) {
        const now = Math.floor(call.monotonicMs);
        const most = call.resultLimitBytes - LINE_BYTES;
        if (body.length > most) call.refuse(`body must have at most ${most} bytes, so that take can return it (-I)`);
        forget(self, now);
        const jobs = self.child('jobs');
        if (isOver(jobs.get(id), now) && self.ordered('taken').get(id) === undefined) drop(self, id);
        if (jobs.has(id) || until(self.child('done').get(id)) > now) return `DUP ${id}`;
        const bytes = numberIn(self, 'bytes') + body.length;
        if (jobs.count >= (numberIn(self, 'max_jobs') || Infinity)) return 'FULL';
        if (bytes > (numberIn(self, 'max_bytes') || Infinity)) return 'FULL';
        const name = id === '' ? String(call.sequence()) : id;
        jobs.set(name, ttl_ms === 0 ? { body, at: now } : { body, at: now, end: now + ttl_ms });
        self.set('bytes', bytes);
        wait(self, name, priority * SPAN + now + delay_ms);
        return `OK ${name} ${self.ordered('due').rank(name)}`;
      },
    }),
    take: method({
      access: 'upsert',
      summary: 'for up to n jobs JOB id token attempt age_ms bytes, and the body in the next line; or EMPTY next_ms',
      parameters: { worker: NOTE, ttr_ms: TIME, n: JOBS },
      run(self, { worker, ttr_ms, n }, call) {
        if (call.isNew) return 'EMPTY -1';
        const now = Math.floor(call.monotonicMs);
        const due = self.ordered('due');
        const isPaused = self.get('paused') === true;
        let reply = '';
        // Where the most urgent priority begins that may have a job that is due: within a call none becomes due.
        let urgent: number | undefined;
        for (let jobs = 0, passed = 0; jobs < n && passed < MOST_MOVED && reply.length < MOST_REPLY_BYTES; passed++) {
          const [id, score] = (isPaused ? undefined : firstDue(due, now, urgent)) ?? [];
          if (id === undefined || (jobs > 0 && !fits(self, id, reply.length, call))) break;
          urgent = startOf(score as number);
          const job = handOut(self, id, worker, ttr_ms, call);
          if (job !== undefined) reply += jobs++ === 0 ? job : `\r\n${job}`;
        }
        if (reply !== '') return reply;
        const time = earliest(due);
        return `EMPTY ${time === Infinity || isPaused ? -1 : Math.max(Math.min(n, 1), time - now)}`;
      },
    }),
    ack: method({
      access: 'write',
      summary: 'OK, also when repeated; LATE if the job was handed on',
      parameters: { id: ID, token: TOKEN },
      run(self, { id, token }, call) {
        const now = Math.floor(call.monotonicMs);
        forget(self, now);
        const done = self.child('done');
        const record = done.get(id);
        if (placeOf(self, id, token) === 'taken') {
          drop(self, id);
          self.add('acked', 1);
          // Deleted first, so that it comes last.
          done.delete(id);
          done.set(id, `${token} ${now + numberIn(self, 'dedupe_ms', DEDUPE.default)}`);
        } else if (until(record) <= now || !String(record).startsWith(`${token} `)) return 'LATE';
        return 'OK';
      },
    }),
    release: method({
      access: 'write',
      summary: 'OK, and the job waits again, with its priority unless another is given; or LATE',
      parameters: { id: ID, token: TOKEN, delay_ms: DELAY, priority: OTHER_PRIORITY },
      run(self, { id, token, delay_ms, priority }, call) {
        const place = placeOf(self, id, token);
        if (place === 'taken') {
          const own = startOf(self.ordered('due').get(id) as number);
          const start = priority === '' ? own : Number(priority) * SPAN;
          wait(self, id, start + Math.floor(call.monotonicMs) + delay_ms);
        }
        return place === 'taken' || place === 'waiting' ? 'OK' : 'LATE';
      },
    }),
    extend: method({
      access: 'write',
      summary: 'OK expires_ms, counted from now; or LATE',
      parameters: { id: ID, token: TOKEN, ms: TIME },
      run(self, { id, token, ms }, call) {
        if (placeOf(self, id, token) !== 'taken') return 'LATE';
        occupy(self, id, Math.floor(call.monotonicMs) + ms);
        return `OK ${ms}`;
      },
    }),
    bury: method({
      access: 'write',
      summary: 'OK and how many jobs are buried, until kick; or LATE',
      parameters: { id: ID, token: TOKEN, reason: NOTE },
      run(self, { id, token, reason }) {
        const place = placeOf(self, id, token);
        if (place === 'taken') bury(self, id, reason);
        return place === 'taken' || place === 'buried' ? `OK ${self.ordered('buried').count}` : 'LATE';
      },
    }),
    kick: method({
      access: 'write',
      summary: 'OK and how many buried jobs wait again, with all their attempts',
      parameters: { n: JOBS },
      run(self, { n }, call) {
        const buried = self.ordered('buried');
        const kicked = buried.range(1, n);
        for (const [id, start] of kicked) {
          buried.delete(id);
          jobOf(self, id).delete('attempt');
          wait(self, id, start + Math.floor(call.monotonicMs));
        }
        return `OK ${kicked.length}`;
      },
    }),
    peek: method({
      access: 'read',
      summary: 'as take, without taking, and with the worker, or why a job was buried, as the last field',
      parameters: { state: STATE, n: JOBS },
      run(self, { state, n }, call) {
        const now = Math.floor(call.monotonicMs);
        const [due, taken] = [self.ordered('due'), self.ordered('taken')];
        const find = {
          ready: () => membersBetween(due, 0, now, n),
          delayed: () => membersBetween(due, now + 1, SPAN - 1, MOST_MOVED).filter(([id]) => !taken.get(id)),
          taken: () => taken.between(now + 1, Infinity, 'ascending', n),
          buried: () => self.ordered('buried').range(1, n),
        }[state];
        let reply = '';
        for (const [id] of find().slice(0, n)) {
          const job = (self.get('jobs') as Table).get(id) as Table;
          const text = shown(job, id, now, ` ${job.get('note') ?? ''}`);
          if (reply !== '' && reply.length + text.length + LINE_BYTES > call.resultLimitBytes) break;
          reply += reply === '' ? text : `\r\n${text}`;
        }
        return reply || 'EMPTY';
      },
    }),
    stats: method({
      access: 'read',
      summary: 'ready delayed taken buried done failed oldest_ms',
      run(self, _none, call) {
        const now = Math.floor(call.monotonicMs);
        const due = self.ordered('due');
        let ready = 0;
        for (const [, score] of heads(due)) ready += due.countBetween(startOf(score), startOf(score) + now);
        const taken = self.ordered('taken').countBetween(now + 1, Infinity);
        const states = [ready, due.count - ready - taken, taken, self.ordered('buried').count];
        const totals = ['acked', 'failed'].map((name) => numberIn(self, name));
        return [...states, ...totals, Math.max(0, now - earliest(due))].join(' ');
      },
    }),
    pause: method({ access: 'upsert', summary: 'OK; take finds nothing', run: (self) => pause(self, true) }),
    resume: method({ access: 'write', summary: 'OK; take finds jobs again', run: (self) => pause(self, false) }),
    drain: method({
      access: 'write',
      summary: 'OK removed left: removes some jobs, buried ones excepted; call it again while any are left',
      run(self) {
        const due = self.ordered('due');
        const ids = due.members(1, MOST_MOVED);
        for (const id of ids) drop(self, id);
        return `OK ${ids.length} ${due.count}`;
      },
    }),
    limit: method({
      access: 'upsert',
      summary: 'OK; the most jobs, bytes of bodies and attempts, 0 for any, and how long a done job is remembered',
      parameters: { max_jobs: LIMIT, max_bytes: LIMIT, max_attempts: LIMIT, dedupe_ms: DEDUPE },
      run(self, limits) {
        for (const [name, most] of Object.entries(limits)) self.set(name, most);
        return 'OK';
      },
    }),
  },
});
