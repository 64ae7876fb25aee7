// The interface between a transport and the protocols of its thread; each can be tested without the other.

import type { Protocol, ProtocolWindows } from '../protocols/protocol.js';
import type { ProtocolRun, ProtocolSession } from '../protocols/run.js';

export type { ByteWindow } from '../protocols/protocol.js';

export interface RequestEngine extends ProtocolWindows {
  /** The protocols that listeners may name. */
  readonly protocols: readonly Protocol[];
  /** Serves runs of one protocol, as `Protocol.runAll` does. */
  runAll(protocol: Protocol, runs: readonly ProtocolRun[], first: number, end: number): number;
  close(protocol: Protocol, session: ProtocolSession): void;
}
