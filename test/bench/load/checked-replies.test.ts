// Checked replies are counted and read the same however the stream is cut, and a wrong one ends the round.

import { describe, expect, test } from 'vitest';
import { CheckedReplies } from './checked-replies.js';
import type { Protocol } from './plan.js';

interface Case {
  readonly name: string;
  readonly protocol: Protocol;
  readonly stream: string;
  readonly beginnings: readonly string[];
  readonly words: readonly (readonly string[])[];
}

const CASES: readonly Case[] = [
  {
    name: 'values, of which the first line has the words',
    protocol: 'memcached',
    stream: 'VALUE k 0 15\r\nJOB a 7 1\r\nbody\r\nEND\r\nVALUE k 0 4\r\nJOB \r\nEND\r\n',
    beginnings: ['JOB '],
    words: [
      ['JOB', 'a', '7', '1'],
      ['JOB', ''],
    ],
  },
  {
    name: 'a miss and a stored value',
    protocol: 'memcached',
    stream: 'END\r\nSTORED\r\n',
    beginnings: ['STORED', 'END'],
    words: [['END'], ['STORED']],
  },
  {
    name: 'arrays, of which the elements are the words',
    protocol: 'redis',
    stream: '*3\r\n$1\r\na\r\n:7\r\n$4\r\nb\r\nc\r\n*0\r\n',
    beginnings: ['*3\r\n$1\r\n', '*0'],
    words: [['a', '7', 'b\r\nc'], []],
  },
  {
    name: 'bulk strings, numbers and states',
    protocol: 'redis',
    stream: '$3\r\nx y\r\n:12\r\n+OK\r\n$-1\r\n',
    beginnings: ['$3\r\nx', ':1', '+OK', '$-1'],
    words: [['x', 'y'], ['12'], ['OK'], ['']],
  },
];

/** Feeds pieces like the clients: the unused rest of one is presented again before the next. */
function feed({ protocol, beginnings }: Case, pieces: readonly Buffer[]): CheckedReplies {
  const counter = new CheckedReplies(protocol);
  counter.expect({ call: 'call', beginnings: beginnings.map((text) => Buffer.from(text)), keepsWords: true });
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    // Bytes before and after the stretch must not matter.
    const bytes = Buffer.concat([Buffer.from('END\r\n'), rest, piece, Buffer.from('\r\nEND\r\n')]);
    const to = 5 + rest.length + piece.length;
    rest = bytes.subarray(counter.count(bytes, 5, to), to);
  }
  expect(rest.length).toBe(0);
  return counter;
}

describe.each(CASES)('$protocol: $name', (one) => {
  const bytes = Buffer.from(one.stream, 'latin1');

  test('are read the same, cut at every byte', () => {
    for (let cut = 0; cut < bytes.length; cut++) {
      const counter = feed(one, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(counter.words).toEqual(one.words);
      expect(counter.replies).toBe(one.words.length);
    }
  });
});

test.each([
  ['memcached', 'VALUE k 0 4\r\nLATE\r\nEND\r\n', 'queue:ack was answered by "LATE"'],
  ['memcached', 'CLIENT_ERROR no\r\n', 'queue:ack was answered by "CLIENT_ERROR no"'],
  ['memcached', 'VALUE k 0 1\r\nO\r\nEND\r\n', 'queue:ack was answered by "O"'],
  ['redis', '-ERR no\r\n', 'queue:ack was answered by "-ERR no\\r\\n"'],
] as const)('a reply of %s that begins otherwise is an error with its text: %j', (protocol, stream, message) => {
  const counter = new CheckedReplies(protocol);
  counter.expect({ call: 'queue:ack', beginnings: [Buffer.from('OK')], keepsWords: false });
  const bytes = Buffer.from(stream);
  expect(() => counter.count(bytes, 0, bytes.length)).toThrow(message);
});
