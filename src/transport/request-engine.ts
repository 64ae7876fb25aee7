// What a transport needs to know of the protocols of its thread, so that transports and protocols can be tested without each other. Not for
// what requests mean.

import type { Protocol, ProtocolWindows } from '../protocols/protocol.js';
import type { ProtocolRun, ProtocolSession } from '../protocols/run.js';

export type { ByteWindow } from '../protocols/protocol.js';

export interface RequestEngine extends ProtocolWindows {
  /** Those that listeners may name. */
  readonly protocols: readonly Protocol[];
  /** Serves runs of one protocol, as `Protocol.runAll` does. */
  runAll(protocol: Protocol, runs: readonly ProtocolRun[], first: number, end: number): number;
  close(protocol: Protocol, session: ProtocolSession): void;
}
