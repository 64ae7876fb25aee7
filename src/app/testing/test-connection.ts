// A client's connection without sockets: whole requests of the text protocol in, replies out.

import type { ProtocolShell } from '../../protocols/protocol-shell.js';
import { Outcome, type ProtocolRun } from '../../protocols/run.js';
import type { TextProtocol } from '../../protocols/text/text-protocol.js';

/** What is read from a socket at a time; the rest of a request that did not fit is kept before it. */
const READ_BYTES = 32 * 1024;

type Session = ReturnType<TextProtocol['open']>;

export class TestConnection {
  #session: Session | undefined;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly protocol: TextProtocol,
    private readonly shell: ProtocolShell,
  ) {}

  /** The replies. After a request that ends the connection, such as `quit`, the rest is dropped, and the next call connects again. */
  send(requests: Uint8Array): Buffer {
    const replies: Uint8Array[] = [];
    for (let at = 0; at < requests.length; at += READ_BYTES) {
      this.#session ??= this.protocol.open({ descriptor: -1 });
      if (!this.#receive(this.#session, requests.subarray(at, at + READ_BYTES), replies)) {
        this.close();
        break;
      }
    }
    return Buffer.concat(replies);
  }

  /** Whether bytes of a request have arrived whose end has not. */
  get isMidRequest(): boolean {
    return this.#rest.length > 0 || this.#session?.isMidRequest === true;
  }

  close(): void {
    if (this.#session !== undefined) this.protocol.close(this.#session);
    this.#session = undefined;
    this.#rest = new Uint8Array(0);
  }

  /** False when the connection has to be closed. */
  #receive(session: Session, piece: Uint8Array, replies: Uint8Array[]): boolean {
    const { input, operations } = this.shell;
    const { bytes } = operations;
    const readAt = input.at + input.size - READ_BYTES;
    const to = readAt + piece.length;
    let from = readAt - this.#rest.length;
    bytes.set(this.#rest, from);
    bytes.set(piece, readAt);
    for (;;) {
      const run = runOf(session, from, to);
      this.protocol.runAll([run], 0, 1);
      replies.push(bytes.slice(run.replyAt, run.replyAt + run.replyLength));
      from = run.consumed;
      if (run.outcome === Outcome.OUTPUT_FULL || run.outcome === Outcome.YIELD) continue;
      this.#rest = bytes.slice(from, to);
      return run.outcome === Outcome.NEED_INPUT || run.outcome === Outcome.WAIT;
    }
  }
}

function runOf(session: Session, from: number, to: number): ProtocolRun<Session> {
  const outcome = Outcome.NEED_INPUT;
  return { session, from, to, consumed: from, outcome, replyAt: 0, replyLength: 0, hasParts: false };
}
