// The rules of a round, the same for both clients: which requests a connection sends next, when, and what is recorded when its replies have
// arrived. It uses no sockets.

import { Latency } from './latency.js';
import type { LoadPlan } from './plan.js';
import type { Lane, RequestSource } from './source.js';

export class Driver {
  readonly lanes: Lane[];
  latency = new Latency();
  operations = 0;
  busyLanes = 0;
  #startedAt = 0;
  #endsAt = 0;
  #batchesSent = 0;
  readonly #millisecondsPerBatch: number;

  constructor(
    private readonly plan: LoadPlan,
    private readonly source: RequestSource,
  ) {
    this.lanes = Array.from({ length: plan.connections }, (_, index) => ({
      index,
      from: 0,
      to: 0,
      awaited: 0,
      startedAt: 0,
      replies: source.counterOf(index),
    }));
    this.#millisecondsPerBatch = plan.offeredPerSecond > 0 ? (1000 * plan.pipeline) / plan.offeredPerSecond : 0;
  }

  get isOpenLoop(): boolean {
    return this.#millisecondsPerBatch > 0;
  }

  /** Resets the counts; all lanes must be idle. */
  start(now: number, seconds: number): void {
    this.latency = new Latency();
    this.operations = 0;
    this.#batchesSent = 0;
    this.#startedAt = now;
    this.#endsAt = this.source.once ? Number.POSITIVE_INFINITY : now + seconds * 1000;
    for (const lane of this.lanes) {
      lane.replies.errors = 0;
      lane.replies.hits = 0;
    }
  }

  isOver(now: number): boolean {
    return now >= this.#endsAt || this.source.isSpent;
  }

  /** Gives an idle lane its next batch; false when the round is over or nothing is due yet. */
  begin(lane: Lane, now: number): boolean {
    if (this.isOver(now) && !this.source.isMidway(lane.index)) return false;
    let startedAt = now;
    if (this.#millisecondsPerBatch > 0) {
      // In an open loop the latency of a batch counts from its due time, so that a stall is not hidden by the requests that it delayed.
      startedAt = this.#startedAt + this.#batchesSent * this.#millisecondsPerBatch;
      if (startedAt > now) return false;
    }
    this.#batchesSent++;
    this.source.next(lane, this.plan.pipeline);
    lane.startedAt = startedAt;
    lane.replies.replies = 0;
    this.busyLanes++;
    return true;
  }

  /** Records a finished batch; true when all replies that the lane waits for have arrived. */
  finish(lane: Lane, now: number): boolean {
    const { replies } = lane.replies;
    if (replies < lane.awaited) return false;
    if (replies > lane.awaited) throw new Error(`${replies} replies to ${lane.awaited} requests`);
    this.latency.record(now - lane.startedAt);
    this.operations += lane.awaited;
    lane.awaited = 0;
    this.busyLanes--;
    return true;
  }

  sum(what: 'errors' | 'hits'): number {
    return this.lanes.reduce((sum, lane) => sum + lane.replies[what], 0);
  }
}
