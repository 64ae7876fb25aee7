// Binary clients of an engine in this process, which feed bytes as a socket would, in pieces of any size. Text clients of the same engine
// are those of the harness that it extends.

import { BinaryProtocol } from '../../../src/protocols/binary/binary-protocol.js';
import type { BinarySession } from '../../../src/protocols/binary/binary-session.js';
import { Outcome } from '../../../src/protocols/run.js';
import type { Authenticator } from '../../../src/security/authenticator.js';
import { Harness, type HarnessOptions } from '../text/harness.js';
import { type FrameParts, frame, Opcode, type OpcodeName, type ReplyFrame, readFrames } from './frames.js';

const READ_BYTES = 65536;

export class BinaryHarness extends Harness {
  readonly binary: BinaryProtocol;

  constructor(options: HarnessOptions = {}, authenticator?: Authenticator) {
    super(options);
    this.binary = new BinaryProtocol(this.engine.shell, authenticator);
  }

  connectBinary(): BinaryClient {
    return new BinaryClient(this);
  }

  /** The reply to one request of a new connection. */
  one(name: OpcodeName, parts: FrameParts = {}): ReplyFrame {
    const replies = this.all(frame(Opcode[name], parts));
    if (replies.length !== 1) throw new Error(`${replies.length} replies to ${name}`);
    return replies[0];
  }

  /** All replies to requests of a new connection, sent in pieces of at most `pieceBytes`. */
  all(requests: Buffer, pieceBytes = READ_BYTES): readonly ReplyFrame[] {
    const client = this.connectBinary();
    const bytes = client.send(requests, pieceBytes);
    client.close();
    const { length, replies } = readFrames(bytes);
    if (length !== bytes.length) throw new Error(`a reply is cut off: ${bytes.subarray(length).toString('hex')}`);
    return replies;
  }
}

export class BinaryClient {
  readonly session: BinarySession;
  /** The reason why the engine closes the connection, if it does. */
  ended: Outcome | undefined;
  /** The replies after a wait for an external decision. */
  lateReply = Buffer.alloc(0);
  /** The most bytes that the engine has left in the input. */
  longestRestBytes = 0;
  #rest = new Uint8Array(0);
  readonly #readAt: number;

  constructor(private readonly harness: BinaryHarness) {
    this.session = harness.binary.open({ descriptor: -1 });
    this.#readAt = harness.engine.input.at + harness.engine.input.size - READ_BYTES;
  }

  send(requests: Buffer, pieceBytes = READ_BYTES): Buffer {
    const replies: Buffer[] = [];
    for (let at = 0; at < requests.length && this.ended === undefined; at += pieceBytes) {
      replies.push(...this.#receive(requests.subarray(at, at + Math.min(pieceBytes, READ_BYTES))));
    }
    return Buffer.concat(replies);
  }

  close(): void {
    this.harness.binary.close(this.session);
  }

  #receive(piece: Uint8Array): readonly Buffer[] {
    const { arena, binary } = this.harness;
    const replies: Buffer[] = [];
    let from = this.#readAt - this.#rest.length;
    arena.bytes.set(this.#rest, from);
    arena.bytes.set(piece, this.#readAt);
    const to = this.#readAt + piece.length;
    for (;;) {
      const run = {
        session: this.session,
        from,
        to,
        consumed: 0,
        outcome: Outcome.NEED_INPUT as Outcome,
        replyAt: 0,
        replyLength: 0,
        hasParts: false,
      };
      binary.runAll([run], 0, 1);
      replies.push(Buffer.from(arena.bytes.slice(run.replyAt, run.replyAt + run.replyLength)));
      from = run.consumed;
      if (run.outcome === Outcome.OUTPUT_FULL || run.outcome === Outcome.YIELD) continue;
      if (run.outcome === Outcome.WAIT) {
        this.session.resume = () => {
          this.lateReply = Buffer.concat([this.lateReply, ...this.#receive(new Uint8Array(0))]);
        };
      } else if (run.outcome !== Outcome.NEED_INPUT) this.ended = run.outcome;
      break;
    }
    // The bytes after the last request are dropped with the connection.
    this.#rest = this.ended === undefined ? arena.bytes.slice(from, to) : new Uint8Array(0);
    this.longestRestBytes = Math.max(this.longestRestBytes, this.#rest.length);
    return replies;
  }
}
