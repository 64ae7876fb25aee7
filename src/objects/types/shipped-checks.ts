// Compiled checks for the parameters of the types that ship. The build replaces this file (.bundle.mjs), so that a thread which serves only
// these types starts without loading ajv; from source there are none.

import type { ValidateFunction } from 'ajv';

/** The check for these constraints, made as by SchemaCompiler; undefined for constraints that no type has that ships. */
export function shippedCheck(_constraints: object): ValidateFunction | undefined {
  return undefined;
}
