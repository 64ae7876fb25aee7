// Serves the input of several connections of one protocol together: reads all, runs all under one lock, then sends all. This keeps kernel
// and server code from evicting each other from the processor's caches. Each connection decides what happens to it afterwards.

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

/** After reading this many bytes, the other connections wait for the next batch. A quarter of the read area (64 KiB), so that the last read
 * of a batch has room too. Larger requests gain little from a batch: their own bytes outweigh the lock and the system calls. */
const ENOUGH_BYTES = 16 * 1024;

/** The part of a connection that a batch uses. */
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
  /** Output windows that the connection has filled in this turn. */
  windows = 0;
}

/** @perThread */
export class Batch {
  /** Position for the next read. */
  readAt: number;
  #count = 0;
  #isFlushing = false;
  readonly #runs: Run[];
  /** Of the connections in it. */
  #protocol: Protocol | undefined;

  constructor(
    private readonly context: BatchParts,
    private readonly readArea: ByteWindow,
    /** The most connections in one batch; 1 serves each immediately. */
    private readonly most: number,
  ) {
    this.readAt = readArea.at;
    this.#runs = Array.from({ length: most }, () => new Run());
  }

  /** Room at `readAt`. */
  get room(): number {
    return this.readArea.at + this.readArea.size - this.readAt;
  }

  /** Adds a connection's input in [from, to), which must not change until it is served. */
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

  /** Serves all connections and sends their replies. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#isFlushing = true;
    for (let next = 0; next < count; ) next = this.#answer(next, this.#serve(next, count));
    this.#isFlushing = false;
    this.#count = 0;
    this.readAt = this.readArea.at;
  }

  /** Serves the runs from `first`; returns the index of the first one not served. */
  #serve(first: number, end: number): number {
    const { engine, log, metrics } = this.context;
    try {
      return engine.runAll(this.#protocol as Protocol, this.#runs, first, end);
    } catch (error) {
      metrics.add(TRANSPORT_METRICS.engine_failures, 1);
      if (error instanceof InvariantError) this.context.onFatal(error);
      else log.error({ err: error }, 'a request failed unexpectedly; its connection is closed');
      // It is unknown which connection's request failed, and in which state it left its session.
      for (let index = first; index < end; index++)
        this.#runs[index].connection.close('a request met a bug of the server');
      return end;
    }
  }

  /** Sends the replies of [first, end); returns the index to serve next. */
  #answer(first: number, end: number): number {
    const { outputs } = this.context;
    const window = outputs.current;
    for (let index = first; index < end; index++) {
      const run = this.#runs[index];
      run.window = window;
      // Only the last connection can keep the window: it continues in the space that the others have left.
      run.isShared = index < end - 1 || outputs.isScarce;
      if (run.connection.onServed(run)) return index;
    }
    return end;
  }
}
