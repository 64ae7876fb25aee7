// The parser of the binary protocol: reads a header, and nothing else of the input window, and fills one request object. A frame is
//
//   byte  0   magic 0x80 | opcode | length of the key (2)
//   byte  4   length of the extras | data type | virtual bucket (2)
//   byte  8   length of the body (4)
//   byte 12   opaque (4)
//   byte 16   CAS token (8)
//   byte 24   the body: extras, key, value
//
// Data type and virtual bucket are ignored, as in memcached. Bytes of values: binary-storage.ts.

import type { BinaryRequest } from './binary-request.js';
import { FRAME_RULES, FrameRule } from './opcodes.js';

export const REQUEST_MAGIC = 0x80;
export const REPLY_MAGIC = 0x81;
export const HEADER_BYTES = 24;
const MAX_KEY_BYTES = 250;

/** A longer body is larger than any value that a server accepts (-I is at most 1 GiB), so the lengths must be wrong. */
const MAX_BODY_BYTES = 2 ** 30 + 1024;

export const Frame = {
  needMore: 0,
  request: 1,
  /** The opcode is unknown; the body must be discarded. */
  unknown: 2,
  /** The frame does not match its opcode, so its length cannot be trusted. */
  invalid: 3,
  /** Key and extras are longer than the body. */
  tooShort: 4,
  /** The first byte is not that of a frame. */
  badMagic: 5,
} as const;
export type Frame = (typeof Frame)[keyof typeof Frame];

/** @perThread */
export class BinaryParser {
  constructor(
    private readonly view: DataView,
    private readonly request: BinaryRequest,
  ) {}

  /** Parses one header, with its extras and key, in [from, to). Precondition: from < to. */
  parse(from: number, to: number): Frame {
    const { request, view } = this;
    if (view.getUint8(from) !== REQUEST_MAGIC) return Frame.badMagic;
    if (to - from < HEADER_BYTES) return Frame.needMore;
    const opcode = view.getUint8(from + 1);
    const keyLength = view.getUint16(from + 2);
    const extrasLength = view.getUint8(from + 4);
    const bodyLength = view.getUint32(from + 8);
    request.opcode = opcode;
    request.opaque = view.getInt32(from + 12, true);
    const valueLength = bodyLength - extrasLength - keyLength;
    const frame = check(FRAME_RULES[opcode], extrasLength, keyLength, valueLength, bodyLength);
    const extrasAt = from + HEADER_BYTES;
    const keyAt = extrasAt + extrasLength;
    const valueAt = keyAt + keyLength;
    if (frame === Frame.request && valueAt > to) return Frame.needMore;
    request.casHigh = view.getUint32(from + 16);
    request.casLow = view.getUint32(from + 20);
    request.extrasAt = extrasAt;
    request.extrasLength = extrasLength;
    request.keyAt = keyAt;
    request.keyLength = keyLength;
    request.valueAt = valueAt;
    request.valueLength = valueLength;
    request.end = frame === Frame.request ? valueAt : extrasAt;
    return frame;
  }
}

function check(rule: number, extrasLength: number, keyLength: number, valueLength: number, bodyLength: number): Frame {
  if (valueLength < 0) return Frame.tooShort;
  if (keyLength > MAX_KEY_BYTES || bodyLength > MAX_BODY_BYTES) return Frame.invalid;
  if (rule === 0) return Frame.unknown;
  if (extrasLength !== (rule & FrameRule.extrasMask) && (extrasLength !== 0 || (rule & FrameRule.noExtras) === 0)) {
    return Frame.invalid;
  }
  if ((rule & (keyLength === 0 ? FrameRule.noKey : FrameRule.key)) === 0) return Frame.invalid;
  if (valueLength !== 0 && (rule & FrameRule.value) === 0) return Frame.invalid;
  return Frame.request;
}
