// The text protocol without a transport, one run at a time, for tests and benchmarks in this process.

import { type OperationParts, Operations } from '../../../src/operations/operations.js';
import type { ByteWindow } from '../../../src/protocols/protocol.js';
import { ProtocolShell } from '../../../src/protocols/protocol-shell.js';
import { Outcome } from '../../../src/protocols/run.js';
import type { TextContext } from '../../../src/protocols/text/text-context.js';
import { TextProtocol } from '../../../src/protocols/text/text-protocol.js';
import type { TextSession } from '../../../src/protocols/text/text-session.js';
import type { Authenticator } from '../../../src/security/authenticator.js';

export interface TextEngineParts extends OperationParts {
  readonly input: ByteWindow;
  readonly output: ByteWindow;
  readonly authenticator?: Authenticator;
}

export class TextEngine {
  readonly shell: ProtocolShell;
  readonly protocol: TextProtocol;
  /** Position up to which the input of the last run was used. */
  consumed = 0;
  /** Bytes of reply at the start of the output window. */
  outputLength = 0;
  /** The reason why the last run ended. */
  outcome: Outcome = Outcome.NEED_INPUT;

  constructor(parts: TextEngineParts) {
    this.shell = new ProtocolShell(new Operations(parts), parts);
    this.protocol = new TextProtocol(this.shell, parts.authenticator);
  }

  get input(): ByteWindow {
    return this.shell.input;
  }

  get output(): ByteWindow {
    return this.shell.output;
  }

  open(): TextSession<TextContext> {
    return this.protocol.open({ descriptor: -1 });
  }

  close(session: TextSession<TextContext>): void {
    this.protocol.close(session);
  }

  /** Serves the requests in [from, to). */
  run(session: TextSession<TextContext>, from: number, to: number): void {
    const run = { session, from, to, consumed: 0, outcome: this.outcome, replyAt: 0, replyLength: 0, hasParts: false };
    this.protocol.runAll([run], 0, 1);
    this.consumed = run.consumed;
    this.outputLength = run.replyLength;
    this.outcome = run.outcome;
  }
}
