// Requests and replies: tables that run through an engine, with complete input and with input cut into pieces down to single bytes.

import { describe, expect, test } from 'vitest';
import { Outcome } from '../../../src/protocols/run.js';
import { Harness } from './harness.js';

/** Name, lines sent, lines expected; each line is ended by CR LF. */
type Row = readonly [name: string, send: readonly string[], expect: readonly string[]];

const MAX64 = '18446744073709551615';
const K250 = 'k'.repeat(250);
const K251 = 'k'.repeat(251);
const BAD = 'CLIENT_ERROR bad command line format';
/** Bytes: the work window of a thread. */
const LONGEST_NUMBER = 61 * 1024;
const NON_NUMERIC = 'CLIENT_ERROR cannot increment or decrement non-numeric value';

const STORAGE: readonly Row[] = [
  ['set and get', ['set a 5 0 3', 'abc', 'get a'], ['STORED', 'VALUE a 5 3', 'abc', 'END']],
  ['an empty value', ['set a 0 0 0', '', 'get a'], ['STORED', 'VALUE a 0 0', '', 'END']],
  [
    'a value that holds a reply',
    ['set a 0 0 8', 'END\r\n\0\r\n', 'get a'],
    ['STORED', 'VALUE a 0 8', 'END\r\n\0\r\n', 'END'],
  ],
  [
    'set replaces',
    ['set a 1 0 1', 'x', 'set a 2 0 2', 'yz', 'get a'],
    ['STORED', 'STORED', 'VALUE a 2 2', 'yz', 'END'],
  ],
  ['set noreply', ['set a 0 0 1 noreply', 'x', 'get a'], ['VALUE a 0 1', 'x', 'END']],
  ['set with a word that is no noreply', ['set a 0 0 1 foo', 'x'], ['STORED']],
  ['flags of 32 bits', ['set a 4294967295 0 1', 'x', 'get a'], ['STORED', 'VALUE a 4294967295 1', 'x', 'END']],
  ['add', ['add a 0 0 1', 'x', 'add a 0 0 1', 'y', 'get a'], ['STORED', 'NOT_STORED', 'VALUE a 0 1', 'x', 'END']],
  [
    'replace',
    ['replace a 0 0 1', 'x', 'set a 0 0 1', 'x', 'replace a 0 0 1', 'y', 'get a'],
    ['NOT_STORED', 'STORED', 'STORED', 'VALUE a 0 1', 'y', 'END'],
  ],
  [
    'append keeps flags',
    ['append a 9 0 1', 'x', 'set a 5 0 1', 'x', 'append a 9 0 2', 'yz', 'get a'],
    ['NOT_STORED', 'STORED', 'STORED', 'VALUE a 5 3', 'xyz', 'END'],
  ],
  [
    'prepend keeps flags',
    ['prepend a 9 0 1', 'x', 'set a 5 0 1', 'x', 'prepend a 9 0 2', 'yz', 'get a'],
    ['NOT_STORED', 'STORED', 'STORED', 'VALUE a 5 3', 'yzx', 'END'],
  ],
  [
    'append noreply',
    ['set a 0 0 1', 'x', 'append a 0 0 1 noreply', 'y', 'get a'],
    ['STORED', 'VALUE a 0 2', 'xy', 'END'],
  ],
  ['a value too short', ['set a 0 0 4', 'x', 'get a'], ['CLIENT_ERROR bad data chunk', 'ERROR']],
  [
    'a value too long',
    ['set a 0 0 1', 'x', 'set a 0 0 1', 'xyzwvu', 'get a'],
    ['STORED', 'CLIENT_ERROR bad data chunk', 'ERROR', 'VALUE a 0 1', 'x', 'END'],
  ],
  ['a value too long without reply', ['set a 0 0 1 noreply', 'xyz', 'get a'], [BAD, 'END']],
  [
    'a line whose length cannot be read is followed by its value as a command',
    ['set a 0 0 -1', 'x', 'version'],
    [BAD, BAD, 'VERSION 1.2.3'],
  ],
  ['a bad line without reply', ['set a 0 0 x noreply', 'version'], ['VERSION 1.2.3']],
  [
    'the value of a refused line is discarded, not run',
    [
      ...[
        'set a 0 0 1',
        'x',
        'set a -1 0 9',
        'flush_all',
        'set a 0 x 9',
        'flush_all',
        `set ${K251} 0 0 9`,
        'flush_all',
      ],
      ...['set my key 0 0 9', 'flush_all', 'set a 0 0 9 no more', 'flush_all', 'cas a 0 0 9 x', 'flush_all'],
      ...['append a\0b 0 0 9 noreply', 'flush_all', 'cas a 0 0 9', 'flush_all', '  add a -1 0 9', 'flush_all', 'get a'],
    ],
    ['STORED', BAD, BAD, BAD, BAD, 'ERROR', BAD, BAD, 'ERROR', 'VALUE a 0 1', 'x', 'END'],
  ],
  [
    'the value of a refused line without a key is discarded, not run',
    [
      ...[
        'set a 0 0 1',
        'x',
        'set  0 0 9',
        'flush_all',
        'add   0 0 9 noreply',
        'flush_all',
        ' append  0 0 9',
        'flush_all',
      ],
      ...['cas  0 0 9 123456', 'flush_all', 'cas  0 0 9 1 noreply', 'flush_all', 'set a 0 1', 'get a'],
    ],
    ['STORED', BAD, 'ERROR', BAD, BAD, 'VALUE a 0 1', 'x', 'END'],
  ],
  [
    'the value of a meta set is stored, and that of a refused one is discarded, not run',
    [
      ...['set a 0 0 1', 'x', 'ms k 9', 'flush_all', 'ms k 11 T0', 'flush_all\r\n', 'ms k', 'ms 5', 'ms k S9'],
      ...['ms  9', 'flush_all', 'ms my key 9 T0 I', 'flush_all', 'ms 5 9', 'flush_all', 'get a'],
    ],
    [
      'STORED',
      'HD',
      'HD',
      ...Array<string>(5).fill('CLIENT_ERROR bad command line format'),
      'HD',
      'VALUE a 0 1',
      'x',
      'END',
    ],
  ],
  [
    'the empty value of a refused line is an empty line',
    ['cas bad blah 0 0 0', '', 'cas bad 0 0 blah 0', '', 'set a -1 0 0', '', 'version'],
    [BAD, BAD, BAD, BAD, BAD, BAD, 'VERSION 1.2.3'],
  ],
  [
    'a length beyond any value is followed by the next command',
    ['set a 0 0 4294967295', 'version', 'set a 0 0 2147483646', 'version', `set a 0 0 ${MAX64}`, 'version'],
    [BAD, 'VERSION 1.2.3', BAD, 'VERSION 1.2.3', BAD, 'VERSION 1.2.3'],
  ],
  [
    'a bad data chunk keeps the old value',
    ['set a 0 0 1', 'x', 'set a 0 0 1', 'yz', 'get a'],
    ['STORED', 'CLIENT_ERROR bad data chunk', BAD, 'VALUE a 0 1', 'x', 'END'],
  ],
];

