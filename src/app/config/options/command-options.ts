// Options of the commands that clients may send.

import { options } from '../option.js';

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
    name: 'prefix-delimiter',
    short: 'D',
    argument: 'character',
    key: 'prefixDelimiter',
    setting: 'stat_key_prefix',
    summary: 'the delimiter after the prefix of a key in stats detail, which is then on from the start',
    schema: { type: 'string', minLength: 1, maxLength: 1, default: ':' },
  },
]);
