// Configuration from the environment: CACHEISMO_ and the option's long name in capitals. Not for merging or checking.

import { type ConfigSource, emptySource, expandExtended, noteUnneeded, type OptionSchemas } from './config-source.js';
import { environmentName, OPTIONS, UNNEEDED_OPTIONS } from './option-table.js';
import { readOptionText } from './option-text.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export function readEnvironment(environment: Environment, schemas: OptionSchemas): ConfigSource {
  const source = emptySource();
  for (const option of OPTIONS) {
    const label = environmentName(option);
    const text = environment[label];
    const schema = schemas[option.name];
    if (text === undefined || text === '' || schema === undefined || isServiceLink(text)) continue;
    source.values.set(option.name, { value: readOptionText(text, schema), text, label });
  }
  for (const option of UNNEEDED_OPTIONS) {
    const label = environmentName(option);
    const text = environment[label];
    if (text) noteUnneeded(source, option, label, text);
  }
  return expandExtended(source, schemas);
}

/** Kubernetes sets CACHEISMO_PORT=tcp://10.0.0.1:11211 in every pod beside a service named cacheismo. */
function isServiceLink(text: string): boolean {
  return /^(tcp|udp):\/\//.test(text);
}
