// The data of a handler of the text protocol: the request, the connection's session, the operations and the reply. One per thread,
// refilled for each request.

import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import type { Operations } from '../../operations/operations.js';
import type { Authenticator } from '../../security/authenticator.js';
import { type ErrorId, NO_ERROR } from '../error-lines.js';
import { MetaFacts } from '../meta/meta-facts.js';
import { MetaParser } from '../meta/meta-parser.js';
import { MetaRequest } from '../meta/meta-request.js';
import type { ProtocolShell } from '../protocol-shell.js';
import type { ReplyOutput } from '../reply-output.js';
import type { ValueOutput } from '../value-output.js';
import { ReplyEncoder } from './reply-encoder.js';
import { LINE_FEED } from './text-bytes.js';
import { TextParser } from './text-parser.js';
import { Request } from './text-request.js';
import { TextSession } from './text-session.js';
import { Watchers } from './watchers.js';

/** Offset in the scratch window: after a storage command's key, before the last short result. */
const DECODED_KEY_OFFSET = 256;

/** @perThread */
export class TextContext {
  readonly operations: Operations;
  readonly bytes: Uint8Array;
  readonly request = new Request();
  readonly meta: MetaRequest;
  readonly facts = new MetaFacts();
  readonly metaParser: MetaParser;
  readonly parser: TextParser;
  readonly replies: ReplyOutput;
  readonly values: ValueOutput;
  readonly encoder: ReplyEncoder;
  readonly watchers: Watchers;
  session = new TextSession<TextContext>({ descriptor: -1 });
  /** Dumps that run in this thread, and bytes of the records that its clients are sending. */
  dumps = 0;
  receivingBytes = 0;
  /** Start of the input of the current run, and end of the received bytes. */
  runAt = 0;
  inputEnd = 0;

  constructor(
    { operations, replies, values }: ProtocolShell,
    /** Undefined if clients do not have to log in. */
    readonly authenticator: Authenticator | undefined,
  ) {
    this.operations = operations;
    this.bytes = operations.bytes;
    this.meta = new MetaRequest(operations.bytes, operations.scratch.at + DECODED_KEY_OFFSET);
    this.metaParser = new MetaParser(operations.bytes, this.meta);
    this.parser = new TextParser(operations.bytes, this.request, this.metaParser);
    this.replies = replies;
    this.watchers = new Watchers(operations.observer);
    this.values = values;
    this.encoder = new ReplyEncoder(replies);
  }

  /** Whether the client sent something else together with this request, before it. Only for requests whose arguments are words. */
  get isPipelined(): boolean {
    const lineEndAt = this.bytes.indexOf(LINE_FEED, this.runAt);
    return lineEndAt >= 0 && lineEndAt < this.request.argumentsAt;
  }

  /** Replies with a fixed line, unless the client sent noreply. */
  reply(line: Uint8Array): void {
    if (!this.request.noreply) this.replies.put(line);
  }

  /** Replies with an error line to a request, unless the client sent noreply. */
  replyError(error: ErrorId): void {
    this.operations.times.noteError(this.request.command);
    if (!this.request.noreply && error !== NO_ERROR) this.encoder.error(error);
  }

  /** The same for a line that is no request. */
  refuse(error: ErrorId): void {
    this.operations.metrics.add(OPERATION_METRICS.requests_refused, 1);
    if (!this.request.noreply && error !== NO_ERROR) this.encoder.error(error);
  }
}
