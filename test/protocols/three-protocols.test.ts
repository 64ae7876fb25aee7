// Inputs that the text, the meta and the binary protocol must withstand alike, as tables: requests that have broken other servers, one key
// very often, and numbers that use all their bits.

import { describe, expect, test } from 'vitest';
import { checkStore } from '../store/checker.js';
import { frame, numberExtras, Opcode, readFrames, storageExtras, uint32 } from './binary/frames.js';
import { BinaryHarness } from './binary/harness.js';
import { NOTORIOUS_REQUESTS, type NotoriousRequest } from './notorious-requests.js';

const SHORT_BYTES = 150;

describe.each(['text', 'meta', 'binary'] as const)('a request that has broken other servers, %s', (protocol) => {
  const rows = NOTORIOUS_REQUESTS.filter((row) => row.protocol === protocol);
  test.each(rows)('$name: it gets its reply, cut anywhere, and the next client of each protocol is served', (row) => {
    const harness = new BinaryHarness();
    harness.ask('set key 0 0 1\r\nx\r\n');
    for (const pieces of cutsOf(row.send)) {
      expect(answerTo(harness, row, pieces)).toEqual({ reply: row.reply, closes: row.closes });
      expectService(harness);
    }
    checkStore(harness.store);
  });
});

/** Complete, in two pieces cut at every byte, and in single bytes; a long request in pieces of a few sizes. */
function cutsOf(send: Buffer): readonly (readonly Buffer[])[] {
  if (send.length > SHORT_BYTES) return [65_536, 4093].map((bytes) => piecesOf(send, bytes));
  const twos = Array.from(send.subarray(1), (_byte, at) => [send.subarray(0, at + 1), send.subarray(at + 1)]);
  return [[send], ...twos, piecesOf(send, 1)];
}

function piecesOf(send: Buffer, bytes: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(send.length / bytes) }, (_, index) =>
    send.subarray(index * bytes, (index + 1) * bytes),
  );
}

function answerTo(harness: BinaryHarness, { protocol, reply }: NotoriousRequest, pieces: readonly Buffer[]) {
  if (protocol === 'binary') {
    const client = harness.connectBinary();
    const { replies } = readFrames(Buffer.concat(pieces.map((piece) => client.send(piece))));
    client.close();
    return { reply: replies.map(({ status }) => status), closes: client.ended !== undefined };
  }
  const client = harness.connect();
  const got = pieces.map((piece) => client.send(piece.toString('latin1'))).join('');
  client.close();
  const isAsWanted = reply instanceof RegExp && reply.test(got);
  return { reply: isAsWanted ? reply : got, closes: client.ended !== undefined };
}

function expectService(harness: BinaryHarness): void {
  expect(harness.ask('get key\r\nmg key v\r\n')).toBe('VALUE key 0 1\r\nx\r\nEND\r\nVA 1\r\nx\r\n');
  expect(harness.one('get', { key: 'key' }).value).toBe('x');
}

