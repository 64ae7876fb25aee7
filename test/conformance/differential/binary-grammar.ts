// Random frames of the binary protocol, valid and invalid. differences.ts lists the requests that are left out, or whose replies are
// adjusted, because memcached's reply differs.

import {
  type Command,
  EXPIRY_TIMES,
  type Grammar,
  KEYS,
  NUMBERS,
  type Pick,
  TOO_LONG_KEY,
  type Tokens,
  WORDS,
} from './grammar.js';

const HEADER_BYTES = 24;
const NOOP = 0x0a;
/** Opaque values of marks; those of commands are below. */
const FIRST_MARK = 0x7000_0000;

const GETS = [0x00, 0x09, 0x0c, 0x0d] as const;
const STORES = [0x01, 0x02, 0x03, 0x11, 0x12, 0x13] as const;
const APPENDS = [0x0e, 0x0f, 0x19, 0x1a] as const;
const DELETES = [0x04, 0x14] as const;
const COUNTS = [0x05, 0x06, 0x15, 0x16] as const;
const TOUCHES = [0x1c, 0x1d, 0x1e, 0x23, 0x24] as const;
const FLUSHES = [0x08, 0x18] as const;
/** Unknown, or of authentication that is not switched on. */
const UNKNOWN = [0x55, 0xff, 0x20, 0x25] as const;

interface Frame {
  readonly opcode: number;
  readonly key?: string;
  readonly extras?: Buffer;
  readonly value?: string;
  /** Of the key's last reply that showed one, or this number. */
  readonly cas?: 'shown' | bigint;
  readonly keyLength?: number;
  readonly extrasLength?: number;
  readonly bodyLength?: number;
}

export const BINARY: Grammar = {
  protocol: 'binary',
  flush: command({ opcode: 0x08 }),
  chosenCas: new Set(),
  next: (pick) => (pick.rarely(40) ? broken(pick) : frame(pick)),
  mark: (number) => bytesOf({ opcode: NOOP }, new Map(), FIRST_MARK + number),
  split(received, firstNumber) {
    const replies: Buffer[] = [];
    let [start, at] = [0, 0];
    while (at + HEADER_BYTES <= received.length && received[at] === 0x81) {
      const end = at + HEADER_BYTES + received.readUInt32BE(at + 8);
      if (end > received.length) break;
      if (received.readUInt32BE(at + 12) === FIRST_MARK + firstNumber + replies.length) {
        replies.push(received.subarray(start, at));
        start = end;
      }
      at = end;
    }
    return replies;
  },
  /** The opaque of a request says its key. */
  tokensOf(reply) {
    const tokens = new Map<string, string>();
    for (let at = 0; at + HEADER_BYTES <= reply.length; at += HEADER_BYTES + reply.readUInt32BE(at + 8)) {
      const key = KEYS[reply.readUInt32BE(at + 12)];
      const cas = reply.readBigUInt64BE(at + 16);
      if (key !== undefined && cas !== 0n) tokens.set(key, String(cas));
    }
    return tokens;
  },
};

function command(frame: Frame, isLast = false): Command {
  const opaque = KEYS.indexOf(frame.key ?? '');
  return {
    title: JSON.stringify({ ...frame, cas: String(frame.cas ?? 0) }),
    bytes: (tokens) => bytesOf(frame, tokens, opaque < 0 ? KEYS.length : opaque),
    isAlone: isLast,
  };
}

function bytesOf(frame: Frame, tokens: Tokens, opaque: number): Buffer {
  const { opcode, key = '', extras = Buffer.alloc(0), value = '', cas = 0n } = frame;
  const body = Buffer.concat([extras, Buffer.from(key, 'latin1'), Buffer.from(value, 'latin1')]);
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 0x80;
  header[1] = opcode;
  header.writeUInt16BE(frame.keyLength ?? key.length, 2);
  header[4] = frame.extrasLength ?? extras.length;
  header.writeUInt32BE(frame.bodyLength ?? body.length, 8);
  header.writeUInt32BE(opaque, 12);
  header.writeBigUInt64BE(cas === 'shown' ? BigInt(tokens.get(key) ?? 77) : cas, 16);
  return Buffer.concat([header, body]);
}

function word(...numbers: readonly number[]): Buffer {
  return Buffer.concat(numbers.map((number) => Buffer.from([number >>> 24, number >>> 16, number >>> 8, number])));
}

function expiry(pick: Pick): number {
  return Number(BigInt.asUintN(32, BigInt(pick.of(EXPIRY_TIMES))));
}

function frame(pick: Pick): Command {
  const key = pick.of(KEYS);
  const cas = pick.of([0n, 0n, 0n, 1n, 'shown', 'shown'] as const);
  const value = pick.of(pick.rarely(2) ? WORDS : NUMBERS);
  switch (pick.below(12)) {
    case 0:
    case 1:
    case 2:
      return command({ opcode: pick.of(GETS), key });
    case 3:
    case 4:
      return command({ opcode: pick.of(STORES), key, extras: word(pick.below(3), expiry(pick)), value, cas });
    case 5:
      return command({ opcode: pick.of(APPENDS), key, value: value.slice(0, 40), cas });
    case 6:
      return command({ opcode: pick.of(DELETES), key, cas });
    case 7:
    case 8:
      return counted(pick, key, cas);
    case 9:
      return command({ opcode: pick.of(TOUCHES), key, extras: word(expiry(pick)) });
    case 10:
      return pick.rarely(8) ? command({ opcode: pick.of(FLUSHES) }) : command({ opcode: 0x0c, key });
    default:
      return pick.of([command({ opcode: pick.of(UNKNOWN) }), command({ opcode: NOOP }), command({ opcode: 0x0b })]);
  }
}

/** memcached changes an item in place, padding it with blanks, unless a reply with it has yet to be sent: the value is set again, so that
    later replies do not depend on that. */
function counted(pick: Pick, key: string, cas: 'shown' | bigint): Command {
  const delta = pick.of([0, 1, 7, 100, 4294967295]);
  const extras = word(pick.of([0, 0, 0xffff_ffff]), delta, 0, pick.below(1000), pick.of([expiry(pick), 0xffff_ffff]));
  const count = command({ opcode: pick.of(COUNTS), key, extras, cas });
  const set = command({ opcode: 0x01, key, extras: word(0, 0), value: String(10 + pick.below(90)) });
  return {
    title: `${count.title} ${set.title}`,
    bytes: (tokens) => Buffer.concat([count.bytes(tokens), set.bytes(tokens)]),
  };
}

/** Frames after which the connection closes. */
function broken(pick: Pick): Command {
  const key = pick.of(KEYS);
  return pick.of([
    command({ opcode: 0x00 }, true),
    command({ opcode: 0x00, key, extras: word(0) }, true),
    command({ opcode: 0x01, key, extras: word(0), value: 'x' }, true),
    command({ opcode: 0x05, key, extras: word(0) }, true),
    command({ opcode: NOOP, key }, true),
    command({ opcode: 0x0b, key }, true),
    command({ opcode: 0x00, key: TOO_LONG_KEY }, true),
    command({ opcode: 0x01, key: TOO_LONG_KEY, extras: word(0, 0), value: 'x' }, true),
    command({ opcode: 0x00, key, bodyLength: 0 }, true),
    command({ opcode: 0x07 }, true),
    command({ opcode: 0x17 }, true),
  ]);
}
