// The configuration's schema: types, limits and defaults of all options, the one place for them. Not for their names as flags.

import { readFileSync } from 'node:fs';
import { PACKAGE_ROOT } from '../../base/package-root.js';

export interface OptionSchema {
  readonly type: 'integer' | 'string' | 'boolean' | 'array';
  readonly description: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  /** For sizes: what a bare number counts. */
  readonly unit?: 'bytes' | 'MiB';
  /** What is allowed, in words, where the keywords do not say it well. */
  readonly allowed?: string;
}

export interface ConfigSchema {
  readonly properties: Readonly<Record<string, OptionSchema>>;
}

/** What the schema describes, by the options' names. */
export interface CheckedValues {
  port: number;
  listen: readonly string[];
  'unix-socket'?: string;
  'unix-mask': string;
  'listen-backlog': number;
  'conn-limit': number;
  'idle-timeout': number;
  'value-timeout': number;
  'write-timeout': number;
  transport: 'auto' | 'net' | 'epoll';
  threads?: number;
  'memory-limit': number;
  'max-item-size': number;
  'disable-evictions': boolean;
  'disable-cas': boolean;
  'disable-flush-all': boolean;
  'disable-dumping': boolean;
  'enable-shutdown': boolean;
  'debug-commands': boolean;
  'no-objects': boolean;
  scripts: readonly string[];
  plugins: readonly string[];
  'virtual-prefix': readonly string[];
  'virtual-prefix-required': boolean;
  'call-steps': number;
  'call-bytes': number;
  'call-milliseconds': number;
  'type-memory': number;
  'watchdog-seconds': number;
  'debug-check': number;
  verbose: number;
  'log-format': 'auto' | 'pretty' | 'json';
  user?: string;
  pidfile?: string;
}

export function readConfigSchema(): ConfigSchema {
  return JSON.parse(readFileSync(`${PACKAGE_ROOT}schemas/config.schema.json`, 'utf8')) as ConfigSchema;
}

export function readVersion(): string {
  const manifest = JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')) as { version: string };
  return manifest.version;
}

export function describeAllowed(schema: OptionSchema): string {
  if (schema.allowed !== undefined) return schema.allowed;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (schema.type === 'integer') return `an integer from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return 'true or false';
  return 'a text that is not empty';
}
