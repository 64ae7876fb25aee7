// The plan by which convert-arguments.ts converts and checks a method's arguments, made once when a type is loaded.

import type { ParameterSchema, Parameters, Scalar } from './object-type.js';
import type { ValueCheck } from './scalar-check.js';
import { checkBudget, compileCheck, SchemaCompiler } from './value-check.js';

export interface ParameterPlan {
  readonly name: string;
  readonly schema: ParameterSchema;
  /** Clients may omit it because it has a default. */
  readonly optional: boolean;
  readonly defaultValue: Scalar | undefined;
  /** A string without constraints: its bytes are its value. */
  readonly plain: boolean;
  /** Checks the constraints of the schema; undefined when there are none. */
  readonly check: ValueCheck | undefined;
}

export interface MethodPlan {
  readonly parameters: readonly ParameterPlan[];
  /** Arguments that must be given: all up to the last one without a default. */
  readonly minimum: number;
  /** Arguments that may be given. Infinity for scripts in the original's style. */
  readonly maximum: number;
  /** The last parameter is a string, or JSON, and takes all remaining parts, colons included. */
  readonly lastTakesRest: boolean;
  /** A data block is the value of the last parameter from this number of other arguments on, whatever optional ones are left out before it.
      Infinity if the last parameter is optional, or there is no optional one before it. */
  readonly blockIsLastFrom: number;
  /** All parameters are plain strings: nothing to convert or validate beyond their number. */
  readonly allPlain: boolean;
}

const TAKES_REST: ReadonlySet<string | undefined> = new Set(['string', 'array', 'object']);

/** Takes any number of arguments as raw text. */
export const ANY_ARGUMENTS: MethodPlan = {
  parameters: [],
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
  lastTakesRest: false,
  blockIsLastFrom: Number.POSITIVE_INFINITY,
  allPlain: true,
};

/** Of the server's own methods, which stay for good: making another compiler takes a millisecond. */
const ownCompiler = new SchemaCompiler();

/** All methods of a type share one compiler of schemas, which is collected with the type. */
export function planParameters(parameters: Parameters = {}, compiler = ownCompiler): MethodPlan {
  // A call that has ended does not pay, and must not refuse to.
  checkBudget.current = undefined;
  const plans = Object.entries(parameters).map(([name, schema]): ParameterPlan => {
    demandSense(name, schema);
    const check = compiledCheck(name, schema, compiler);
    const complaint = schema.default === undefined ? undefined : check?.(schema.default);
    if (complaint !== undefined) throw new Error(`${name}.default ${complaint}`);
    return {
      name,
      schema,
      optional: schema.default !== undefined,
      defaultValue: schema.default,
      plain: schema.type === 'string' && check === undefined,
      check,
    };
  });
  return {
    parameters: plans,
    minimum: plans.findLastIndex((plan) => !plan.optional) + 1,
    maximum: plans.length,
    lastTakesRest: TAKES_REST.has(plans.at(-1)?.schema.type),
    blockIsLastFrom: blockIsLastFrom(plans),
    allPlain: plans.every((plan) => plan.plain),
  };
}

function blockIsLastFrom(plans: readonly ParameterPlan[]): number {
  const before = plans.slice(0, -1);
  const required = before.findLastIndex((plan) => !plan.optional) + 1;
  return plans.at(-1)?.optional === false && required < before.length ? required : Number.POSITIVE_INFINITY;
}

function compiledCheck(name: string, schema: ParameterSchema, compiler: SchemaCompiler): ValueCheck | undefined {
  try {
    return compileCheck(schema, compiler);
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const IS_OF_TYPE: Readonly<Record<ParameterSchema['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object',
};

const LIMITS = [
  ['minimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
] as const;

/** Throws Error for a schema that no value, or not even its own default, can satisfy. */
function demandSense(name: string, schema: ParameterSchema): void {
  const { type, default: preset, enum: choices, items } = schema;
  const kind = type === 'integer' ? 'a whole number' : `of type ${type}`;
  if (preset !== undefined && !IS_OF_TYPE[type](preset)) {
    throw new Error(`${name}.default must be ${kind}, not ${JSON.stringify(preset)}`);
  }
  for (const choice of choices ?? []) {
    if (!IS_OF_TYPE[type](choice))
      throw new Error(`${name}.enum must hold what is ${kind}, not ${JSON.stringify(choice)}`);
  }
  for (const [least, most] of LIMITS) {
    if ((schema[least] ?? Number.NEGATIVE_INFINITY) > (schema[most] ?? Number.POSITIVE_INFINITY)) {
      throw new Error(`${name}.${least} is larger than its ${most}`);
    }
  }
  if (items !== undefined) demandSense(`${name}.items`, items);
}
