// Requests that have crashed or confused a cache server before, in each protocol, and their replies. Requests that are merely wrong are in
// the tests of each protocol; one key more than 65,535 times is in three-protocols.test.ts.

import { frame, Opcode, storageExtras, uint32 } from './binary/frames.js';

export interface NotoriousRequest {
  readonly name: string;
  readonly protocol: 'text' | 'meta' | 'binary';
  readonly send: Buffer;
  /** The reply's text; for the binary protocol the status of each reply. */
  readonly reply: string | RegExp | readonly number[];
  readonly closes: boolean;
}

const BAD = 'CLIENT_ERROR bad command line format\r\n';
const ERROR = 'ERROR\r\n';
const TOO_LARGE = 'SERVER_ERROR object too large for cache\r\n';
const BAD_CHUNK = 'CLIENT_ERROR bad data chunk\r\n';
const VERSION = 'VERSION 1.2.3\r\n';
const KEY = 'VALUE key 0 1\r\nx\r\n';

const [INVALID, UNKNOWN, MISSING] = [0x04, 0x81, 0x01];

function lines(
  protocol: 'text' | 'meta',
  rows: Readonly<Record<string, readonly [send: string, reply: string | RegExp]>>,
): readonly NotoriousRequest[] {
  return Object.entries(rows).map(([name, [send, reply]]) => ({
    name,
    protocol,
    send: Buffer.from(send, 'latin1'),
    reply,
    closes: false,
  }));
}

const TEXT = lines('text', {
  'stats maps': ['stats maps\r\n', ERROR],
  'lru mode without argument': ['lru mode\r\nversion\r\n', `${ERROR}${VERSION}`],
  'lru temp_ttl without argument': ['lru temp_ttl\r\nversion\r\n', `${ERROR}${VERSION}`],
  'a bare line feed': ['\nversion\r\n', `${BAD}${VERSION}`],
  'a get that ends with a bare line feed': ['get\nget \nget key\n', `${BAD.repeat(2)}${KEY}END\r\n`],
  'many spaces after get': [`get ${' '.repeat(100_000)}key\r\n`, `${KEY}END\r\n`],
  'many spaces and nothing after get': [`get ${' '.repeat(100_000)}\r\n`, BAD],
  'many line feeds': ['\n'.repeat(10_000), BAD.repeat(10_000)],
  'a body of 2^31 bytes': ['set a 0 0 2147483648\r\nversion\r\n', `${BAD}${VERSION}`],
  'a body of 2^32 bytes': ['set a 0 0 4294967296\r\nversion\r\n', `${BAD}${VERSION}`],
  'a body of almost 2^31 bytes': ['set a 0 0 2147483645\r\nversion\r\n', TOO_LARGE],
  'a body of -2 bytes': ['set a 0 0 -2\r\n\r\nversion\r\n', `${BAD.repeat(2)}${VERSION}`],
  'a set of over 512 KB without its final line end': [
    `set a 0 0 600000\r\n${'v'.repeat(600_000)}version\r\nget a\r\n`,
    `${BAD_CHUNK}${ERROR}END\r\n`,
  ],
  'a metadump': ['lru_crawler metadump all\r\n', /^OK\r\nkey=key [^\r\n]*\n+END\r\n$/],
});

const META = lines('meta', {
  'flags that are there twice, or no letters': [
    'mg a v v v \xff\r\nmg a \xff\r\nmg a !\r\nmn\r\n',
    `CLIENT_ERROR duplicate flag\r\n${BAD.repeat(2)}MN\r\n`,
  ],
  'flags without their tokens': [
    'mg a N\r\nmg a T R\r\nmg a S\r\nms a S1 O\r\nma a N\r\nmd a C\r\nmn\r\n',
    `${'CLIENT_ERROR bad token in command line format\r\n'.repeat(2)}CLIENT_ERROR invalid flag\r\n${BAD}CLIENT_ERROR invalid or duplicate flag\r\nCLIENT_ERROR bad token in command line format\r\nMN\r\n`,
  ],
  'flags of thousands of letters': [
    `mg key ${'k'.repeat(1500)}\r\nmg key k${' '.repeat(1500)}q\r\n`,
    'HD kkey\r\nHD kkey\r\n',
  ],
  'hundreds of flags': [`mg key${' k'.repeat(700)}\r\nmn\r\n`, 'CLIENT_ERROR options flags are too long\r\nMN\r\n'],
  'ms with an opaque token that is too long': [
    `ms a 1 O${'1'.repeat(40)}\r\nx\r\nms a 1 O${'1'.repeat(1900)} q\r\nx\r\nmg a\r\n`,
    `${'CLIENT_ERROR opaque token too long\r\n'.repeat(2)}EN\r\n`,
  ],
  'ms with an empty opaque token': ['ms b 1 O\r\nx\r\nmd b O q\r\nmn\r\n', 'HD O\r\nMN\r\n'],
  'a bare line feed': ['mg\nmg \n\nmg key\nmn\n', `${BAD.repeat(3)}HD\r\nMN\r\n`],
  'many spaces after mg': [`mg ${' '.repeat(1500)}key v\r\n`, 'VA 1\r\nx\r\n'],
  'a body of 2^31 bytes': ['ms a 2147483648\r\nmn\r\n', `${BAD}MN\r\n`],
  'a body of 2^32 bytes': ['ms a 4294967298\r\nmn\r\n', `${BAD}MN\r\n`],
  'a body of almost 2^31 bytes': ['ms a 2147483645 q\r\nmn\r\n', TOO_LARGE],
  'a body of -2 bytes': ['ms a -2\r\n\r\nmn\r\n', `${BAD.repeat(2)}MN\r\n`],
  'a set of over 512 KB without its final line end': [
    `ms a 600000 q\r\n${'v'.repeat(600_000)}mnmn\r\nmg a\r\n`,
    `${BAD_CHUNK}MN\r\nEN\r\n`,
  ],
  'a key in base64 of 250 bytes that decodes to less': [
    `mg ${'QUFB'.repeat(62)} b\r\nms ${'QUFB'.repeat(63)} 1 b\r\nx\r\nmn\r\n`,
    `EN\r\n${BAD}MN\r\n`,
  ],
});

