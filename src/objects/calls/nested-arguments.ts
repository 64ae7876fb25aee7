// The arguments of a nested call: values by the parameters' names, which become the arguments of the called method as if a client had sent
// them, so that the same plan converts and checks them. Lists and objects are passed as copies.

import { isByteString } from '../../base/latin1.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import type { Budget } from '../../tables/budget.js';
import { ArgumentError, MethodError } from '../../tables/call-errors.js';
import { plainJson } from '../../tables/json-text.js';
import { KIND, tooDeep } from '../arguments/convert-arguments.js';
import { isTooDeep } from '../arguments/parse-bytes.js';
import type { MethodPlan, ParameterPlan } from '../types/parameter-plan.js';
import { shown } from './other-objects.js';

const ARGUMENT_STEPS = 4;
/** Bytes per byte of JSON: every third byte may begin a small list. */
const PARSED_BYTES = 16;

/** Puts the values into the spans, which are empty. Throws ArgumentError. */
export function fillArguments(plan: MethodPlan, spans: ArgumentSlices, given: unknown, budget: Budget): void {
  const values = byName(plan, given);
  let left = [...values.values()].filter((value) => value !== undefined).length;
  for (const parameter of plan.parameters) {
    // The rest has its defaults.
    if (left === 0) return;
    budget.charge(ARGUMENT_STEPS);
    const value = values.get(parameter.name);
    if (value !== undefined) left--;
    else if (!parameter.optional) throw new ArgumentError(`${parameter.name} is required`);
    const isPut = put(parameter, spans, value === undefined ? parameter.defaultValue : value, budget);
    if (!isPut) throw new ArgumentError('too many arguments');
  }
}

function byName({ parameters }: MethodPlan, given: unknown): Map<string, unknown> {
  if (given === undefined || given === null) return new Map();
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new ArgumentError('invoke takes the arguments by their names, such as { count: 1 }');
  }
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(given)) {
    if (!parameters.some((parameter) => parameter.name === name)) {
      throw new ArgumentError(`there is no parameter '${shown(name)}'`);
    }
    values.set(name, value);
  }
  return values;
}

/** False when there is no room for it. */
function put(parameter: ParameterPlan, spans: ArgumentSlices, value: unknown, budget: Budget): boolean {
  const { name, schema } = parameter;
  switch (schema.type) {
    case 'string':
      if (typeof value !== 'string') throw mustBe(parameter);
      budget.chargeText(value.length);
      if (!isByteString(value)) throw new ArgumentError(`${name} must be a byte string; utf8Encode makes one of text`);
      return spans.addText(value);
    case 'integer':
    case 'number':
      if (typeof value !== 'number') throw mustBe(parameter);
      return spans.addText(String(value));
    case 'boolean':
      if (typeof value !== 'boolean') throw mustBe(parameter);
      return spans.addText(String(value));
    default: {
      if (typeof value !== 'object' || value === null) throw mustBe(parameter);
      const json = jsonOf(name, value, budget);
      if (isTooDeep(json)) throw tooDeep(name);
      return spans.addValue(listIfEmpty(schema.type, copyOf(json, budget)), json.length);
    }
  }
}

function mustBe({ name, schema }: ParameterPlan): ArgumentError {
  return new ArgumentError(`${name} must be ${KIND[schema.type]}`);
}

function jsonOf(name: string, value: object, budget: Budget): string {
  try {
    return plainJson(value, budget);
  } catch (thrown) {
    if (thrown instanceof MethodError) throw new ArgumentError(`${name} must be plain data with byte strings`);
    throw thrown;
  }
}

/** A fresh value of JSON that this server has made: its bytes beyond ASCII are characters, and stay as they are. */
export function copyOf(json: string, budget: Budget): unknown {
  budget.charge(json.length >>> 1);
  budget.chargeBytes(json.length * PARSED_BYTES);
  return JSON.parse(json);
}

/** An empty table of Lua may be meant as a list. */
function listIfEmpty(type: 'array' | 'object', value: unknown): unknown {
  return type === 'array' && Object.keys(value as object).length === 0 ? [] : value;
}
