// What a round sends: the interface between the driver and the two kinds of sources, a pool of requests that were built before
// (requests.ts), and dialogues (dialogue.ts).

import type { ReplyCounter } from './replies.js';

/** One connection as both clients see it: the bytes that it has yet to send, and the replies that it waits for. */
export interface Lane {
  readonly index: number;
  /** Bytes [from, to) of the source that are not yet sent. */
  from: number;
  to: number;
  awaited: number;
  startedAt: number;
  readonly replies: ReplyCounter;
}

export interface RequestSource {
  readonly bytes: Buffer;
  /** Each request must be sent only once. */
  readonly once: boolean;
  /** No further batch may begin. */
  readonly isSpent: boolean;
  /** Counts the replies to the requests of a lane. */
  counterOf(lane: number): ReplyCounter;
  /** A lane must not stop, because it has sent only some of the calls that belong together. */
  isMidway(lane: number): boolean;
  /** Gives a lane its next batch, of `wanted` requests at most. */
  next(lane: Lane, wanted: number): void;
}
