// The queue of jobs: each method and edge, the mistakes of hand-written queues, random calls against a list, and very many jobs.

import { describe, expect, test } from 'vitest';
import type { TestCache } from '../../src/app/testing/test-cache.js';
import { checkStore } from '../store/checker.js';
import { callMany, leastMs } from './calls-in-bulk.js';
import { Choices, cacheWith, evictAll, passTime, play } from './models.js';

const isLong = process.env.LONG_TESTS !== undefined;
const CALLS = isLong ? 100_000 : 8000;
const JOBS = isLong ? 1_000_000 : 20_000;
/** That end at one instant. */
const ENDING = isLong ? 100_000 : 5000;
const FILE = 'plugins/queue.ts';

interface Job {
  readonly id: string;
  readonly body: string;
  readonly at: number;
  readonly end: number;
  state: 'waiting' | 'taken' | 'buried';
  priority: number;
  /** When it is due, its worker's time is over, or it was buried. */
  time: number;
  place: string;
  arrival: number;
  attempt: number;
  token: number;
}

interface HandedOut {
  readonly id: string;
  readonly token: number;
  readonly text: string;
}

/** A queue as a list that is sorted for each call. */
class Model {
  now = 0;
  jobs: Job[] = [];
  done = new Map<string, { token: number; until: number }>();
  acked = 0;
  failed = 0;
  isPaused = false;
  maxJobs = Number.POSITIVE_INFINITY;
  maxAttempts = Number.POSITIVE_INFINITY;
  dedupeMs = 300_000;
  #arrivals = 0;

  put(delay: number, priority: number, ttl: number, id: string, body: string): string {
    const old = this.find(id);
    if (old !== undefined && old.end <= this.now && old.state !== 'taken') this.#remove(old);
    if (this.find(id) !== undefined || (this.done.get(id)?.until ?? 0) > this.now) return `DUP ${id}`;
    if (this.jobs.length >= this.maxJobs) return 'FULL';
    const end = ttl === 0 ? Number.POSITIVE_INFINITY : this.now + ttl;
    const job: Job = {
      id,
      body,
      at: this.now,
      end,
      state: 'waiting',
      priority,
      time: 0,
      place: '',
      arrival: 0,
      attempt: 0,
      token: 0,
    };
    this.jobs.push(job);
    this.#place(job, 'waiting', this.now + delay);
    return `OK ${id} ${1 + this.#due.indexOf(job)}`;
  }

  /** Without the tokens, which the queue draws. */
  take(ttr: number, n: number): Job[] | string {
    const jobs: Job[] = [];
    while (jobs.length < n && !this.isPaused) {
      const job = this.ready[0];
      if (job === undefined) break;
      if (job.end <= this.now) this.#remove(job);
      else if (job.attempt >= this.maxAttempts) {
        this.failed++;
        this.#place(job, 'buried', 0);
      } else {
        job.attempt++;
        this.#place(job, 'taken', this.now + ttr);
        jobs.push(job);
      }
    }
    return jobs.length > 0 ? jobs : `EMPTY ${this.nextMs(Math.min(n, 1))}`;
  }

  nextMs(least: number): number {
    const times = this.jobs.filter(({ state }) => state !== 'buried').map(({ time }) => time - this.now);
    return times.length === 0 || this.isPaused ? -1 : Math.max(least, Math.min(...times));
  }

  ack(id: string, token: number): string {
    const job = this.held(id, token, 'taken');
    if (job === undefined) {
      const record = this.done.get(id);
      return record?.token === token && record.until > this.now ? 'OK' : 'LATE';
    }
    this.#remove(job);
    this.done.set(id, { token, until: this.now + this.dedupeMs });
    this.acked++;
    return 'OK';
  }

  release(id: string, token: number, delay: number, priority?: number): string {
    const job = this.held(id, token, 'taken');
    if (job === undefined) return this.held(id, token, 'waiting') === undefined ? 'LATE' : 'OK';
    job.priority = priority ?? job.priority;
    this.#place(job, 'waiting', this.now + delay);
    return 'OK';
  }

  extend(id: string, token: number, ms: number): string {
    const job = this.held(id, token, 'taken');
    if (job === undefined) return 'LATE';
    this.#place(job, 'taken', this.now + ms);
    return `OK ${ms}`;
  }

