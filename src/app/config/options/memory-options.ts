// Options of the memory for items.

import { resolve } from 'node:path';
import { options } from '../option.js';

const not = (value: boolean): boolean => !value;

/** memcached's word for a text that is not set. */
const NO_TEXT = '(null)';

export const MEMORY_OPTIONS = options([
  {
    name: 'memory-limit',
    short: 'm',
    argument: 'size',
    key: 'memoryLimitBytes',
    setting: 'maxbytes',
    convert: (mebibytes: number) => mebibytes * 1024 * 1024,
    summary: 'memory for items, in MiB; fields, index and overhead count',
    schema: {
      type: 'integer',
      minimum: 1,
      maximum: 32700,
      unit: 'MiB',
      allowed: 'from 1 to 32700 MiB; also with a suffix as in 512m or 2g',
      default: 64,
    },
  },
  {
    name: 'memory-reserve',
    argument: 'size',
    key: 'memoryReserveBytes',
    convert: (mebibytes: number) => mebibytes * 1024 * 1024,
    summary:
      'highest limit that `cache_memlimit` may set, in MiB of address space, not of memory; by default 4 times `-m`, at least 1g; with `-k` no more than `-m`',
    schema: {
      type: 'integer',
      minimum: 1,
      maximum: 32700,
      unit: 'MiB',
      allowed: 'from 1 to 32700 MiB; also with a suffix as in 512m or 2g',
    },
  },
  {
    name: 'max-item-size',
    short: 'I',
    argument: 'size',
    key: 'itemLimitBytes',
    setting: 'item_size_max',
    summary: 'largest item: bytes, or with a suffix as in 512k or 2m; at most half of the memory',
    schema: {
      type: 'integer',
      minimum: 1024,
      maximum: 1073741824,
      unit: 'bytes',
      allowed: 'a size from 1k to 1024m',
      default: 1048576,
    },
  },
  {
    name: 'disable-evictions',
    short: 'M',
    key: 'evictionsAllowed',
    setting: 'evictions',
    show: (isOn: boolean) => (isOn ? 'on' : 'off'),
    convert: not,
    summary: 'reply with an error instead of evicting when memory is full',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'memory-file',
    short: 'e',
    argument: 'file',
    key: 'memoryFile',
    setting: 'memory_file',
    show: (path: string | undefined) => path ?? NO_TEXT,
    convert: (path: string, directory: string) => resolve(directory, path),
    summary:
      'keep the data over a restart: written here when the server is stopped by SIGTERM, SIGINT, SIGUSR1 or `shutdown graceful`, and read at the next start',
    schema: { type: 'string', minLength: 1 },
  },
]);
