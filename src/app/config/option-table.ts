// All options in the order of the help. A new one is a row in one of the files of the folder `options`.

import type { Option, OptionNames, OptionValues } from './option.js';
import { ADMIN_OPTIONS } from './options/admin-options.js';
import { AUTHENTICATION_OPTIONS } from './options/authentication-options.js';
import { COMMAND_OPTIONS } from './options/command-options.js';
import { MEMORY_OPTIONS } from './options/memory-options.js';
import { NETWORK_OPTIONS } from './options/network-options.js';
import { OBJECT_OPTIONS } from './options/object-options.js';
import { PROCESS_OPTIONS } from './options/process-options.js';
import { TLS_OPTIONS } from './options/tls-options.js';

const GROUPS = {
  'Network:': NETWORK_OPTIONS,
  'TLS:': TLS_OPTIONS,
  'Authentication:': AUTHENTICATION_OPTIONS,
  'Memory:': MEMORY_OPTIONS,
  'Commands:': COMMAND_OPTIONS,
  'Objects:': OBJECT_OPTIONS,
  'Admin:': ADMIN_OPTIONS,
  'Process:': PROCESS_OPTIONS,
} as const;

/** The rows' conversions of the given values, by their keys. */
export type OptionConfig = OptionValues<(typeof GROUPS)[keyof typeof GROUPS][number]>;

export const OPTION_GROUPS: Readonly<Record<string, readonly Option[]>> = GROUPS;

export const OPTIONS: readonly Option[] = Object.values(OPTION_GROUPS).flat();

const BY_NAME: ReadonlyMap<string, Option> = new Map(OPTIONS.map((option) => [option.name, option]));

export function findOption(name: string): Option | undefined {
  return BY_NAME.get(name);
}

export function environmentName(option: Pick<OptionNames, 'name'>): string {
  return `CACHEISMO_${option.name.toUpperCase().replaceAll('-', '_')}`;
}
