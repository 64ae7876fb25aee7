// The transport of one data thread on Linux: waits in epoll_wait and lets connections read, serve and write when they are ready. Listening
// sockets: listening-sockets.ts. Accepting: acceptor.ts.

import { performance } from 'node:perf_hooks';
import { assert } from '../../base/assert.js';
import type { Metrics } from '../../base/metrics.js';
import type { Protocol } from '../../protocols/protocol.js';
import type { Batch } from '../batch.js';
import { Connections } from '../connections.js';
import type { RequestEngine } from '../request-engine.js';
import { RunQueue } from '../run-queue.js';
import type { Transport } from '../transport.js';
import { DRAIN_LINGER_MS, type TransportClock, type TransportLog } from '../transport-options.js';
import { Acceptor, type EpollListener } from './acceptor.js';
import { EpollChannel, type EpollChannels } from './epoll-channel.js';
import type { EpollOptions } from './epoll-options.js';
import { EpollSet, Watched } from './epoll-set.js';
import { GatherWriter } from './gather-writer.js';
import { EPOLLIN, type Libc } from './libc.js';
import type { PeerAddresses } from './peer-addresses.js';

/** The listener number of a client that was not accepted by a listener. */
const NO_LISTENER = -1;

/** How often an idle thread checks its timeouts. */
const IDLE_WAIT_MS = 1000;

/** With deferred work, a thread waits at most this long for events. */
const DEFERRED_WAIT_MS = 50;

/** A busy thread reads the clock once in this many turns: that takes as long as half a request, hence less than 1 % of the time. */
const TURNS_PER_CLOCK_LOOK = 64;

/** Longest wait of a thread without clients, if another thread reclaims expired items. */
const EMPTY_WAIT_MS = 4000;

/** Connections that share a batch of small requests. A choice: more would save each less than 1/32 of the lock, and delay the first reply. */
const BATCHED_CONNECTIONS = 32;

const EVENTFD_BYTES = 8;

/** Smaller buffers may be in V8's heap, where the garbage collector moves them. */
const SMALL_BUFFER_BYTES = 128;

interface Drain {
  readonly onDone: () => void;
  readonly deadlineMs: number;
  /** Further turns without events until everything that clients have sent has been read. */
  quietTurnsLeft: number;
  lingerUntilMs: number;
}

/** @perThread */
export class EpollTransport implements Transport, EpollChannels {
  readonly libc: Libc;
  readonly set: EpollSet;
  readonly base: number;
  readonly gathering: GatherWriter;
  readonly batch: Batch;
  readonly metrics: Metrics;
  readonly addresses: PeerAddresses;
  readonly connections: Connections;
  isStopped = false;
  readonly #turns = new RunQueue();
  #acceptor: Acceptor | undefined;
  #listeners: readonly EpollListener[] = [];
  /** Protocols by the number of the listener. */
  #protocols: readonly (readonly Protocol[])[] = [];
  readonly #channels: (EpollChannel | undefined)[] = [];
  /** Channels with more to read, and those of the turn before. */
  #more: EpollChannel[] = [];
  #lastMore: EpollChannel[] = [];
  readonly #wakeBuffer = Buffer.allocUnsafeSlow(SMALL_BUFFER_BYTES);
  private readonly wakeAddress: number;
  /** More memory can be reclaimed, so the thread does not wait between slices. */
  #hasUpkeep = false;
  #drain: Drain | undefined;
  #tickedAt: number;
  #turnsToClockLook = TURNS_PER_CLOCK_LOOK;

