// Fields of tables that hold ordered indexes: recognizing them, making them, and the errors where a field holds something else.

import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import type { Key, Ties as TiesName } from '../table.js';
import { readU32, Tag } from '../table-layout.js';
import type { TableParts } from '../table-parts.js';
import { tiesOf } from './ordered-arguments.js';
import { Ties } from './ordered-layout.js';

/** How the index in the field in `found` orders equal scores; 0 if the field holds no index. */
export function foundTies({ found, layout }: TableParts): number {
  // A packed table holds none.
  if (found.valueTag !== Tag.table || found.field === 0) return 0;
  return layout.tiesOf(readU32(found.bytes, found.valueAt));
}

/** Makes an index in a table that is entered for writing. */
export function makeOrdered(parts: TableParts, place: TableLocation, key: Key, ties: TiesName | undefined): void {
  const order = ties === undefined ? Ties.arrival : tiesOf(ties);
  parts.key.take(key);
  parts.isChanging = true;
  parts.writer.putOrdered(place, parts.key, order);
  parts.isChanging = false;
}

/** Throws unless the field in `found`, which holds a value of this kind, holds an index with these ties. */
export function demandOrdered(parts: TableParts, key: Key, ties: TiesName | undefined, kind: string): void {
  const order = foundTies(parts);
  if (order === 0) throw new MethodError(`${fieldHolds(key, kind)}, not an ordered index; delete it first`);
  if (ties === undefined || tiesOf(ties) === order) return;
  const made = order === Ties.bytes ? 'bytes' : 'arrival';
  throw new MethodError(
    `${fieldHolds(key, 'ordered index')} with ties by ${made}; leave the ties out, or delete it first`,
  );
}

export function fieldHolds(key: Key, kind: string): string {
  return `field '${String(key).slice(0, 150)}' holds ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
