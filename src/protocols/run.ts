// A run: the input of one connection that is served together, the position that it reached, and the reason why it ended.

/** The part of a protocol's session that the transport uses. */
export interface ProtocolSession {
  /** True while a request has begun but not ended. */
  readonly isMidRequest: boolean;
  /** Bytes of the arena that cannot be reclaimed before the client has read them. */
  readonly heldBytes: number;
  /** Bytes of the arena that are reserved for the value being received. */
  readonly reservedBytes: number;
  /** The number of bytes of the value being received, or of a refused one, that have arrived; 0 outside of a value. */
  readonly receivedBytes: number;
  /** The client has sent a command to close the connection. */
  readonly hasQuit?: boolean;
  /** Set by the transport when a run ends with WAIT. Call it, outside of a batch, when the wait is over. */
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
  /** The session waits for a decision outside of the thread. Call runAll again with the unconsumed input, which may be empty, after the
      session's `resume`; before that, a run ends the same way. */
  WAIT: 6,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** A step of a run, such as one request, when the next may follow. */
export const CONTINUE = -1;
export type Step = Outcome | typeof CONTINUE;

/** The input of one connection, and the result of serving it. */
export interface ProtocolRun<Served extends ProtocolSession = ProtocolSession> {
  readonly session: Served;
  /** The requests are in [from, to). */
  readonly from: number;
  readonly to: number;
  /** Position up to which they are used; present the rest again, followed by new bytes. */
  consumed: number;
  /** Why the run ended. */
  outcome: Outcome;
  /** Position of the reply's first byte, and its length; with parts, the length includes the values elsewhere in the arena. */
  replyAt: number;
  replyLength: number;
  hasParts: boolean;
}
