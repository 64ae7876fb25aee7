// The same conversations with memcached and with our engine: the replies must be the same, except for the intended differences in a
// separate table. Runs only if memcached is installed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Harness, type HarnessOptions } from '../protocols/text/harness.js';
import { ask, memcachedVersion, type Peer, startMemcached } from './memcached.js';

const K250 = 'k'.repeat(250);
const K251 = 'k'.repeat(251);
const MAX64 = '18446744073709551615';
const DIGITS_400 = '9'.repeat(400);
const SET_A = 'set a 5 0 1\r\nx\r\n';
const SET_5 = 'set n 7 0 1\r\n5\r\n';
const BAD = 'CLIENT_ERROR bad command line format\r\n';
const ERROR = 'ERROR\r\n';
const MEGABYTE = 'y'.repeat(1_000_000);
const LARGE = `2000000\r\n${'y'.repeat(2_000_000)}\r\nget a\r\n`;

/** Around the limits of signed 32-bit and 64-bit numbers; memcached reads 64 bits and keeps the lowest 32. */
const EXPTIMES = [
  ...['-1', '1000', '2592000', '-2147483648', '-2147483649', '-4294967295', '-4294967296', '-4294967297'],
  ...['2147483647', '2147483648', '2147483649', '4294967294', '4294967295', '4294967296', '4294967396', '8589934591'],
  ...['9007199254741092', '1700000000000', '9223372036854775807', '-9223372036854775808'],
];

