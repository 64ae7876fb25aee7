// Every command of the Python clients against the built server. Each script runs once; its results are compared one by one. The test name
// says if a client is not installed.

import { describe, expect, test } from 'vitest';
import { startProcess } from '../../app/server-process.js';
import { pythonWith, runScript } from './programs.js';

const BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
/** Bytes of all kinds, including some that look like a reply. */
const ODD = `${BYTES}\r\nEND\r\nVALUE a 0 1\r\n\0`;

interface Client {
  readonly client: string;
  readonly module: string;
  readonly script: string;
  /** The expected results of the calls, by name. */
  readonly results: Readonly<Record<string, unknown>>;
}

const CLIENTS: readonly Client[] = [
  {
    client: 'pymemcache',
    module: 'pymemcache',
    script: 'use_pymemcache.py',
    results: {
      set: true,
      get: '1',
      'get missing': 'default',
      'set with flags': true,
      add: [false, true],
      replace: [true, false],
      append: [true, false],
      prepend: [true, false],
      'get joined': '234',
      gets: ['234', true],
      'gets missing': [null, null],
      cas: [true, false, null],
      'get after cas': '5',
      gets_many: { a: ['5', true], b: ['2', true] },
      set_many: [],
      set_multi: [],
      get_many: { m1: '1', m2: '2', m3: ODD, m4: '' },
      get_multi: { m1: '1' },
      delete_many: true,
      delete_multi: true,
      'get_many after delete': { m4: '' },
      incr: ['18446744073709551615', 0, null],
      decr: [0, null],
      'incr of text': 'MemcacheClientError',
      delete: [true, false],
      noreply: [true, true, true, true, true, null, null, true, '233'],
      'noreply cas': [true, '5'],
      'noreply many': [[], { q1: '1', q2: '2' }, true, {}],
      'noreply delete': [true, null],
      large: [true, true],
      'too large': ['MemcacheServerError', null, '2'],
      'odd bytes': [true, true],
      empty: [true, ''],
      keys: [true, 'x', 'MemcacheIllegalInputError'],
      'set with expiry': [true, true],
      touch: ['1', true, false],
      expired: [null, '1'],
      'expired at once': [true, null],
      'absolute expiry': [true, '1', true, null],
      stats: [true, true, 0],
      'stats settings': 67108864,
      'stats items': true,
      'stats sizes': true,
      'stats reset': ['MemcacheUnknownError', 0],
      version: true,
      cache_memlimit: null,
      'flush_all with delay': [true, '2'],
      'flushed after delay': null,
      flush_all: [true, null],
      'noreply flush_all': [true, null],
      quit: [null, true, '2'],
      shutdown: 'MemcacheServerError',
      'served afterwards': '2',
    },
  },
  {
    client: 'pylibmc',
    module: 'pylibmc',
    script: 'use_pylibmc.py',
    results: {
      set: [true, '1', null, 'default'],
      types: [true, 42, true, [1, 'two'], true, '\u00fc', true, 1],
      add: [false, true],
      replace: [true, false],
      append: [true, false],
      prepend: [true, false, '234'],
      gets: ['234', true, [null, null]],
      cas: [true, false, '5'],
      'cas missing': 'NotFound',
      incr: [true, 11, 16, 15, 0],
      'incr missing': ['NotFound', 'NotFound'],
      incr_multi: [true, null, { n: 3, n2: 4 }],
      delete: [true, false, null],
      set_multi: [],
      add_multi: ['p:m1'],
      get_multi: { m1: '1', m2: ODD, m3: '3' },
      delete_multi: [false, { m3: '3' }],
      large: [true, true],
      'too large': ['TooBig', '2'],
      compressed: [true, true],
      'odd bytes': [true, true],
      keys: [true, 'x', 'ValueError'],
      expiry: [true, true],
      touch: ['1', true, false],
      expired: [null, '1'],
      get_stats: [true, true, true],
      noreply: ['x', 'x', 'x'],
      buffered: ['x', 'x', 'x'],
      'no blocking': ['x', 'x', 'x'],
      clone: '2',
      flush_all: [true, null],
    },
  },
  {
    client: 'python-memcached',
    module: 'memcache',
    script: 'use_memcache.py',
    results: {
      set: [true, '1', null],
      types: [true, 42, true, [1, 'two']],
      add: [false, true],
      replace: [true, false],
      append: [true, false],
      prepend: [true, false, '234'],
      gets: ['234', null],
      cas: [true, false, '5'],
      incr: [true, 11, 16, 0, null],
      delete: [1, null, 1],
      set_multi: [],
      get_multi: { m1: '1', m2: ODD },
      delete_multi: [1, {}],
      noreply: [true, true, '12', 1, null],
      large: [true, true],
      'odd bytes': [true, true],
      keys: [true, 'x', 'MemcachedKeyLengthError'],
      expiry: [true, true],
      touch: ['1', 1, 0],
      expired: [null, '1'],
      get_stats: true,
      get_slab_stats: true,
      get_slabs: true,
      flush_all: [null, null],
      forget_dead_hosts: null,
    },
  },
];

describe.each(CLIENTS)('$client', ({ client, module, script, results }) => {
  const python = pythonWith(module);
  const name = python === undefined ? ` (skipped: no Python with ${client} here)` : '';

  test.skipIf(python === undefined)(`every command returns what it should${name}`, async () => {
    await using server = await startProcess(['--debug-commands']);
    expect(await runScript(python as string, script, server.port)).toEqual(results);
  });
});
