// The JSON Schema of the configuration, made from the rows of all options, and its words for errors.

import { readFileSync } from 'node:fs';
import { PACKAGE_ROOT } from '../../base/package-root.js';
import type { OptionSchema } from './option.js';
import { OPTIONS } from './option-table.js';
import { TYPES, withTypeSettings } from './type-settings-file.js';

/** Values that have passed the schema, including defaults, by the options' names. */
export type CheckedValues = Readonly<Record<string, unknown>>;

/** The content of schemas/config.schema.json, which editors use. */
export function makeConfigSchema() {
  const properties = OPTIONS.map(({ name, summary, schema }) => {
    const property = { description: summary, ...schema };
    return [name, name === TYPES ? withTypeSettings(property) : property];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of cacheismo',
    description:
      'Checked after flags, environment and file are merged. Sizes may be written with a suffix (512k, 2m, 1g) there.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties) as Readonly<Record<string, OptionSchema & { description: string }>>,
  };
}

/** Keywords that this project adds to JSON Schema. */
export const OWN_KEYWORDS = ['unit', 'allowed'];

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
