// Lists: what push, pop, shift and splice of both languages do. The elements of a list are the fields with the keys 1 to n. What counts as a list
// in JSON: json-text.ts.
//
// A call may go on after an error that it catches, so everything that can be refused comes before the first write.

import { wholeNumber } from './argument-checks.js';
import { MethodError } from './call-errors.js';
import { checkedValue } from './literals.js';
import type { TableLocation } from './open-object.js';
import type { PlainTable } from './plain-table.js';
import type { Key, Literal, Scalar } from './table.js';
import type { TableParts } from './table-parts.js';
import type { Storable, StoredTable } from './table-store.js';

/** Steps and bytes of an element that is read to be moved or returned, in addition to those of reading a field. */
const ELEMENT_STEPS = 10;
const ELEMENT_BYTES = 32;
/** Steps of a change of a list, in addition to those of the elements and of the length. */
const CHANGE_STEPS = 40;
/** Fields passed over in a step while a packed table is searched, or its elements are moved, as a power of 2. */
const SEARCHED_BITS = 2;

/** The number of elements. Where some of the keys 1 to n are missing, it is one of the numbers that have an element with none after it. */
export function lengthOf(list: Pick<StoredTable, 'has' | 'count'>): number {
  let high = list.count;
  if (high > 0 && list.has(high) && !list.has(high + 1)) return high;
  let low = 0;
  while (list.has(high + 1)) high = high * 2 + 1;
  high++;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (list.has(middle)) low = middle;
    else high = middle;
  }
  return low;
}

export function push(list: StoredTable, parts: TableParts, place: TableLocation, values: readonly Storable[]): number {
  parts.budget.charge(CHANGE_STEPS);
  // A single value is checked as it is set.
  const checked = values.length === 1 ? values : checkedValues(parts, place, values);
  const { length } = list;
  const isEmpty = list.count === 0;
  for (let index = 0; index < checked.length; index++) {
    chargeSearch(parts, place);
    list.set(length + 1 + index, checked[index]);
  }
  if (isEmpty && checked.length > 0) markList(parts, place);
  return length + checked.length;
}

export function pop(list: StoredTable, parts: TableParts, place: TableLocation): Scalar | Literal | undefined {
  parts.budget.charge(CHANGE_STEPS);
  const { length } = list;
  if (length === 0) return undefined;
  const value = plainAt(list, parts, place, length);
  list.delete(length);
  if (list.count === 0) markList(parts, place);
  return value;
}

export function splice(
  list: StoredTable,
  parts: TableParts,
  place: TableLocation,
  start: number,
  removed: number | undefined,
  values: readonly Storable[],
): (Scalar | Literal)[] {
  parts.budget.charge(CHANGE_STEPS);
  const { length } = list;
  const first = firstOf(start, length);
  const most = length - first + 1;
  const count =
    removed === undefined ? most : Math.max(0, Math.min(most, wholeNumber(removed, 'the number of elements')));
  const inserted = checkedValues(parts, place, values);
  const taken: (Scalar | Literal)[] = [];
  for (let key = first; key < first + count; key++) {
    const value = plainAt(list, parts, place, key);
    if (value !== undefined) taken.push(value);
  }
  if (inserted.length === 0 && count === 0) return taken;
  const isEmpty = list.count === 0;
  if (inserted.length === count || replacePacked(parts, place, first, count, inserted.length)) {
    for (let index = 0; index < inserted.length; index++) {
      chargeSearch(parts, place);
      list.set(first + index, inserted[index]);
    }
  } else {
    moveEach(list, parts, place, first, length, [
      ...inserted,
      ...storableFrom(list, parts, place, first + count, length),
    ]);
  }
  if (isEmpty || list.count === 0) markList(parts, place);
  return taken;
}

/** Sets the elements from one on to these values, and removes the others. */
function moveEach(
  list: StoredTable,
  parts: TableParts,
  place: TableLocation,
  first: number,
  length: number,
  values: readonly (Scalar | PlainTable | undefined)[],
): void {
  let key = first;
  for (const value of values) {
    chargeSearch(parts, place);
    if (value === undefined) list.delete(key++);
    else list.set(key++, value);
  }
  for (; key <= length; key++) {
    chargeSearch(parts, place);
    list.delete(key);
  }
}

function replacePacked(
  parts: TableParts,
  place: TableLocation,
  first: number,
  removed: number,
  inserted: number,
): boolean {
  parts.enterToWrite(place, parts.generation);
  chargeSearch(parts, place);
  parts.isChanging = true;
  const isDone = parts.lists.replace(place, first, removed, inserted);
  parts.isChanging = false;
  return isDone;
}

function markList(parts: TableParts, place: TableLocation): void {
  parts.enterToWrite(place, parts.generation);
  parts.isChanging = true;
  parts.marks.setList(place);
  parts.isChanging = false;
}

/** The number of the element at which a change begins: at most the one after the last. */
function firstOf(start: number, length: number): number {
  const given = wholeNumber(start, 'the number of an element');
  if (given === 0) throw new MethodError('elements count from 1, and from -1 backwards; there is no element 0');
  return Math.min(length + 1, Math.max(1, given < 0 ? length + 1 + given : given));
}

function checkedValues(parts: TableParts, place: TableLocation, values: readonly Storable[]): (Scalar | PlainTable)[] {
  parts.budget.chargeBytes(values.length * ELEMENT_BYTES);
  return values.map((value) => checkedValue(parts, place, value));
}

/** An element as plain data. */
function plainAt(list: StoredTable, parts: TableParts, place: TableLocation, key: Key): Scalar | Literal | undefined {
  const value = read(list, parts, place, key);
  return typeof value === 'object' ? (value.toObject() as Literal) : value;
}

/** The elements from one on, as they can be stored again. */
function storableFrom(
  list: StoredTable,
  parts: TableParts,
  place: TableLocation,
  first: number,
  last: number,
): (Scalar | PlainTable | undefined)[] {
  const values: (Scalar | PlainTable | undefined)[] = [];
  for (let key = first; key <= last; key++) {
    const value = read(list, parts, place, key);
    values.push(value === undefined ? undefined : checkedValue(parts, place, value));
  }
  return values;
}

function read(list: StoredTable, parts: TableParts, place: TableLocation, key: Key): ReturnType<StoredTable['get']> {
  parts.budget.charge(ELEMENT_STEPS);
  parts.budget.chargeBytes(ELEMENT_BYTES);
  chargeSearch(parts, place);
  return list.get(key);
}

/** A packed table is searched from its start. */
function chargeSearch(parts: TableParts, place: TableLocation): void {
  parts.places.resolve(place);
  if (place.owner === 0) parts.budget.charge(parts.walker.count(place) >>> SEARCHED_BITS);
}
