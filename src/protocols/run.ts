// What comes of an engine's run: why it ended, how far it came, and a command's share in that. Not for the results that clients see.

export const Outcome = {
  /** The input is used up, or holds the start of a request. */
  NEED_INPUT: 0,
  /** Call run again with the unconsumed input once the output is written. */
  OUTPUT_FULL: 1,
  /** The time budget is used up: call run again in a later turn. */
  YIELD: 2,
  /** Write the output, then close the connection. */
  CLOSE: 3,
  /** A client asked the server to stop, at once or after serving the others. */
  SHUTDOWN: 4,
  SHUTDOWN_GRACEFUL: 5,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** A command's answer when the engine may go on with the next request. */
export const CONTINUE = -1;
export type Step = Outcome | typeof CONTINUE;

/** What has arrived on one connection, and what came of it. */
export interface EngineRun<Session> {
  readonly session: Session;
  /** The requests lie in [from, to). */
  readonly from: number;
  readonly to: number;
  /** Up to here they are used; the rest is to be presented again, followed by new bytes. */
  consumed: number;
  /** Why the run ended. */
  outcome: Outcome;
  /** The reply: where its first byte lies and how long it is, with what lies elsewhere if it has parts. */
  replyAt: number;
  replyLength: number;
  hasParts: boolean;
}
