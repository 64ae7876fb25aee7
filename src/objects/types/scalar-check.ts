// Checks of numbers, choices and lengths, which are most of the constraints of parameters. They complain as ajv does, and need neither its 40
// modules nor a compiled function: a thread that loads such types only starts sooner. Everything else: value-check.ts.

import type { ParameterSchema } from './object-type.js';

/** The complaint about a value, such as `must be >= 0`; undefined when there is none. */
export type ValueCheck = (value: unknown) => string | undefined;

const RANGES = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
/** The keywords that are checked here. Lengths count bytes, not code points as in ajv, and are checked separately. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['type', 'description', 'default', 'minLength', 'maxLength', 'enum'],
  ...RANGES,
]);

/** Undefined for a schema with other constraints. */
export function scalarCheck(schema: ParameterSchema): ValueCheck | undefined {
  const { type, enum: choices } = schema;
  if (type === 'array' || type === 'object' || Object.keys(schema).some((keyword) => !KNOWN.has(keyword)))
    return undefined;
  const limits = type === 'number' || type === 'integer' ? numberCheck(schema) : undefined;
  if (choices === undefined) return limits;
  const among = choiceCheck(choices);
  if (limits === undefined) return among;
  // In ajv's order, which decides what is reported about a value with several mistakes: it checks the type together with the limits, if there
  // are any.
  return RANGES.some((keyword) => keyword in schema)
    ? (value) => among(value) ?? limits(value)
    : (value) => limits(value) ?? among(value);
}

function numberCheck({
  type,
  maximum = Number.POSITIVE_INFINITY,
  minimum = Number.NEGATIVE_INFINITY,
  exclusiveMaximum = Number.POSITIVE_INFINITY,
  exclusiveMinimum = Number.NEGATIVE_INFINITY,
}: ParameterSchema): ValueCheck {
  return (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return `must be ${type}`;
    if (value > maximum) return `must be <= ${maximum}`;
    if (value < minimum) return `must be >= ${minimum}`;
    if (value >= exclusiveMaximum) return `must be < ${exclusiveMaximum}`;
    return value <= exclusiveMinimum ? `must be > ${exclusiveMinimum}` : undefined;
  };
}

function choiceCheck(choices: readonly unknown[]): ValueCheck {
  return (value) => (choices.includes(value) ? undefined : `must be one of ${choices.join(', ')}`);
}

export function lengthCheck({
  minLength = 0,
  maxLength = Number.POSITIVE_INFINITY,
}: ParameterSchema): ValueCheck | undefined {
  if (minLength === 0 && maxLength === Number.POSITIVE_INFINITY) return undefined;
  return (value) => {
    const length = typeof value === 'string' ? value.length : 0;
    if (length < minLength) return `must have at least ${minLength} bytes`;
    return length > maxLength ? `must have at most ${maxLength} bytes` : undefined;
  };
}
