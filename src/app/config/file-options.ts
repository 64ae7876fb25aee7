// Options as a configuration file has them: by their long names, with values of any kind. Finding the file: config-file.ts.

import { StartError } from '../start-error.js';
import { type ConfigSource, emptySource, expandExtended, takeWithoutRow } from './config-source.js';
import { nearName } from './near-name.js';
import { findOption, OPTIONS } from './option-table.js';
import { readFileValue } from './option-text.js';
import { readTypeSettings, TYPES } from './type-settings-file.js';

/** `file` is its name in messages. */
export function readOptions(content: unknown, file: string): ConfigSource {
  const source = emptySource();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new StartError(`${file}: must hold options by name, such as memory-limit: 256`);
  }
  for (const [name, value] of Object.entries(content)) {
    const label = `${file}: ${name}`;
    const settings = name === TYPES ? readTypeSettings(value, file) : undefined;
    if (settings !== undefined) {
      source.types = settings;
      continue;
    }
    if (takeWithoutRow(source, name, label, showValue(value))) continue;
    const schema = findOption(name)?.schema;
    if (schema === undefined) throw new StartError(`${label}: unknown option${suggestion(name)}`);
    else source.values.set(name, { value: readFileValue(value, schema), text: showValue(value), label });
  }
  return expandExtended(source);
}

function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function suggestion(name: string): string {
  const near = nearName(
    name,
    OPTIONS.map((option) => option.name),
  );
  return near === undefined ? '' : `; did you mean ${near}?`;
}
