// Serves the input of several connections of one protocol together: reads all, runs all under one lock, then sends all. This keeps kernel
// and server code from evicting each other from the processor's caches. Not for the further life of a connection, which it decides itself.

import { assert, InvariantError } from '../base/assert.js';
import type { Metrics } from '../base/metrics.js';
import type { Protocol } from '../protocols/protocol.js';
import { Outcome, type ProtocolRun, type ProtocolSession } from '../protocols/run.js';
import type { Reply } from './channel.js';
import type { CloseReason } from './close-reason.js';
import type { OutputBuffers, OutputWindow } from './output-buffers.js';
import type { ByteWindow, RequestEngine } from './request-engine.js';
import { TRANSPORT_METRICS } from './transport-metrics.js';
import type { TransportLog } from './transport-options.js';

/** With so many bytes read the rest of the connections waits for the next batch. */
const ENOUGH_BYTES = 16 * 1024;

/** A connection, as a batch serves it. */
interface BatchMember {
  readonly protocol: Protocol;
  readonly session: ProtocolSession;
  close(why: CloseReason): void;
  /** Sends the reply; true if the connection is to be served again. */
  onServed(run: Run): boolean;
}

interface BatchParts {
  readonly engine: RequestEngine;
  readonly outputs: OutputBuffers;
  readonly metrics: Metrics;
  readonly log: TransportLog;
  onFatal(error: unknown): void;
}

/** One connection's part in a batch. */
export class Run implements ProtocolRun, Reply {
  connection!: BatchMember;
  session!: ProtocolSession;
  from = 0;
  to = 0;
  consumed = 0;
  outcome: Outcome = Outcome.NEED_INPUT;
  window!: OutputWindow;
  replyAt = 0;
  replyLength = 0;
  hasParts = false;
  isShared = false;
  /** How many output windows the connection has filled in this turn. */
  windows = 0;
}

/** @perThread */
export class Batch {
  /** Where the next bytes are to be read to. */
  readAt: number;
  #count = 0;
  #isFlushing = false;
  readonly #runs: Run[];
  /** Of the connections in it. */
  #protocol: Protocol | undefined;

  constructor(
    private readonly context: BatchParts,
    private readonly readArea: ByteWindow,
    /** Most connections of one batch; 1 serves each at once. */
    private readonly most: number,
  ) {
    this.readAt = readArea.at;
    this.#runs = Array.from({ length: most }, () => new Run());
  }

  /** Bytes that can be read to `readAt`. */
  get room(): number {
    return this.readArea.at + this.readArea.size - this.readAt;
  }

  /** To be served soon: a connection's input in [from, to), which stays as it is until then. */
  add(connection: BatchMember, from: number, to: number): void {
    assert(!this.#isFlushing, 'nothing is added while a batch is served');
    if (connection.protocol !== this.#protocol) this.#changeTo(connection.protocol);
    const run = this.#runs[this.#count++];
    run.connection = connection;
    run.session = connection.session;
    run.from = from;
    run.to = to;
    run.windows = 0;
    this.readAt = to;
    if (this.#count === this.most || to - this.readArea.at >= ENOUGH_BYTES) this.flush();
  }

  #changeTo(protocol: Protocol): void {
    this.flush();
    this.#protocol = protocol;
  }

  /** Serves all and sends their replies. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#isFlushing = true;
    for (let next = 0; next < count; ) next = this.#answer(next, this.#serve(next, count));
    this.#isFlushing = false;
    this.#count = 0;
    this.readAt = this.readArea.at;
  }

  /** Answers how far it came. */
  #serve(first: number, end: number): number {
    const { engine, log, metrics } = this.context;
    try {
      return engine.runAll(this.#protocol as Protocol, this.#runs, first, end);
    } catch (error) {
      metrics.add(TRANSPORT_METRICS.engine_failures, 1);
      if (error instanceof InvariantError) this.context.onFatal(error);
      else log.error({ err: error }, 'a request failed unexpectedly; its connection is closed');
      // Which of them it was is not known, nor what it has left.
      for (let index = first; index < end; index++)
        this.#runs[index].connection.close('a request met a bug of the server');
      return end;
    }
  }

  /** Hands out the replies of [first, end), and answers what is to be served next. */
  #answer(first: number, end: number): number {
    const { outputs } = this.context;
    const window = outputs.current;
    for (let index = first; index < end; index++) {
      const run = this.#runs[index];
      run.window = window;
      // Only the last can keep the window: it goes on with what the others have left free in it.
      run.isShared = index < end - 1 || outputs.isScarce;
      if (run.connection.onServed(run)) return index;
    }
    return end;
  }
}
