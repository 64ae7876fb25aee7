// The jobs of a queue, and the indexes that they are in. A job is one text, which a take reads and writes as a whole: a line of numbers and the note,
// then the body. The type: ../queue.ts.

import type { OrderedIndex, Table } from 'cacheismo';

export interface Job {
  /** Of the last hand-out; 0 before the first. */
  token: number;
  /** Hand-outs so far. */
  attempt: number;
  /** When it was put, and when its ttl is over, 0 for never. */
  readonly at: number;
  readonly end: number;
  /** The worker, or why it was buried: without line ends. */
  note: string;
  readonly body: string;
}

/** What a call on several jobs opens once: opening takes about as long as a change. */
export interface Places {
  readonly self: Table;
  readonly jobs: Table;
  readonly due: OrderedIndex;
  readonly taken: OrderedIndex;
}

const BLANK = 0x20;
const ZERO = 0x30;

export function jobText({ token, attempt, at, end, note, body }: Job): string {
  return `${token} ${attempt} ${at} ${end} ${note}\n${body}`;
}

export function jobOf(text: string): Job {
  const numbers = [0, 0, 0, 0];
  let place = 0;
  for (let index = 0; index < numbers.length; index++) {
    let number = 0;
    for (; text.charCodeAt(place) !== BLANK; place++) number = number * 10 + text.charCodeAt(place) - ZERO;
    numbers[index] = number;
    place++;
  }
  const [token = 0, attempt = 0, at = 0, end = 0] = numbers;
  const line = text.indexOf('\n', place);
  return { token, attempt, at, end, note: text.slice(place, line), body: text.slice(line + 1) };
}

/** Whether its ttl is over. It is dropped when it would be handed out, or when its id is put again. */
export const isOver = ({ end }: Job, now: number) => end !== 0 && end <= now;

export function find(jobs: Table, id: string): Job | undefined {
  const text = jobs.get(id) as string | undefined;
  return text === undefined ? undefined : jobOf(text);
}

/** The job, and the index that it is in, if its last hand-out had that token; else the job was handed on. */
export function heldBy(
  self: Table,
  id: string,
  token: number,
): [job: Job, place: 'taken' | 'waiting' | 'buried'] | undefined {
  const job = find(self.child('jobs'), id);
  if (job?.token !== token) return undefined;
  if (self.ordered('taken').get(id) !== undefined) return [job, 'taken'];
  return [job, self.ordered('due').get(id) === undefined ? 'buried' : 'waiting'];
}

export function placesOf(self: Table): Places {
  return { self, jobs: self.child('jobs'), due: self.ordered('due'), taken: self.ordered('taken') };
}

/** Lets a job wait from a place in `due` on. */
export function wait(self: Table, id: string, score: number): void {
  self.ordered('due').set(id, score);
}

/** Buries a job whose priority begins there. */
export function bury({ self, jobs, due, taken }: Places, id: string, start: number, job: Job, note: string): void {
  self.ordered('buried').set(id, start);
  due.delete(id);
  taken.delete(id);
  job.note = note;
  jobs.set(id, jobText(job));
}

/** Removes a job; the caller counts the bytes of its body. */
export function drop({ self, jobs, due, taken }: Places, id: string): void {
  jobs.delete(id);
  // One that a worker has is in `due` as well.
  if (due.delete(id)) taken.delete(id);
  else self.ordered('buried').delete(id);
}

/** Gives a worker time until then, of a job whose priority begins there. */
export function occupy({ due, taken }: Places, id: string, start: number, time: number): void {
  due.set(id, start + time);
  taken.set(id, time);
}

export function shown({ token, attempt, at, body }: Job, id: string, now: number, note = ''): string {
  return `JOB ${id} ${token} ${attempt} ${now - at} ${body.length}${note}\r\n${body}`;
}
