// Turns a call's argument bytes into values by the plan of its method, and refuses what the plan does not allow with a
// message that names the parameter. Not for making the plan (parameter-plan.ts).

import type { ArgumentSpans } from './argument-spans.js';
import { ArgumentError } from './errors.js';
import type { MethodPlan, ParameterPlan } from './parameter-plan.js';
import { parseBoolean, parseInteger, parseJson, parseNumber } from './parse-bytes.js';

/** Throws unless so many arguments are allowed. */
export function checkCount(plan: MethodPlan, count: number): void {
  if (count < plan.minimum) {
    const missing = plan.parameters[count];
    throw new ArgumentError(`${missing?.name ?? 'an argument'} is required`);
  }
  if (count > plan.maximum) {
    throw new ArgumentError(`takes no more than ${plan.maximum} argument${plan.maximum === 1 ? '' : 's'}`);
  }
}

/** The values in the order of the parameters, defaults included. */
export function convertArguments(plan: MethodPlan, spans: ArgumentSpans): unknown[] {
  checkCount(plan, spans.count);
  const values: unknown[] = [];
  for (let index = 0; index < plan.parameters.length; index++) {
    values.push(convertArgument(plan.parameters[index] as ParameterPlan, spans, index));
  }
  return values;
}

/** One value. The number of arguments has been checked. */
export function convertArgument(parameter: ParameterPlan, spans: ArgumentSpans, index: number): unknown {
  if (index >= spans.count) return parameter.defaultValue;
  if (parameter.plain) return spans.string(index);
  const value = parse(parameter, spans, index);
  if (value === undefined) throw new ArgumentError(`${parameter.name} must be ${KIND[parameter.schema.type]}`);
  const complaint = parameter.check?.(value);
  if (complaint !== undefined) throw new ArgumentError(`${parameter.name} ${complaint}`);
  return value;
}

const KIND = {
  string: 'a string',
  integer: 'a whole number in decimal digits',
  number: 'a number in decimal digits',
  boolean: 'true or false',
  array: 'a JSON array',
  object: 'a JSON object',
} as const;

function parse(parameter: ParameterPlan, spans: ArgumentSpans, index: number): unknown {
  switch (parameter.schema.type) {
    case 'string':
      return spans.string(index);
    case 'integer':
      return orUndefined(parseInteger(spans.source(index), spans.at(index), spans.length(index)));
    case 'number':
      return orUndefined(parseNumber(spans.source(index), spans.at(index), spans.length(index)));
    case 'boolean':
      return parseBoolean(spans.string(index));
    case 'array': {
      const value = parseJson(spans.string(index));
      return Array.isArray(value) ? value : undefined;
    }
    case 'object': {
      const value = parseJson(spans.string(index));
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
    }
  }
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
