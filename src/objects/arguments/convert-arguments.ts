// Converts a call's argument bytes into values by the plan of its method (parameter-plan.ts). An error names the parameter.

import type { ArgumentSlices } from '../../tables/argument-slices.js';
import { ArgumentError } from '../../tables/call-errors.js';
import { MAX_DEPTH } from '../../tables/plain-table.js';
import type { MethodPlan, ParameterPlan } from '../types/parameter-plan.js';
import { checkBudget } from '../types/value-check.js';
import { isTooDeep, isWhole, parseBoolean, parseInteger, parseJson, parseNumber } from './parse-bytes.js';

/** Throws unless the method takes `count` arguments. */
export function checkCount(plan: MethodPlan, count: number): void {
  if (count < plan.minimum) {
    const missing = plan.parameters.slice(count).find(({ optional }) => !optional);
    throw new ArgumentError(`${missing?.name ?? 'an argument'} is required`);
  }
  if (count > plan.maximum) {
    throw new ArgumentError(`takes no more than ${plan.maximum} argument${plan.maximum === 1 ? '' : 's'}`);
  }
}

/** The values in the order of the parameters, defaults included. */
export function convertArguments(plan: MethodPlan, spans: ArgumentSlices): unknown[] {
  checkCount(plan, spans.count);
  const values: unknown[] = [];
  for (let index = 0; index < plan.parameters.length; index++) {
    values.push(convertArgument(plan.parameters[index], spans, index));
  }
  return values;
}

/** One value. The number of arguments has been checked. */
export function convertArgument(parameter: ParameterPlan, spans: ArgumentSlices, index: number): unknown {
  if (!spans.has(index)) return parameter.defaultValue;
  if (parameter.plain) return spans.string(index);
  const { budget } = spans;
  // Parsing and checking 8 bytes takes less time than a step.
  budget?.charge(spans.length(index) >>> 3);
  const value = parse(parameter, spans, index);
  if (value === undefined) throw new ArgumentError(`${parameter.name} must be ${kindOf(parameter, spans, index)}`);
  checkBudget.current = budget;
  const complaint = parameter.check?.(value);
  if (complaint !== undefined) throw new ArgumentError(`${parameter.name} ${complaint}`);
  return value;
}

function kindOf({ schema }: ParameterPlan, spans: ArgumentSlices, index: number): string {
  const isLarge = schema.type === 'integer' && isWhole(spans.source(index), spans.at(index), spans.length(index));
  return isLarge ? `between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}` : KIND[schema.type];
}

export const KIND = {
  string: 'a string',
  integer: 'a whole number in decimal digits',
  number: 'a number in decimal digits',
  boolean: 'true or false',
  array: 'a JSON array',
  object: 'a JSON object',
} as const;

function parse(parameter: ParameterPlan, spans: ArgumentSlices, index: number): unknown {
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
      const value = spans.value(index) ?? parseNested(parameter, spans.string(index));
      return Array.isArray(value) ? value : undefined;
    }
    case 'object': {
      const value = spans.value(index) ?? parseNested(parameter, spans.string(index));
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
    }
  }
}

function parseNested({ name }: ParameterPlan, json: string): unknown {
  if (isTooDeep(json)) throw tooDeep(name);
  return parseJson(json);
}

export function tooDeep(name: string): ArgumentError {
  return new ArgumentError(`${name} is nested too deep: at most ${MAX_DEPTH} levels`);
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
