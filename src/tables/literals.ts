// Plain objects, arrays and maps as values: they become nested tables.

import { MethodError } from './call-errors.js';
import type { TableLocation } from './open-object.js';
import { MAX_DEPTH, PlainTable, plainTable, refusal } from './plain-table.js';
import type { Key, Scalar } from './table.js';
import type { TableParts } from './table-parts.js';

/** Steps of checking a field, in addition to writing it, and of a table in it. */
const FIELD_STEPS = 10;
const TABLE_STEPS = 60;
/** What messages call the field of a value that has no key yet. */
const ELEMENT = 'element';

/** Sets a field to a nested table with the content of `literal`, all of which is checked before anything is written. */
export function putLiteral(parts: TableParts, place: TableLocation, key: Key, literal: unknown): void {
  if (typeof literal !== 'object' || literal === null) throw new MethodError(refusal(key, literal));
  const plain = plainTable(literal, parts.budget, key);
  parts.budget.charge(TABLE_STEPS);
  checkTable(parts, plain, place.depth + 1);
  // Copying may have run the method's own code (a getter), which may have changed the table.
  parts.places.resolve(place);
  parts.key.take(key);
  parts.isChanging = true;
  putTable(parts, place, key, plain);
  parts.isChanging = false;
}

/** A value as it can be stored in a table; refuses any other. Setting a field to it cannot be refused any more. */
export function checkedValue(parts: TableParts, place: TableLocation, value: unknown): Scalar | PlainTable {
  if (typeof value === 'object' && value !== null) {
    const plain = plainTable(value, parts.budget, ELEMENT);
    checkTable(parts, plain, place.depth + 1);
    return plain;
  }
  if (typeof value === 'string') parts.budget.chargeText(value.length);
  if (!parts.value.take(value)) throw new MethodError(refusal(ELEMENT, value));
  return value as Scalar;
}

/** Refuses values that a table cannot store, and charges for the others. */
function checkTable(parts: TableParts, plain: PlainTable, depth: number): void {
  if (depth > MAX_DEPTH) throw new MethodError(`tables are nested more than ${MAX_DEPTH} deep`);
  for (const [key, value] of plain.fields) {
    parts.budget.chargeWrite();
    parts.budget.charge(FIELD_STEPS);
    parts.key.take(key);
    if (value instanceof PlainTable) {
      parts.budget.charge(TABLE_STEPS);
      checkTable(parts, value, depth + 1);
    } else {
      parts.value.take(value);
      parts.budget.chargeWritten(parts.value.length);
    }
  }
}

function putTable(parts: TableParts, place: TableLocation, key: Key, plain: PlainTable): void {
  parts.places.resolve(place);
  parts.key.take(key);
  parts.value.takeEmptyTable(plain.isList);
  parts.writer.put(place, parts.key, parts.value);
  const nested = parts.places.nested(place, key);
  for (const [fieldKey, value] of plain.fields) {
    if (value instanceof PlainTable) {
      putTable(parts, nested, fieldKey, value);
      continue;
    }
    parts.places.resolve(nested);
    parts.value.take(value);
    parts.key.take(fieldKey);
    parts.writer.put(nested, parts.key, parts.value);
  }
}
