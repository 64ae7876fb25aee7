// The frames of the binary protocol's replies: headers, extras and short bodies. Their place: reply-output.ts. Bytes of values:
// value-output.ts.

import type { CommandTimes } from '../../operations/command-times.js';
import type { ReplyOutput } from '../reply-output.js';
import { type BinaryError, Status } from './binary-errors.js';
import { HEADER_BYTES, REPLY_MAGIC } from './binary-parser.js';
import type { BinaryRequest } from './binary-request.js';
import { COUNTED_AS } from './opcodes.js';

/** The flags before a value. */
const FLAGS_BYTES = 4;
const NUMBER_BYTES = 8;

/** @perThread */
export class BinaryEncoder {
  private readonly view: DataView;

  constructor(
    private readonly output: ReplyOutput,
    private readonly request: BinaryRequest,
    private readonly times: CommandTimes,
  ) {
    this.view = output.view;
  }

  /** A header, of which the lengths of extras, key and the rest of the body follow. */
  header(
    status: number,
    extrasLength: number,
    keyLength: number,
    restLength: number,
    casHigh: number,
    casLow: number,
  ): void {
    const { output, request, view } = this;
    const { at } = output;
    view.setUint32(at, (REPLY_MAGIC << 24) | (request.opcode << 16) | keyLength);
    view.setUint32(at + 4, (extrasLength << 24) | status);
    view.setUint32(at + 8, extrasLength + keyLength + restLength);
    view.setInt32(at + 12, request.opaque, true);
    view.setUint32(at + 16, casHigh);
    view.setUint32(at + 20, casLow);
    output.at = at + HEADER_BYTES;
  }

  /** The part before a value: header, client flags and, if its length is not 0, the key. */
  valueHeader(clientFlags: number, keyLength: number, valueLength: number, casHigh: number, casLow: number): void {
    const { output, request } = this;
    this.header(Status.ok, FLAGS_BYTES, keyLength, valueLength, casHigh, casLow);
    this.view.setUint32(output.at, clientFlags);
    output.at += FLAGS_BYTES;
    if (keyLength > 0) output.words(request.keyAt, keyLength);
  }

  /** Success without a body. */
  done(casHigh: number, casLow: number): void {
    this.header(Status.ok, 0, 0, 0, casHigh, casLow);
  }

  /** A number of 64 bits. */
  number(high: number, low: number, casHigh: number, casLow: number): void {
    const { output, view } = this;
    this.header(Status.ok, 0, 0, NUMBER_BYTES, casHigh, casLow);
    view.setUint32(output.at, high);
    view.setUint32(output.at + 4, low);
    output.at += NUMBER_BYTES;
  }

  error({ bytes, isCounted, status }: BinaryError): void {
    if (isCounted) this.countError();
    this.text(status, bytes);
  }

  /** The request is answered with an error. */
  countError(): void {
    const command = COUNTED_AS[this.request.opcode];
    if (command >= 0) this.times.noteError(command);
  }

  /** A miss whose body is the key. */
  missWithKey(): void {
    const { keyAt, keyLength } = this.request;
    this.header(Status.notFound, 0, keyLength, 0, 0, 0);
    this.output.words(keyAt, keyLength);
  }

  /** A short text as the body. */
  text(status: number, bytes: Uint8Array): void {
    this.header(status, 0, 0, bytes.length, 0, 0);
    this.output.put(bytes);
  }
}
