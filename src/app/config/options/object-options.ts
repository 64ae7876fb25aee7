// Options of object types and their calls.

import { resolve } from 'node:path';
import type { MemoryShare } from '../../../store/retained-items.js';
import { options } from '../option.js';
import { readOptionText } from '../option-text.js';

const absolutePaths = (paths: readonly string[], directory: string) => paths.map((path) => resolve(directory, path));

/** The percentage or the size that a text has, which has passed the schema. */
function memoryShare(text: string): MemoryShare {
  if (text.endsWith('%')) return { percent: Number(text.slice(0, -1)) };
  return { bytes: Number(readOptionText(text, { type: 'integer', unit: 'bytes' })) };
}

const not = (value: boolean): boolean => !value;

export const OBJECT_OPTIONS = options([
  {
    name: 'scripts',
    argument: 'directory',
    key: 'scriptFolders',
    convert: absolutePaths,
    summary: 'directories of Lua object types; the first has precedence (default: ./scripts if it exists)',
    schema: { type: 'array', items: { type: 'string', minLength: 1 }, allowed: 'directories', default: [] },
  },
  {
    name: 'plugins',
    argument: 'directory',
    key: 'pluginFolders',
    convert: absolutePaths,
    summary: 'directories of TypeScript object types; the first has precedence (default: ./plugins if it exists)',
    schema: { type: 'array', items: { type: 'string', minLength: 1 }, allowed: 'directories', default: [] },
  },
  {
    name: 'types',
    argument: 'names',
    key: 'typesServed',
    summary: 'object types that are served, such as gcra,lease (default: all)',
    schema: {
      type: 'array',
      items: { type: 'string', maxLength: 32, pattern: '^[a-z][a-z0-9_]*$' },
      allowed: 'names of object types, such as gcra,lease',
      default: [],
    },
  },
  {
    name: 'virtual-prefix',
    argument: 'prefixes',
    key: 'virtualPrefixes',
    summary: 'prefixes that are ignored in virtual keys',
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[!-~]+$' },
      allowed: 'prefixes of visible characters, such as ns:',
      default: [],
    },
  },
  {
    name: 'virtual-prefix-required',
    key: 'virtualPrefixRequired',
    summary: 'only keys with such a prefix can be virtual keys',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'call-steps',
    argument: 'number',
    key: 'callSteps',
    summary: 'steps that one call of a method may take, such as Lua instructions and reads or writes of fields',
    schema: { type: 'integer', minimum: 1000, maximum: 1000000000, default: 2000000 },
  },
  {
    name: 'call-bytes',
    argument: 'size',
    key: 'callBytes',
    summary: 'bytes of strings and tables that one call may make: bytes, or with a suffix as in 512k or 64m',
    schema: {
      type: 'integer',
      minimum: 65536,
      maximum: 1073741824,
      unit: 'bytes',
      allowed: 'a size from 64k to 1024m',
      default: 67108864,
    },
  },
  {
    name: 'call-milliseconds',
    argument: 'number',
    key: 'callMilliseconds',
    summary: 'milliseconds of CPU time that one call may take',
    schema: { type: 'integer', minimum: 1, maximum: 10000, default: 50 },
  },
  {
    name: 'type-memory',
    argument: 'size',
    key: 'typeMemoryBytes',
    summary:
      'bytes that a Lua type may keep in a thread outside of its objects: bytes, or with a suffix as in 512k or 64m',
    schema: {
      type: 'integer',
      minimum: 1048576,
      maximum: 1073741824,
      unit: 'bytes',
      allowed: 'a size from 1m to 1024m',
      default: 67108864,
    },
  },
  {
    name: 'pinned-limit',
    argument: 'size',
    key: 'pinnedLimit',
    convert: memoryShare,
    summary:
      'what pinned objects, which are not evicted, may take together: a percentage of `-m`, or bytes, or with a suffix as in 512k or 64m; calls that end something may take a tenth more; with it never more than 90%',
    schema: {
      type: 'string',
      pattern: '^(([0-9]|[1-8][0-9]|90)%|[0-9]{1,12}[kmgKMG]?)$',
      allowed: 'a percentage from 0% to 90%, or a size such as 64m',
      default: '25%',
    },
  },
  {
    name: 'no-objects',
    key: 'objectsAllowed',
    ownSetting: 'objects_enabled',
    convert: not,
    summary: 'serve plain values only; no key is a virtual key',
    schema: { type: 'boolean', default: false },
  },
]);
