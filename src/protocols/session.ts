// The state of one connection between two runs that all protocols have: the client, a value being received or discarded, a value being
// sent. Each protocol has a subclass.

import type { IncomingValue } from '../operations/incoming-value.js';
import type { ItemRef } from '../operations/outcomes.js';
import { ANYBODY, type Principal } from '../operations/rights.js';
import type { Login } from '../security/authenticator.js';
import type { ProtocolSession } from './run.js';

const NO_ITEM = 0 as ItemRef;

/** The most bytes that a client may send after its login while that is checked: with the login itself below the promised 16 KB. */
export const MAX_AHEAD_BYTES = 12 * 1024;

/** The other side of a connection. */
export interface Peer {
  /** The number of the connection's descriptor, for log lines; -1 if unknown. */
  readonly descriptor: number;
}

export class Session implements ProtocolSession {
  /** The client's identity, which authentication replaces. */
  principal: Principal = ANYBODY;
  /** True while a request has begun but not ended, for a transport's timeouts. */
  isMidRequest = false;
  /** The client has sent a command to close the connection. */
  hasQuit = false;

  /** The login whose verdict is pending. */
  login: Login | undefined;
  resume: (() => void) | undefined;
  /** Whether it wants turns without input of its client, requested by `resume`. */
  isWatching = false;

  /** A value that arrives in several pieces; created when the first one arrives. */
  incoming: IncomingValue | undefined;
  /** Bytes of a refused value that have yet to arrive, and those that have arrived. */
  discardBytes = 0;
  discardedBytes = 0;

  /** The pinned item of which a part has been sent, and the bytes of its value. */
  sending: ItemRef = NO_ITEM;
  heldBytes = 0;
  /** The text outside of the arena of which a part has been sent. */
  text: string | Uint8Array | undefined;
  /** The number of bytes of either that have been sent. */
  sentBytes = 0;

  constructor(readonly peer: Peer) {}

  /** Bytes of the arena that are reserved for the value being received. */
  get reservedBytes(): number {
    return this.incoming?.isActive ? this.incoming.valueLength : 0;
  }

  /** The number of bytes of the value being received, or of a refused one, that have arrived; 0 outside of a value. */
  get receivedBytes(): number {
    if (this.discardBytes > 0) return this.discardedBytes;
    return this.incoming?.isActive ? this.incoming.receivedBytes : 0;
  }

  /** Counts off bytes of the input in [from, to) that belong to a refused value; returns how many. */
  discard(from: number, to: number): number {
    const length = Math.min(this.discardBytes, to - from);
    this.discardBytes -= length;
    this.discardedBytes = this.discardBytes > 0 ? this.discardedBytes + length : 0;
    return length;
  }
}