  bury(id: string, token: number): string {
    const job = this.held(id, token, 'taken');
    if (job !== undefined) this.#place(job, 'buried', 0);
    else if (this.held(id, token, 'buried') === undefined) return 'LATE';
    return `OK ${this.#sorted('buried').length}`;
  }

  kick(n: number): string {
    const buried = this.#sorted('buried').slice(0, n);
    for (const job of buried) {
      job.attempt = 0;
      this.#place(job, 'waiting', this.now);
    }
    return `OK ${buried.length}`;
  }

  drain(): string {
    const left = this.jobs.filter(({ state }) => state === 'buried');
    const removed = this.jobs.length - left.length;
    this.jobs = left;
    return `OK ${removed} 0`;
  }

  get stats(): string {
    const count = (state: string) => this.jobs.filter((job) => job.state === state).length;
    const overdue = this.jobs.filter(({ state, time }) => state === 'taken' && time <= this.now).length;
    const due = this.ready.length - overdue;
    const oldest = Math.max(0, ...this.ready.map(({ time }) => this.now - time));
    const states = [due + overdue, count('waiting') - due, count('taken') - overdue, count('buried')];
    return [...states, this.acked, this.failed, oldest].join(' ');
  }

  get ready(): Job[] {
    return this.#due.filter(({ time }) => time <= this.now);
  }

  get #due(): Job[] {
    return this.#sorted('waiting', 'taken');
  }

  find(id: string): Job | undefined {
    return this.jobs.find((job) => job.id === id);
  }

  held(id: string, token: number, state: string): Job | undefined {
    const job = this.find(id);
    return job?.token === token && job.state === state ? job : undefined;
  }

  #remove(job: Job): void {
    this.jobs = this.jobs.filter((other) => other !== job);
  }

  #place(job: Job, state: Job['state'], time: number): void {
    // A job keeps its place among those of the same time, unless it is moved.
    const place = `${state === 'buried'} ${job.priority} ${time}`;
    const arrival = place === job.place ? job.arrival : this.#arrivals++;
    Object.assign(job, { state, time, place, arrival });
  }

  #sorted(...states: string[]): Job[] {
    return this.jobs
      .filter((job) => states.includes(job.state))
      .sort((one, other) => one.priority - other.priority || one.time - other.time || one.arrival - other.arrival);
  }
}

/** The jobs in a reply, each read by its number of bytes. */
function handedOut(reply: string): HandedOut[] {
  const jobs: HandedOut[] = [];
  for (let rest = reply; rest !== ''; ) {
    const line = rest.slice(0, rest.indexOf('\r\n'));
    const [word, id, token, attempt, age, bytes] = line.split(' ');
    expect(word).toBe('JOB');
    const start = line.length + 2;
    const end = start + Number(bytes);
    jobs.push({ id, token: Number(token), text: `${attempt} ${age} ${rest.slice(start, end)}` });
    expect(['', '\r\n']).toContain(rest.slice(end, end + 2));
    rest = rest.slice(end + 2);
  }
  return jobs;
}

async function takeOne(cache: TestCache, ttrMs = 1000): Promise<HandedOut> {
  return handedOut((await cache.call(`queue:take:q:w:${ttrMs}`)) as string)[0];
}