const BINARY: readonly NotoriousRequest[] = (
  [
    [
      'a set with a body of over 2^31 bytes',
      Opcode.set,
      { key: 'a', extras: storageExtras(), bodyLength: 2 ** 31 + 8 },
    ],
    ['a set with a body of 2^32-1 bytes', Opcode.set, { key: 'a', extras: storageExtras(), bodyLength: 2 ** 32 - 1 }],
    ['an append with a body of over 2^31 bytes', Opcode.append, { key: 'a', bodyLength: 2 ** 31 + 1 }],
    ['a quiet append with a body of 2^32-1 bytes', Opcode.appendq, { key: 'a', bodyLength: 2 ** 32 - 1 }],
    ['a login with a body of over 2^31 bytes', Opcode.saslAuth, { key: 'PLAIN', bodyLength: 2 ** 31 + 5 }],
    ['a get with extras', Opcode.get, { key: 'key', extras: uint32(1) }],
    ['a get with 255 bytes of extras', Opcode.get, { key: 'key', extras: Buffer.alloc(255) }],
    ['a set with longer extras than it has', Opcode.set, { key: 'a', value: 'x', extras: Buffer.alloc(9) }],
  ] as const
).map(([name, opcode, parts]) => binary(name, frame(opcode, parts), [INVALID], true));

const BINARY_OTHERS: readonly NotoriousRequest[] = [
  binary(
    'a set whose key is beyond its body',
    frame(Opcode.set, { keyLength: 65_535, extras: storageExtras() }),
    [UNKNOWN],
    true,
  ),
  binary(
    'an append whose key is beyond its body',
    frame(Opcode.append, { key: 'abc', bodyLength: 2 }),
    [UNKNOWN],
    true,
  ),
  binary(
    'a login whose mechanism is beyond its body',
    frame(Opcode.saslAuth, { key: 'PLAIN', bodyLength: 4 }),
    [UNKNOWN],
    true,
  ),
  binary('a get whose extras are beyond its body', frame(Opcode.get, { extrasLength: 255 }), [UNKNOWN], true),
  binary('stat maps', frame(Opcode.stat, { key: 'maps' }), [MISSING]),
  binary('a step of a login before its start', frame(Opcode.saslStep, { key: 'PLAIN', value: 'x' }), [UNKNOWN]),
  binary('a delete of a key of odd bytes', frame(Opcode.delete, { key: `\xff\0%n${'k'.repeat(246)}` }), [MISSING]),
  binary('a line of the text protocol', Buffer.from('get key\r\n'), [], true),
  binary(
    'a set of over 512 KB that is cut off',
    frame(Opcode.set, { key: 'a', extras: storageExtras(), value: 'v'.repeat(600_000) }).subarray(0, 599_999),
    [],
  ),
];

function binary(name: string, send: Buffer, reply: readonly number[], closes = false): NotoriousRequest {
  return { name, protocol: 'binary', send, reply, closes };
}

/** No value of a binary request may be read as a command. */
const BINARY_HEADER: NotoriousRequest = {
  name: 'the header of a binary request',
  protocol: 'text',
  send: Buffer.from('\x80\x01\x00\x05\xff\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00\r\nversion\r\n', 'latin1'),
  reply: '',
  closes: true,
};

export const NOTORIOUS_REQUESTS: readonly NotoriousRequest[] = [
  BINARY_HEADER,
  ...TEXT,
  ...META,
  ...BINARY,
  ...BINARY_OTHERS,
];
