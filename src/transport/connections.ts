// All connections of one engine, for every transport: which clients are admitted, which connections wait for their client to close, and how
// a drain ends them. Accepting and timers differ between transports: net/ and epoll/.

import { performance } from 'node:perf_hooks';
import { assert } from '../base/assert.js';
import type { Metrics } from '../base/metrics.js';
import { NO_NOTES, type Notes } from '../base/notes.js';
import { protocolsOf } from '../protocols/detect.js';
import type { Protocol } from '../protocols/protocol.js';
import { Batch } from './batch.js';
import type { Channel } from './channel.js';
import type { CloseReason } from './close-reason.js';
import { Connection } from './connection.js';
import type { ConnectionContext } from './connection-context.js';
import type { ConnectionShares } from './connection-shares.js';
import { type ConnectionStates, stateOf } from './connection-states.js';
import { ConnectionTable } from './connection-table.js';
import { type ConnectionWatch, NO_WATCH, watchedReason } from './connection-watch.js';
import { connectionLimit, isLastDescriptor, systemDescriptorLimit } from './descriptors.js';
import { OutputBuffers } from './output-buffers.js';
import type { RequestEngine } from './request-engine.js';
import type { RunQueue } from './run-queue.js';
import { Timeouts } from './timeouts.js';
import { TRANSPORT_METRICS } from './transport-metrics.js';
import {
  logCuts,
  type ServiceOptions,
  type TransportClock,
  type TransportLog,
  type WindowMemory,
} from './transport-options.js';

/** Reads go to the second half of the input window; unfinished input is placed before them. */
const READ_AREA_OFFSET = 64 * 1024;

const TOO_MANY = Buffer.from('ERROR Too many open connections\r\n');

/** At most this many connections linger until their client closes, so that they cannot use up all descriptors: half of those that are
 * reserved (descriptors.ts). */
const MAX_LINGERING = 32;

/** What a transport provides besides its options. */
interface ConnectionsParts {
  readonly turns: RunQueue;
  readonly metrics: Metrics;
  readonly clock: TransportClock;
  readonly log: TransportLog;
  /** Whether channels can send replies from any position of the arena. */
  readonly withParts: boolean;
  /** How many connections are read before their requests are served; 1 if each read must be served immediately. */
  readonly batchedConnections: number;
  /** Connections of all threads, and which thread this is. */
  readonly shares: ConnectionShares;
  readonly thread: number;
  /** For the threads that cannot ask this one. */
  readonly states?: ConnectionStates;
}

/** @perThread */
export class Connections implements ConnectionContext {
  readonly memory: WindowMemory;
  readonly batch: Batch;
  readonly outputs: OutputBuffers;
  readonly turns: RunQueue;
  readonly metrics: Metrics;
  readonly clock: TransportClock;
  readonly log: TransportLog;
  private readonly notes: Notes;
  private readonly watch: ConnectionWatch;
  readonly timeouts: Timeouts;
  readonly maxConnections: number;
  isDraining = false;
  /** Called when the last connection is closed. */
  onEmpty: (() => void) | undefined;
  readonly #table = new ConnectionTable();
  private readonly descriptorLimit: number;
  #lingering = 0;
  #pausedAtMs = 0;

