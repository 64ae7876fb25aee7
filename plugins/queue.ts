// A queue of jobs: delayed, prioritised, each handed out until a worker says that it is done, so at least once.
//
// Pinned: a queue is never evicted, but lost when the server ends. A job takes about 90 bytes, its id and body, 90 more while a worker has it, and
// 60 once it is done, while a repeat is recognised. A method takes O(log n), and a microsecond for each priority in use.
//
// Fields: bytes, acked, failed. settings: paused, and the limits, if any were set. jobs: texts by id (lib/jobs.ts). due: an index of jobs by priority, then by when they may be handed
// out, for those that a worker has when its time is over: so time makes jobs ready without a change. taken: those that a worker has; buried: those
// not in `due`. done, by id: token, and until when it is kept; forget: when the first of them is to be forgotten.

import { defineType, method, type Ranked, type Table } from 'cacheismo';
import {
  bury,
  drop,
  find,
  heldBy,
  isOver,
  type Job,
  jobOf,
  jobText,
  occupy,
  placesOf,
  shown,
  wait,
} from './lib/jobs.js';
import { earliest, heads, membersBetween, SPAN, startOf } from './lib/priorities.js';
import { handOut, LINE_BYTES, MOST_MOVED } from './lib/taking.js';

const numberIn = (table: Table | undefined, field: string, otherwise = 0) => (table?.get(field) ?? otherwise) as number;
const settingsOf = (self: Table) => self.get('settings') as Table | undefined;
/** Until when a job that is done is remembered. */
const until = (record: unknown) =>
  record === undefined ? 0 : Number(String(record).slice(String(record).indexOf(' ')));
/** Forgets some jobs that were done long ago. */
function forget(self: Table, now: number): void {
  if (numberIn(self, 'forget') > now) return;
  const done = self.child('done');
  for (let forgotten = 0; forgotten < MOST_MOVED; forgotten++) {
    const id = done.nextKey();
    if (id === undefined) return;
    const time = until(done.get(id));
    if (time > now) {
      self.set('forget', time);
      return;
    }
    done.delete(id);
  }
}