describe('numbers that take all their bits are exact,', () => {
  const FLAGS = 2 ** 32 - 1;
  const MAX64 = '18446744073709551615';
  const TOKENS = ['9007199254740993', '9223372036854775809', '18446744073709551614'];

  /** The content of a key, read by each protocol. */
  const readers: Readonly<Record<string, (harness: BinaryHarness) => string>> = {
    text: (harness) => harness.ask('gets n\r\n').replace(/^VALUE n (\d+) \d+ (\d+)\r\n(.*)\r\nEND\r\n$/, '$3 $1 $2'),
    meta: (harness) => harness.ask('mg n v f c\r\n').replace(/^VA \d+ f(\d+) c(\d+)\r\n(.*)\r\n$/, '$3 $1 $2'),
    binary(harness) {
      const { cas, extras, value } = harness.one('get', { key: 'n' });
      return `${value} ${extras.readUInt32BE(0)} ${cas}`;
    },
  };
  /** A store with a token that the item must have. */
  const exchanges: Readonly<Record<string, (harness: BinaryHarness, token: string) => boolean>> = {
    text: (harness, token) => harness.ask(`cas n ${FLAGS} 0 1 ${token}\r\nx\r\n`) === 'STORED\r\n',
    meta: (harness, token) => harness.ask(`ms n 1 F${FLAGS} C${token}\r\nx\r\n`) === 'HD\r\n',
    binary: (harness, token) =>
      harness.one('set', { key: 'n', value: 'x', extras: storageExtras(FLAGS), cas: BigInt(token) }).status === 0,
  };
  const counters: Readonly<Record<string, (harness: BinaryHarness) => string>> = {
    text: (harness) => harness.ask('incr n 1\r\n').trimEnd(),
    meta: (harness) => harness.ask('ma n v\r\n').split('\r\n')[1] ?? '',
    binary: (harness) => {
      const { value } = harness.one('increment', { key: 'n', extras: numberExtras(1n) });
      return String(Buffer.from(value, 'latin1').readBigUInt64BE());
    },
  };
  const jumps: Readonly<Record<string, (harness: BinaryHarness) => string>> = {
    text: (harness) => harness.ask(`incr n ${MAX64}\r\n`).trimEnd(),
    meta: (harness) => harness.ask(`ma n D${MAX64} v\r\n`).split('\r\n')[1] ?? '',
    binary: (harness) => {
      const { value } = harness.one('increment', { key: 'n', extras: numberExtras(BigInt(MAX64)) });
      return String(Buffer.from(value, 'latin1').readBigUInt64BE());
    },
  };
  const writers: Readonly<Record<string, (harness: BinaryHarness, value: string) => void>> = {
    text: (harness, value) => harness.ask(`set n ${FLAGS} 0 ${value.length}\r\n${value}\r\n`),
    meta: (harness, value) => harness.ask(`ms n ${value.length} F${FLAGS}\r\n${value}\r\n`),
    binary: (harness, value) => harness.one('set', { key: 'n', value, extras: storageExtras(FLAGS) }),
  };

  test.each(Object.keys(writers))('written by %s and read by each protocol', (writer) => {
    for (const [reader, read] of Object.entries(readers)) {
      const harness = new BinaryHarness();
      writers[writer]?.(harness, MAX64);
      expect(read(harness), reader).toMatch(new RegExp(`^${MAX64} ${FLAGS} [1-9]\\d*$`));
      for (const token of TOKENS) {
        harness.ask(`ms n 1 F${FLAGS} E${token}\r\nx\r\n`);
        expect(read(harness), reader).toBe(`x ${FLAGS} ${token}`);
      }
    }
  });

  test.each(Object.keys(exchanges))(
    'compared by %s, a token that differs in its last bit being another one',
    (protocol) => {
      for (const token of TOKENS) {
        const harness = new BinaryHarness();
        harness.ask(`ms n 1 E${token}\r\nv\r\n`);
        expect(exchanges[protocol]?.(harness, String(BigInt(token) ^ 1n))).toBe(false);
        expect(exchanges[protocol]?.(harness, token)).toBe(true);
        expect(exchanges[protocol]?.(harness, token)).toBe(false);
      }
    },
  );

  test.each(Object.keys(counters))('counted by %s, past 2^64-1 to 0, and by as much', (protocol) => {
    const harness = new BinaryHarness();
    writers.text?.(harness, '18446744073709551614');
    expect(counters[protocol]?.(harness)).toBe(MAX64);
    expect(counters[protocol]?.(harness)).toBe('0');
    expect(jumps[protocol]?.(harness)).toBe(MAX64);
    expect(jumps[protocol]?.(harness)).toBe('18446744073709551614');
    expect(readers.binary?.(harness)).toMatch(new RegExp(`^18446744073709551614 ${FLAGS} `));
  });
});

const MANY = 70_000;

/** The reply to one request for the key, and the end of the whole reply. */
const PIPELINES: readonly (readonly [command: string, send: Buffer, each: Buffer, end: string])[] = [
  ['get', Buffer.from(`get${' key'.repeat(MANY)}\r\n`), Buffer.from('VALUE key 0 5\r\nvalue\r\n'), 'END\r\n'],
  ['mg', Buffer.from('mg key v k\r\n'.repeat(MANY)), Buffer.from('VA 5 kkey\r\nvalue\r\n'), ''],
  ['getkq', repeated(frame(Opcode.getkq, { key: 'key' })), getkReply(), ''],
];

test.each(PIPELINES)(
  'the same key 70,000 times in one pipeline of %s gets a reply each time, in bounded memory',
  (command, send, each, end) => {
    const harness = new BinaryHarness({ outputBytes: 20_000 });
    harness.ask('set key 0 0 5\r\nvalue\r\n');
    const [text, binary] = [harness.connect(), harness.connectBinary()];
    const sent = (piece: Buffer) =>
      command === 'getkq' ? binary.send(piece) : Buffer.from(text.send(piece.toString('latin1')), 'latin1');
    const reply = Buffer.concat(piecesOf(send, 65_536).map(sent));
    expect(reply.equals(Buffer.concat([repeated(each), Buffer.from(end)]))).toBe(true);
    expect(Math.max(text.longestRestBytes, binary.longestRestBytes)).toBeLessThan(8192);
    expect(harness.longestOutputBytes).toBeLessThanOrEqual(20_000);
    checkStore(harness.store);
  },
);

function repeated(bytes: Buffer): Buffer {
  return Buffer.concat(Array<Buffer>(MANY).fill(bytes));
}

/** The token of the first item that gets one. */
function getkReply(): Buffer {
  return frame(Opcode.getkq, { magic: 0x81, key: 'key', value: 'value', extras: uint32(0), cas: 1n });
}
