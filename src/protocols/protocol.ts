// What a protocol is to the transport. A thread has one instance of each; a batch holds connections of one protocol, so that the call of
// `runAll` is the only one that the transport makes through this interface for many requests.

import type { ReplyParts } from './reply-parts.js';
import type { ProtocolRun, ProtocolSession } from './run.js';
import type { Peer } from './session.js';

export interface Protocol<Served extends ProtocolSession = ProtocolSession> {
  /** As listeners and log lines name it. */
  readonly name: string;
  /** Whether a connection whose first byte this is may speak the protocol, where the listener has several. */
  recognizes(firstByte: number): boolean;
  /** A client has connected. */
  open(peer: Peer): Served;
  /** Serves runs[first] and those after it up to `end`, one reply after the other in the output window. Returns the index after the last
      run served (at least one): nothing is served after a run that needs anything but input, has reply parts or leaves little room. */
  runAll(runs: readonly ProtocolRun<Served>[], first: number, end: number): number;
  /** The client has gone: releases what the session holds. */
  close(session: Served): void;
}

/** A stretch of the arena, in bytes. */
export interface ByteWindow {
  readonly at: number;
  readonly size: number;
}

/** Where a thread's protocols, all of them, read requests and leave replies. */
export interface ProtocolWindows {
  readonly input: ByteWindow;
  readonly output: ByteWindow;
  /** Where the next runs leave their replies, at least a few KB; with parts, they may refer to large values elsewhere in the arena.
      Precondition: replies written to this window earlier have been sent; the caller switches to another window otherwise. */
  useOutput(at: number, size: number, parts?: ReplyParts): void;
  /** A reply with parts is sent, or will never be: the items in it may change again. */
  releaseParts(parts: ReplyParts): void;
}
