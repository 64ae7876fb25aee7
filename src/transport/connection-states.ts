// What each client's connection does, and when it was active last, by descriptor, in memory that all threads share: the thread that replies to
// `stats conns` reads what others have written. They write when a request is cut off, when its rest has come, and once a second, so
// that complete requests cost nothing.

export const ConnectionState = { reading: 0, midRequest: 1, watching: 2 } as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** The most descriptors of the process in addition to those of its clients. */
const OTHER_DESCRIPTORS = 1024;
/** The state is in the lowest bits of a cell, the server second above it. */
const STATE_BITS = 2;
const STATE_MASK = (1 << STATE_BITS) - 1;

export function makeStateCells(maxConnections: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer((maxConnections + OTHER_DESCRIPTORS) * Int32Array.BYTES_PER_ELEMENT));
}

export class ConnectionStates {
  constructor(private readonly cells: Int32Array) {}

  note(descriptor: number, state: ConnectionState, activeAt: number): void {
    if (descriptor >= 0 && descriptor < this.cells.length) this.cells[descriptor] = (activeAt << STATE_BITS) | state;
  }

  of(descriptor: number): ConnectionState {
    return ((this.cells[descriptor] ?? 0) & STATE_MASK) as ConnectionState;
  }

  /** Server second of the last activity, at most a second or, with more than 10,000 connections, a round of the timeouts old. */
  activeAt(descriptor: number): number {
    return (this.cells[descriptor] ?? 0) >>> STATE_BITS;
  }
}
