// A run: what has arrived on one connection and is served in one go; why it ended, and how far it came.

/** What the transport needs to know of a protocol's session. */
export interface ProtocolSession {
  /** True while a request has begun but not ended. */
  readonly isMidRequest: boolean;
  /** Bytes of the arena that cannot be reclaimed before the client has read them. */
  readonly heldBytes: number;
  /** Bytes of the arena that are reserved for the value being received. */
  readonly reservedBytes: number;
  /** How many bytes of the value being received, or of a refused one, have arrived; 0 outside of one. */
  readonly receivedBytes: number;
  /** Set by the transport when a run ends with WAIT: to be called, outside of a batch, when the wait is over. */
  resume?: (() => void) | undefined;
  /** Whether `resume` may also be called later, for a turn without input. */
  readonly isWatching?: boolean;
}

export const Outcome = {
  /** The input is used up, or holds the start of a request. */
  NEED_INPUT: 0,
  /** Call runAll again with the unconsumed input once the output is written. */
  OUTPUT_FULL: 1,
  /** The time budget is used up: call runAll again in a later turn. */
  YIELD: 2,
  /** Write the output, then close the connection. */
  CLOSE: 3,
  /** A client asked the server to stop, immediately or after a drain. */
  SHUTDOWN: 4,
  SHUTDOWN_GRACEFUL: 5,
  /** Something outside of the thread decides how it continues: call runAll again with the unconsumed input, which may be empty, after
      the session's `resume`, or before: the run ends the same way then. */
  WAIT: 6,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** A step of a run, such as one request, when the next may follow. */
export const CONTINUE = -1;
export type Step = Outcome | typeof CONTINUE;

/** What has arrived on one connection, and the result of serving it. */
export interface ProtocolRun<Served extends ProtocolSession = ProtocolSession> {
  readonly session: Served;
  /** The requests lie in [from, to). */
  readonly from: number;
  readonly to: number;
  /** Up to here they are used; the rest is to be presented again, followed by new bytes. */
  consumed: number;
  /** Why the run ended. */
  outcome: Outcome;
  /** The reply: where its first byte lies and how long it is; if it has parts, with the values that lie elsewhere. */
  replyAt: number;
  replyLength: number;
  hasParts: boolean;
}
