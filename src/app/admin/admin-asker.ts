// Asks the serving threads on behalf of HTTP requests: one question at a time, so that no number of clients of the admin port can keep the
// threads from serving the cache, and with a time limit.

import type { MetricFamily } from '../../base/metric-family.js';
import type { ServerState } from '../server-state.js';
import type { AnswerTo, Ask, Question } from '../threads/questions.js';

/** A thread that serves answers within milliseconds. */
const ANSWER_MS = 3000;

/** Whoever asks again within this time gets the same metrics. */
const FRESH_MS = 100;

/** Requests that wait for their question; each connection has one. */
const MOST_WAITING = 64;

/** An error that becomes the reply to an HTTP request. */
export class AdminError extends Error {
  override readonly name = 'AdminError';

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

export class AdminAsker {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #metrics: { readonly atMs: number; readonly answer: Promise<readonly MetricFamily[]> } | undefined;

  constructor(
    private readonly askThread: Ask,
    private readonly state: () => ServerState,
  ) {}

  ask<Asked extends Question>(question: Asked): Promise<AnswerTo<Asked>> {
    if (this.state() === 'starting') return Promise.reject(new AdminError(503, 'the server is starting'));
    if (this.#waiting >= MOST_WAITING) return Promise.reject(new AdminError(503, 'too many requests wait already'));
    this.#waiting++;
    const answer = this.#last.then(() => inTime(this.askThread(question)));
    this.#last = answer.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return answer;
  }

  metrics(): Promise<readonly MetricFamily[]> {
    const nowMs = performance.now();
    if (this.#metrics === undefined || nowMs - this.#metrics.atMs > FRESH_MS) {
      this.#metrics = { atMs: nowMs, answer: this.ask({ kind: 'metrics' }) };
    }
    return this.#metrics.answer;
  }
}

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new AdminError(503, `the serving thread did not answer within ${ANSWER_MS / 1000} seconds`);
    timer = setTimeout(reject, ANSWER_MS, error);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
