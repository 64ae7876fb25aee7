// Passes the events of connections to the observer of their thread for `watch connevents`, with the lock held. The lines:
// operations/event-lines.ts.

import { connectionLine } from '../../operations/event-lines.js';
import type { Observer } from '../../operations/observer.js';
import type { ConnectionWatch, WatchedReason } from '../../transport/connection-watch.js';
import type { LockedEngine } from '../../transport/locked-engine.js';
import type { SocketAddress } from '../../transport/socket-address.js';

export class ObservedConnections implements ConnectionWatch {
  constructor(
    private readonly observer: Observer,
    private readonly engine: Pick<LockedEngine, 'exclusively'>,
  ) {}

  get isWatched(): boolean {
    return this.observer.watchesConnections;
  }

  onOpened(descriptor: number, peer: SocketAddress): void {
    this.#write('conn_new', descriptor, peer, undefined);
  }

  onClosed(descriptor: number, peer: SocketAddress, reason: WatchedReason): void {
    this.#write('conn_close', descriptor, peer, reason);
  }

  #write(
    type: 'conn_new' | 'conn_close',
    descriptor: number,
    { kind, host, port }: SocketAddress,
    reason: WatchedReason | undefined,
  ): void {
    const line = connectionLine(type, kind === 'unix' ? undefined : host, port, reason, descriptor);
    this.engine.exclusively(() => this.observer.onConnection(line));
  }
}
