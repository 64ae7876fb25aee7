// What one source of configuration (flags, environment, file) gives: values with the names under which the user gave them, so that an error
// can use the same.

import type { GivenSettings } from '../../objects/types/type-settings.js';
import { StartError } from '../start-error.js';
import { readExtendedOption } from './extended-options.js';
import { readOptionText } from './option-text.js';
import { ACCEPTED_OPTIONS, NOT_MODERN, segmentMistake } from './options/memcached-options.js';
import { wrongValue } from './wrong-value.js';

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
  /** Settings of object types, which a file has under `types`. */
  types?: GivenSettings;
  /** Lines for the log at the start. */
  readonly notices: string[];
  /** Options without effect, by name, as the user gave them: `stats settings` shows them. A switch is yes or no. */
  readonly withoutEffect: Map<string, string>;
}

export function emptySource(): ConfigSource {
  return { values: new Map(), notices: [], withoutEffect: new Map() };
}

/** Accepts an option of memcached that has no row, with a notice. Returns false for any other name. */
export function takeWithoutRow(source: ConfigSource, name: string, label: string, text: string): boolean {
  const accepted = ACCEPTED_OPTIONS.find((option) => option.name === name);
  if (accepted !== undefined) {
    const { values } = accepted;
    if (values !== undefined && !values.accepts(text)) throw wrongValue({ label, text }, values.allowed);
    source.notices.push(unneeded(label, accepted.reason));
    source.withoutEffect.set(name, text);
  }
  return accepted !== undefined;
}

function unneeded(label: string, reason: string): string {
  return `${label} is unneeded: ${reason}`;
}

/** Replaces `extended` by the options that it names; those given under their own name win. */
export function expandExtended(source: ConfigSource): ConfigSource {
  const extended = source.values.get('extended');
  source.values.delete('extended');
  const texts = Array.isArray(extended?.value) && extended.text !== '' ? extended.value : [];
  for (const text of texts) {
    const result = readExtendedOption(String(text), `${extended?.label}`);
    if (result.kind === 'accepted') {
      source.notices.push(unneeded(`${extended?.label} ${result.name}`, result.reason));
      const isOff = result.name.startsWith('no_');
      if (result.name === 'no_modern') for (const [name, value] of NOT_MODERN) source.withoutEffect.set(name, value);
      else source.withoutEffect.set(isOff ? result.name.slice(3) : result.name, isOff ? 'no' : result.text || 'yes');
    } else if (!source.values.has(result.option.name)) {
      const { name, option, text } = result;
      // A switch has no value.
      const value = text === '' && option.schema.type === 'boolean' ? true : readOptionText(text, option.schema);
      source.values.set(option.name, { value, text, label: `${extended?.label} ${name}` });
    }
  }
  const mistake = segmentMistake(source.withoutEffect);
  if (mistake !== undefined) throw new StartError(`${extended?.label} ${mistake}`);
  return source;
}
