// The check of a definition against schemas/object-type.schema.json. The build replaces this file by the compiled schema (.bundle.mjs): every
// thread that loads types needs the check, and compiling it takes 40 ms of a cold start. Schemas of parameters: value-check.ts.

import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { PACKAGE_URL } from '../../base/package-root.js';
import { SchemaCompiler } from './value-check.js';

let compiled: ValidateFunction | undefined;

export function typeCheck(): ValidateFunction {
  if (compiled === undefined) {
    const text = readFileSync(new URL('schemas/object-type.schema.json', PACKAGE_URL), 'utf8');
    // Ajv2020 implies the dialect and has no schema for a `$schema` reference.
    const { $schema: _dialect, ...schema } = JSON.parse(text) as Record<string, unknown>;
    compiled = new SchemaCompiler(true).compile(schema);
  }
  return compiled;
}
