// Checks a converted value against the constraints of its parameter's schema, compiled once when a type is loaded. Arrays, objects and patterns
// are left to ajv, without coercion; limits of numbers, choices and lengths are checked by scalar-check.ts. Conversion: convert-arguments.ts.

import { Ajv2020, type ErrorObject, type Options } from 'ajv/dist/2020.js';
import type { Budget } from '../../tables/budget.js';
import { LinearPattern } from './linear-pattern.js';
import type { ParameterSchema } from './object-type.js';
import { lengthCheck, scalarCheck, type ValueCheck } from './scalar-check.js';
import { shippedCheck } from './shipped-checks.js';

/** The budget of the call whose arguments are checked, to charge patterns to; undefined while definitions are checked, which belong to no
    call. It is a module variable because ajv passes only the value. */
export const checkBudget: { current: Budget | undefined } = { current: undefined };

/** Compiles patterns for ajv; its flags do not matter for bytes. */
export const linearPattern = Object.assign(
  (pattern: string) => new LinearPattern(pattern, (steps) => checkBudget.current?.charge(steps)),
  { code: 'linearPattern' },
);

/** Keywords that constrain nothing. */
const SILENT: ReadonlySet<string> = new Set(['type', 'description', 'default', 'minLength', 'maxLength']);

/** Also for the build, which compiles the schema of definitions. */
export function schemaOptions(allErrors: boolean): Options {
  return {
    strict: true,
    allowUnionTypes: true,
    // Schemas of parameters have passed the schema of definitions, and that one has a test.
    validateSchema: false,
    meta: false,
    logger: false,
    verbose: true,
    allErrors,
    // A plugin may have added to Object.prototype; that must not count as a field of a definition.
    ownProperties: true,
    unicodeRegExp: false,
    code: { regExp: linearPattern },
  };
}

/** Compiles the schemas of one type. An ajv instance caches everything that it compiles, so each load has its own, which is collected with
    the type. It is created on first use, since most types have no constraints. */
export class SchemaCompiler {
  #ajv: Ajv2020 | undefined;

  /** Authors see all mistakes; clients see the first. */
  constructor(private readonly allErrors = false) {}

  compile(schema: object) {
    this.#ajv ??= new Ajv2020(schemaOptions(this.allErrors));
    return this.#ajv.compile(schema);
  }
}

export function compileCheck(schema: ParameterSchema, compiler: SchemaCompiler): ValueCheck | undefined {
  const length = lengthCheck(schema);
  const rest = isConstrained(schema)
    ? (scalarCheck(schema) ?? schemaCheck(constraintsOf(schema), compiler))
    : undefined;
  if (length === undefined || rest === undefined) return length ?? rest;
  return (value) => length(value) ?? rest(value);
}

/** For the build: whether ajv has to check values. */
export function needsSchemaCheck(schema: ParameterSchema): boolean {
  return isConstrained(schema) && scalarCheck(schema) === undefined;
}

function isConstrained(schema: ParameterSchema): boolean {
  return Object.keys(schema).some((keyword) => !SILENT.has(keyword));
}

/** The part of the schema that ajv checks. */
export function constraintsOf(schema: ParameterSchema): object {
  const { default: _default, minLength: _least, maxLength: _most, ...constraints } = schema;
  return constraints;
}

function schemaCheck(constraints: object, compiler: SchemaCompiler): ValueCheck {
  const validate = shippedCheck(constraints) ?? compiler.compile(constraints);
  return (value) => (validate(value) ? undefined : complaint(validate.errors?.[0]));
}

function complaint(error: ErrorObject | undefined): string {
  if (error === undefined) return 'is not valid';
  const where = error.instancePath === '' ? '' : `at ${error.instancePath} `;
  if (error.keyword === 'enum') return `${where}must be one of ${(error.schema as unknown[]).join(', ')}`;
  return `${where}${error.message ?? 'is not valid'}`;
}
