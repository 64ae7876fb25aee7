// The epoll transport in the thread of the tests: it takes a turn without waiting in each turn of Node's event loop. In the server it runs
// in its own threads.

import type { Clock } from '../../src/base/clock.js';
import type { Metrics } from '../../src/base/metrics.js';
import { ConnectionShares } from '../../src/transport/connection-shares.js';
import { EpollTransport } from '../../src/transport/epoll/epoll-transport.js';
import { EFD_CLOEXEC, EFD_NONBLOCK, EPOLL_CLOEXEC, type Libc, loadLibc } from '../../src/transport/epoll/libc.js';
import { ListeningSockets } from '../../src/transport/epoll/listening-sockets.js';
import { makePeerCells, PeerAddresses } from '../../src/transport/epoll/peer-addresses.js';
import type { RequestEngine } from '../../src/transport/request-engine.js';
import type { TlsChannels } from '../../src/transport/tls/tls-channel.js';
import type { ListeningAddresses, TransportLog, TransportOptions } from '../../src/transport/transport-options.js';
import type { TestedTransport } from './server.js';

const THREAD = 0;

/** The C library, or undefined if it is not available. */
export async function libcIfAny(): Promise<Libc | undefined> {
  const libc = await loadLibc();
  return typeof libc === 'string' ? undefined : libc;
}

export class EpollUnderTest implements TestedTransport {
  readonly #sockets: ListeningSockets;
  readonly #epoll: number;
  readonly #wake: number;
  #transport: EpollTransport | undefined;

  constructor(
    private readonly libc: Libc,
    private readonly engine: RequestEngine,
    private readonly options: TransportOptions,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly log: TransportLog,
    private readonly tlsChannels?: TlsChannels,
  ) {
    this.#sockets = new ListeningSockets(libc, options.backlog);
    this.#epoll = libc.epollCreate(EPOLL_CLOEXEC);
    this.#wake = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  }

  tick(): void {
    this.#running.tick();
  }

  get connectionCount(): number {
    return this.#running.connections.size;
  }

  get maxConnections(): number {
    return this.#running.connections.maxConnections;
  }

  async listen(): Promise<ListeningAddresses> {
    const tcp = [];
    let unix: string | undefined;
    try {
      for (const address of this.options.addresses) tcp.push(await this.#sockets.bindTcp(address));
      const { unixSocket } = this.options;
      if (unixSocket !== undefined) unix = await this.#sockets.bindUnix(unixSocket);
      this.#sockets.listen();
    } catch (error) {
      this.#closeDescriptors();
      throw error;
    }
    const options = {
      ...this.options,
      libc: this.libc,
      epoll: this.#epoll,
      wake: this.#wake,
      thread: THREAD,
      shares: new ConnectionShares(),
      addresses: new PeerAddresses(this.libc, makePeerCells(this.options.maxConnections)),
      peers: [{ thread: THREAD, epoll: this.#epoll }],
      ...(this.tlsChannels === undefined ? {} : { tlsChannels: this.tlsChannels }),
    };
    this.#transport = new EpollTransport(this.engine, options, this.metrics, this.clock, this.log);
    this.#transport.listen(this.#sockets.listeners, true);
    this.#transport.connections.warnOfFewDescriptors();
    this.#turn();
    return { tcp, unix };
  }

  drain(timeoutMs: number, onDone: () => void): void {
    this.#running.drain(timeoutMs, onDone);
    this.#sockets.close();
  }

  stop(): void {
    this.#running.stop();
    this.#closeDescriptors();
  }

  get #running(): EpollTransport {
    if (this.#transport === undefined) throw new Error('not listening');
    return this.#transport;
  }

  #turn(): void {
    if (this.#running.isStopped) return;
    this.#running.turn(0);
    setImmediate(() => this.#turn());
  }

  #isClosed = false;

  #closeDescriptors(): void {
    this.#sockets.close();
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.libc.close(this.#epoll);
    this.libc.close(this.#wake);
  }
}
