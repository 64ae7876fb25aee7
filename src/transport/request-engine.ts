// What a transport needs to know of an engine, so that transports and engines can be tested without each other.
// Not for what requests mean.

import type { Outcome } from '../commands/outcome.js';
import type { ReplyParts } from '../protocol/reply-parts.js';

/** A stretch of the arena, in bytes. */
export interface ByteWindow {
  readonly at: number;
  readonly size: number;
}

/** What the engine knows of one connection. */
export interface EngineSession {
  /** True while the engine waits for the rest of a value. */
  readonly isMidRequest: boolean;
}

export interface RequestEngine<Session extends EngineSession = EngineSession> {
  readonly input: ByteWindow;
  readonly output: ByteWindow;
  /** Where the next runs leave their replies; with parts, they may refer to what lies elsewhere in the arena. A run takes it that
      the reply of the last one has been sent: where it has not, another window is given before. */
  useOutput(at: number, size: number, parts?: ReplyParts): void;
  /** A reply with parts is sent, or will never be. */
  releaseParts(parts: ReplyParts): void;
  open(): Session;
  /** Serves the requests in [from, to); the four fields below tell how far it came. */
  run(session: Session, from: number, to: number): void;
  readonly consumed: number;
  readonly outputLength: number;
  readonly outcome: Outcome;
  close(session: Session): void;
}