function pause(self: Table, isPaused: boolean): string {
  self.child('settings').set('paused', isPaused);
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
        if (id !== '') {
          const old = find(jobs, id);
          if (old !== undefined) {
            const places = placesOf(self);
            if (!isOver(old, now) || places.taken.get(id) !== undefined) return `DUP ${id}`;
            drop(places, id);
            self.add('bytes', -old.body.length);
          }
          if (until(self.child('done').get(id)) > now) return `DUP ${id}`;
        }
        const settings = settingsOf(self);
        if (settings !== undefined) {
          if (jobs.count >= (numberIn(settings, 'max_jobs') || Infinity)) return 'FULL';
          if (numberIn(self, 'bytes') + body.length > (numberIn(settings, 'max_bytes') || Infinity)) return 'FULL';
        }
        const name = id === '' ? String(call.sequence()) : id;
        const end = ttl_ms === 0 ? 0 : now + ttl_ms;
        jobs.set(name, jobText({ token: 0, attempt: 0, at: now, end, note: '', body }));
        self.add('bytes', body.length);
        const due = self.ordered('due');
        due.set(name, priority * SPAN + now + delay_ms);
        return `OK ${name} ${due.rank(name)}`;
      },
    }),
    take: method({
      access: 'upsert',
      reserve: true,
      summary: 'for up to n jobs JOB id token attempt age_ms bytes, and the body in the next line; or EMPTY next_ms',
      parameters: { worker: NOTE, ttr_ms: TIME, n: JOBS },
      run(self, { worker, ttr_ms, n }, call) {
        if (call.isNew) return 'EMPTY -1';
        const now = Math.floor(call.monotonicMs);
        forget(self, now);
        const settings = settingsOf(self);
        const isPaused = settings?.get('paused') === true;
        const places = placesOf(self);
        const maxAttempts = numberIn(settings, 'max_attempts') || Infinity;
        const taking = { places, now, worker, ttrMs: ttr_ms, maxAttempts, call, dropped: 0, buried: 0 };
        const reply = isPaused || n === 0 ? '' : handOut(taking, n);
        if (taking.dropped > 0) self.add('bytes', -taking.dropped);
        if (taking.buried > 0) self.add('failed', taking.buried);
        if (reply !== '') return reply;
        const time = earliest(places.due);
        return `EMPTY ${time === Infinity || isPaused ? -1 : Math.max(Math.min(n, 1), time - now)}`;
      },
    }),
    ack: method({
      access: 'write',
      reserve: true,
      summary: 'OK, also when repeated; LATE if the job was handed on',
      parameters: { id: ID, token: TOKEN },
      run(self, { id, token }, call) {
        const now = Math.floor(call.monotonicMs);
        forget(self, now);
        const jobs = self.child('jobs');
        const job = find(jobs, id);
        const done = self.child('done');
        if (job?.token === token && self.ordered('taken').delete(id)) {
          self.ordered('due').delete(id);
          jobs.delete(id);
          self.add('bytes', -job.body.length);
          self.add('acked', 1);
          // Deleted first, so that it comes last.
          done.delete(id);
          done.set(id, `${token} ${now + numberIn(settingsOf(self), 'dedupe_ms', DEDUPE.default)}`);
          return 'OK';
        }
        const record = done.get(id);
        return until(record) <= now || !String(record).startsWith(`${token} `) ? 'LATE' : 'OK';
      },
    }),
    release: method({
      access: 'write',
      reserve: true,
      summary: 'OK, and the job waits again, with its priority unless another is given; or LATE',
      parameters: { id: ID, token: TOKEN, delay_ms: DELAY, priority: OTHER_PRIORITY },
      run(self, { id, token, delay_ms, priority }, call) {
        const [, place] = heldBy(self, id, token) ?? [];
        if (place === 'taken') {
          const own = startOf(self.ordered('due').get(id) as number);
          const start = priority === '' ? own : Number(priority) * SPAN;
          self.ordered('taken').delete(id);
          wait(self, id, start + Math.floor(call.monotonicMs) + delay_ms);
        }
        return place === 'taken' || place === 'waiting' ? 'OK' : 'LATE';
      },
    }),
    extend: method({
      access: 'write',
      reserve: true,
      summary: 'OK expires_ms, counted from now; or LATE',
      parameters: { id: ID, token: TOKEN, ms: TIME },
      run(self, { id, token, ms }, call) {
        const [, place] = heldBy(self, id, token) ?? [];
        if (place !== 'taken') return 'LATE';
        const places = placesOf(self);
        occupy(places, id, startOf(places.due.get(id) as number), Math.floor(call.monotonicMs) + ms);
        return `OK ${ms}`;
      },
    }),
    bury: method({
      access: 'write',
      reserve: true,
      summary: 'OK and how many jobs are buried, until kick; or LATE',
      parameters: { id: ID, token: TOKEN, reason: NOTE },
      run(self, { id, token, reason }) {
        const [job, place] = heldBy(self, id, token) ?? [];
        if (job !== undefined && place === 'taken') {
          const places = placesOf(self);
          bury(places, id, startOf(places.due.get(id) as number), job, reason);
        }
        return place === 'taken' || place === 'buried' ? `OK ${self.ordered('buried').count}` : 'LATE';
      },
    }),
    kick: method({
      access: 'write',
      reserve: true,
      summary: 'OK and how many buried jobs wait again, with all their attempts',
      parameters: { n: JOBS },
      run(self, { n }, call) {
        const buried = self.ordered('buried');
        const jobs = self.child('jobs');
        const kicked = buried.range(1, n);
        for (const [id, start] of kicked) {
          buried.delete(id);
          const job = find(jobs, id) as Job;
          job.attempt = 0;
          jobs.set(id, jobText(job));
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
        const list = {
          ready: () => membersBetween(due, 0, now, n),
          delayed: () => membersBetween(due, now + 1, SPAN - 1, MOST_MOVED).filter(([id]) => !taken.get(id)),
          taken: () => taken.between(now + 1, Infinity, 'ascending', n),
          buried: () => self.ordered('buried').range(1, n),
        }[state];
        let reply = '';
        for (const [id] of list().slice(0, n)) {
          const job = jobOf((self.get('jobs') as Table).get(id) as string);
          const text = shown(job, id, now, ` ${job.note}`);
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
    pause: method({
      access: 'upsert',
      reserve: true,
      summary: 'OK; take finds nothing',
      run: (self) => pause(self, true),
    }),
    resume: method({
      access: 'write',
      reserve: true,
      summary: 'OK; take finds jobs again',
      run: (self) => pause(self, false),
    }),
    drain: method({
      access: 'write',
      reserve: true,
      summary: 'OK removed left: removes some jobs, buried ones excepted; call it again while any are left',
      run(self) {
        const { jobs, due, taken } = placesOf(self);
        const removed = Math.min(MOST_MOVED, due.count);
        let bytes = 0;
        for (let job = 0; job < removed; job++) {
          const [id] = due.popFirst() as Ranked;
          bytes += (find(jobs, id) as Job).body.length;
          jobs.delete(id);
          taken.delete(id);
        }
        if (bytes > 0) self.add('bytes', -bytes);
        return `OK ${removed} ${due.count}`;
      },
    }),
    limit: method({
      access: 'upsert',
      reserve: true,
      summary: 'OK; the most jobs, bytes of bodies and attempts, 0 for any, and how long a done job is remembered',
      parameters: { max_jobs: LIMIT, max_bytes: LIMIT, max_attempts: LIMIT, dedupe_ms: DEDUPE },
      run(self, limits) {
        const settings = self.child('settings');
        for (const [name, most] of Object.entries(limits)) settings.set(name, most);
        return 'OK';
      },
    }),
  },
});
