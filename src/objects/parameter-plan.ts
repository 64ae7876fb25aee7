// The plan by which a method's arguments are converted and checked, made once when a type is loaded. Not for the
// conversion itself, which convert-arguments.ts does with it.

import type { ParameterSchema, Parameters, Scalar } from './object-type.js';
import { compileCheck, SchemaCompiler, type ValueCheck } from './value-check.js';

export interface ParameterPlan {
  readonly name: string;
  readonly schema: ParameterSchema;
  /** Clients may leave it out: it has a default. */
  readonly optional: boolean;
  readonly defaultValue: Scalar | undefined;
  /** A string without constraints: its bytes are its value. */
  readonly plain: boolean;
  /** What the schema says beyond the type; undefined when it says nothing. */
  readonly check: ValueCheck | undefined;
}

export interface MethodPlan {
  readonly parameters: readonly ParameterPlan[];
  /** Arguments that must be given. */
  readonly minimum: number;
  /** Arguments that may be given. Infinity for scripts in the original's style. */
  readonly maximum: number;
  /** The last parameter is a string and takes all remaining parts, colons included. */
  readonly lastTakesRest: boolean;
  /** All parameters are plain strings: nothing to convert or validate beyond their number. */
  readonly allPlain: boolean;
}

/** Takes any number of arguments as raw text. */
export const ANY_ARGUMENTS: MethodPlan = {
  parameters: [],
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
  lastTakesRest: false,
  allPlain: true,
};

/** All methods of a type share a compiler. */
export function planParameters(parameters: Parameters = {}, compiler = new SchemaCompiler()): MethodPlan {
  const plans = Object.entries(parameters).map(([name, schema]): ParameterPlan => {
    const check = compileCheck(schema, compiler);
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
    minimum: plans.filter((plan) => !plan.optional).length,
    maximum: plans.length,
    lastTakesRest: plans.at(-1)?.schema.type === 'string',
    allPlain: plans.every((plan) => plan.plain),
  };
}
