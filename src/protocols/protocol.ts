// The interface of a protocol to the transport. A thread has one instance of each protocol. A batch holds connections of one protocol, so
// that the transport makes one call of `runAll` for many requests.

import type { ReplyParts } from './reply-parts.js';
import type { ProtocolRun, ProtocolSession } from './run.js';
import type { Peer } from './session.js';

export interface Protocol<Served extends ProtocolSession = ProtocolSession> {
  /** The name in listeners and log lines. */
  readonly name: string;
  /** Whether a connection that starts with this byte may speak the protocol, if the listener has several. */
  recognizes(firstByte: number): boolean;
  /** A client has connected. */
  open(peer: Peer): Served;
  /** Serves runs[first] and those after it up to `end`, one reply after the other in the output window. Returns the index after the last
      run served (at least one): nothing is served after a run that needs anything but input, has reply parts or leaves little room. */
  runAll(runs: readonly ProtocolRun<Served>[], first: number, end: number): number;
  /** The client has gone: releases what the session holds. */
  close(session: Served): void;
}

/** A range of the arena, in bytes. */
export interface ByteWindow {
  readonly at: number;
  readonly size: number;
}

/** The windows in which all protocols of a thread read requests and write replies. */
export interface ProtocolWindows {
  readonly input: ByteWindow;
  readonly output: ByteWindow;
  /** The window, of at least a few KB, for the replies of the next runs; with parts, they may refer to large values elsewhere in the arena.
      Precondition: replies written to this window earlier have been sent; the caller switches to another window otherwise. */
  useOutput(at: number, size: number, parts?: ReplyParts): void;
  /** A reply with parts has been sent, or never will be: unpins the items in it. */
  releaseParts(parts: ReplyParts): void;
}

/** Requests that a thread serves before its first client connects. */
export interface WarmUpRequests {
  readonly requests: readonly Uint8Array[];
  /** The one after the others, which leaves no trace of them. */
  readonly last: Uint8Array;
}
