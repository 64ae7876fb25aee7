// What every transport is to the thread that it serves. Accepting differs: `net` listens itself, `epoll` is given sockets that are bound
// already. Not for connections.

export interface Transport {
  /** Connections that are not closed yet. */
  readonly connectionCount: number;
  /** Takes no new clients, replies to what has arrived and closes all; clients that are not done after `timeoutMs` are cut off. Calls
      `onDone` then: a thread in epoll_wait runs no promises. */
  drain(timeoutMs: number, onDone: () => void): void;
  /** Closes everything immediately. */
  stop(): void;
  /** Once a second: timeouts. */
  tick(): void;
}
