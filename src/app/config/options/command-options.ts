// Options of the commands that clients may send.

import { options } from '../option.js';

/** memcached's two buffers, which it adds up: lines that one watcher has not read yet, and lines that each thread has not passed on yet. */
const DEFAULT_WATCHER_KILOBYTES = 256;
const DEFAULT_WORKER_KILOBYTES = 64;
const MOST_KILOBYTES = 1024 * 1024;
/** A watcher gets a few lines, however small its buffers are. */
const LEAST_LAG_BYTES = 4096;

const inBytes = (kilobytes: number): number => kilobytes * 1024;

/** How far a watcher may be behind; undefined if only the size of the ring limits it. */
export function watcherLagBytes(
  watcherBytes: number | undefined,
  workerBytes: number | undefined,
  dataThreads: number,
): number | undefined {
  if (watcherBytes === undefined && workerBytes === undefined) return undefined;
  const forWorkers = (workerBytes ?? inBytes(DEFAULT_WORKER_KILOBYTES)) * dataThreads;
  return Math.max(LEAST_LAG_BYTES, (watcherBytes ?? inBytes(DEFAULT_WATCHER_KILOBYTES)) + forWorkers);
}

const not = (value: boolean): boolean => !value;

export const COMMAND_OPTIONS = options([
  {
    name: 'disable-cas',
    short: 'C',
    key: 'casAllowed',
    setting: 'cas_enabled',
    convert: not,
    summary: 'no CAS tokens',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'disable-flush-all',
    short: 'F',
    key: 'flushAllAllowed',
    setting: 'flush_enabled',
    convert: not,
    summary: 'refuse flush_all',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'disable-dumping',
    short: 'X',
    key: 'dumpingAllowed',
    setting: 'dump_enabled',
    convert: not,
    summary: 'refuse commands that list keys',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'enable-shutdown',
    short: 'A',
    key: 'shutdownAllowed',
    setting: 'shutdown_command',
    summary: 'let clients stop the server by shutdown',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'debug-commands',
    key: 'debugCommandsAllowed',
    summary: 'commands for tests, such as debugtime, which moves the clock',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'disable-watch',
    short: 'W',
    key: 'watchAllowed',
    convert: not,
    summary: 'refuse watch',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'disable-samples',
    key: 'requestsSampled',
    convert: not,
    summary: 'sample no requests for stats hotkeys and stats curve',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'watcher-logbuf-size',
    extended: 'watcher_logbuf_size',
    argument: 'kilobytes',
    key: 'watcherLogBytes',
    setting: 'watcher_logbuf_size',
    convert: inBytes,
    show: (bytes: number | undefined) => bytes ?? inBytes(DEFAULT_WATCHER_KILOBYTES),
    summary:
      'kilobytes of events that a client of watch may be behind before it loses the oldest (default: all of 1 MB)',
    schema: { type: 'integer', minimum: 0, maximum: MOST_KILOBYTES },
  },
  {
    name: 'worker-logbuf-size',
    extended: 'worker_logbuf_size',
    argument: 'kilobytes',
    key: 'workerLogBytes',
    setting: 'worker_logbuf_size',
    convert: inBytes,
    show: (bytes: number | undefined) => bytes ?? inBytes(DEFAULT_WORKER_KILOBYTES),
    summary: 'further kilobytes for each data thread that such a client may be behind',
    schema: { type: 'integer', minimum: 0, maximum: MOST_KILOBYTES },
  },
  {
    name: 'prefix-delimiter',
    short: 'D',
    argument: 'character',
    key: 'prefixDelimiter',
    setting: 'stat_key_prefix',
    summary: 'the delimiter after the prefix of a key in stats detail, which is then on from the start',
    schema: { type: 'string', minLength: 1, maxLength: 1, default: ':' },
  },
]);
