// How a queue hands jobs out. The type: ../queue.ts.

import type { CallContext } from 'cacheismo';
import { bury, drop, find, isOver, type Job, jobText, occupy, type Places, shown } from './jobs.js';
import { dueMembers, startOf } from './priorities.js';

/** Jobs that one call drops, buries, moves or looks at. */
export const MOST_MOVED = 200;
/** At most, of the line before a body, and of the line end between two jobs. */
export const LINE_BYTES = 384;
/** A reply has more than one job only up to here. */
const MOST_REPLY_BYTES = 256 * 1024;

export interface Taking {
  readonly places: Places;
  readonly now: number;
  readonly worker: string;
  readonly ttrMs: number;
  readonly maxAttempts: number;
  readonly call: CallContext;
  /** Bytes of the jobs that were dropped, and how many were buried. */
  dropped: number;
  buried: number;
}

/** Hands a job out, from its place in `due`: its part of the reply; undefined if its ttl or its attempts are over. */
function handOutOne(taking: Taking, id: string, score: number, job: Job): string | undefined {
  const { places, now, worker, ttrMs, maxAttempts, call } = taking;
  if (isOver(job, now)) {
    drop(places, id);
    taking.dropped += job.body.length;
  } else if (job.attempt >= maxAttempts) {
    bury(places, id, startOf(score), job, `failed ${job.attempt} times`);
    taking.buried++;
  } else {
    job.token = call.sequence();
    job.attempt++;
    job.note = worker;
    places.jobs.set(id, jobText(job));
    occupy(places, id, startOf(score), now + ttrMs);
    return shown(job, id, now);
  }
  return undefined;
}

/** Hands out up to n jobs, which is at least 1: the reply, empty if there are none. */
export function handOut(taking: Taking, n: number): string {
  const { places, now, call } = taking;
  let reply = '';
  let [taken, passed] = [0, 0];
  for (const [id, score] of dueMembers(places.due, now)) {
    const job = find(places.jobs, id) as Job;
    if (taken > 0 && reply.length + job.body.length + LINE_BYTES > call.resultLimitBytes) break;
    const text = handOutOne(taking, id, score, job);
    if (text !== undefined) reply += taken++ === 0 ? text : `\r\n${text}`;
    if (taken === n || ++passed === MOST_MOVED || reply.length >= MOST_REPLY_BYTES) break;
  }
  return reply;
}
