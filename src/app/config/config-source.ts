// What one source of configuration (flags, environment, file) gives: values with the names under which the user gave
// them, so that an error can use the same. Not for merging or checking.

import { StartError } from '../start-error.js';
import type { OptionSchema } from './config-schema.js';
import { readExtendedOption } from './extended-options.js';
import type { UnneededOption } from './option-table.js';
import { readOptionText } from './option-text.js';

export interface Given {
  readonly value: unknown;
  /** The value as the user wrote it. */
  readonly text: string;
  /** The option as the user wrote it: `-p`, `CACHEISMO_PORT`, `cacheismo.config.yaml: port`. */
  readonly label: string;
}

export interface ConfigSource {
  readonly values: Map<string, Given>;
  /** The file that was read, if the source is one. */
  file?: string;
  /** What the log says at the start. */
  readonly notices: string[];
}

export type OptionSchemas = Readonly<Record<string, OptionSchema>>;

export function emptySource(): ConfigSource {
  return { values: new Map(), notices: [] };
}

/** Notes that an option has no effect, or refuses a value that would have to have one. */
export function noteUnneeded(source: ConfigSource, option: UnneededOption, label: string, value: unknown): void {
  const { values, refusal, reason } = option;
  if (values !== undefined && !values.includes(String(value))) {
    throw new StartError(
      `${label} ${String(value)
        .slice(0, 200)
        .replace(/\p{Cc}/gu, '?')}: ${refusal}`,
    );
  }
  source.notices.push(unneeded(label, reason));
}

export function unneeded(label: string, reason: string): string {
  return `${label} is unneeded: ${reason}`;
}

/** Replaces `extended` by the options that it names; those given under their own name come first. */
export function expandExtended(source: ConfigSource, schemas: OptionSchemas): ConfigSource {
  const extended = source.values.get('extended');
  source.values.delete('extended');
  for (const text of Array.isArray(extended?.value) ? extended.value : []) {
    const result = readExtendedOption(String(text), `${extended?.label}`);
    if (result.kind === 'unneeded') {
      source.notices.push(unneeded(`${extended?.label} ${result.name}`, result.reason));
    } else if (!source.values.has(result.option)) {
      const { name, option, text } = result;
      const schema = schemas[option];
      source.values.set(option, { value: readOptionText(text, schema), text, label: `${extended?.label} ${name}` });
    }
  }
  return source;
}
