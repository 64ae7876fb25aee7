// The transport on Node's own sockets: portable, one thread, one engine. Wires listener, connections, limits and
// timeouts together. Not for requests, nor for deciding when the server stops.

import { assert } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import type { Channel } from './channel.js';
import { Connection } from './connection.js';
import type { ConnectionContext } from './connection-context.js';
import { ConnectionTable } from './connection-table.js';
import { connectionLimit, isLastDescriptor, systemDescriptorLimit } from './descriptors.js';
import { Listener } from './listener.js';
import { TRANSPORT_METRICS } from './metrics.js';
import type { TransportLog, TransportOptions, WindowMemory } from './options.js';
import { OutputWindows } from './output-windows.js';
import type { RequestEngine } from './request-engine.js';
import { Timeouts } from './timeouts.js';
import { TurnQueue } from './turn-queue.js';

/** The second half of the input window is read into; kept input is put before it. */
const READ_AREA_OFFSET = 64 * 1024;

const TOO_MANY = Buffer.from('ERROR Too many open connections\r\n');

/** At most so many clients that were sent their last reply are waited for. */
const MAX_LINGERING = 32;

/** While draining they are waited for so long. */
const DRAIN_LINGER_MS = 500;

export interface ListeningAddresses {
  /** `host:port` of each TCP socket, with the port that the system chose. */
  readonly tcp: readonly { readonly host: string; readonly port: number }[];
  readonly unix: string | undefined;
}

export class NetTransport implements ConnectionContext {
  readonly memory: WindowMemory;
  readonly readAt: number;
  readonly outputs: OutputWindows;
  readonly turns = new TurnQueue();
  readonly timeouts: Timeouts;
  readonly maxConnections: number;
  isDraining = false;
  readonly #listener: Listener;
  readonly #table = new ConnectionTable();
  readonly #descriptorLimit: number;
  #lingering = 0;
  #wasFull = false;
  #onEmpty: (() => void) | undefined;

  constructor(
    readonly engine: RequestEngine,
    private readonly options: TransportOptions,
    readonly metrics: Metrics,
    readonly clock: Clock,
    readonly log: TransportLog,
  ) {
    const { input } = engine;
    assert(input.size > READ_AREA_OFFSET, 'an input window with a headroom and a read area');
    this.memory = options.memory;
    this.readAt = input.at + READ_AREA_OFFSET;
    this.outputs = new OutputWindows(engine, options.memory, options.spareOutputs);
    this.timeouts = new Timeouts(options, this.#table, clock, metrics, () => options.onSecond?.());
    this.#descriptorLimit = options.descriptorLimit ?? systemDescriptorLimit();
    this.maxConnections = connectionLimit(options.maxConnections, this.#descriptorLimit);
    const readArea = Buffer.from(options.memory.buffer, this.readAt, input.size - READ_AREA_OFFSET);
    this.#listener = new Listener(readArea, options.backlog, options.useHandles ?? true, {
      onChannel: (channel) => this.#onChannel(channel),
      onAcceptError: (code) => this.#onAcceptError(code),
    });
  }

  get connectionCount(): number {
    return this.#table.size;
  }

  /** Binds all addresses or none; a ListenError tells the user why one could not be bound. */
  async listen(): Promise<ListeningAddresses> {
    const { addresses, unixSocket } = this.options;
    if (this.maxConnections < this.options.maxConnections) {
      const { maxConnections } = this;
      this.log.warn({ maxConnections, wanted: this.options.maxConnections }, 'too few descriptors for all connections');
    }
    try {
      const tcp = [];
      for (const address of addresses) {
        const bound = await this.#listener.listenTcp(address);
        tcp.push({ host: bound.address, port: bound.port });
      }
      const unix = unixSocket === undefined ? undefined : await this.#listener.listenUnix(unixSocket);
      this.timeouts.start();
      return { tcp, unix };
    } catch (error) {
      this.#listener.close();
      throw error;
    }
  }

  /** Takes no new clients, answers what has arrived, closes all; whoever is not done after `timeoutMs` is cut off. */
  async drain(timeoutMs: number): Promise<void> {
    this.#listener.close();
    this.isDraining = true;
    await this.#emptied(timeoutMs);
    const left = this.#table.size;
    if (left > 0) {
      this.metrics.add(TRANSPORT_METRICS.drain_cuts, left);
      this.log.warn({ connections: left }, 'connections cut off because they were not done in time');
    }
    this.stop();
  }

  /** Closes everything at once. */
  stop(): void {
    this.isDraining = true;
    this.#listener.close();
    this.timeouts.stop();
    this.#table.visitAll((connection) => connection.close());
  }

  mayLinger(channel: Channel): boolean {
    if (this.isDraining) return true;
    return this.#lingering < MAX_LINGERING && !isLastDescriptor(channel.descriptor, this.#descriptorLimit);
  }

  onLingering(_connection: Connection): void {
    this.#lingering++;
  }

  onClosed(connection: Connection): void {
    if (connection.isLingering) this.#lingering--;
    this.#table.remove(connection);
    this.metrics.set(TRANSPORT_METRICS.curr_connections, this.#table.size);
    if (this.#table.size === 0) this.#onEmpty?.();
  }

  onShutdown(graceful: boolean): void {
    this.options.onShutdown(graceful);
  }

  onFatal(error: unknown): void {
    this.options.onFatal(error);
  }

  #onChannel(channel: Channel): void {
    const isFull = this.#table.size - this.#lingering >= this.maxConnections;
    const isRefused = isFull || isLastDescriptor(channel.descriptor, this.#descriptorLimit);
    if (isFull && !this.#wasFull) this.metrics.add(TRANSPORT_METRICS.listen_disabled_num, 1);
    this.#wasFull = isFull;
    const connection = new Connection(channel, this);
    this.#table.add(connection);
    this.metrics.set(TRANSPORT_METRICS.curr_connections, this.#table.size);
    this.metrics.add(isRefused ? TRANSPORT_METRICS.rejected_connections : TRANSPORT_METRICS.total_connections, 1);
    channel.start(connection);
    if (isRefused) connection.refuse(TOO_MANY);
  }

  #onAcceptError(code: string): void {
    this.metrics.add(TRANSPORT_METRICS.accept_errors, 1);
    this.log.warn({ code }, 'a connection could not be accepted');
  }

  /** Waits until all connections are closed, for at most `timeoutMs`. */
  #emptied(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
      // Two turns of the event loop later, everything that clients had sent by now has been read.
      setImmediate(() => setImmediate(() => this.#closeQuiet()));
    });
  }

  #closeQuiet(): void {
    this.#table.visitAll((connection) => connection.closeWhenQuiet());
    if (this.#table.size === 0) this.#onEmpty?.();
    // Idle clients that do not notice the end of their connection are not worth a wait.
    setTimeout(() => this.#closeLingering(), DRAIN_LINGER_MS);
  }

  #closeLingering(): void {
    this.#table.visitAll((connection) => {
      if (connection.isLingering) connection.close();
    });
  }
}
