// A copy of a table that is stored in a field. It is checked as a whole before any of it is written. Both languages make one of the values
// that their methods store. Writing it: literals.ts.

import { types } from 'node:util';
import type { Budget } from './budget.js';
import { MethodError } from './call-errors.js';
import type { Key, Scalar } from './table.js';

/** The deepest nesting of tables; deeper is assumed to be a mistake. */
export const MAX_DEPTH = 32;
/** The cost of one field of a copy, in steps and in bytes. */
const FIELD_STEPS = 4;
const FIELD_BYTES = 60;

export class PlainTable {
  readonly fields: (readonly [key: Key, value: Scalar | Uint8Array | PlainTable])[] = [];

  constructor(
    /** Made as an array: it is one in JSON even while it is empty. */
    readonly isList = false,
  ) {}
}

/** Another table, whose content is copied. */
interface Stored {
  toPlain(): PlainTable;
}

/** A copy of an object or array of JavaScript, for the field that messages name. Throws MethodError for what cannot be stored. */
export function plainTable(literal: object, budget: Budget, field: Key, depth = 1): PlainTable {
  if (literal instanceof PlainTable) return literal;
  if (isStored(literal)) return literal.toPlain();
  if (depth > MAX_DEPTH) throw new MethodError(`tables are nested more than ${MAX_DEPTH} deep at '${field}'`);
  const plain = new PlainTable(Array.isArray(literal));
  for (const [key, value] of entriesOf(literal, field)) {
    budget.charge(FIELD_STEPS);
    budget.chargeBytes(FIELD_BYTES);
    if (isScalar(value)) {
      plain.fields.push([key, value]);
      continue;
    }
    const place = `${String(field).slice(0, 100)}.${String(key).slice(0, 50)}`;
    if (typeof value !== 'object' || value === null) throw new MethodError(refusal(place, value));
    plain.fields.push([key, plainTable(value, budget, place, depth + 1)]);
  }
  return plain;
}

/** The reason why a value cannot be stored. */
export function refusal(field: Key, value: unknown): string {
  return `field '${String(field).slice(0, 150)}' cannot hold ${nameOf(value)}`;
}

function isScalar(value: unknown): value is Scalar | Uint8Array {
  const kind = typeof value;
  return kind === 'string' || kind === 'number' || kind === 'boolean' || types.isUint8Array(value);
}

function isStored(literal: object): literal is Stored {
  return 'toPlain' in literal && typeof literal.toPlain === 'function';
}

function entriesOf(literal: object, field: Key): Iterable<readonly [Key, unknown]> {
  if (Array.isArray(literal)) return elementsOf(literal);
  if (types.isMap(literal)) return literal as ReadonlyMap<Key, unknown>;
  if (!isPlainObject(literal)) throw new MethodError(refusal(field, literal));
  if (Object.getOwnPropertySymbols(literal).length > 0) throw new MethodError(refusal(field, 'a key that is a symbol'));
  return Object.entries(literal);
}

function* elementsOf(list: readonly unknown[]): Iterable<readonly [Key, unknown]> {
  for (let index = 0; index < list.length; index++) yield [index + 1, list[index]];
}

/** `{...}` of this or another realm, which has a prototype of its own. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const ADVICE: Readonly<Record<string, string>> = {
  Date: '; store its time as a number',
  Set: '; store an array',
  Promise: '; a method is synchronous',
};

function nameOf(value: unknown): string {
  if (value === null) return 'null; leave the field out or delete it';
  if (value === undefined) return 'nothing (undefined); leave the field out or delete it';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  if (typeof name !== 'string' || name === '') return 'such an object; store plain objects and arrays';
  return `a ${name}${ADVICE[name] ?? '; store plain objects and arrays'}`;
}
