// Plain objects, arrays and maps as values: they become nested tables. Not for scalars.

import { MethodError } from '../errors.js';
import type { Key } from '../object-type.js';
import type { RawKey } from '../table-store.js';
import type { TableParts } from './parts.js';
import type { Place } from './place.js';

/** What has a form as plain data: another table is copied. */
interface Plain {
  toPlain(): ReadonlyMap<Key, unknown>;
}

/** Sets a field to a nested table with the fields of `literal`. The place is resolved. */
export function putLiteral(parts: TableParts, place: Place, key: RawKey, literal: object): void {
  const fields = fieldsOf(literal);
  parts.places.resolve(place);
  parts.key.take(key);
  parts.value.takeEmptyTable();
  parts.writer.put(place, parts.key, parts.value);
  const nested = parts.places.nested(place, key);
  for (const [fieldKey, field] of fields) {
    parts.budget.chargeWrite();
    if (field === undefined || field === null) continue;
    parts.places.resolve(nested);
    if (parts.value.take(field)) {
      parts.budget.chargeWritten(parts.value.length);
      parts.key.take(fieldKey);
      parts.writer.put(nested, parts.key, parts.value);
    } else {
      putLiteral(parts, nested, fieldKey, field as object);
    }
  }
}

/** Of a table they are a copy: it may be one that the write changes. */
function fieldsOf(literal: object): Iterable<readonly [RawKey, unknown]> {
  if (Array.isArray(literal)) return elementsOf(literal);
  if (literal instanceof Map) return literal as ReadonlyMap<RawKey, unknown>;
  if (isPlain(literal)) return literal.toPlain();
  if ('then' in literal && typeof literal.then === 'function') throw new MethodError('a field cannot hold a promise');
  return Object.entries(literal);
}

function* elementsOf(list: readonly unknown[]): Iterable<readonly [RawKey, unknown]> {
  for (let index = 0; index < list.length; index++) yield [index + 1, list[index]];
}

function isPlain(literal: object): literal is Plain {
  return 'toPlain' in literal && typeof literal.toPlain === 'function';
}
