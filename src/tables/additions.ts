// Adds to numbers in fields, with one lookup of the field.

import { nameOf } from './argument-checks.js';
import { MethodError } from './call-errors.js';
import type { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import type { TableLocation } from './open-object.js';
import { type KeyBytes, readNumber, type ValueBytes } from './scalars.js';
import type { Key } from './table.js';
import { Tag } from './table-layout.js';
import type { TableWriter } from './table-writer.js';

/** @perThread */
export class Additions {
  constructor(
    private readonly fields: Fields,
    private readonly writer: TableWriter,
    private readonly found: FieldCursor,
  ) {}

  /** Adds to a field of a resolved place, and returns the sum. `value` takes the sum. Not finite if the field has been left as it was: NaN
      if it holds no number. */
  add(place: TableLocation, key: KeyBytes, value: ValueBytes, by: number): number {
    return place.owner === 0 ? this.#addPacked(place, key, value, by) : this.#addSpread(place, key, value, by);
  }

  #addPacked(place: TableLocation, key: KeyBytes, value: ValueBytes, by: number): number {
    const isFound = this.found.find(place.view, place.body, key);
    const sum = isFound ? this.#foundPlus(by) : by;
    if (!Number.isFinite(sum)) return sum;
    value.take(sum);
    this.writer.putPacked(place, key, value, isFound);
    return sum;
  }

  #addSpread(place: TableLocation, key: KeyBytes, value: ValueBytes, by: number): number {
    const { fields } = this;
    const hash = fields.hash(place.owner, key);
    const field = fields.find(place.owner, key, hash);
    if (field !== 0) fields.read(field, this.found);
    const sum = field === 0 ? by : this.#foundPlus(by);
    if (!Number.isFinite(sum)) return sum;
    value.take(sum);
    this.writer.putField(place, field, hash, key, value);
    return sum;
  }

  /** The number in `found` plus another one; NaN if it holds none. */
  #foundPlus(by: number): number {
    const { bytes, valueAt, valueTag } = this.found;
    const isNumber = valueTag >= Tag.whole || valueTag === Tag.negative || valueTag === Tag.double;
    return isNumber ? readNumber(bytes, valueAt, valueTag) + by : Number.NaN;
  }
}

export function demandFinite(by: unknown): void {
  if (typeof by !== 'number') throw new MethodError(`add takes a number, not ${nameOf(by)}; convert it first`);
  if (!Number.isFinite(by)) throw new MethodError(`add takes a finite number, not ${by}; check how it was computed`);
}

/** The reason why a number cannot be added to what a field holds. */
export function refusedSum(key: Key, held: unknown, by: number): string {
  const field = `field '${String(key).slice(0, 150)}'`;
  if (typeof held !== 'number') {
    return `${field} holds a ${typeof held === 'object' ? 'table' : typeof held}, to which nothing can be added`;
  }
  if (!Number.isFinite(held)) return `${field} holds ${held}, to which nothing can be added; set it first`;
  return `${field} holds ${held}; with ${by} more it would be infinite`;
}
