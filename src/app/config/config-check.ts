// Checks merged values against the schema and against each other. Every refusal is one line: the option as the user gave it, the value, and
// what is allowed.

import { largestLimitBytes } from '../../arena/memory.js';
import { connectionLimit, systemDescriptorLimit } from '../../transport/descriptors.js';
import { StartError } from '../start-error.js';
import { MAX_THREADS } from '../threads/thread-limits.js';
import { type CheckedValues, describeAllowed, makeConfigSchema } from './config-schema.js';
import type { Given } from './config-source.js';
import { configValidator } from './config-validator.js';
import type { OptionConfig } from './option-table.js';
import { wrongValue } from './wrong-value.js';

/** The longest typed array of Node 20. */
const NODE_20_REACH_BYTES = 2 ** 34;

/** Returns the values of all options, including defaults. */
export function checkConfig(given: ReadonlyMap<string, Given>): CheckedValues {
  const schema = makeConfigSchema();
  if (given.size === 0) return defaultsOf(schema);
  const validate = configValidator();
  const values: unknown = Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
  if (validate(values)) return values;
  const error = validate.errors?.[0];
  const name = error?.instancePath.split('/')[1] ?? '';
  const wrong = given.get(name);
  const option = schema.properties[name];
  if (wrong === undefined || option === undefined) {
    throw new StartError(`configuration${error?.instancePath ?? ''}: ${error?.message ?? 'is not valid'}`);
  }
  throw wrongValue(wrong, describeAllowed(option));
}

function defaultsOf({ properties }: ReturnType<typeof makeConfigSchema>): CheckedValues {
  const rows = Object.entries(properties).map(([name, { default: value }]) => [name, value] as const);
  return Object.fromEntries(rows.filter(([, value]) => value !== undefined));
}

/** Refuses what this Node cannot address; on Node 20 that is half of what references reach. */
export function checkMemory(
  memoryBytes: number,
  given: Given | undefined,
  largestBytes = largestLimitBytes(MAX_THREADS),
): void {
  if (memoryBytes <= largestBytes || given === undefined) return;
  const reason =
    largestBytes > NODE_20_REACH_BYTES
      ? 'references of 32 bits to units of 8 bytes reach 32 GiB'
      : 'arrays of Node 20 end at 16 GiB; Node 22 and later reach 32 GiB';
  throw wrongValue(given, `at most ${Math.floor(largestBytes / 1024 ** 2)} MiB, as ${reason}`);
}

/** The default shrinks with a small memory; a size that the user has set must fit. */
export function checkItemSize(itemBytes: number, memoryBytes: number, given: Given | undefined): number {
  const largest = memoryBytes / 2;
  if (given !== undefined && itemBytes > largest) {
    throw wrongValue(given, `at most half of the memory limit, ${largest / 1024}k`);
  }
  return Math.min(itemBytes, largest);
}

/** Without a prefix no key could be a call, which is what --no-objects is for. */
export function checkVirtualPrefixes(
  { virtualPrefixes, virtualPrefixRequired }: Pick<OptionConfig, 'virtualPrefixes' | 'virtualPrefixRequired'>,
  given: Given | undefined,
): void {
  if (!virtualPrefixRequired || virtualPrefixes.length > 0) return;
  throw new StartError(`${given?.label ?? 'virtual-prefix-required'}: needs a prefix, as in --virtual-prefix obj:`);
}

/** A limit beyond the descriptors cannot be kept, so it is refused; the default shrinks. */
export function fitConnectionLimit(
  wanted: number,
  given: Given | undefined,
  descriptors = systemDescriptorLimit(),
): { limit: number; notices: readonly string[] } {
  const limit = connectionLimit(wanted, descriptors);
  if (wanted <= limit) return { limit, notices: [] };
  const reason = `the process may open ${descriptors} files (ulimit -n)`;
  if (given !== undefined) throw wrongValue(given, `at most ${limit}, as ${reason}`);
  return { limit, notices: [`connections are limited to ${limit}, as ${reason}`] };
}