const CAS: readonly Row[] = [
  ['cas of a missing key', ['cas a 0 0 1 1', 'x'], ['NOT_FOUND']],
  [
    'cas without gets',
    ['set a 0 0 1', 'x', 'cas a 0 0 1 0', 'y', 'cas a 0 0 1 1', 'y', 'get a'],
    ['STORED', 'EXISTS', 'EXISTS', 'VALUE a 0 1', 'x', 'END'],
  ],
  [
    'cas with the token',
    ['set a 0 0 1', 'x', 'gets a', 'cas a 0 0 1 1', 'y', 'cas a 0 0 1 1', 'z', 'get a'],
    ['STORED', 'VALUE a 0 1 1', 'x', 'END', 'STORED', 'EXISTS', 'VALUE a 0 1', 'y', 'END'],
  ],
  [
    'incr makes a token outdated',
    ['set a 0 0 1', '5', 'gets a', 'incr a 1', 'cas a 0 0 1 1', 'y'],
    ['STORED', 'VALUE a 0 1 1', '5', 'END', '6', 'EXISTS'],
  ],
  [
    'append makes a token outdated',
    ['set a 0 0 1', '5', 'gets a', 'append a 0 0 1', 'x', 'cas a 0 0 1 1', 'y'],
    ['STORED', 'VALUE a 0 1 1', '5', 'END', 'STORED', 'EXISTS'],
  ],
  [
    'touch leaves the token',
    ['set a 0 0 1', 'x', 'gets a', 'touch a 100', 'gets a', 'cas a 0 0 1 1 noreply', 'y', 'get a'],
    ['STORED', 'VALUE a 0 1 1', 'x', 'END', 'TOUCHED', 'VALUE a 0 1 1', 'x', 'END', 'VALUE a 0 1', 'y', 'END'],
  ],
  ['a token beyond 64 bits', ['cas a 0 0 1 18446744073709551616', 'x'], [BAD]],
  ['the largest token', ['set a 0 0 1', 'x', `cas a 0 0 1 ${MAX64}`, 'x'], ['STORED', 'EXISTS']],
];