/** Each is a separate conversation on an empty cache. */
const SAME: readonly string[] = [
  // Lines and words
  ...['foo\r\n', 'foo a b c\r\n', 'GET a\r\n', 'geta\r\n'],
  ...['get a\n', 'get  a  b \r\n', `get ${' '.repeat(1500)}a\r\n`, `${'x'.repeat(2000)}\r\n`],
  ...['GET / HTTP/1.0\r\nversion\r\n', 'POST /x HTTP/1.1\r\n', 'quit\r\nget a\r\n', 'quit foo\r\nget a\r\n'],
  // Storage
  `${SET_A}get a\r\n`,
  `${SET_A}set a 1 0 2\r\nyz\r\nget a\r\n`,
  'set a 0 0 0\r\n\r\nget a\r\n',
  'set a 0 0 8\r\nEND\r\n\0\r\n\r\nget a\r\n',
  'set a 0 0 1 noreply\r\nx\r\nget a\r\n',
  'set a 0 0 1 foo\r\nx\r\nget a\r\n',
  'set a 0 0 1\nx\nget a\r\n',
  'set a 0 0 1\r\nx\nget a\r\n',
  `${SET_A}set a 0 0 1\r\nxyzwvu\r\nget a\r\n`,
  'set a 0 0 4\r\nx\r\nget a\r\n',
  ...['-1', '1e3', '0x10', DIGITS_400, 'x', 'abc noreply'].map((length) => `set a 0 0 ${length}\r\nxx\r\nversion\r\n`),
  ...['01', `${'0'.repeat(30)}1`].map((length) => `set a 0 0 ${length}\r\nx\r\nget a\r\n`),
  ...['4294967295', '0', '00001'].map((flags) => `set a ${flags} 0 1\r\nx\r\nget a\r\n`),
  ...EXPTIMES.flatMap((time) => [
    `set a 0 ${time} 1\r\nx\r\nget a\r\n`,
    `${SET_A}touch a ${time}\r\nget a\r\n`,
    `${SET_A}gat ${time} a\r\nget a\r\n`,
    `${SET_A}gats ${time} b\r\nget a\r\n`,
  ]),
  // The missing one means 1 second, which memcached treats as none.
  ...EXPTIMES.filter((time) => time !== '-4294967295').map((time) => `${SET_A}flush_all ${time}\r\nget a\r\n`),
  `set a 0 0 1 ${'z '.repeat(30)}\r\n`,
  `set ${K250} 0 0 1\r\nx\r\nget ${K250}\r\n`,
  'set \xff\x80 0 0 1\r\nx\r\nget \xff\x80\r\n',
  'set __proto__ 0 0 1\r\nx\r\nget __proto__ constructor\r\n',
  `${SET_A}set a 0 0 ${LARGE}`,
  `${SET_A}set a 0 0 2000000 noreply\r\n${'y'.repeat(2_000_000)}\r\nget a\r\n`,
  `${SET_A}add a 0 0 ${LARGE}`,
  `append a 0 0 ${LARGE}`,
  `set a 0 0 600000\r\n${'y'.repeat(600_000)}\r\nget a\r\nappend a 0 0 2\r\nzz\r\nget a\r\n`,
  `${SET_A}add a 0 0 1\r\ny\r\nadd b 0 0 1\r\nz\r\nget a b\r\n`,
  `replace a 0 0 1\r\ny\r\n${SET_A}replace a 0 0 1\r\ny\r\nget a\r\n`,
  `append a 0 0 1\r\ny\r\nprepend a 0 0 1\r\ny\r\n${SET_A}append a 9 0 1\r\ny\r\nprepend a 3 0 1 noreply\r\nw\r\nget a\r\n`,
  `${SET_A}add a 0 0 5\r\nabc\r\n\r\nget a\r\n`,
  'append a 0 0 x\r\n',
  // cas
  ...['1', '1 foo', '1 noreply', MAX64].map((token) => `${SET_A}cas a 0 0 1 ${token}\r\ny\r\n`),
  'cas a 0 0 1 1\r\nx\r\n',
  `${SET_A}cas a 0 0 1 0\r\ny\r\nget a\r\n`,
  // Items
  'delete a\r\nset a 0 0 1\r\nx\r\ndelete a\r\ndelete a\r\nget a\r\n',
  ...['a', 'a 0', 'a noreply', 'a 0 noreply', 'noreply', K251].map((line) => `delete ${line}\r\n`),
  ...[
    'n 1',
    'n x',
    'n -1',
    'n 1 noreply',
    'n noreply',
    'n 1 2 3',
    `n ${MAX64}`,
    'n 18446744073709551616',
    `${K251} 1`,
  ].map((line) => `${SET_5}incr ${line}\r\nget n\r\n`),
  `${SET_5}incr n 10\r\ndecr n 5\r\nincr n 90\r\nget n\r\nincr b 1\r\ndecr b x\r\n`,
  `${SET_5}decr n 100\r\nget n\r\n`,
  // A number never gets shorter: blanks follow it.
  'set n 0 0 2\r\n10\r\ndecr n 1\r\nget n\r\nincr n 91\r\nget n\r\n',
  `set n 0 0 20\r\n${MAX64}\r\nincr n 1\r\nget n\r\n`,
  ...[
    '1 xy',
    '1\txy',
    ' \t+5',
    `${'0'.repeat(20)}1`,
    `${' '.repeat(99)}7`,
    '1-',
    '-1',
    '+',
    // A blank alone is not compared: memcached reads on into whatever bytes follow the value.
    '+ 1',
    '++1',
    '1\0',
  ].map((value) => `set n 0 0 ${value.length}\r\n${value}\r\nincr n 1\r\nget n\r\ndecr n 1\r\nget n\r\n`),
  'set a +5 +100 +1\r\nx\r\nget a\r\ntouch a +100\r\ngat +100 a\r\n',
  `${SET_5}incr n +10\r\ndecr n ++1\r\ncas n 0 0 1 +1\r\nx\r\n`,
  'set a 0 0 +1\r\nxxxxx\r\n',
  ...['4294967296', '99999999999', MAX64].map((flags) => `set a ${flags} 0 1\r\nx\r\nget a\r\n`),
  ...['abc', '', '1x', '-1', '18446744073709551616'].map(
    (value) => `set n 0 0 ${value.length}\r\n${value}\r\nincr n 1\r\n`,
  ),
  'set n 0 0 2\r\n1 \r\nincr n 1\r\n',
  'set n 0 0 2\r\n 1\r\nincr n 1\r\n',
  'set n 0 0 2\r\n+1\r\nincr n 1\r\n',
  ...['a 0', 'a x', 'a 1e3', 'a 0 noreply', 'a noreply', 'a 0 foo', 'a 0 1 2', 'a -1', `${K251} 0`, `${K251} x`].map(
    (line) => `${SET_A}touch ${line}\r\nget a\r\n`,
  ),
  ...['x', '0 a', '0 a b a', 'x a', '-1 a', `0 ${K251}`, '1e3 a'].map((line) => `gat ${line}\r\n`),
  `${SET_A}gat 0 a b a\r\ngat -1 a\r\nget a\r\n`,
  `${SET_A}get${' a'.repeat(3000)}\r\n`,
  // The server
  ...['', 'noreply', '0 noreply', '-1', 'x', '0 foo', '0 0', 'foo noreply'].map(
    (line) => `${SET_A}flush_all ${line}\r\nget a\r\nversion\r\n`,
  ),
  ...['1', '0', 'x', '-1', '1 noreply', 'noreply', '1 foo', '1 2 3', '1 2 3 4 5'].map(
    (line) => `verbosity ${line}\r\n`,
  ),
  ...['debugtime 1\r\n', 'misbehave\r\n'],
  ...[
    'foo',
    'maps',
    'noreply',
    'reset',
    'reset foo',
    'detail',
    'detail off',
    'detail foo',
    'detail dump',
    'items',
    'a b c d',
  ].map((line) => `stats ${line}\r\n`),
  ...[
    'cache_memlimit\r\n',
    'slabs\r\n',
    'lru\r\n',
    'lru mode\r\n',
    'lru temp_ttl\r\n',
    'lru_crawler\r\n',
    'lru_crawler foo\r\n',
  ],
  ...['lru_crawler metadump x\r\n', 'slabs automove 0\r\n', 'lru mode flat\r\n', 'slabs reassign 1 1\r\n'],
  ...['', '1', '1 10', '0 0', '99 0', 'x 1', '-1 1', '1 x'].map((line) => `stats cachedump ${line}\r\n`),
  ...['stats extstore\r\n', 'stats proxy\r\n'],
  ...['append', 'prepend'].map(
    (verb) => `set a 0 0 1000000\r\n${MEGABYTE}\r\n${verb} a 0 0 1000000\r\n${MEGABYTE}\r\n`,
  ),
  ...['metadump all', 'metadump x', 'metadump all x'].map((dump) => `mg a v\r\nlru_crawler ${dump}\r\nversion\r\n`),
  ...['watch\r\n', 'watch foo\r\n'].map((line) => `version\r\n${line}version\r\n`),
  ...['lru_crawler metadump\r\n', 'lru_crawler tocrawl\r\n', 'lru_crawler tocrawl 5\r\n'],
];