describe('queue against a list', () => {
  test.each(['plain', 'with limits'])('random calls agree, %s, while the date of the machine moves', async (kind) => {
    using cache = await cacheWith(FILE);
    const choices = new Choices(kind.length);
    const model = new Model();
    let highest = 0;
    await cache.call('queue:put:q:0:0:0:first:body');
    model.put(0, 0, 0, 'first', 'body');
    if (kind === 'with limits') {
      expect(await cache.call('queue:limit:q:9:0:3:50')).toBe('OK');
      Object.assign(model, { maxJobs: 9, maxAttempts: 3, dedupeMs: 50 });
    }
    for (let call = 0; call < CALLS / 2; call++) {
      model.now += passTime(cache, choices, choices.of([3, 20, 100]));
      const id = `j${choices.below(15)}`;
      const token = (choices.oneIn(10) ? highest : (model.find(id)?.token ?? model.done.get(id)?.token)) || 1;
      const [delay, priority] = [choices.of([0, 0, 10, 100]), choices.below(3) - 1];
      const kindOfCall = choices.below(100);
      let [key, expected, data]: [string, string, string | undefined] = ['', '', undefined];
      if (kindOfCall < 35) {
        const ttl = choices.of([0, 0, 40]);
        data = choices.of(['', 'one\nline', 'body']);
        [key, expected] = [`put:q:${delay}:${priority}:${ttl}:${id}`, model.put(delay, priority, ttl, id, data)];
      } else if (kindOfCall < 65) {
        const n = choices.of([0, 1, 1, 3]);
        const jobs = model.take(60, n);
        const reply = (await cache.call(`queue:take:q:w:60:${n}`)) as string;
        if (typeof jobs === 'string') expect([call, reply]).toEqual([call, jobs]);
        else {
          const got = handedOut(reply);
          const texts = jobs.map((job) => `${job.id} ${job.attempt} ${model.now - job.at} ${job.body}`);
          expect([call, got.map((job) => `${job.id} ${job.text}`)]).toEqual([call, texts]);
          for (const [index, job] of got.entries()) {
            expect(job.token).toBeGreaterThan(highest);
            highest = job.token;
            jobs[index].token = job.token;
          }
        }
      } else if (kindOfCall < 78) [key, expected] = [`ack:q:${id}:${token}`, model.ack(id, token)];
      else if (kindOfCall < 84)
        [key, expected] = [`release:q:${id}:${token}:${delay}`, model.release(id, token, delay)];
      else if (kindOfCall < 87) {
        [key, expected] = [`release:q:${id}:${token}:${delay}:${priority}`, model.release(id, token, delay, priority)];
      } else if (kindOfCall < 91) [key, expected] = [`extend:q:${id}:${token}:70`, model.extend(id, token, 70)];
      else if (kindOfCall < 95) [key, expected] = [`bury:q:${id}:${token}:bad`, model.bury(id, token)];
      else if (kindOfCall < 97) [key, expected] = ['kick:q:2', model.kick(2)];
      else if (kindOfCall < 99) {
        model.isPaused = !model.isPaused;
        [key, expected] = [model.isPaused ? 'pause:q' : 'resume:q', 'OK'];
      } else [key, expected] = ['drain:q', model.drain()];
      if (key !== '') expect([call, key, await cache.call(`queue:${key}`, data)]).toEqual([call, key, expected]);
      expect([call, key, await cache.call('queue:stats:q')]).toEqual([call, key, model.stats]);
      const ready = handedOut(((await cache.call('queue:peek:q:ready:20')) as string).replace('EMPTY', ''));
      expect(ready.map((job) => job.id)).toEqual(model.ready.map((job) => job.id));
    }
    checkStore(cache.parts.store);
  });
});