const RETRIEVAL: readonly Row[] = [
  ['a miss', ['get a'], ['END']],
  [
    'several keys',
    ['set a 0 0 1', 'x', 'set c 0 0 1', 'z', 'get a b c a'],
    ['STORED', 'STORED', 'VALUE a 0 1', 'x', 'VALUE c 0 1', 'z', 'VALUE a 0 1', 'x', 'END'],
  ],
  [
    'many spaces',
    ['set a 0 0 1', 'x', `get ${' '.repeat(5000)}a${' '.repeat(200)}`],
    ['STORED', 'VALUE a 0 1', 'x', 'END'],
  ],
  [
    'more spaces than a line may have bytes',
    ['set a 0 0 1', 'x', `get ${' '.repeat(20_000)}a a`],
    ['STORED', 'VALUE a 0 1', 'x', 'VALUE a 0 1', 'x', 'END'],
  ],
  ['no key', ['get', 'gets', 'get  ', `get ${' '.repeat(20_000)}`], [BAD, BAD, BAD, BAD]],
  [
    'gat',
    ['set a 0 0 1', 'x', 'gat 0 a b', 'gats 0 a', 'gat 0', 'gat', 'gat x a'],
    [
      'STORED',
      'VALUE a 0 1',
      'x',
      'END',
      'VALUE a 0 1 1',
      'x',
      'END',
      BAD,
      BAD,
      'CLIENT_ERROR invalid exptime argument',
    ],
  ],
  ['gat in the past', ['set a 0 0 1', 'x', 'gat -1 a', 'get a'], ['STORED', 'VALUE a 0 1', 'x', 'END', 'END']],
  [
    'keys of 250 and 251 bytes',
    [`set ${K250} 0 0 1`, 'x', `get ${K250}`, `get ${K251}`, `set ${K251} 0 0 1`, 'x'],
    ['STORED', `VALUE ${K250} 0 1`, 'x', 'END', BAD, BAD],
  ],
  [
    'a bad key replaces the whole reply',
    ['set a 0 0 1', 'x', `get a ${K251} a`, 'get a'],
    ['STORED', BAD, 'VALUE a 0 1', 'x', 'END'],
  ],
  [
    'keys of odd bytes',
    ['set \xff\x80 0 0 1', 'x', 'set __proto__ 0 0 1', 'y', 'get \xff\x80 __proto__ constructor'],
    ['STORED', 'STORED', 'VALUE \xff\x80 0 1', 'x', 'VALUE __proto__ 0 1', 'y', 'END'],
  ],
  [
    'control characters in keys',
    ['set a\x01b 0 0 1', 'x', 'set \x7f\t 0 0 1', 'y', 'set \ra 0 0 1', 'z', 'get a\x01b \x7f\t \ra a\x01'],
    [
      ...['STORED', 'STORED', 'STORED'],
      ...['VALUE a\x01b 0 1', 'x', 'VALUE \x7f\t 0 1', 'y', 'VALUE \ra 0 1', 'z', 'END'],
    ],
  ],
  ['a NUL in a key', ['get a\0b', 'set a\0b 0 0 1', 'x', 'delete a\0', 'touch a\0b 5'], [BAD, BAD, BAD, BAD]],
];