const DISABLED = 'SERVER_ERROR: shutdown not enabled\r\n';

/** Lines that memcached 1.6.45 takes for malformed: commands without their arguments, and lines of less than four bytes. */
const MALFORMED: readonly string[] = [
  ...['', ' ', 'x', 'get', 'gets', 'get ', 'gat', 'gat 0', 'gat 0  ', 'set', 'set a', 'set a 0', 'set a 0 0'],
  ...['add a 0 0', 'incr', 'incr n', 'touch', 'touch a', 'delete', 'verbosity'],
];

/** The replies, ours included, in which memcached 1.6.45 differs from the installed memcached, as recorded. */
const NEWER: readonly (readonly [send: string, ours: string])[] = [
  ...MALFORMED.map((line) => [`${line}\r\n`, BAD] as const),
  ['\n', BAD],
  ['set a 0 0 1\r\nxy\r\nget a\r\n', `CLIENT_ERROR bad data chunk\r\n${BAD}END\r\n`],
  ['set a 0 0 1 noreply\r\nxyz\r\nget a\r\n', `${BAD}END\r\n`],
  ['set a 0 0 x\r\nx\r\nversion\r\n', `${BAD}${BAD}VERSION 1.6.18\r\n`],
  ...['a 1', 'a 00', 'a foo', 'a 0 foo', 'a b c d'].map((line) => [`delete ${line}\r\n`, 'NOT_FOUND\r\n'] as const),
  ...['1 2 3', '1 2 3 4'].map((line) => [`flush_all ${line}\r\n`, 'OK\r\n'] as const),
  ['  get a\r\n', ERROR],
  ...['all', '2'].map((what) => [`lru_crawler metadump ${what}\r\n`, 'OK\r\nEND\r\n'] as const),
  ...['', ' graceful', ' a b'].map((mode) => [`shutdown${mode}\r\n`, DISABLED] as const),
];

const FLUSH = 'flush_all';

/** Storage lines that are refused, with the reply to the line itself. The block of each holds a command. */
const REFUSED: readonly (readonly [line: string, reply: string])[] = [
  ...['-1', 'x', '1e3', DIGITS_400].map((flags) => [`set k ${flags} 0 9`, BAD] as const),
  ...['x', '1e3', '--1', '-', '9223372036854775808', DIGITS_400].map((time) => [`set k 0 ${time} 9`, BAD] as const),
  ...['set', 'add', 'replace', 'append', 'prepend'].map((command) => [`${command} ${K251} 0 0 9`, BAD] as const),
  [`set ${K251} 0 0 9 noreply`, ''],
  [`cas ${K251} 0 0 9 1`, BAD],
  ['set k 0 0 9 noreply foo', ERROR],
  ['set k 0 0 9 a b c d', ERROR],
  ['set my key 0 0 9', BAD],
  ['set my own key 0 0 9', ERROR],
  ['set my own very long key 0 0 9', ERROR],
  ['set my own very long key 0 0 9 noreply', ERROR],
  ['cas my key 0 0 9 123', BAD],
  ['cas my own key 0 0 9 123 noreply', ERROR],
  ...['x', '-1', '18446744073709551616'].map((token) => [`cas k 0 0 9 ${token}`, BAD] as const),
  ['cas k 0 0 9 noreply', ''],
  ['cas k 0 0 9', BAD],
];

