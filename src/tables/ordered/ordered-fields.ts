// Fields of tables that hold ordered indexes: opening and making them, and the errors where a field holds something else.

import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import { fieldHolds, foundKind, foundName, HANDLE_BYTES, HANDLE_STEPS } from '../special-fields.js';
import type { Key, Ties as TiesName } from '../table.js';
import type { TableParts } from '../table-parts.js';
import { tiesOf } from './ordered-arguments.js';
import { ORDERED_BODY_BYTES, Ties } from './ordered-layout.js';

/** The place of the index at the key, made if there is no such field; undefined if there is none in an object that is open for reading. */
export function openOrdered(
  parts: TableParts,
  place: TableLocation,
  generation: number,
  key: Key,
  ties: TiesName | undefined,
): TableLocation | undefined {
  let field = 0;
  parts.enter(place, generation);
  parts.key.take(key);
  if (parts.walker.find(place, parts.key)) {
    demandOrdered(parts, key, ties);
    field = parts.found.field;
  } else {
    if (!place.object.writable) return undefined;
    parts.enterToWrite(place, generation);
    makeOrdered(parts, place, key, ties);
  }
  parts.budget.charge(HANDLE_STEPS);
  parts.budget.chargeBytes(HANDLE_BYTES);
  return parts.places.nested(place, key, field);
}

function makeOrdered(parts: TableParts, place: TableLocation, key: Key, ties: TiesName | undefined): void {
  const order = ties === undefined ? Ties.arrival : tiesOf(ties);
  parts.key.take(key);
  parts.isChanging = true;
  parts.writer.putKind(place, parts.key, order, ORDERED_BODY_BYTES);
  parts.isChanging = false;
}

/** Throws unless the field in `found` holds an index with these ties. */
function demandOrdered(parts: TableParts, key: Key, ties: TiesName | undefined): void {
  const order = foundKind(parts);
  if (order !== Ties.arrival && order !== Ties.bytes) {
    throw new MethodError(`${fieldHolds(key, foundName(parts))}, not an ordered index; delete it first`);
  }
  if (ties === undefined || tiesOf(ties) === order) return;
  const made = order === Ties.bytes ? 'bytes' : 'arrival';
  throw new MethodError(
    `${fieldHolds(key, 'ordered index')} with ties by ${made}; leave the ties out, or delete it first`,
  );
}