describe('queue', () => {
  test('hands jobs out by priority, then by when they are due, then by their order', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['queue:put:q:0:0:0:a:1', 'OK a 1'],
      ['queue:put:q:0:5:0:b:2', 'OK b 2'],
      ['queue:put:q:0:-5:0:c:3', 'OK c 1'],
      ['queue:put:q:10:0:0:d:4', 'OK d 3'],
      ['queue:put:q:0:0:0:e:5', 'OK e 3'],
      { advance: 10 },
      ['queue:put:q:0:0:0:f:6', 'OK f 5'],
    ]);
    const order: string[] = [];
    for (let job = 0; job < 6; job++) order.push((await takeOne(cache)).id);
    expect(order).toEqual(['c', 'a', 'e', 'd', 'f', 'b']);
  });

  test('takes a body as the data block, with and without the arguments before it', async () => {
    using cache = await cacheWith(FILE);
    const name = String(Date.UTC(2026, 0, 1) * 1024);
    expect(await cache.call('queue:put:q', 'line\r\n:%41')).toBe(`OK ${name} 1`);
    expect(await cache.call('queue:put:q:0:-1', '')).toBe(`OK ${Number(name) + 1} 1`);
    expect(await cache.call('queue:put:q:0:0:0:own', 'x'.repeat(100_000))).toBe('OK own 3');
    expect((await takeOne(cache)).text).toBe('1 0 ');
    expect((await takeOne(cache)).text).toBe('1 0 line\r\n:%41');
    expect((await takeOne(cache)).text).toHaveLength(100_004);
    await expect(cache.call('queue:put:q:5')).rejects.toThrow('CLIENT_ERROR queue:put: body is required');
  });

  test('refuses a body that take and peek could not return with its line', async () => {
    using cache = await cacheWith(FILE, { 'max-item-size': '8k' });
    const most = 8192 - 384;
    const id = 'i'.repeat(64);
    await expect(cache.call(`queue:put:q:0:0:0:${id}`, 'x'.repeat(most + 1))).rejects.toThrow(
      `CLIENT_ERROR queue:put: body must have at most ${most} bytes, so that take can return it (-I)`,
    );
    expect(cache.object('queue', 'q')).toBeUndefined();
    expect(await cache.call(`queue:put:q:0:0:0:${id}`, 'x'.repeat(most))).toBe(`OK ${id} 1`);
    cache.advance(2 ** 40);
    const { token, text } = await takeOne(cache);
    expect(text).toBe(`1 ${2 ** 40} ${'x'.repeat(most)}`);
    await cache.call(`queue:bury:q:${id}:${token}:${'n'.repeat(150)}`);
    expect(await cache.call('queue:peek:q:buried')).toMatch(/ n{150}\r\nx+$/);
  });

  test('takes and shows as many jobs as a reply can have, and leaves the others', async () => {
    using cache = await cacheWith(FILE, { 'max-item-size': '8k' });
    for (const id of ['a', 'b', 'c']) await cache.call(`queue:put:q:0:0:0:${id}`, id.repeat(3000));
    const idsOf = (reply: string | undefined) => handedOut(reply as string).map((job) => job.id);
    expect(idsOf(await cache.call('queue:peek:q:ready:3'))).toEqual(['a', 'b']);
    expect(idsOf(await cache.call('queue:take:q:w:1000:3'))).toEqual(['a', 'b']);
    expect(await cache.call('queue:stats:q')).toBe('1 0 2 0 0 0 0');
    expect(idsOf(await cache.call('queue:take:q:w:1000:3'))).toEqual(['c']);
  });

  test('hands out the most urgent job that is due, however many more urgent ones are delayed', async () => {
    using cache = await cacheWith(FILE);
    for (let priority = -100; priority < 99; priority++) {
      await cache.call(`queue:put:q:1000:${priority}:0:d${priority}:x`);
    }
    for (const [id, priority] of [
      ['a', 100],
      ['b', 99],
      ['c', 100],
    ]) {
      await cache.call(`queue:put:q:0:${priority}:0:${id}:x`);
    }
    expect(handedOut((await cache.call('queue:take:q:w:9:3')) as string).map((job) => job.id)).toEqual(['b', 'a', 'c']);
    cache.advance(1000);
    expect(handedOut((await cache.call('queue:take:q:w:9:2')) as string).map((job) => job.id)).toEqual([
      'd-100',
      'd-99',
    ]);
  });

  test('tells how long to sleep: until the next delayed job, or the end of a worker; -1 if nothing will come', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['queue:take:q:w:1000', 'EMPTY -1'],
      ['queue:put:q:500:0:0:a:x', 'OK a 1'],
      ['queue:take:q:w:1000', 'EMPTY 500'],
      { advance: 499 },
      ['queue:take:q:w:1000', 'EMPTY 1'],
      { advance: 1 },
      ['queue:take:q:w:1000:0', 'EMPTY 0'],
    ]);
    await takeOne(cache, 300);
    expect(await cache.call('queue:take:q:w:1000')).toBe('EMPTY 300');
    await cache.call('queue:pause:q');
    expect(await cache.call('queue:take:q:w:1000')).toBe('EMPTY -1');
  });

  test('gives each hand-out its own token, so that a stalled worker cannot complete the job of another', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('queue:put:q:0:0:0:a:x');
    const first = await takeOne(cache, 100);
    cache.advance(100);
    const second = await takeOne(cache, 100);
    expect(second.id).toBe('a');
    expect(second.token).toBeGreaterThan(first.token);
    for (const method of ['ack', 'release', 'extend', 'bury']) {
      const last = method === 'extend' ? ':100' : method === 'bury' ? ':bad' : '';
      expect(await cache.call(`queue:${method}:q:a:${first.token}${last}`)).toBe('LATE');
    }
    expect(await cache.call(`queue:ack:q:a:${second.token}`)).toBe('OK');
    expect(await cache.call(`queue:ack:q:a:${second.token}`)).toBe('OK');
    expect(await cache.call(`queue:ack:q:a:${first.token}`)).toBe('LATE');
  });

  test('lets a worker complete a job after its time while nobody else has it', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('queue:put:q:0:0:0:a:x');
    const { token } = await takeOne(cache, 100);
    cache.advance(5000);
    expect(await cache.call('queue:stats:q')).toBe('1 0 0 0 0 0 4900');
    expect(await cache.call(`queue:ack:q:a:${token}`)).toBe('OK');
    expect(await cache.call('queue:stats:q')).toBe('0 0 0 0 1 0 0');
  });

  test('counts attempts, and buries a job after the last of them until it is kicked', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('queue:limit:q:0:0:2');
    await cache.call('queue:put:q:0:0:0:a:x');
    expect((await takeOne(cache, 100)).text).toBe('1 0 x');
    cache.advance(100);
    expect((await takeOne(cache, 100)).text).toBe('2 100 x');
    cache.advance(100);
    await play(cache, [
      ['queue:take:q:w:100', 'EMPTY -1'],
      ['queue:stats:q', '0 0 0 1 0 1 0'],
      ['queue:kick:q:5', 'OK 1'],
      ['queue:kick:q:5', 'OK 0'],
    ]);
    expect((await takeOne(cache, 100)).text).toBe('1 200 x');
  });

  test('does not take a job of an id that waits, is taken, is buried, or was done within the window', async () => {
    using cache = await cacheWith(FILE);
    const again = ['queue:put:q:0:0:0:a:y', 'DUP a'] as const;
    await cache.call('queue:put:q:0:0:0:a:x');
    expect(await cache.call(again[0])).toBe('DUP a');
    const { token } = await takeOne(cache);
    await play(cache, [again, [`queue:bury:q:a:${token}:bad`, 'OK 1'], again, ['queue:kick:q', 'OK 1']]);
    const second = await takeOne(cache);
    await play(cache, [
      [`queue:ack:q:a:${second.token}`, 'OK'],
      again,
      { advance: 299_999 },
      again,
      { advance: 1 },
      ['queue:put:q:0:0:0:a:y', 'OK a 1'],
      [`queue:ack:q:a:${second.token}`, 'LATE'],
    ]);
  });

  test('is full at its limits of jobs and of bytes', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['queue:limit:q:2:10', 'OK'],
      ['queue:put:q:0:0:0:a:12345', 'OK a 1'],
      ['queue:put:q:0:0:0:b:123456', 'FULL'],
      ['queue:put:q:0:0:0:b:12345', 'OK b 2'],
      ['queue:put:q:0:0:0:c:1', 'FULL'],
      ['queue:drain:q', 'OK 2 0'],
      ['queue:put:q:0:0:0:c:1234567890', 'OK c 1'],
    ]);
  });

  test('drops a job at the end of its ttl, unless a worker has it', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['queue:put:q:0:0:100:a:x', 'OK a 1'],
      ['queue:put:q:0:1:100:b:y', 'OK b 2'],
    ]);
    const { token } = await takeOne(cache, 150);
    cache.advance(120);
    await play(cache, [
      ['queue:take:q:w:100', 'EMPTY 30'],
      ['queue:stats:q', '0 0 1 0 0 0 0'],
      [`queue:release:q:a:${token}`, 'OK'],
      ['queue:take:q:w:100', 'EMPTY -1'],
      ['queue:stats:q', '0 0 0 0 0 0 0'],
    ]);
  });

  test('forgets a buried job whose ttl is over when its id is put again', async () => {
    using cache = await cacheWith(FILE);
    expect(await cache.call('queue:put:q:0:0:100:a:x')).toBe('OK a 1');
    const { token } = await takeOne(cache, 150);
    expect(await cache.call(`queue:bury:q:a:${token}:broken`)).toBe('OK 1');
    cache.advance(100);
    expect(await cache.call('queue:put:q:0:0:0:a:y')).toBe('OK a 1');
    expect(await cache.call('queue:stats:q')).toBe('1 0 0 0 0 0 0');
    const next = await takeOne(cache, 150);
    expect(await cache.call('queue:kick:q')).toBe('OK 0');
    expect(await cache.call(`queue:ack:q:a:${next.token}`)).toBe('OK');
    expect(await cache.call('queue:peek:q:buried')).toBe('EMPTY');
  });

  test('releases a job with any priority that put takes', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('queue:put:q:0:0:0:a:x');
    for (const priority of [100, -100, 0]) {
      const { token } = await takeOne(cache, 150);
      expect(await cache.call(`queue:release:q:a:${token}:0:${priority}`)).toBe('OK');
    }
    const { token } = await takeOne(cache, 150);
    await expect(cache.call(`queue:release:q:a:${token}:0:101`)).rejects.toThrow('priority');
  });

  test('counts an extension from now', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('queue:put:q:0:0:0:a:x');
    const { token } = await takeOne(cache, 1000);
    cache.advance(900);
    await play(cache, [
      [`queue:extend:q:a:${token}:1000`, 'OK 1000'],
      { advance: 999 },
      ['queue:take:q:w:1000', 'EMPTY 1'],
    ]);
  });

  test('shows jobs by state with their worker or why they were buried', async () => {
    using cache = await cacheWith(FILE);
    await play(cache, [
      ['queue:put:q:0:0:0:a:x', 'OK a 1'],
      ['queue:put:q:50:0:0:b:y', 'OK b 2'],
      ['queue:peek:q', 'JOB a 0 0 0 1 \r\nx'],
      ['queue:peek:q:delayed', 'JOB b 0 0 0 1 \r\ny'],
      ['queue:peek:q:taken', 'EMPTY'],
    ]);
    const { token } = await takeOne(cache);
    expect(await cache.call('queue:peek:q:taken:5')).toBe(`JOB a ${token} 1 0 1 w\r\nx`);
    expect(await cache.call(`queue:bury:q:a:${token}:no such user`.replaceAll(' ', '%20'))).toBe('OK 1');
    expect(await cache.call('queue:peek:q:buried')).toBe(`JOB a ${token} 1 0 1 no such user\r\nx`);
  });

  test('shows a job that is ready or delayed behind many that are not', async () => {
    using cache = await cacheWith(FILE);
    for (let job = 0; job <= 300; job++) {
      await cache.call(`queue:put:d:5000:-5:0:later${job}:x`);
      await cache.call(`queue:put:r:0:0:0:now${job}:x`);
    }
    await cache.call('queue:put:d:0:0:0:now:x');
    await cache.call('queue:put:r:5000:0:0:later:x');
    expect(await cache.call('queue:peek:d:ready:2')).toBe('JOB now 0 0 0 1 \r\nx');
    expect(await cache.call('queue:peek:r:delayed:2')).toBe('JOB later 0 0 0 1 \r\nx');
    expect(await cache.call('queue:peek:r:ready:0')).toBe('EMPTY');
  });

  test('answers a repeated release and bury the same', async () => {
    using cache = await cacheWith(FILE);
    await cache.call('queue:put:q:0:0:0:a:x');
    const { token } = await takeOne(cache);
    await play(cache, [
      [`queue:release:q:a:${token}:0:7`, 'OK'],
      [`queue:release:q:a:${token}:0:7`, 'OK'],
    ]);
    const second = await takeOne(cache);
    await play(cache, [
      [`queue:bury:q:a:${second.token}:bad`, 'OK 1'],
      [`queue:bury:q:a:${second.token}:bad`, 'OK 1'],
      [`queue:ack:q:a:${second.token}`, 'LATE'],
    ]);
  });

  test('is kept while plain values are evicted', async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 8 });
    await cache.call('queue:put:q:0:0:0:a:x');
    await evictAll(cache);
    expect((await takeOne(cache)).text).toBe('1 0 x');
  });

  test('refuses what is no job, no priority and no time', async () => {
    using cache = await cacheWith(FILE);
    const refused = [
      'queue:put:q:-1:0:0:a:x',
      'queue:put:q:0:101:0:a:x',
      'queue:put:q:0:0:0:a%20b:x',
      `queue:put:q:0:0:0:${'a'.repeat(65)}:x`,
      'queue:take:q:w:0',
      'queue:take:q:w:100:101',
      'queue:take:q:w%0A:100',
      'queue:ack:q:a:0',
    ];
    for (const key of refused) await expect(cache.call(key)).rejects.toThrow(/CLIENT_ERROR queue:\w+: \w+ must/);
    expect(cache.object('queue', 'q')).toBeUndefined();
  });

  test('is unchanged by calls that are ended at any step', async () => {
    using cache = await cacheWith(FILE);
    await cache.killAtEachStep('queue:put:q:0:0:50:a:x');
    await cache.killAtEachStep('queue:put:q:0:0:50:b:x');
    await cache.killAtEachStep('queue:put:q:0:0:0:c:x');
    const [a, b] = handedOut((await cache.killAtEachStep('queue:take:q:w:10:2')).value as string);
    await cache.killAtEachStep(`queue:ack:q:${a.id}:${a.token}`);
    await cache.killAtEachStep(`queue:bury:q:${b.id}:${b.token}:bad`);
    await cache.killAtEachStep('queue:kick:q');
    cache.advance(60);
    await cache.killAtEachStep('queue:take:q:w:10:2');
    await cache.killAtEachStep('queue:drain:q');
    expect(await cache.call('queue:stats:q')).toBe('0 0 0 0 1 0 0');
    checkStore(cache.parts.store);
  });
});

