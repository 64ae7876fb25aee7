// Accepts clients in one thread and passes each to the thread with the fewest, by adding it to that thread's epoll instance.

import type { ConnectionShares } from '../connection-shares.js';
import type { Connections } from '../connections.js';
import { type EpollSet, Watched } from './epoll-set.js';
import {
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EMFILE,
  ENFILE,
  EPOLLIN,
  EPOLLOUT,
  errorName,
  type Libc,
  O_CLOEXEC,
  SHUT_RDWR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
} from './libc.js';
import type { PeerAddresses } from './peer-addresses.js';

/** Clients accepted in one turn; then the connected clients are served. A choice: accepting
 * one takes a few system calls, and 64 take less than a millisecond. */
const ACCEPTS_PER_TURN = 64;

/** A thread that clients can be given to. */
export interface EpollPeer {
  readonly thread: number;
  /** Descriptor of its epoll instance. */
  readonly epoll: number;
}

export interface EpollListener {
  readonly descriptor: number;
  readonly isTls: boolean;
  /** Names of the protocols that its clients may speak; undefined means all. */
  readonly protocols: readonly string[] | undefined;
}

interface AcceptorParts {
  readonly libc: Libc;
  readonly set: EpollSet;
  readonly connections: Connections;
  readonly addresses: PeerAddresses;
  readonly shares: ConnectionShares;
  readonly peers: readonly EpollPeer[];
  readonly listeners: readonly EpollListener[];
  /** Admits or refuses a client in this thread. */
  readonly takeOver: (descriptor: number, listener: number, isRefused: boolean) => void;
  /** This one. */
  readonly thread: number;
  readonly waitsWhenFull?: boolean;
}

export class Acceptor {
  private readonly threads: readonly number[];
  #isListening = false;
  #isStopped = false;
  /** Whether accepting pauses until a connection closes. */
  #isWaiting = false;
  /** A reserved descriptor. It is closed briefly when no other is left, so that a waiting client can be accepted and closed. */
  #reserve: number;

  constructor(private readonly parts: AcceptorParts) {
    this.threads = parts.peers.map(({ thread }) => thread);
    this.#reserve = this.#openReserve();
    this.resume();
  }

  /** Called once a second, to resume after a failure, or when there is room again. */
  resume(): void {
    if (this.#isListening || this.#isStopped) return;
    if (this.#isWaiting) {
      if (this.parts.connections.isFull) return;
      this.#isWaiting = false;
      this.parts.connections.notePause(false);
    }
    this.#isListening = true;
    for (const [number, { descriptor }] of this.parts.listeners.entries()) {
      this.parts.set.add(descriptor, EPOLLIN, Watched.listener, number);
    }
  }

  /** Stops for good: the kernel refuses later clients. The descriptors stay open, since they belong to the main thread. */
  stop(): void {
    const { libc, listeners } = this.parts;
    this.#pause();
    for (const { descriptor } of listeners) libc.shutdown(descriptor, SHUT_RDWR);
    libc.close(this.#reserve);
    this.#reserve = -1;
    this.#isStopped = true;
  }

  /** Accepts the clients that wait at the listener with this number. */
  accept(listener: number): void {
    for (let count = 0; count < ACCEPTS_PER_TURN; count++) {
      if (this.parts.waitsWhenFull === true && this.parts.connections.isFull) {
        // Only the first one is known to be there.
        if (count === 0) this.#wait();
        return;
      }
      const descriptor = this.#accept(listener);
      if (descriptor >= 0) {
        this.#place(descriptor, listener);
        continue;
      }
      const errno = this.parts.libc.errno();
      if (errno === EAGAIN) return;
      if (errno === EINTR || errno === ECONNABORTED) continue;
      this.parts.connections.noteAcceptError(errorName(errno));
      if ((errno !== EMFILE && errno !== ENFILE) || !this.#shed(listener)) {
        this.#pause();
        return;
      }
    }
  }

  #wait(): void {
    this.#pause();
    this.#isWaiting = true;
    this.parts.connections.notePause(true);
  }

  #place(descriptor: number, listener: number): void {
    const { connections, shares, peers, takeOver, set } = this.parts;
    if (!connections.hasRoomFor(descriptor)) {
      takeOver(descriptor, listener, true);
      return;
    }
    const thread = shares.smallest(this.threads);
    shares.add(thread);
    if (thread === this.parts.thread) {
      takeOver(descriptor, listener, false);
      return;
    }
    const peer = peers.find((candidate) => candidate.thread === thread) as EpollPeer;
    // The socket is writable, so the other thread gets an event immediately.
    set.addElsewhere(peer.epoll, descriptor, EPOLLIN | EPOLLOUT, listener);
  }

  /** Without a free descriptor no error line can be sent; the client is closed, so that it does not wait. */
  #shed(listener: number): boolean {
    const { libc } = this.parts;
    if (this.#reserve < 0) return false;
    libc.close(this.#reserve);
    const descriptor = this.#accept(listener);
    if (descriptor >= 0) libc.close(descriptor);
    this.#reserve = this.#openReserve();
    return descriptor >= 0;
  }

  #pause(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    for (const { descriptor } of this.parts.listeners) this.parts.set.remove(descriptor);
  }

  #accept(listener: number): number {
    const { addresses, libc, listeners } = this.parts;
    addresses.prepare();
    const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    const accepted = libc.accept(listeners[listener].descriptor, addresses.addressAt, addresses.lengthAt, flags);
    if (accepted >= 0) addresses.keep(accepted);
    return accepted;
  }

  #openReserve(): number {
    return this.parts.libc.open('/dev/null', O_CLOEXEC);
  }
}
