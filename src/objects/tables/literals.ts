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
  // Read first: it may be a table that the write changes.
  const fields = [...fieldsOf(literal)];
  parts.places.resolve(place);
  parts.key.take(key);
  parts.value.takeEmptyTable();
  parts.writer.put(place, parts.key, parts.value);
  const nested = parts.places.nested(place, key);
  for (const [fieldKey, field] of fields) {
    parts.budget.charge(1);
    if (field === undefined || field === null) continue;
    parts.places.resolve(nested);
    if (parts.value.take(field)) {
      parts.key.take(fieldKey);
      parts.writer.put(nested, parts.key, parts.value);
    } else {
      putLiteral(parts, nested, fieldKey, field as object);
    }
  }
}

function* fieldsOf(literal: object): Iterable<readonly [RawKey, unknown]> {
  if (Array.isArray(literal)) {
    for (let index = 0; index < literal.length; index++) yield [index + 1, literal[index]];
  } else if (literal instanceof Map) {
    yield* literal as ReadonlyMap<RawKey, unknown>;
  } else if (isPlain(literal)) {
    yield* literal.toPlain();
  } else if ('then' in literal && typeof literal.then === 'function') {
    throw new MethodError('a field cannot hold a promise');
  } else {
    yield* Object.entries(literal);
  }
}

function isPlain(literal: object): literal is Plain {
  return 'toPlain' in literal && typeof literal.toPlain === 'function';
}
