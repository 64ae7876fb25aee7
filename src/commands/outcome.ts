// Why an engine's run ended, or a command's share in that. Not for the results that clients see.

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
