// What each client's connection does, and when it was active last, by descriptor: for the thread that replies to `stats conns`, from those that
// serve the connections. They write when a request is cut off, when its rest has come, and once a second, so that complete requests
// cost nothing. Where it is stored: epoll/peer-addresses.ts.

export const ConnectionState = { reading: 0, midRequest: 1, watching: 2 } as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

export interface ConnectionStates {
  noteState(descriptor: number, state: ConnectionState, activeAt: number): void;
  stateOf(descriptor: number): ConnectionState;
  /** Server second of the last activity, at most a second or, with more than 10,000 connections, a round of the timeouts old. */
  activeAt(descriptor: number): number;
}

/** The part of a connection that its state depends on. */
export interface Observed {
  readonly isMidRequest: boolean;
  readonly session: { readonly isWatching?: boolean };
}

export function stateOf({ isMidRequest, session }: Observed): ConnectionState {
  if (isMidRequest) return ConnectionState.midRequest;
  return session.isWatching === true ? ConnectionState.watching : ConnectionState.reading;
}
