// Options of the process: its log, its user, its checks of itself.

import { resolve } from 'node:path';
import { options } from '../option.js';

const absolutePath = (path: string, directory: string) => resolve(directory, path);

export const PROCESS_OPTIONS = options([
  {
    name: 'verbose',
    short: 'v',
    key: 'verbosity',
    setting: 'verbosity',
    summary: '-v also logs connections, refused requests and evictions, -vv requests too',
    schema: { type: 'integer', minimum: 0, maximum: 3, default: 0 },
  },
  {
    name: 'log-format',
    argument: 'name',
    key: 'logFormat',
    summary: 'lines for people, JSON lines for programs, or what suits the output',
    schema: { enum: ['auto', 'pretty', 'json'], type: 'string', default: 'auto' },
  },
  {
    name: 'user',
    short: 'u',
    argument: 'name',
    key: 'user',
    summary: 'user to run as, when started by root',
    schema: { type: 'string', minLength: 1 },
  },
  {
    name: 'pidfile',
    short: 'P',
    argument: 'file',
    key: 'pidFile',
    convert: absolutePath,
    summary: 'file to write the process id to',
    schema: { type: 'string', minLength: 1 },
  },
  {
    name: 'daemon',
    short: 'd',
    key: 'daemon',
    summary:
      'run in the background; the command ends when the server serves. The log is kept if it is a file, or with -v',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'lock-memory',
    short: 'k',
    key: 'memoryLocked',
    summary: 'keep the memory for items from being swapped out, as far as ulimit -l allows',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'enable-coredumps',
    short: 'r',
    key: 'coreDumps',
    summary: 'raise the limit of core files as far as ulimit -H -c allows',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'watchdog-seconds',
    argument: 'number',
    key: 'watchdogSeconds',
    summary: 'seconds after which a thread that has not finished its requests ends the server with code 70; 0 is never',
    schema: { type: 'integer', minimum: 0, maximum: 3600, default: 5 },
  },
  {
    name: 'debug-check',
    argument: 'seconds',
    key: 'debugCheckSeconds',
    summary: 'seconds between checks of all items in memory; an error ends the server with code 70; 0 is never',
    schema: { type: 'integer', minimum: 0, maximum: 86400, default: 0 },
  },
  {
    name: 'extended',
    short: 'o',
    argument: 'options',
    key: 'extended',
    summary: "memcached's extended options, as name or name=value",
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      allowed: 'options such as idle_timeout=60',
      default: [],
    },
  },
]);