/** Lengths that are refused though they can be read: no client sends such a block, so the next line is the next request. */
const TOO_LONG = ['2147483646', '2147483647', '4294967295', MAX64];

/** Intended differences from memcached 1.6.18, with the reason. */
const DIFFERENT: readonly (readonly [why: string, send: string, ours: string])[] = [
  ['a key does not end at a NUL', 'get a\0b\r\n', 'CLIENT_ERROR bad command line format\r\n'],
  [
    'an error does not swallow replies to earlier requests',
    `${SET_A}get a ${K251}\r\n`,
    'STORED\r\nCLIENT_ERROR bad command line format\r\n',
  ],
  ['a line that is too long is told before the end', 'x'.repeat(9000), 'CLIENT_ERROR line too long\r\n'],
  [
    'more memory than was reserved at the start',
    'cache_memlimit 64\r\n',
    'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n',
  ],
];

/** memcached with other flags, and our options for the same. */
const WITH_FLAGS: readonly (readonly [flag: string, options: HarnessOptions, send: string])[] = [
  ['-C', { casEnabled: false }, `${SET_A}gets a\r\ncas a 0 0 1 0\r\ny\r\ncas a 0 0 1 5\r\nz\r\nget a\r\n`],
  ['-F', { flushEnabled: false }, 'flush_all\r\nflush_all 0 noreply\r\n'],
  ['-A', { shutdownEnabled: true }, 'shutdown foo\r\nshutdown a b\r\n'],
];

const version = memcachedVersion();

function title(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 60)} ... ${text.slice(-30)}` : text);
}

function named(conversations: readonly string[]): (readonly [string, string])[] {
  return conversations.map((text) => [title(text), text]);
}

describe.runIf(version !== undefined)(`compared with memcached ${version ?? '(not installed)'}`, () => {
  let peer: Peer;
  beforeAll(async () => {
    peer = await startMemcached();
  });
  afterAll(() => peer.stop());

  async function theirs(send: string): Promise<string> {
    await ask(peer.port, 'flush_all\r\n');
    return await ask(peer.port, send);
  }

  function ours(send: string): string {
    return new Harness({ limitBytes: 8 * 1024 * 1024, version: version ?? '' }).ask(send);
  }

  test.each(named(SAME))('%s', async (_title, send) => {
    expect(ours(send)).toBe(await theirs(send));
  });

  test.each(REFUSED)('the block after %j is not run as commands', async (line, reply) => {
    const send = `${SET_A}${line}\r\n${FLUSH}\r\nget a\r\n`;
    expect(ours(send)).toBe(`STORED\r\n${reply}VALUE a 5 1\r\nx\r\nEND\r\n`);
    // memcached runs them, or parses the line again.
    expect(await theirs(send)).toMatch(/^STORED\r\n(.*\r\n)?(OK|ERROR)\r\n/);
  });

  test.each(TOO_LONG)('a line that announces %s bytes is followed by the next request', async (length) => {
    const send = `${SET_A}set k 0 0 ${length}\r\n${FLUSH}\r\nget a\r\n`;
    expect(ours(send)).toBe(`STORED\r\n${BAD}OK\r\nEND\r\n`);
    expect(await theirs(send)).toBe(ours(send));
  });

  test.each(NEWER)('like 1.6.45 and unlike 1.6.18: %j', async (send, wanted) => {
    expect(ours(send)).toBe(wanted);
    expect(await theirs(send)).not.toBe(wanted);
  });

  test('a key may contain each byte that memcached accepts, at any position', async () => {
    for (let byte = 1; byte < 256; byte++) {
      const key = [`a${String.fromCharCode(byte)}b`, `${String.fromCharCode(byte)}a`, `a${String.fromCharCode(byte)}`];
      if (byte === 0x0a || byte === 0x20) continue;
      const sends = key.map(
        (key) => `set ${key} 0 0 1\r\nx\r\nget ${key}\r\nget z ${key} a\r\nincr ${key} 1\r\ndelete ${key}\r\n`,
      );
      const send = sends.join('');
      const [wanted, got] = [await theirs(send), ours(send)];
      expect([byte, got]).toEqual([byte, wanted]);
      expect(wanted.match(/STORED/g)).toHaveLength(3);
    }
  });

  test.each(DIFFERENT)('%s', async (_why, send, wanted) => {
    expect(ours(send)).toBe(wanted);
    expect(await theirs(send)).not.toBe(wanted);
  });

  test.each(WITH_FLAGS)('started with %s', async (flag, options, send) => {
    const other = await startMemcached([flag]);
    try {
      expect(new Harness(options).ask(send)).toBe(await ask(other.port, send));
    } finally {
      other.stop();
    }
  });
});