const ITEMS: readonly Row[] = [
  [
    'delete',
    ['delete a', 'set a 0 0 1', 'x', 'delete a', 'delete a', 'get a'],
    ['NOT_FOUND', 'STORED', 'DELETED', 'NOT_FOUND', 'END'],
  ],
  [
    'delete forms',
    ['delete a 0', 'delete a noreply', 'delete a 0 noreply', 'delete a 1', 'delete a b noreply', 'delete'],
    ['NOT_FOUND', 'NOT_FOUND', BAD],
  ],
  [
    'touch',
    ['touch a 0', 'set a 0 0 1', 'x', 'touch a 0', 'touch a x', 'touch a 0 noreply', 'touch a', 'touch a -1', 'get a'],
    ['NOT_FOUND', 'STORED', 'TOUCHED', 'CLIENT_ERROR invalid exptime argument', BAD, 'TOUCHED', 'END'],
  ],
  [
    'incr and decr',
    ['incr a 1', 'set a 7 0 1', '5', 'incr a 10', 'decr a 6', 'get a', 'decr a 100', 'incr a 1 noreply', 'get a'],
    ['NOT_FOUND', 'STORED', '15', '9', 'VALUE a 7 2', '9 ', 'END', '0', 'VALUE a 7 2', '1 ', 'END'],
  ],
  [
    'incr wraps at 2^64',
    ['set a 0 0 20', MAX64, 'incr a 1', 'decr a 1', `incr a ${MAX64}`, `incr a ${MAX64}`, 'get a'],
    ['STORED', '0', '0', MAX64, '18446744073709551614', 'VALUE a 0 20', '18446744073709551614', 'END'],
  ],
  [
    'beyond 2^53',
    ['set a 0 0 16', '9007199254740993', 'incr a 2', 'decr a 1'],
    ['STORED', '9007199254740995', '9007199254740994'],
  ],
  [
    'bad deltas',
    ['set a 0 0 1', '1', 'incr a x', 'incr a -1', 'incr a 18446744073709551616', 'incr a', 'incr a 1 2 3', 'incr b x'],
    [
      'STORED',
      ...new Array<string>(3).fill('CLIENT_ERROR invalid numeric delta argument'),
      BAD,
      'ERROR',
      'CLIENT_ERROR invalid numeric delta argument',
    ],
  ],
  [
    'values that are not numbers',
    [
      'set a 0 0 0',
      '',
      'incr a 1',
      'set a 0 0 2',
      '1x',
      'incr a 1',
      'set a 0 0 2',
      '-1',
      'decr a 1',
      'set a 0 0 20',
      '18446744073709551616',
      'incr a 1',
    ],
    ['STORED', NON_NUMERIC, 'STORED', NON_NUMERIC, 'STORED', NON_NUMERIC, 'STORED', NON_NUMERIC],
  ],
  ['a value that memcached has padded', ['set a 0 0 3', '9  ', 'incr a 1'], ['STORED', '10']],
  [
    'a number with blanks or a plus sign before it',
    ['set a 0 0 3', ' 12', 'incr a 1', 'set a 0 0 2', '+5', 'incr a 1', 'set a 0 0 2', '++', 'incr a 1'],
    ['STORED', '13', 'STORED', '6', 'STORED', NON_NUMERIC],
  ],
  [
    'the longest number with blanks after it, and a longer one',
    [
      `set a 0 0 ${LONGEST_NUMBER}`,
      '7'.padEnd(LONGEST_NUMBER),
      'incr a 1',
      `set a 0 0 ${LONGEST_NUMBER + 1}`,
      '7'.padEnd(LONGEST_NUMBER + 1),
      'incr a 1',
    ],
    ['STORED', '8', 'STORED', NON_NUMERIC],
  ],
];