  constructor(
    readonly engine: RequestEngine,
    private readonly options: ServiceOptions,
    private readonly parts: ConnectionsParts,
  ) {
    const { input } = engine;
    assert(input.size > READ_AREA_OFFSET, 'an input window with a headroom and a read area');
    this.memory = options.memory;
    const readArea = { at: input.at + READ_AREA_OFFSET, size: input.size - READ_AREA_OFFSET };
    this.batch = new Batch(this, readArea, parts.batchedConnections);
    this.outputs = new OutputBuffers(engine, options.memory, options.spareOutputs, parts.withParts);
    this.turns = parts.turns;
    this.metrics = parts.metrics;
    this.clock = parts.clock;
    this.log = parts.log;
    this.notes = options.notes ?? NO_NOTES;
    this.watch = options.watch ?? NO_WATCH;
    this.timeouts = new Timeouts(
      options,
      this.#table,
      parts.clock,
      parts.metrics,
      () => options.onSecond?.(),
      (connection) => this.noteState(connection),
    );
    this.descriptorLimit = options.descriptorLimit ?? systemDescriptorLimit();
    this.maxConnections = connectionLimit(options.maxConnections, this.descriptorLimit);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Called once at the start. */
  warnOfFewDescriptors(): void {
    const { maxConnections } = this;
    if (maxConnections === this.options.maxConnections) return;
    this.log.warn({ maxConnections, wanted: this.options.maxConnections }, 'too few descriptors for all connections');
  }

  /** The protocols that a listener allows; all if it names none. */
  protocolsOf(names: readonly string[] | undefined): readonly Protocol[] {
    return protocolsOf(names, this.engine.protocols);
  }

  /** Whether one more connection may be served; lingering connections do not count. */
  hasRoomFor(descriptor: number): boolean {
    return !this.isFull && !isLastDescriptor(descriptor, this.descriptorLimit);
  }

  get isFull(): boolean {
    return this.parts.shares.total >= this.maxConnections;
  }

  /** Accepting pauses because of the limit, or goes on. */
  notePause(isPaused: boolean): void {
    const nowMs = performance.now();
    this.metrics.set(TRANSPORT_METRICS.listen_paused, Number(isPaused));
    if (isPaused) this.metrics.add(TRANSPORT_METRICS.listen_disabled_num, 1);
    else this.metrics.add(TRANSPORT_METRICS.time_in_listen_disabled_us, Math.round((nowMs - this.#pausedAtMs) * 1000));
    this.#pausedAtMs = nowMs;
  }

  /** Starts to serve a client that is already counted in this thread's share. */
  admit(channel: Channel, protocols: readonly Protocol[]): Connection {
    this.metrics.add(TRANSPORT_METRICS.total_connections, 1);
    if (this.notes.verbosity > 0) this.notes.tell(1, `connection ${channel.descriptor} opened`);
    // Before the start, which may find the connection broken.
    if (this.watch.isWatched) this.watch.onOpened(channel.descriptor, channel.peerAddress);
    const connection = this.#start(channel, protocols);
    this.noteState(connection);
    this.#countOpen();
    return connection;
  }

  /** Tells a client that there are too many, and closes. */
  refuse(channel: Channel): void {
    this.noteRefused(channel.descriptor);
    this.parts.shares.add(this.parts.thread);
    this.#start(channel, this.engine.protocols).refuse(TOO_MANY);
  }

  noteRefused(descriptor: number): void {
    this.metrics.add(TRANSPORT_METRICS.rejected_connections, 1);
    if (this.notes.verbosity === 0) return;
    const most = `at most ${this.maxConnections} are served (-c)`;
    this.notes.tell(1, `connection ${descriptor} refused: too many open connections, ${most}`);
  }

  noteAcceptError(code: string): void {
    this.metrics.add(TRANSPORT_METRICS.accept_errors, 1);
    this.log.warn({ code }, 'a connection could not be accepted');
  }

  mayLinger(channel: Channel): boolean {
    if (this.isDraining) return true;
    return this.#lingering < MAX_LINGERING && !isLastDescriptor(channel.descriptor, this.descriptorLimit);
  }

  onEnding(channel: Channel, reason: CloseReason): void {
    const { watch } = this;
    if (watch.isWatched) watch.onClosed(channel.descriptor, channel.peerAddress, watchedReason(reason));
  }

  onLingering(_connection: Connection): void {
    this.#lingering++;
    this.parts.shares.remove(this.parts.thread);
    this.#countOpen();
  }

  noteState(connection: Connection): void {
    this.parts.states?.noteState(connection.channel.descriptor, stateOf(connection), connection.activeAt);
  }

  onClosed(connection: Connection, descriptor: number, reason: CloseReason): void {
    if (this.notes.verbosity > 0) this.notes.tell(1, `connection ${descriptor} closed: ${reason}`);
    if (connection.isLingering) this.#lingering--;
    else this.parts.shares.remove(this.parts.thread);
    this.#table.remove(connection);
    this.#countOpen();
    if (this.#table.size === 0) this.onEmpty?.();
  }

  onShutdown(graceful: boolean): void {
    this.options.onShutdown(graceful);
  }

  onFatal(error: unknown): void {
    this.options.onFatal(error);
  }

  /** During a drain: closes the connections that have no reply outstanding. */
  closeQuiet(): void {
    this.#table.visitAll((connection) => connection.closeWhenQuiet());
    if (this.#table.size === 0) this.onEmpty?.();
  }

  /** Closes lingering connections: a drain does not wait for idle clients to notice the end. */
  closeLingering(): void {
    this.#table.visitAll((connection) => {
      if (connection.isLingering) connection.close('the server stops');
    });
  }

  /** Ends a drain: counts and reports the connections that are left, which are cut off. */
  noteCuts(): void {
    const left = this.#table.size;
    if (left === 0) return;
    this.metrics.add(TRANSPORT_METRICS.drain_cuts, left);
    if (this.options.onCuts === undefined) logCuts(this.log, left);
    else this.options.onCuts(left);
  }

  /** A visit may close its connection. */
  visitAll(visit: (connection: Connection) => void): void {
    this.#table.visitAll(visit);
  }

  closeAll(): void {
    this.isDraining = true;
    this.#table.visitAll((connection) => connection.close('the server stops'));
  }

  /** Open connections, without those that only wait for their client to close. */
  #countOpen(): void {
    this.metrics.set(TRANSPORT_METRICS.curr_connections, this.#table.size - this.#lingering);
  }

  #start(channel: Channel, protocols: readonly Protocol[]): Connection {
    const connection = new Connection(channel, this, protocols);
    this.#table.add(connection);
    channel.start(connection);
    return connection;
  }
}
