// What a transport needs to know of an engine, so that transports and engines can be tested without each other.
// Not for what requests mean.

import type { ReplyParts } from '../protocols/reply-parts.js';
import type { EngineRun } from '../protocols/run.js';

/** A stretch of the arena, in bytes. */
export interface ByteWindow {
  readonly at: number;
  readonly size: number;
}

/** What the engine knows of one connection. */
export interface EngineSession {
  /** True while the engine waits for the rest of a value. */
  readonly isMidRequest: boolean;
  /** Bytes of the arena that cannot be reclaimed before the client has read them. */
  readonly heldBytes: number;
  /** Bytes of the arena that are reserved for the value being received. */
  readonly reservedBytes: number;
  /** How many bytes of the value being received, or of a refused one, have arrived; 0 outside of one. */
  readonly receivedBytes: number;
}

export interface RequestEngine<Session extends EngineSession = EngineSession> {
  readonly input: ByteWindow;
  readonly output: ByteWindow;
  /** Where the next runs leave their replies; with parts, they may refer to what lies elsewhere in the arena. It is taken for granted
      that the replies of earlier calls have been sent: where they have not, another window is given before. */
  useOutput(at: number, size: number, parts?: ReplyParts): void;
  /** A reply with parts is sent, or will never be. */
  releaseParts(parts: ReplyParts): void;
  open(): Session;
  /** Serves runs[first] and those after it up to `end`, one reply behind the other in the output window, and answers how far it came:
      at least one is served, and nothing after a run that asks for more than input, has parts or leaves little room. */
  runAll(runs: readonly EngineRun<Session>[], first: number, end: number): number;
  close(session: Session): void;
}
