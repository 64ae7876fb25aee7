// The check of merged values against the schema of the configuration, by ajv. The build replaces this file by the compiled schema (.bundle.mjs):
// compiling it took longer than everything else that reads the configuration.

import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type CheckedValues, makeConfigSchema, OWN_KEYWORDS } from './config-schema.js';

/** A test checks the schema itself; compiling the meta-schema would take most of the time. */
export const VALIDATOR_OPTIONS = { useDefaults: true, meta: false, validateSchema: false };

/** Adds the defaults to the values that it checks. */
export function configValidator(): ValidateFunction<CheckedValues> {
  return new Ajv2020(VALIDATOR_OPTIONS).addVocabulary(OWN_KEYWORDS).compile(makeConfigSchema());
}
