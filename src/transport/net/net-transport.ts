// The transport on Node's own sockets: portable, one thread, one engine. Connects listener, connections and timers.

import type { Socket } from 'node:net';
import { assert } from '../../base/assert.js';
import { FIRST_SECOND } from '../../base/clock.js';
import type { Metrics } from '../../base/metrics.js';
import { type ConnectionRow, ConnectionRows } from '../connection-rows.js';
import { ConnectionShares } from '../connection-shares.js';
import { stateOf } from '../connection-states.js';
import { Connections } from '../connections.js';
import { Listener, type ProtocolNames } from '../listener.js';
import type { RequestEngine } from '../request-engine.js';
import { RunQueue } from '../run-queue.js';
import { NodeTls, type NodeTlsEvents } from '../tls/node-tls.js';
import type { Transport } from '../transport.js';
import { TRANSPORT_METRICS } from '../transport-metrics.js';
import {
  DRAIN_LINGER_MS,
  type ListeningAddresses,
  type TransportClock,
  type TransportLog,
  type TransportOptions,
} from '../transport-options.js';
import type { NetChannel } from './net-channel.js';
import { SocketChannel, socketDescriptor } from './socket-channel.js';

const THREAD = 0;

export class NetTransport implements Transport {
  private readonly connections: Connections;
  readonly #shares = new ConnectionShares();
  private readonly listener: Listener;
  /** Set if clients can use TLS. */
  readonly tls: NodeTls | undefined;

  constructor(
    engine: RequestEngine,
    private readonly options: TransportOptions,
    metrics: Metrics,
    clock: TransportClock,
    log: TransportLog,
  ) {
    // Node reads sockets between two rounds of these, but not between a read and the first round after it.
    const turns = new RunQueue((takeTurns, isTaking) =>
      setImmediate(isTaking ? takeTurns : () => setImmediate(takeTurns)),
    );
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
    const { tls } = options;
    if (tls !== undefined) this.tls = new NodeTls(tls, this.#tlsEvents(readArea));
    this.listener = new Listener(readArea, options.backlog, options.useHandles ?? true, {
      onChannel: (channel, protocols) => this.#onChannel(channel, protocols),
      onTlsSocket: (socket, protocols) => this.#onTlsSocket(socket, protocols),
      onAcceptError: (code) => this.connections.noteAcceptError(code),
    });
  }

  tick(): void {
    this.connections.timeouts.tick();
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  get maxConnections(): number {
    return this.connections.maxConnections;
  }

  /** Rows of `stats conns`. */
  connectionRows(asking: number): readonly ConnectionRow[] {
    const { clock } = this.connections;
    const rows = new ConnectionRows(asking, clock.now - FIRST_SECOND);
    this.listener.addRows(rows);
    this.tls?.addRows(rows);
    this.connections.visitAll((connection) => {
      const { activeAt, channel } = connection;
      const own = (channel as NetChannel).ownAddress;
      rows.addClient(channel.descriptor, channel.peerAddress, own, stateOf(connection), () => clock.now - activeAt);
    });
    return rows.end();
  }

  /** Binds all addresses or none; a ListenError gives the reason for which one could not be bound. */
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

  /** Accepts no more clients, replies to the requests that have arrived, and closes all connections; those still open after `timeoutMs` are
      cut off. */
  drain(timeoutMs: number, onDone: () => void): void {
    this.listener.close();
    this.connections.isDraining = true;
    this.#whenEmpty(timeoutMs, () => {
      this.connections.noteCuts();
      this.stop();
      onDone();
    });
  }

  /** Closes everything immediately. */
  stop(): void {
    this.listener.close();
    this.tls?.close();
    this.connections.timeouts.stop();
    this.connections.closeAll();
  }

  #onChannel(channel: NetChannel, protocols: ProtocolNames): void {
    if (!this.connections.hasRoomFor(channel.descriptor)) {
      this.connections.refuse(channel);
      return;
    }
    this.#shares.add(THREAD);
    this.connections.admit(channel, this.connections.protocolsOf(protocols));
  }

  /** Refuses a TLS client without a handshake, which would cost more than the error line is worth. */
  #onTlsSocket(socket: Socket, protocols: ProtocolNames): void {
    assert(this.tls !== undefined, 'clients of TLS listeners come only where there is TLS');
    const descriptor = socketDescriptor(socket);
    if (!this.connections.hasRoomFor(descriptor)) {
      this.connections.noteRefused(descriptor);
      socket.destroy();
      return;
    }
    this.#shares.add(THREAD);
    this.tls.accept(socket, protocols);
  }

  #tlsEvents(readArea: Buffer): NodeTlsEvents {
    const { metrics } = this.connections;
    return {
      onSecure: (socket, isNewSession, protocols) => {
        if (isNewSession) metrics.add(TRANSPORT_METRICS.ssl_new_sessions, 1);
        const channel = new SocketChannel(socket, readArea, undefined);
        this.connections.admit(channel, this.connections.protocolsOf(protocols));
      },
      onFailed: (isError) => {
        if (isError) metrics.add(TRANSPORT_METRICS.ssl_handshake_errors, 1);
        this.#shares.remove(THREAD);
      },
    };
  }

  /** Waits until all connections are closed, for at most `timeoutMs`. */
  #whenEmpty(timeoutMs: number, then: () => void): void {
    let isOver = false;
    const end = () => {
      clearTimeout(timer);
      if (isOver) return;
      // First, since closing the last connections calls this function again.
      isOver = true;
      then();
    };
    const timer = setTimeout(end, timeoutMs);
    this.connections.onEmpty = end;
    // After two turns of the event loop, everything that clients have sent until now has been read.
    setImmediate(() => setImmediate(() => this.#closeQuiet()));
  }

  #closeQuiet(): void {
    this.connections.closeQuiet();
    setTimeout(() => this.connections.closeLingering(), DRAIN_LINGER_MS);
  }
}
