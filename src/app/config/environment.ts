// Configuration from the environment: CACHEISMO_ and the option's long name in capitals.

import { type ConfigSource, emptySource, expandExtended, takeWithoutRow } from './config-source.js';
import { nearName } from './near-name.js';
import { environmentName, OPTIONS } from './option-table.js';
import { readOptionText } from './option-text.js';
import { ACCEPTED_OPTIONS } from './options/memcached-options.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export function readEnvironment(environment: Environment): ConfigSource {
  const source = emptySource();
  for (const option of OPTIONS) {
    const label = environmentName(option);
    const text = environment[label];
    if (text === undefined || text === '' || isServiceLink(text)) continue;
    source.values.set(option.name, { value: readOptionText(text, option.schema), text, label });
  }
  const saslFile = environment[SASL_FILE_VARIABLE];
  if (saslFile && !source.values.has('sasl-pwdb')) {
    source.values.set('sasl-pwdb', { value: saslFile, text: saslFile, label: SASL_FILE_VARIABLE });
  }
  for (const option of ACCEPTED_OPTIONS) {
    const label = environmentName(option);
    const text = environment[label];
    if (text) takeWithoutRow(source, option.name, label, text);
  }
  noteUnknown(environment, source);
  return expandExtended(source);
}

/** A memcached with --enable-sasl-pwdb reads this variable. */
export const SASL_FILE_VARIABLE = 'MEMCACHED_SASL_PWDB';

const PREFIX = 'CACHEISMO_';
/** The path of the configuration file. */
export const CONFIG_FILE = `${PREFIX}CONFIG`;

/** Variables that Kubernetes sets in every pod if a service is named cacheismo. */
const SERVICE_VARIABLES = /^CACHEISMO_(SERVICE_(HOST|PORT)(_.*)?|PORT_\d+_(TCP|UDP)(_.*)?)$/;

/** Without the warning a mistyped variable would be ignored silently. It does not stop the start, since another program may use it. */
function noteUnknown(environment: Environment, source: ConfigSource): void {
  const known = [...OPTIONS, ...ACCEPTED_OPTIONS].map(environmentName).concat(CONFIG_FILE);
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

/** Kubernetes sets CACHEISMO_PORT=tcp://10.0.0.1:11211 in every pod if a service is named cacheismo. */
function isServiceLink(text: string): boolean {
  return /^(tcp|udp):\/\//.test(text);
}
