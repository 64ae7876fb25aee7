// The data of a handler of the binary protocol: the request, the connection's session, the operations and the reply. One per thread,
// refilled for each request.

import type { Operations } from '../../operations/operations.js';
import type { Authenticator } from '../../security/authenticator.js';
import type { ProtocolShell } from '../protocol-shell.js';
import type { ReplyOutput } from '../reply-output.js';
import type { ValueOutput } from '../value-output.js';
import { BinaryEncoder } from './binary-encoder.js';
import { BinaryParser } from './binary-parser.js';
import { BinaryRequest } from './binary-request.js';
import { BinaryMode, BinarySession } from './binary-session.js';

/** The latest Unix second in 31 bits, in 2038. */
const MAX_EXPTIME = 2 ** 31 - 1;

/** @perThread */
export class BinaryContext {
  readonly operations: Operations;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly request = new BinaryRequest();
  readonly parser: BinaryParser;
  readonly replies: ReplyOutput;
  readonly values: ValueOutput;
  readonly encoder: BinaryEncoder;
  readonly casEnabled: boolean;
  session = new BinarySession({ descriptor: -1 });
  /** Where the input received so far ends. */
  inputEnd = 0;

  constructor(
    { operations, replies, values }: ProtocolShell,
    /** Undefined if clients do not have to log in. */
    readonly authenticator: Authenticator | undefined,
  ) {
    this.operations = operations;
    this.bytes = operations.bytes;
    this.view = replies.view;
    this.parser = new BinaryParser(replies.view, this.request);
    this.replies = replies;
    this.values = values;
    this.encoder = new BinaryEncoder(replies, this.request, operations.times);
    this.casEnabled = operations.options.casEnabled;
  }

  /** The expiry at a position of the extras. It is unsigned, so the highest values, which mean the past in text, are far in the future. */
  exptimeAt(position: number): number {
    return Math.min(this.view.getUint32(position), MAX_EXPTIME);
  }

  /** Discards the next `length` bytes, which belong to a refused request. */
  discard(length: number): void {
    if (length === 0) return;
    this.session.mode = BinaryMode.discard;
    this.session.discardBytes = length;
  }
}