describe('queue with very many jobs', () => {
  test(`puts, hands out and completes one of ${JOBS} in less than 100 us`, async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': isLong ? 1200 : 60 });
    await callMany(cache, JOBS, (index) => `queue:put:q:0:${index % 10}:0:j${index}:body${index}`);
    expect(await leastMs(cache, 200, (index) => `queue:put:q:0:${index % 10}:0:new${index}:x`)).toBeLessThan(0.1);
    const tokens: HandedOut[] = [];
    for (let job = 0; job < 400; job++) tokens.push(await takeOne(cache));
    expect(await leastMs(cache, 200, () => 'queue:take:q:w:1000000')).toBeLessThan(0.1);
    expect(await leastMs(cache, 400, (index) => `queue:ack:q:${tokens[index].id}:${tokens[index].token}`)).toBeLessThan(
      0.1,
    );
    expect(await leastMs(cache, 3, () => 'queue:drain:q')).toBeLessThan(10);
  });

  test(`hands out one of ${ENDING} whose workers' time is over at one instant within 10 ms, each with its own token`, async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 120 });
    await callMany(cache, ENDING, (index) => `queue:put:q:0:${index % 3}:0:j${index}:x`);
    await callMany(cache, ENDING / 100, () => 'queue:take:q:w:1000:100');
    cache.advance(1000);
    expect(await cache.call('queue:stats:q')).toBe(`${ENDING} 0 0 0 0 0 0`);
    expect(await leastMs(cache, 5, () => 'queue:take:q:w:1000:100')).toBeLessThan(10);
    expect(await cache.call('queue:stats:q')).toBe(`${ENDING - 500} 0 500 0 0 0 0`);
  });

  test(`drops ${ENDING} jobs whose ttl is over at one instant a bounded number at a time`, async () => {
    using cache = await cacheWith(FILE, { 'memory-limit': 120 });
    await callMany(cache, ENDING, (index) => `queue:put:q:0:0:1000:j${index}:x`);
    await cache.call('queue:put:q:0:1:0:last:x');
    cache.advance(1000);
    expect(await leastMs(cache, 5, () => 'queue:take:q:w:1000')).toBeLessThan(10);
    const took = await callsUntilJob(cache);
    expect(took).toBeLessThanOrEqual(ENDING / 200);
  });
});

async function callsUntilJob(cache: TestCache): Promise<number> {
  for (let calls = 1; ; calls++) {
    const reply = await cache.call('queue:take:q:w:1000');
    if (reply?.startsWith('JOB last ')) return calls;
    expect(reply).toBe('EMPTY 1');
  }
}
