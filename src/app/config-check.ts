// Checks merged values against the schema and against each other. Every refusal is one line: the option as the user gave it, the
// value, and what is allowed. Not for reading values.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type ListenAddress, ListenError, parseListenAddresses } from '../transport/options.js';
import { StartError } from './config-error.js';
import { type CheckedValues, type ConfigSchema, describeAllowed } from './config-schema.js';
import type { Given } from './config-source.js';

/** Returns all options' values, defaults included. */
export function checkConfig(schema: ConfigSchema, given: ReadonlyMap<string, Given>): CheckedValues {
  // The schema itself is checked by a test; compiling the schema of schemas would cost most of the time.
  const ajv = new Ajv2020({ useDefaults: true, meta: false, validateSchema: false }).addVocabulary(['unit', 'allowed']);
  const validate = ajv.compile<CheckedValues>(schema);
  const values: unknown = Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
  if (validate(values)) return values;
  const name = validate.errors?.[0]?.instancePath.split('/')[1] ?? '';
  const wrong = given.get(name);
  const option = schema.properties[name];
  if (wrong === undefined || option === undefined)
    throw new StartError(`configuration: ${ajv.errorsText(validate.errors)}`);
  throw wrongValue(wrong, describeAllowed(option));
}

function wrongValue({ label, text }: Pick<Given, 'label' | 'text'>, allowed: string): StartError {
  return new StartError(`${label} ${text.slice(0, 200).replace(/\p{Cc}/gu, '?')}: must be ${allowed}`);
}

/** The default shrinks with a small memory; a size that was asked for must fit. */
export function checkItemSize(itemBytes: number, memoryBytes: number, given: Given | undefined): number {
  const largest = memoryBytes / 2;
  if (given !== undefined && itemBytes > largest) {
    throw wrongValue(given, `at most half of the memory limit, ${largest / 1024}k`);
  }
  return Math.min(itemBytes, largest);
}

export function checkListen(values: CheckedValues, given: Given | undefined): readonly ListenAddress[] {
  return values.listen.flatMap((text) => {
    try {
      return parseListenAddresses(text, values.port);
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      throw wrongValue({ label: given?.label ?? 'listen', text }, 'host, host:port or [host]:port');
    }
  });
}

/** Descriptors that are not clients: listeners, logs, the watcher, the event loop's own. */
const OTHER_DESCRIPTORS = 64;

/** A limit beyond the descriptors would close connections without an answer, so it is refused; the default shrinks. */
export function fitConnectionLimit(
  limit: number,
  given: Given | undefined,
  descriptors = readDescriptorLimit(),
): { limit: number; notices: readonly string[] } {
  const most = Math.max(1, descriptors - OTHER_DESCRIPTORS);
  if (limit <= most) return { limit, notices: [] };
  const reason = `the process may open ${descriptors} files (ulimit -n)`;
  if (given !== undefined) throw wrongValue(given, `at most ${most}, as ${reason}`);
  return { limit: most, notices: [`connections are limited to ${most}, as ${reason}`] };
}

/** Node has already raised the soft limit to the hard one; elsewhere than on Linux there is no file to read it from. */
function readDescriptorLimit(): number {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return match === null ? Number.POSITIVE_INFINITY : Number(match[1]);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
