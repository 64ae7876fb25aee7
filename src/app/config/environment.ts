// Configuration from the environment: CACHEISMO_ and the option's long name in capitals. Not for merging or checking.

import { type ConfigSource, emptySource, expandExtended, noteUnneeded, type OptionSchemas } from './config-source.js';
import { nearName } from './near-name.js';
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
  noteUnknown(environment, source);
  return expandExtended(source, schemas);
}

const PREFIX = 'CACHEISMO_';
const CONFIG_FILE = `${PREFIX}CONFIG`;

/** What Kubernetes sets in every pod beside a service named cacheismo. */
const SERVICE_VARIABLES = /^CACHEISMO_(SERVICE_(HOST|PORT)(_.*)?|PORT_\d+_(TCP|UDP)(_.*)?)$/;

/** A variable that is mistyped would be ignored without a word otherwise; it does not stop the start, as another program may use it. */
function noteUnknown(environment: Environment, source: ConfigSource): void {
  const known = [...OPTIONS, ...UNNEEDED_OPTIONS].map(environmentName).concat(CONFIG_FILE);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(PREFIX) || known.includes(name) || SERVICE_VARIABLES.test(name)) continue;
    const near = nearName(name, known);
    const suggestion = near === undefined ? '' : `; did you mean ${near}?`;
    source.notices.push(`${shown(name)} in the environment is no option and has no effect${suggestion}`);
  }
}

function shown(name: string): string {
  return name.slice(0, 100).replace(/[^\x21-\x7e]/g, '?');
}

/** Kubernetes sets CACHEISMO_PORT=tcp://10.0.0.1:11211 in every pod beside a service named cacheismo. */
function isServiceLink(text: string): boolean {
  return /^(tcp|udp):\/\//.test(text);
}
