// The interface of a transport to its thread. The `net` transport listens itself; `epoll` is given sockets that are already bound.

export interface Transport {
  /** Connections that are not closed yet. */
  readonly connectionCount: number;
  /** Accepts no more clients, replies to what has arrived and closes all; clients still open after `timeoutMs` are cut off. Then calls
      `onDone`: a thread in epoll_wait runs no promises. */
  drain(timeoutMs: number, onDone: () => void): void;
  /** Closes everything immediately. */
  stop(): void;
  /** Once a second: timeouts. */
  tick(): void;
}
