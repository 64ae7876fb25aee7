// The commands, each declared once. Words of the parsers, dispatch, argument rules, rights and the reference in
// src/protocols/text/README.md derive from these rows. The handlers are in the folder of each protocol.

import type { CommandRow } from './command-row.js';
import { ArithmeticOption, WriteKind, WriteOption } from './outcomes.js';
import { ANY_RIGHT, Right } from './rights.js';

const { admin, call, read, write } = Right;
const GETS = ['cmd_get', 'get_hits', 'get_misses'];
const TOUCHES = ['cmd_touch', 'touch_hits', 'touch_misses'];
const SETS = ['cmd_set', 'store_too_large'];

/** In the order of their numbers. */
const ROWS = {
  get: {
    word: 'get',
    arguments: 'keys',
    kind: 'retrieval',
    needs: read,
    counts: GETS,
    summary: 'values of keys; calls methods',
  },
  gets: {
    word: 'gets',
    arguments: 'keys',
    kind: 'retrieval',
    needs: read,
    withCas: true,
    counts: GETS,
    summary: 'the same with the CAS token of each',
  },
  gat: {
    word: 'gat',
    arguments: 'exptime, keys',
    kind: 'retrieval',
    needs: write,
    touches: true,
    counts: TOUCHES,
    summary: 'values of keys, which get a new expiry',
  },
  gats: {
    word: 'gats',
    arguments: 'exptime, keys',
    kind: 'retrieval',
    needs: write,
    touches: true,
    withCas: true,
    counts: TOUCHES,
    summary: 'the same with the CAS token of each',
  },
  set: {
    word: 'set',
    arguments: 'storage',
    kind: 'storage',
    needs: write,
    write: WriteKind.set,
    counts: SETS,
    summary: 'stores a value',
  },
  add: {
    word: 'add',
    arguments: 'storage',
    kind: 'storage',
    needs: write,
    write: WriteKind.add,
    counts: SETS,
    summary: 'stores a value if there is none',
  },
  replace: {
    word: 'replace',
    arguments: 'storage',
    kind: 'storage',
    needs: write,
    write: WriteKind.replace,
    counts: SETS,
    summary: 'stores a value if there is one',
  },
  append: {
    word: 'append',
    arguments: 'storage',
    kind: 'storage',
    needs: write,
    write: WriteKind.append,
    counts: SETS,
    summary: 'adds bytes at the end of a value',
  },
  prepend: {
    word: 'prepend',
    arguments: 'storage',
    kind: 'storage',
    needs: write,
    write: WriteKind.prepend,
    counts: SETS,
    summary: 'adds bytes at the start of a value',
  },
  cas: {
    word: 'cas',
    arguments: 'storage with token',
    kind: 'storage',
    needs: write,
    write: WriteKind.set | WriteOption.compareCas,
    counts: [...SETS, 'cas_hits', 'cas_misses', 'cas_badval'],
    summary: 'stores a value if the item still has the token',
  },
  incr: {
    word: 'incr',
    arguments: 'delta',
    kind: 'arithmetic',
    needs: write,
    arithmetic: ArithmeticOption.none,
    counts: ['incr_hits', 'incr_misses'],
    summary: 'adds to a decimal number, which wraps at 2^64',
  },
  decr: {
    word: 'decr',
    arguments: 'delta',
    kind: 'arithmetic',
    needs: write,
    arithmetic: ArithmeticOption.decrement,
    counts: ['decr_hits', 'decr_misses'],
    summary: 'subtracts from a decimal number, which stops at 0',
  },
  touch: {
    word: 'touch',
    arguments: 'key, exptime',
    kind: 'item',
    needs: write,
    counts: TOUCHES,
    summary: 'sets the expiry',
  },
  delete: {
    word: 'delete',
    arguments: 'key',
    kind: 'item',
    needs: write,
    counts: ['delete_hits', 'delete_misses'],
    summary: 'removes an item or object',
  },
  mg: {
    word: 'mg',
    arguments: 'flags',
    kind: 'meta',
    needs: read | write | call,
    counts: ['cmd_meta', ...GETS],
    summary: 'reads an item as its flags say; calls methods',
  },
  ms: {
    word: 'ms',
    arguments: 'flags',
    kind: 'meta',
    needs: read | write | call,
    counts: ['cmd_meta', ...SETS],
    summary: 'stores a value as its flags say; calls methods, and returns the result with the flag `v`',
  },
  md: {
    word: 'md',
    arguments: 'flags',
    kind: 'meta',
    needs: write,
    counts: ['cmd_meta', 'delete_hits', 'delete_misses'],
    summary: 'removes an item, or marks it stale',
  },
  ma: {
    word: 'ma',
    arguments: 'flags',
    kind: 'meta',
    needs: write,
    counts: ['cmd_meta', 'incr_hits', 'incr_misses', 'decr_hits', 'decr_misses'],
    summary: 'adds to a decimal number, or subtracts from it',
  },
  mn: {
    word: 'mn',
    arguments: 'flags',
    kind: 'meta',
    needs: ANY_RIGHT,
    counts: ['cmd_meta'],
    summary: 'nothing: `MN`',
  },
  me: {
    word: 'me',
    arguments: 'flags',
    kind: 'meta',
    needs: read,
    counts: ['cmd_meta'],
    summary: 'the state of an item, for people',
  },
  flushAll: {
    word: 'flush_all',
    arguments: 'delay',
    kind: 'server',
    needs: admin,
    counts: ['cmd_flush'],
    summary: 'removes everything, immediately or after a delay (`-F` forbids it)',
  },
  version: { word: 'version', arguments: 'words', kind: 'server', needs: ANY_RIGHT, summary: 'the version' },
  verbosity: {
    word: 'verbosity',
    arguments: 'level',
    kind: 'server',
    needs: admin,
    summary: 'sets how much the server logs',
  },
  stats: {
    word: 'stats',
    arguments: 'words',
    kind: 'server',
    needs: read,
    summary:
      'statistics; topics: settings, items, slabs, sizes, conns, cachedump, reset, detail, arena, transport, objects, hotkeys, bigkeys, slowcalls, curve',
  },
  quit: { word: 'quit', arguments: 'words', kind: 'server', needs: ANY_RIGHT, summary: 'closes the connection' },
  shutdown: {
    word: 'shutdown',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: 'stops the server, `shutdown graceful` after the others are served (needs `-A`)',
  },
  debugtime: {
    word: 'debugtime',
    arguments: 'seconds',
    kind: 'server',
    needs: admin,
    summary: 'moves the clock, for tests (needs `debugCommandsAllowed`)',
  },
  lruCrawler: {
    word: 'lru_crawler',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: '`metadump` and `mgdump` list items; tuning is accepted without effect',
  },
  lru: {
    word: 'lru',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: 'tuning, accepted without effect: there is one LRU list',
  },
  slabs: {
    word: 'slabs',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: 'tuning, accepted without effect: there are no slabs',
  },
  cacheMemlimit: {
    word: 'cache_memlimit',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: 'sets the memory limit in MiB, up to what `--memory-reserve` says; a lower one evicts',
  },
  refreshCerts: {
    word: 'refresh_certs',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: 'reloads the TLS certificates, for new connections',
  },
  watch: {
    word: 'watch',
    arguments: 'words',
    kind: 'server',
    needs: admin,
    summary: 'a line for each event from then on: fetchers, mutations, evictions, deletions, connevents',
  },
  dump: { word: 'dump', arguments: 'words', kind: 'server', needs: admin, summary: 'everything (`-X` forbids it)' },
  restore: { word: 'restore', arguments: 'record', kind: 'server', needs: admin, summary: 'stores a part of a dump' },
} as const satisfies Record<string, CommandRow>;

export type CommandName = keyof typeof ROWS;

export const COMMAND_NAMES = Object.keys(ROWS) as readonly CommandName[];

/** By number. */
export const COMMANDS: readonly CommandRow[] = Object.values(ROWS);

/** The number of each command, which indexes every table of commands. */
export type Command = number;
export const Command = Object.freeze(
  Object.fromEntries(COMMAND_NAMES.map((name, number) => [name, number])),
) as Readonly<Record<CommandName, Command>>;

export function isRetrieval(command: Command): boolean {
  return COMMANDS[command]?.kind === 'retrieval';
}

export function isStorage(command: Command): boolean {
  return COMMANDS[command]?.kind === 'storage';
}

/** Retrievals: whether they set the expiry, and whether their replies have the token. */
export const TOUCHES_ITEMS: readonly boolean[] = COMMANDS.map(({ touches }) => touches === true);
export const WITH_CAS: readonly boolean[] = COMMANDS.map(({ withCas }) => withCas === true);

/** WriteKind and WriteOptions by command. */
export const WRITES: readonly number[] = COMMANDS.map((row) => row.write ?? WriteKind.set);
export const NEEDS: readonly number[] = COMMANDS.map(({ needs }) => needs);
