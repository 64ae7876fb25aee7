// The reply counters give the same counts however the stream is cut.

import { describe, expect, test } from 'vitest';
import type { Protocol } from './plan.js';
import { replyCounter } from './replies.js';

interface Case {
  readonly name: string;
  readonly protocol: Protocol;
  readonly stream: string;
  readonly replies: number;
  readonly hits: number;
  readonly errors: number;
}

const hit = (key: string, value: string): string => `VALUE ${key} 0 ${value.length}\r\n${value}\r\n`;

const binary = (opcode: number, status: number, body: string): string =>
  `\x81${String.fromCharCode(opcode)}\0\0\0\0\0${String.fromCharCode(status)}\0\0\0${String.fromCharCode(body.length)}${'\0'.repeat(12)}${body}`;

const CASES: readonly Case[] = [
  {
    name: 'hits of one shape and a miss',
    protocol: 'memcached',
    stream: `${`${hit('key:00000001', 'xxxxx')}END\r\n`.repeat(3)}END\r\n`,
    replies: 4,
    hits: 3,
    errors: 0,
  },
  {
    name: 'a multi-get of values of several lengths',
    protocol: 'memcached',
    stream: `${hit('key:00000001', 'x')}${hit('key:00000002', '')}${hit('key:00000003', 'x'.repeat(120))}END\r\n`,
    replies: 1,
    hits: 3,
    errors: 0,
  },
  {
    name: 'a short value whose END stands where the end of the last value stood',
    protocol: 'memcached',
    stream: `${hit('k', '123456')}END\r\n${hit('k', '1')}END\r\n${hit('k', '123456')}END\r\n`,
    replies: 3,
    hits: 3,
    errors: 0,
  },
  {
    name: 'a value with flags and a token after its length',
    protocol: 'memcached',
    stream: 'VALUE k 4294967295 3 99\r\nxxx\r\nEND\r\n',
    replies: 1,
    hits: 1,
    errors: 0,
  },
  {
    name: 'stores and errors',
    protocol: 'memcached',
    stream: 'STORED\r\nNOT_STORED\r\nSERVER_ERROR out of memory\r\nCLIENT_ERROR bad\r\nERROR\r\nEXISTS\r\n12\r\n',
    replies: 7,
    hits: 0,
    errors: 3,
  },
  {
    name: 'binary hits, a miss, several keys and an error',
    protocol: 'binary',
    stream: [
      binary(0x00, 0, 'xxxxxx'),
      binary(0x00, 1, 'Not found'),
      binary(0x0d, 0, 'key:00000001xx'),
      binary(0x0d, 0, 'key:00000002x'),
      binary(0x0a, 0, ''),
      binary(0x01, 3, 'Too large.'),
    ].join(''),
    replies: 4,
    hits: 3,
    errors: 1,
  },
  {
    name: 'bulk strings, a miss and states',
    protocol: 'redis',
    stream: '$5\r\nxxxxx\r\n$-1\r\n+OK\r\n:12\r\n$0\r\n\r\n',
    replies: 5,
    hits: 2,
    errors: 0,
  },
  {
    name: 'arrays count once',
    protocol: 'redis',
    stream: '*3\r\n$1\r\nx\r\n$-1\r\n$2\r\nxx\r\n*0\r\n*-1\r\n$1\r\nx\r\n',
    replies: 4,
    hits: 3,
    errors: 0,
  },
  { name: 'errors', protocol: 'redis', stream: '-ERR no\r\n+OK\r\n', replies: 2, hits: 0, errors: 1 },
];

/** Feeds pieces like the clients: the unused rest of one is presented again before the next. */
function feed(protocol: Protocol, pieces: readonly Buffer[]): { replies: number; hits: number; errors: number } {
  const counter = replyCounter(protocol);
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    // Bytes before and after the stretch must not matter.
    const bytes = Buffer.concat([Buffer.from('END\r\n'), rest, piece, Buffer.from('\r\nEND\r\n')]);
    const to = 5 + rest.length + piece.length;
    rest = bytes.subarray(counter.count(bytes, 5, to), to);
  }
  expect(rest.length).toBe(0);
  const { replies, hits, errors } = counter;
  return { replies, hits, errors };
}

describe.each(CASES)('$protocol: $name', ({ protocol, stream, replies, hits, errors }) => {
  const bytes = Buffer.from(stream, 'latin1');

  test('in one piece', () => {
    expect(feed(protocol, [bytes])).toEqual({ replies, hits, errors });
  });

  test('cut at every byte', () => {
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(feed(protocol, [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual({ replies, hits, errors });
    }
  });

  test('byte by byte', () => {
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(feed(protocol, pieces)).toEqual({ replies, hits, errors });
  });
});
