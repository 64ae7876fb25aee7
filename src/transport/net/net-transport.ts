// The transport on Node's own sockets: portable, one thread, one engine. Wires listener, connections and timers together. Not
// for requests, nor for deciding when the server stops.

import type { Metrics } from '../../base/metrics.js';
import type { Channel } from '../channel.js';
import { ConnectionShares } from '../connection-shares.js';
import { Connections } from '../connections.js';
import { Listener } from '../listener.js';
import type { RequestEngine } from '../request-engine.js';
import { RunQueue } from '../run-queue.js';
import {
  DRAIN_LINGER_MS,
  type ListeningAddresses,
  type TransportClock,
  type TransportLog,
  type TransportOptions,
} from '../transport-options.js';

const THREAD = 0;

export class NetTransport {
  private readonly connections: Connections;
  readonly #shares = new ConnectionShares();
  private readonly listener: Listener;

  constructor(
    engine: RequestEngine,
    private readonly options: TransportOptions,
    metrics: Metrics,
    clock: TransportClock,
    log: TransportLog,
  ) {
    const turns = new RunQueue((takeTurns) => setImmediate(takeTurns));
    this.connections = new Connections(engine, options, {
      turns,
      metrics,
      clock,
      log,
      withParts: false,
      batchedConnections: 1,
      shares: this.#shares,
      thread: THREAD,
    });
    const { batch } = this.connections;
    const readArea = Buffer.from(options.memory.buffer, batch.readAt, batch.room);
    this.listener = new Listener(readArea, options.backlog, options.useHandles ?? true, {
      onChannel: (channel) => this.#onChannel(channel),
      onAcceptError: (code) => this.connections.noteAcceptError(code),
    });
  }

  get timeouts(): { tick(): void } {
    return this.connections.timeouts;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  get maxConnections(): number {
    return this.connections.maxConnections;
  }

  /** Binds all addresses or none; a ListenError tells the user why one could not be bound. */
  async listen(): Promise<ListeningAddresses> {
    const { addresses, unixSocket } = this.options;
    this.connections.warnOfFewDescriptors();
    try {
      const tcp = [];
      for (const address of addresses) {
        const bound = await this.listener.listenTcp(address);
        tcp.push({ host: bound.address, port: bound.port });
      }
      const unix = unixSocket === undefined ? undefined : await this.listener.listenUnix(unixSocket);
      this.connections.timeouts.start();
      return { tcp, unix };
    } catch (error) {
      this.listener.close();
      throw error;
    }
  }

  /** Takes no new clients, answers what has arrived, closes all; whoever is not done after `timeoutMs` is cut off. */
  async drain(timeoutMs: number): Promise<void> {
    this.listener.close();
    this.connections.isDraining = true;
    await this.#emptied(timeoutMs);
    this.connections.noteCuts();
    this.stop();
  }

  /** Closes everything at once. */
  stop(): void {
    this.listener.close();
    this.connections.timeouts.stop();
    this.connections.closeAll();
  }

  #onChannel(channel: Channel): void {
    if (!this.connections.hasRoomFor(channel.descriptor)) {
      this.connections.refuse(channel);
      return;
    }
    this.#shares.add(THREAD);
    this.connections.admit(channel);
  }

  /** Waits until all connections are closed, for at most `timeoutMs`. */
  #emptied(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.connections.onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
      // Two turns of the event loop later, everything that clients had sent by now has been read.
      setImmediate(() => setImmediate(() => this.#closeQuiet()));
    });
  }

  #closeQuiet(): void {
    this.connections.closeQuiet();
    setTimeout(() => this.connections.closeLingering(), DRAIN_LINGER_MS);
  }
}