const SERVER: readonly Row[] = [
  ['version', ['version', 'version foo'], ['VERSION 1.2.3', 'VERSION 1.2.3']],
  ['unknown commands', ['', 'foo', 'get', 'GET a', 'geta', ' get a'], [BAD, 'ERROR', BAD, 'ERROR', 'ERROR', 'ERROR']],
  [
    'verbosity',
    ['verbosity 1', 'verbosity 1 foo', 'verbosity 1 noreply', 'verbosity', 'verbosity x', 'verbosity 1 2 3'],
    ['OK', 'OK', BAD, BAD, 'ERROR'],
  ],
  [
    'flush_all',
    [
      'set a 0 0 1',
      'x',
      'flush_all',
      'get a',
      'set a 0 0 1',
      'x',
      'flush_all noreply',
      'get a',
      'flush_all -1',
      'flush_all 0 foo',
      'flush_all x',
      'flush_all 1 2 3',
    ],
    ['STORED', 'OK', 'END', 'STORED', 'END', 'OK', 'OK', 'CLIENT_ERROR invalid exptime argument', 'OK'],
  ],
  [
    'shutdown is off',
    ['shutdown', 'shutdown graceful', 'shutdown foo'],
    new Array<string>(3).fill('SERVER_ERROR: shutdown not enabled'),
  ],
  ['debugtime is off', ['debugtime 1'], ['ERROR']],
  [
    'tuning of the LRU list, which shows in the settings alone',
    [
      ...[
        'lru',
        'lru mode',
        'lru mode flat',
        'lru mode segmented noreply',
        'lru mode x',
        'lru temp_ttl',
        'lru temp_ttl 5',
      ],
      ...[
        'lru temp_ttl -1',
        'lru tune 10 25 0.1 2.0',
        'lru tune 10 25 x 2.0',
        'lru tune 60 60 1 1',
        'lru tune 0 0 0 0',
      ],
    ],
    [
      ...['ERROR', 'ERROR', 'OK', 'ERROR', 'ERROR', 'OK', 'OK', 'OK', 'ERROR'],
      ...['ERROR hot and warm pcts must not exceed 80', 'ERROR hot/warm age factors must be greater than 0'],
    ],
  ],
  [
    'tuning of slabs',
    [
      ...[
        'slabs',
        'slabs reassign 1',
        'slabs reassign 1 1',
        'slabs reassign -1 1',
        'slabs reassign 0 1',
        'slabs reassign x 1',
      ],
      ...['slabs automove', 'slabs automove 2', 'slabs automove 0 noreply', 'slabs automove 3', 'slabs automove x'],
      ...['slabs automove ratio 0.5', 'slabs automove ratio x', 'slabs automove ratio'],
      ...['slabs automove freeratio 0.1', 'slabs automove freeratio x', 'slabs automove window 10'],
      ...['slabs automove window x', 'slabs automove window'],
    ],
    [
      ...['ERROR', 'ERROR', 'SAME src and dst class are identical', 'BADCLASS invalid src or dst class id'],
      ...['NOSPARE source class has no spare pages', BAD, 'ERROR', 'OK', 'ERROR', BAD, 'OK', 'ERROR', 'ERROR'],
      ...['OK', 'ERROR', 'OK', BAD, BAD],
    ],
  ],
  [
    'the crawler, whose work always runs in the background',
    [
      ...['lru_crawler', 'lru_crawler enable', 'lru_crawler crawl all', 'lru_crawler crawl 1,2', 'lru_crawler crawl x'],
      ...['lru_crawler sleep 5', 'lru_crawler sleep 2000000', 'lru_crawler tocrawl x'],
      ...[
        'lru_crawler crawl 1 2',
        'lru_crawler metadump all x',
        'lru_crawler disable',
        'lru_crawler crawl 1',
        'lru_crawler metadump all',
      ],
      ...['lru_crawler enable', 'lru_crawler foo', 'lru_crawler foo 1', 'lru_crawler metadump'],
    ],
    [
      ...['ERROR', 'ERROR failed to start lru crawler thread', 'OK', 'OK', 'BADCLASS invalid class id', 'OK'],
      ...['CLIENT_ERROR sleep must be one second or less', BAD],
      ...['ERROR', 'ERROR', 'OK'],
      ...['CLIENT_ERROR lru crawler disabled', 'CLIENT_ERROR lru crawler disabled', 'OK', 'ERROR', 'ERROR', 'ERROR'],
    ],
  ],
  [
    'missing keys',
    ['cache_memlimit', 'cache_memlimit x', 'cache_memlimit 64', 'cache_memlimit 64 noreply', 'cache_memlimit 7'],
    [
      'ERROR',
      'ERROR',
      'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust',
      'MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m',
    ],
  ],
  ['watching what is unknown', ['watch foo', 'version'], ['ERROR', 'VERSION 1.2.3']],
  [
    'stats topics',
    [
      'stats foo',
      'stats maps',
      'stats noreply',
      'stats reset',
      'stats detail',
      'stats detail on',
      'stats detail off',
      'stats detail dump',
      'stats items',
      'stats sizes',
      'stats settings',
      'stats conns',
    ],
    [
      'ERROR',
      'ERROR',
      'ERROR',
      'RESET',
      'CLIENT_ERROR usage: stats detail on|off|dump',
      'OK',
      'OK',
      'END',
      'END',
      'STAT sizes_status disabled',
      'END',
      'END',
      'END',
    ],
  ],
];

const TABLES: Readonly<Record<string, readonly Row[]>> = { STORAGE, CAS, RETRIEVAL, ITEMS, SERVER };

/** Longer requests are not cut into single bytes. */
const LONG_REQUEST_BYTES = 2000;

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join('');
}

