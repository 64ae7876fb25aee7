// The smallest possible protocol: a line `PING` gets the reply `PONG`, anything else closes the connection. It shares the shell with the
// other protocols of its thread, like every protocol.

import type { Protocol } from '../../src/protocols/protocol.js';
import type { ProtocolShell } from '../../src/protocols/protocol-shell.js';
import { CONTINUE, Outcome, type ProtocolRun } from '../../src/protocols/run.js';
import { type Peer, Session } from '../../src/protocols/session.js';

const PING = Buffer.from('PING\r\n');
const PONG = Buffer.from('PONG\r\n');

export class PingProtocol implements Protocol<Session> {
  readonly name = 'ping';
  /** The number of batches that it has served, and the longest one. */
  batches = 0;
  longestBatch = 0;

  constructor(private readonly shell: ProtocolShell) {}

  recognizes(firstByte: number): boolean {
    return firstByte === PING[0];
  }

  open(peer: Peer): Session {
    return new Session(peer);
  }

  runAll(runs: readonly ProtocolRun<Session>[], first: number, end: number): number {
    const { shell } = this;
    let index = first;
    this.batches++;
    shell.beginBatch();
    for (;;) {
      const run = runs[index++];
      if (run === undefined) return index - 1;
      shell.beginRun();
      const { outcome, consumed } = this.#serve(run);
      run.session.isMidRequest = outcome === Outcome.NEED_INPUT && consumed < run.to;
      const mayGoOn = shell.endRun(run, outcome, consumed) && index < end;
      this.longestBatch = Math.max(this.longestBatch, index - first);
      if (!mayGoOn) return index;
    }
  }

  close(): void {
    // A session of this protocol holds nothing.
  }

  #serve({ from, to }: ProtocolRun<Session>): { outcome: Outcome; consumed: number } {
    const { bytes } = this.shell.operations;
    const { replies } = this.shell;
    for (let at = from; ; at += PING.length) {
      const step = this.shell.beginStep();
      if (step !== CONTINUE) return { outcome: step, consumed: at };
      const line = Buffer.from(bytes.subarray(at, Math.min(to, at + PING.length)));
      if (!PING.subarray(0, line.length).equals(line)) return { outcome: Outcome.CLOSE, consumed: at };
      if (line.length < PING.length) return { outcome: Outcome.NEED_INPUT, consumed: at };
      replies.put(PONG);
    }
  }
}