  constructor(
    engine: RequestEngine,
    private readonly options: EpollOptions,
    metrics: Metrics,
    private readonly clock: TransportClock,
    log: TransportLog,
  ) {
    const { libc, shares, thread } = options;
    this.libc = libc;
    this.set = new EpollSet(libc, options.epoll);
    this.metrics = metrics;
    this.addresses = options.addresses;
    this.connections = new Connections(engine, options, {
      turns: this.#turns,
      metrics,
      clock,
      log,
      withParts: true,
      batchedConnections: BATCHED_CONNECTIONS,
      shares,
      thread,
      states: options.addresses,
    });
    this.base = libc.addressOf(options.memory.bytes);
    this.gathering = new GatherWriter(libc, this.base);
    this.batch = this.connections.batch;
    this.wakeAddress = libc.addressOf(this.#wakeBuffer);
    this.#tickedAt = clock.now;
    this.set.add(options.wake, EPOLLIN, Watched.wake);
  }

  /** Serves clients of these listeners, which are the same in all threads; one thread accepts for all. */
  listen(listeners: readonly EpollListener[], accepts: boolean): void {
    const { set, connections } = this;
    this.#listeners = listeners;
    this.#protocols = listeners.map(({ protocols }) => connections.protocolsOf(protocols));
    if (!accepts) return;
    const takeOver = (descriptor: number, listener: number, isRefused: boolean) =>
      isRefused ? this.#refuse(descriptor, listener) : this.#take(descriptor, false, listener);
    this.#acceptor = new Acceptor({ ...this.options, set, connections, listeners, takeOver });
  }

  /** Serves a connection that was not accepted by a listener. */
  adopt(descriptor: number): void {
    this.options.shares.add(this.options.thread);
    this.#take(descriptor, false, NO_LISTENER);
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  /** Serves until stopped. */
  run(): void {
    while (!this.isStopped) this.turn(this.#hasTimeouts ? IDLE_WAIT_MS : EMPTY_WAIT_MS);
  }

  /** Waits for events, at most for the given time, and handles them. */
  turn(maxWaitMs: number): void {
    const { set } = this;
    this.options.tlsChannels?.beginTurn();
    // Turns of connections that are served now come after the next wait, which finds the requests that come meanwhile.
    const hasTurns = !this.#turns.isEmpty;
    const isDue = this.#hasUpkeep || hasTurns || this.#more.length > 0;
    set.wait(isDue ? 0 : this.#waitMs(maxWaitMs));
    // Only after a wait without events: serving requests includes a share of the upkeep.
    if (set.count === 0 && !hasTurns && this.#more.length === 0) this.#hasUpkeep = this.options.onIdle?.() ?? false;
    if (this.#more.length > 0) this.#readMore();
    for (let index = 0; index < set.count && !this.isStopped; index++) {
      const descriptor = set.descriptorOf(index);
      if (set.kindOf(index) === Watched.client) this.#channels[descriptor]?.onEvents(set.events(index));
      else this.#onOther(descriptor, set.kindOf(index), set.listenerOf(index));
    }
    this.batch.flush();
    if (hasTurns) this.#turns.takeTurns();
    this.connections.outputs.settleSent();
    if (set.count === 0 || --this.#turnsToClockLook === 0) {
      this.#turnsToClockLook = TURNS_PER_CLOCK_LOOK;
      this.clock.refresh();
      if (this.options.deferredWork?.isDue) this.options.deferredWork.run();
    }
    if (this.clock.now !== this.#tickedAt) this.tick();
    if (this.#drain !== undefined) this.#goOnDraining(this.#drain);
  }

  /** Once a second: timeouts, and another attempt to accept if it has failed. */
  tick(): void {
    this.connections.timeouts.tick();
    this.#tickedAt = this.clock.now;
    this.#acceptor?.resume();
  }

  /** Accepts no more clients, replies to the requests that have arrived, and closes all connections; those still open after `timeoutMs` are
      cut off. */
  drain(timeoutMs: number, onDone: () => void): void {
    this.#acceptor?.stop();
    this.connections.isDraining = true;
    const deadlineMs = performance.now() + timeoutMs;
    this.#drain = { onDone, deadlineMs, quietTurnsLeft: 2, lingerUntilMs: Number.POSITIVE_INFINITY };
  }

  /** Closes everything immediately. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    if (this.#drain === undefined) this.#acceptor?.stop();
    this.connections.closeAll();
    this.#drain?.onDone();
  }

  onMore(channel: EpollChannel): void {
    this.#more.push(channel);
  }

  onClosing(channel: EpollChannel): void {
    this.#channels[channel.descriptor] = undefined;
  }

  #readMore(): void {
    const channels = this.#more;
    this.#more = this.#lastMore;
    this.#lastMore = channels;
    for (const channel of channels) channel.readMore();
    channels.length = 0;
    // A connection is in a batch at most once.
    this.batch.flush();
  }

  #onOther(descriptor: number, kind: Watched, listener: number): void {
    if (kind === Watched.newcomer) {
      // The client's timeouts start now, and the clock may be seconds old if no request was served.
      this.clock.refresh();
      this.#take(descriptor, true, listener);
    } else if (kind === Watched.listener) {
      this.clock.refresh();
      this.#acceptor?.accept(listener);
    } else {
      this.libc.read(descriptor, this.wakeAddress, EVENTFD_BYTES);
      this.options.onWake?.();
    }
  }

  /** Refuses a TLS client without a handshake, which would cost more than the error line is worth. */
  #refuse(descriptor: number, listener: number): void {
    if (this.#isTls(listener)) {
      this.connections.noteRefused(descriptor);
      this.libc.close(descriptor);
      return;
    }
    const channel = new EpollChannel(descriptor, this, false);
    this.#channels[descriptor] = channel;
    this.connections.refuse(channel);
  }

  #isTls(listener: number): boolean {
    return this.#listeners[listener]?.isTls === true;
  }

  #take(descriptor: number, isWatched: boolean, listener: number): void {
    const isTls = this.#isTls(listener);
    const channel = isTls ? this.#tlsChannel(descriptor, isWatched) : new EpollChannel(descriptor, this, isWatched);
    this.#channels[descriptor] = channel;
    const connection = this.connections.admit(
      channel,
      this.#protocols[listener] ?? this.connections.protocolsOf(undefined),
    );
    // It arrived during a drain.
    if (this.#drain?.quietTurnsLeft === 0) connection.closeWhenQuiet();
  }

  #tlsChannel(descriptor: number, isWatched: boolean): EpollChannel {
    const { tlsChannels } = this.options;
    assert(tlsChannels !== undefined, 'clients of TLS listeners come only where there is TLS');
    return tlsChannels.make(descriptor, this, isWatched);
  }

  get #hasTimeouts(): boolean {
    return this.#acceptor !== undefined || this.connections.size > 0;
  }

  #waitMs(maxWaitMs: number): number {
    const drain = this.#drain;
    if (drain === undefined) return this.options.deferredWork?.isDue ? DEFERRED_WAIT_MS : maxWaitMs;
    if (drain.quietTurnsLeft > 0) return 0;
    const untilMs = Math.min(drain.deadlineMs, drain.lingerUntilMs) - performance.now();
    return Math.max(0, Math.min(maxWaitMs, Math.ceil(untilMs)));
  }

  #goOnDraining(drain: Drain): void {
    const nowMs = performance.now();
    if (drain.quietTurnsLeft > 0 && !this.set.isFull && this.#more.length === 0) {
      drain.quietTurnsLeft--;
      if (drain.quietTurnsLeft === 0) {
        this.connections.closeQuiet();
        drain.lingerUntilMs = nowMs + DRAIN_LINGER_MS;
      }
    }
    if (nowMs >= drain.lingerUntilMs) {
      this.connections.closeLingering();
      drain.lingerUntilMs = Number.POSITIVE_INFINITY;
    }
    const isEmpty = drain.quietTurnsLeft === 0 && this.connections.size === 0;
    if (!isEmpty && nowMs < drain.deadlineMs) return;
    this.connections.noteCuts();
    this.stop();
  }
}
