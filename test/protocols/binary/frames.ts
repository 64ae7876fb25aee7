// Frames of the binary protocol for tests: makes requests and reads replies.

export const Opcode = {
  get: 0x00,
  set: 0x01,
  add: 0x02,
  replace: 0x03,
  delete: 0x04,
  increment: 0x05,
  decrement: 0x06,
  quit: 0x07,
  flush: 0x08,
  getq: 0x09,
  noop: 0x0a,
  version: 0x0b,
  getk: 0x0c,
  getkq: 0x0d,
  append: 0x0e,
  prepend: 0x0f,
  stat: 0x10,
  setq: 0x11,
  addq: 0x12,
  replaceq: 0x13,
  deleteq: 0x14,
  incrementq: 0x15,
  decrementq: 0x16,
  quitq: 0x17,
  flushq: 0x18,
  appendq: 0x19,
  prependq: 0x1a,
  verbosity: 0x1b,
  touch: 0x1c,
  gat: 0x1d,
  gatq: 0x1e,
  saslList: 0x20,
  saslAuth: 0x21,
  saslStep: 0x22,
  gatk: 0x23,
  gatkq: 0x24,
} as const;
export type OpcodeName = keyof typeof Opcode;

export interface FrameParts {
  readonly key?: string;
  readonly value?: string;
  readonly extras?: Buffer;
  readonly cas?: bigint;
  readonly opaque?: number;
  /** Lengths that differ from the real ones. */
  readonly keyLength?: number;
  readonly extrasLength?: number;
  readonly bodyLength?: number;
  readonly magic?: number;
}

const HEADER_BYTES = 24;

/** A request; characters are bytes. */
export function frame(opcode: number, parts: FrameParts = {}): Buffer {
  const { cas = 0n, extras = Buffer.alloc(0), key = '', magic = 0x80, opaque = 0, value = '' } = parts;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(magic, 0);
  header.writeUInt8(opcode, 1);
  header.writeUInt16BE(parts.keyLength ?? key.length, 2);
  header.writeUInt8(parts.extrasLength ?? extras.length, 4);
  header.writeUInt32BE(parts.bodyLength ?? extras.length + key.length + value.length, 8);
  header.writeUInt32BE(opaque, 12);
  header.writeBigUInt64BE(cas, 16);
  return Buffer.concat([header, extras, Buffer.from(key + value, 'latin1')]);
}

/** Flags and expiry of a storage request. */
export function storageExtras(flags = 0, exptime = 0): Buffer {
  return Buffer.concat([uint32(flags), uint32(exptime)]);
}

/** Delta, initial value and expiry. */
export function numberExtras(delta: bigint, initial = 0n, exptime = 0): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(delta, 0);
  numbers.writeBigUInt64BE(initial, 8);
  return Buffer.concat([numbers, uint32(exptime)]);
}

export function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

export interface ReplyFrame {
  readonly opcode: number;
  readonly status: number;
  readonly opaque: number;
  readonly cas: bigint;
  readonly extras: Buffer;
  readonly key: string;
  readonly value: string;
}

/** The complete frames at the start of the bytes, and their total length. */
export function readFrames(bytes: Buffer): { readonly replies: readonly ReplyFrame[]; readonly length: number } {
  const replies: ReplyFrame[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    if (bytes[at] !== 0x81) throw new Error(`no reply begins with ${bytes.subarray(at, at + 24).toString('hex')}`);
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 8);
    if (end > bytes.length) break;
    const keyAt = at + HEADER_BYTES + bytes.readUInt8(at + 4);
    const valueAt = keyAt + bytes.readUInt16BE(at + 2);
    replies.push({
      opcode: bytes.readUInt8(at + 1),
      status: bytes.readUInt16BE(at + 6),
      opaque: bytes.readUInt32BE(at + 12),
      cas: bytes.readBigUInt64BE(at + 16),
      extras: bytes.subarray(at + HEADER_BYTES, keyAt),
      key: bytes.toString('latin1', keyAt, valueAt),
      value: bytes.toString('latin1', valueAt, end),
    });
    at = end;
  }
  return { replies, length: at };
}
