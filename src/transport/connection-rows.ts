// The rows of `stats conns`, by memcached's names. The sockets come from the kernel (epoll/socket-rows.ts) or from Node
// (net/net-transport.ts).

import { ConnectionState } from './connection-states.js';
import { addressText, type SocketAddress } from './socket-address.js';

export type ConnectionRow = readonly [name: string, value: string | number];

/** Further clients are left out, and counted: each takes a few system calls, and 2,000 of them delay other clients by some milliseconds. */
const MOST_CLIENTS = 2000;

/** memcached calls the middle of a line conn_read too. */
const STATE_NAMES: Readonly<Record<ConnectionState, string>> = {
  [ConnectionState.reading]: 'conn_read',
  [ConnectionState.midRequest]: 'conn_nread',
  [ConnectionState.watching]: 'conn_watch',
};

export class ConnectionRows {
  readonly rows: ConnectionRow[] = [];
  #clients = 0;

  constructor(
    /** The descriptor of the client that sent the command. */
    private readonly asking: number,
    /** The time for which the server has listened, in seconds. */
    private readonly listeningSeconds: number,
  ) {}

  addListener(descriptor: number, address: SocketAddress): void {
    const own = addressText(address);
    this.rows.push([`${descriptor}:addr`, own], [`${descriptor}:state`, 'conn_listening']);
    this.rows.push([`${descriptor}:secs_since_last_cmd`, this.listeningSeconds]);
  }

  /** The client of a Unix socket has no address, so that of its listener is shown. */
  addClient(
    descriptor: number,
    peer: SocketAddress,
    own: SocketAddress,
    state: ConnectionState,
    idleSeconds: () => number,
  ): void {
    if (++this.#clients > MOST_CLIENTS) return;
    const isAsking = descriptor === this.asking;
    const shown = peer.kind === 'unix' && peer.host === '' ? own : peer;
    this.rows.push([`${descriptor}:addr`, addressText(shown)], [`${descriptor}:listen_addr`, addressText(own)]);
    this.rows.push([`${descriptor}:state`, isAsking ? 'conn_parse_cmd' : STATE_NAMES[state]]);
    this.rows.push([`${descriptor}:secs_since_last_cmd`, isAsking ? 0 : idleSeconds()]);
  }

  end(): readonly ConnectionRow[] {
    if (this.#clients > MOST_CLIENTS) this.rows.push(['connections_left_out', this.#clients - MOST_CLIENTS]);
    return this.rows;
  }
}
