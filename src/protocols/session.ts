// What a protocol remembers of one connection between two runs, as far as all protocols have it: the client, a value being received or
// discarded, a value being sent. Each protocol has a subclass of its own.

import type { IncomingValue } from '../operations/incoming-value.js';
import type { ItemRef } from '../operations/outcomes.js';
import { ANYBODY, type Principal } from '../operations/rights.js';
import type { Login } from '../security/authenticator.js';
import type { ProtocolSession } from './run.js';

const NO_ITEM = 0 as ItemRef;

/** The other side of a connection. */
export interface Peer {
  /** The number of the connection's descriptor, as log lines name it; -1 where it is not known. */
  readonly descriptor: number;
}

export class Session implements ProtocolSession {
  /** Who the client is; authentication replaces it. */
  principal: Principal = ANYBODY;
  /** True while a request has begun but not ended, for a transport's timeouts. */
  isMidRequest = false;

  /** The attempt to say who it is whose verdict is still to come. */
  login: Login | undefined;
  resume: (() => void) | undefined;
  /** Whether it wants turns, asked for by `resume`, without input of its client. */
  isWatching = false;

  /** A value that arrives in several pieces; made when the first one comes. */
  incoming: IncomingValue | undefined;
  /** Bytes of a refused value that are still to come, and those that have come. */
  discardBytes = 0;
  discardedBytes = 0;

  /** The pinned item of which a part has been sent, and the bytes of its value. */
  sending: ItemRef = NO_ITEM;
  heldBytes = 0;
  /** The text outside of the arena of which a part has been sent. */
  text: string | Uint8Array | undefined;
  /** How much of either has been sent. */
  sentBytes = 0;

  constructor(readonly peer: Peer) {}

  /** Bytes of the arena that are reserved for the value being received. */
  get reservedBytes(): number {
    return this.incoming?.isActive ? this.incoming.valueLength : 0;
  }

  /** How many bytes of the value being received, or of a refused one, have arrived; 0 outside of one. */
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