for (const [title, rows] of Object.entries(TABLES)) {
  describe(title.toLowerCase(), () => {
    test.each(rows)('%s', (_name, send, wanted) => {
      const requests = lines(send);
      const smallestPieceBytes = requests.length > LONG_REQUEST_BYTES ? 97 : 1;
      for (const pieceBytes of [65536, 7 * smallestPieceBytes, smallestPieceBytes]) {
        expect(new Harness().ask(requests, pieceBytes)).toBe(lines(wanted));
      }
    });
  });
}

describe('lines that end in a bare line feed are accepted', () => {
  test.each([1, 65536])('in pieces of %i', (pieceBytes) => {
    const harness = new Harness();
    expect(harness.ask('set a 0 0 1\nx\r\nget a\nget a b\ndelete a\n', pieceBytes)).toBe(
      lines(['STORED', 'VALUE a 0 1', 'x', 'END', 'VALUE a 0 1', 'x', 'END', 'DELETED']),
    );
  });
});

describe('the end of a connection', () => {
  test.each([
    ['quit', 'quit\r\nversion\r\n', ''],
    ['quit with a word', 'quit foo\r\n', ''],
    ['the binary protocol', `\x80${'\0'.repeat(23)}`, ''],
    ['a binary set whose value is a command', `\x80\x01\0\x01${'\0'.repeat(28)}a\r\nflush_all\r\n`, ''],
    ['the first byte of the binary protocol', '\x80', ''],
    ['a browser', 'GET / HTTP/1.1\r\n', ''],
    ['a browser that posts', 'POST /x HTTP/1.0\r\nversion\r\n', ''],
    ['a line of 2049 bytes without an end', 'x'.repeat(2049), 'CLIENT_ERROR line too long\r\n'],
    ['a number of 9000 digits', `set a 0 0 ${'1'.repeat(9000)}`, 'CLIENT_ERROR line too long\r\n'],
    ['an exptime of 9000 digits', `gat ${'1'.repeat(9000)}`, 'CLIENT_ERROR line too long\r\n'],
  ])('%s', (_name, send, reply) => {
    const client = new Harness().connect();
    expect(client.send(send)).toBe(reply);
    expect(client.ended).toBe(Outcome.CLOSE);
  });
});

describe('options of commands', () => {
  test('without cas make gets show 0 and cas fail', () => {
    expect(new Harness({ casEnabled: false }).ask(lines(['set a 0 0 1', 'x', 'gets a', 'cas a 0 0 1 0', 'y']))).toBe(
      lines(['STORED', 'VALUE a 0 1 0', 'x', 'END', 'EXISTS']),
    );
  });

  test('can forbid flush_all', () => {
    expect(
      new Harness({ flushEnabled: false }).ask(lines(['flush_all', 'flush_all 0 noreply', 'flush_all 1 2 3'])),
    ).toBe(lines(['CLIENT_ERROR flush_all not allowed', 'CLIENT_ERROR flush_all not allowed']));
  });

  test.each([
    ['shutdown\r\n', '', Outcome.SHUTDOWN],
    ['shutdown graceful\r\n', '', Outcome.SHUTDOWN_GRACEFUL],
    ['shutdown foo\r\n', 'CLIENT_ERROR invalid shutdown mode\r\n', undefined],
  ])('shutdown can be allowed: %j', (send, reply, outcome) => {
    const client = new Harness({ shutdownEnabled: true }).connect();
    expect(client.send(send)).toBe(reply);
    expect(client.ended).toBe(outcome);
  });

  test('pass the verbosity on to the server', () => {
    const levels: number[] = [];
    new Harness({ setVerbosity: (level) => levels.push(level) }).ask('verbosity 2\r\nverbosity 0 noreply\r\n');
    expect(levels).toEqual([2, 0]);
  });

  test('with debug commands let debugtime move the clock, so that items expire', () => {
    const send = [
      'set a 0 10 1',
      'x',
      'set b 0 0 1',
      'y',
      'debugtime 9',
      'get a',
      'debugtime 1',
      'get a',
      'get b',
      'flush_all 5',
      'get b',
      'debugtime 5',
      'get b',
    ];
    expect(new Harness({ debugCommands: true }).ask(lines(send))).toBe(
      lines([
        'STORED',
        'STORED',
        'OK',
        'VALUE a 0 1',
        'x',
        'END',
        'OK',
        'END',
        'VALUE b 0 1',
        'y',
        'END',
        'OK',
        'VALUE b 0 1',
        'y',
        'END',
        'OK',
        'END',
      ]),
    );
  });
});
