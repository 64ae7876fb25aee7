// Checks what a file defines against schemas/object-type.schema.json and makes it into methods with plans. Both languages
// hand in the definition as plain data, without its functions. Not for running files.

import { readFileSync } from 'node:fs';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { LoadError } from './load-error.js';
import type { Access, ParameterSchema, Parameters } from './object-type.js';
import { type MethodPlan, planParameters } from './parameter-plan.js';
import { SchemaCompiler } from './value-check.js';

export interface Manifest {
  readonly name: string;
  readonly summary: string;
  readonly methods: readonly ManifestMethod[];
}

export interface ManifestMethod {
  readonly name: string;
  readonly summary: string;
  readonly access: Access;
  readonly plan: MethodPlan;
}

/** What a definition says without its functions, once it has been checked. */
export interface ManifestData {
  readonly name: string;
  readonly summary?: string;
  readonly methods: Readonly<Record<string, { access: Access; summary?: string; parameters?: Parameters }>>;
}

const SCHEMA = new URL('../../schemas/object-type.schema.json', import.meta.url);

let compiled: ValidateFunction | undefined;

function validator(): ValidateFunction {
  if (compiled === undefined) {
    // The dialect is that of the compiler, which has no schema of it to refer to.
    const { $schema: _dialect, ...schema } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>;
    compiled = new SchemaCompiler().compile(schema);
  }
  return compiled;
}

/** Throws LoadError with one line that names the file and the place in the definition. `trusted` types may give patterns:
    JavaScript's regular expressions know no budget, and one made to be slow would stop the server. */
export function checkManifest(file: string, definition: unknown, trusted = false): Manifest {
  const validate = validator();
  if (!validate(definition)) throw new LoadError(file, undefined, complaint(validate.errors ?? []));
  return planManifest(file, definition as ManifestData, trusted);
}

/** The same for a definition that another thread has checked against the schema. */
export function planManifest(file: string, definition: ManifestData, trusted = false): Manifest {
  const { name: typeName, summary: about = '', methods: given } = definition;
  const compiler = new SchemaCompiler();
  const methods = Object.entries(given).map(([name, { access, summary = '', parameters = {} }]) => {
    demandOrder(file, name, parameters);
    if (!trusted) demandNoPatterns(file, name, parameters);
    return { name, summary, access, plan: planOf(file, name, parameters, compiler) };
  });
  return { name: typeName, summary: about, methods };
}

function planOf(file: string, method: string, parameters: Parameters, compiler: SchemaCompiler): MethodPlan {
  try {
    return planParameters(parameters, compiler);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LoadError(file, undefined, `methods.${method}.parameters: ${reason}`, { cause });
  }
}

/** Arguments are told apart by their order, so that none without a default can follow one with. */
function demandOrder(file: string, method: string, parameters: Parameters): void {
  let optional: string | undefined;
  for (const [name, schema] of Object.entries(parameters)) {
    if (schema.default !== undefined) optional ??= name;
    else if (optional !== undefined) {
      const reason = `methods.${method}.parameters.${name} needs a default, since ${optional} before it has one`;
      throw new LoadError(file, undefined, reason);
    }
  }
}

function demandNoPatterns(file: string, method: string, parameters: Parameters): void {
  for (const [name, schema] of Object.entries(parameters)) {
    for (let part: ParameterSchema | undefined = schema; part !== undefined; part = part.items) {
      if (part.pattern === undefined) continue;
      const reason = `methods.${method}.parameters.${name}.pattern is for TypeScript types; check with string.find`;
      throw new LoadError(file, undefined, reason);
    }
  }
}

function complaint(errors: readonly ErrorObject[]): string {
  // The deepest complaint is the one about the author's mistake; those around it follow from it.
  const deepest = [...errors].sort((one, other) => other.instancePath.length - one.instancePath.length)[0];
  const error = errors.find(({ keyword }) => keyword === 'propertyNames') ?? deepest;
  if (error === undefined) return 'is no object type';
  const place = error.instancePath.slice(1).replaceAll('/', '.') || 'the definition';
  switch (error.keyword) {
    case 'enum':
      return `${place} must be one of ${(error.params.allowedValues as unknown[]).join(', ')}`;
    case 'additionalProperties':
      return `${place} must not have ${String(error.params.additionalProperty)}`;
    case 'required':
      return `${place === 'the definition' ? '' : `${place}.`}${String(error.params.missingProperty)} is missing`;
    case 'pattern':
      return `${place} must be lower case letters, digits and _, starting with a letter`;
    case 'propertyNames':
      return `${place} must not have ${String(error.params.propertyName)}: names are letters, digits and _, starting with a letter`;
    default:
      return `${place} ${error.message ?? 'is not valid'}`;
  }
}
