// Checks of a converted value against what its parameter's schema says beyond the type, compiled once when a type is
// loaded: ajv without coercion, but for lengths, which count bytes here and code points there. Not for conversion.

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { ParameterSchema } from './object-type.js';

/** The complaint about a value, such as `must be >= 0`; undefined when there is none. */
export type ValueCheck = (value: unknown) => string | undefined;

/** Keywords that say nothing that a value could break. */
const SILENT: ReadonlySet<string> = new Set(['type', 'description', 'default', 'minLength', 'maxLength']);

let shared: Ajv2020 | undefined;

/** Made when it is first needed: ajv costs memory that a server without constraints need not spend. */
export function ajv(): Ajv2020 {
  // No cache: compiled schemas of replaced types must not be kept.
  shared ??= new Ajv2020({ strict: true, allowUnionTypes: true, logger: false, addUsedSchema: false, verbose: true });
  return shared;
}

export function compileCheck(schema: ParameterSchema): ValueCheck | undefined {
  const length = lengthCheck(schema);
  const rest = Object.keys(schema).some((keyword) => !SILENT.has(keyword)) ? schemaCheck(schema) : undefined;
  if (length === undefined || rest === undefined) return length ?? rest;
  return (value) => length(value) ?? rest(value);
}

function lengthCheck({ minLength = 0, maxLength = Number.POSITIVE_INFINITY }: ParameterSchema): ValueCheck | undefined {
  if (minLength === 0 && maxLength === Number.POSITIVE_INFINITY) return undefined;
  return (value) => {
    const length = typeof value === 'string' ? value.length : 0;
    if (length < minLength) return `must have at least ${minLength} bytes`;
    return length > maxLength ? `must have at most ${maxLength} bytes` : undefined;
  };
}

function schemaCheck(schema: ParameterSchema): ValueCheck {
  const { default: _default, minLength: _least, maxLength: _most, ...constraints } = schema;
  const compiler = ajv();
  const validate = compiler.compile(constraints);
  compiler.removeSchema(constraints);
  return (value) => (validate(value) ? undefined : complaint(validate.errors?.[0]));
}

function complaint(error: ErrorObject | undefined): string {
  if (error === undefined) return 'is not valid';
  const where = error.instancePath === '' ? '' : `at ${error.instancePath} `;
  if (error.keyword === 'enum') return `${where}must be one of ${(error.schema as unknown[]).join(', ')}`;
  return `${where}${error.message ?? 'is not valid'}`;
}
