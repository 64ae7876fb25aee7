// One table of an object as methods use it: `self`, or a table nested in it. Valid until the call ends.

import { latin1 } from '../base/latin1.js';
import { demandFinite, refusedSum } from './additions.js';
import { ByteArrayView } from './bytes/byte-array-view.js';
import { openByteArray } from './bytes/byte-fields.js';
import { MethodError } from './call-errors.js';
import { lengthOf, pop, push, splice } from './lists.js';
import { putLiteral } from './literals.js';
import { Mark, type TableLocation } from './open-object.js';
import { openOrdered } from './ordered/ordered-fields.js';
import { OrderedView } from './ordered/ordered-view.js';
import { PlainTable } from './plain-table.js';
import { refuseAssignments } from './refused-assignments.js';
import { readNumber } from './scalars.js';
import { fieldHolds, foundKind, foundName, HANDLE_BYTES } from './special-fields.js';
import type { Key, Literal, Scalar, Table, Ties } from './table.js';
import { TableKind, Tag } from './table-layout.js';
import type { TableParts } from './table-parts.js';
import type { Joined, TableSerializer } from './table-serializer.js';
import type { Storable, StoredTable } from './table-store.js';
import { ViewCost } from './view-costs.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class TableView implements StoredTable {
  // Private at run time as well: code that lists or copies the fields of a handle must not reach the arena.
  readonly #parts: TableParts;
  readonly #render: TableSerializer;
  readonly #place: TableLocation;
  readonly #generation: number;

  constructor(parts: TableParts, render: TableSerializer, place: TableLocation) {
    this.#parts = parts;
    this.#render = render;
    this.#place = place;
    this.#generation = parts.generation;
  }

  get count(): number {
    this.#parts.enter(this.#place, this.#generation);
    return this.#parts.walker.count(this.#place);
  }

  get isList(): boolean {
    this.#parts.enter(this.#place, this.#generation);
    return this.#parts.places.isList(this.#place);
  }

  get(key: Key): Scalar | Table | undefined {
    return this.#find(key) ? this.#value(key) : undefined;
  }

  set(key: Key, value: Storable): void {
    this.#put(key, value);
  }

  add(key: Key, by: number): number {
    const parts = this.#parts;
    parts.enterToWrite(this.#place, this.#generation);
    demandFinite(by);
    parts.key.take(key);
    parts.isChanging = true;
    const sum = parts.additions.add(this.#place, parts.key, parts.value, by);
    parts.isChanging = false;
    if (!Number.isFinite(sum)) throw new MethodError(refusedSum(key, this.get(key), by));
    return sum;
  }

  delete(key: Key): boolean {
    const parts = this.#parts;
    parts.enterToWrite(this.#place, this.#generation);
    parts.key.take(key);
    parts.isChanging = true;
    const isRemoved = parts.writer.remove(this.#place, parts.key, key);
    parts.isChanging = false;
    parts.budget.charge(parts.writer.removedSteps);
    return isRemoved;
  }

  has(key: Key): boolean {
    return this.#find(key);
  }

  child(key: Key): StoredTable {
    if (!this.#find(key)) this.#put(key, NO_FIELDS);
    else if (this.#parts.found.valueTag !== Tag.table) {
      throw new MethodError(`${fieldHolds(key, foundName(this.#parts))}, not a table; delete it first`);
    } else if (foundKind(this.#parts) !== TableKind.fields) {
      const opener = foundKind(this.#parts) === TableKind.byteArray ? 'bytes' : 'ordered';
      throw new MethodError(`${fieldHolds(key, foundName(this.#parts))}, not a table; open it by ${opener}()`);
    }
    return this.#nested(key);
  }

  ordered(key: Key, ties?: Ties): OrderedView {
    const place = openOrdered(this.#parts, this.#place, this.#generation, key, ties);
    return new OrderedView(this.#render, place, this.#generation);
  }

  bytes(key: Key, length?: number): ByteArrayView {
    const place = openByteArray(this.#parts, this.#place, this.#generation, key, length);
    return new ByteArrayView(this.#render, place, this.#generation, length);
  }

  *entries(after?: Key): IterableIterator<[Key, Scalar | Table]> {
    for (const key of this.keys(after)) {
      this.#parts.budget.chargeBytes(ViewCost.pairBytes);
      // The field was just visited and is still in `found`.
      yield [key, this.#value(key)];
    }
  }

  *keys(after?: Key): IterableIterator<Key> {
    const place = this.#place;
    const parts = this.#parts;
    parts.enter(place, this.#generation);
    const mark = parts.walker.markAfter(place, parts, after);
    place.marks.push(mark);
    try {
      while (parts.walker.advance(place, mark)) {
        parts.budget.charge(ViewCost.fieldSteps);
        parts.budget.chargeBytes(ViewCost.keyBytes + parts.found.keyLength);
        yield this.#key();
        parts.enter(place, this.#generation);
      }
    } finally {
      const index = place.marks.indexOf(mark);
      if (index >= 0) place.marks.splice(index, 1);
    }
  }

  *values(): IterableIterator<Scalar | Table> {
    for (const [, value] of this.entries()) yield value;
  }

  join(what: Joined, after: string, between = ''): string {
    this.#parts.enter(this.#place, this.#generation);
    return this.#render.join(this.#place, what, after, between).toText();
  }

  get length(): number {
    this.#parts.budget.charge(ViewCost.lengthSteps);
    return lengthOf(this);
  }

  push(...values: readonly Storable[]): number {
    return push(this, this.#parts, this.#place, values);
  }

  pop(): Scalar | Literal | undefined {
    return pop(this, this.#parts, this.#place);
  }

  shift(): Scalar | Literal | undefined {
    return splice(this, this.#parts, this.#place, 1, 1, [])[0];
  }

  splice(start: number, removed?: number, ...values: readonly Storable[]): (Scalar | Literal)[] {
    return splice(this, this.#parts, this.#place, start, removed, values);
  }

  clear(): void {
    const parts = this.#parts;
    parts.enterToWrite(this.#place, this.#generation);
    parts.isChanging = true;
    parts.writer.clear(this.#place);
    parts.isChanging = false;
  }

  nextKey(key?: Key): Key | undefined {
    const parts = this.#parts;
    parts.enter(this.#place, this.#generation);
    parts.budget.charge(ViewCost.nextSteps);
    if (key === undefined) {
      if (!parts.walker.advance(this.#place, new Mark())) return undefined;
    } else {
      parts.key.take(key);
      if (!parts.walker.after(this.#place, parts.key, new Mark(), parts.budget)) return undefined;
    }
    parts.budget.chargeBytes(ViewCost.keyBytes + parts.found.keyLength);
    return this.#key();
  }

  randomKey(random: () => number): Key | undefined {
    const parts = this.#parts;
    parts.enter(this.#place, this.#generation);
    return parts.randomFields.draw(this.#place, random, parts.budget) ? this.#key() : undefined;
  }

  same(other: Table): boolean {
    return other instanceof TableView && other.#place === this.#place && other.#generation === this.#generation;
  }

  toJson(): string {
    this.#parts.enter(this.#place, this.#generation);
    return this.#render.json(this.#place);
  }

  #find(key: Key): boolean {
    const parts = this.#parts;
    parts.enter(this.#place, this.#generation);
    parts.key.take(key);
    return parts.walker.find(this.#place, parts.key);
  }

  #put(key: Key, value: unknown): void {
    const parts = this.#parts;
    const place = this.#place;
    parts.enterToWrite(place, this.#generation);
    // Before it is encoded.
    if (typeof value === 'string' && value.length > ViewCost.longText) parts.budget.chargeText(value.length);
    if (parts.value.take(value)) {
      parts.budget.chargeWritten(parts.value.length);
      parts.key.take(key);
      parts.isChanging = true;
      parts.writer.put(place, parts.key, parts.value);
      parts.isChanging = false;
    } else {
      putLiteral(parts, place, key, value);
    }
  }

  /** The ordered index or byte array in `found`. It is a table to those who walk over fields; `ordered` and `bytes` give it its own type. */
  #special(key: Key, kind: number): StoredTable {
    const { budget, places, found } = this.#parts;
    budget.chargeBytes(HANDLE_BYTES);
    const place = places.nested(this.#place, key, found.field);
    places.resolve(place);
    const View = kind === TableKind.byteArray ? ByteArrayView : OrderedView;
    return new View(this.#render, place, this.#generation) as unknown as StoredTable;
  }

  #nested(key: Key): StoredTable {
    this.#parts.budget.chargeBytes(HANDLE_BYTES);
    return new TableView(this.#parts, this.#render, this.#parts.places.nested(this.#place, key));
  }

  /** The key in `found`. */
  #key(): Key {
    const { found } = this.#parts;
    if (!found.isKeyText) return readNumber(found.bytes, found.keyAt, found.keyTag);
    return latin1(found.bytes, found.keyAt, found.keyLength);
  }

  /** The value in `found`, which the table has at the key. */
  #value(key: Key): Scalar | StoredTable {
    const { found, walker, budget } = this.#parts;
    switch (found.valueTag) {
      case Tag.no:
        return false;
      case Tag.yes:
        return true;
      case Tag.text:
      case Tag.longText:
        budget.chargeText(found.valueLength);
        return walker.text(this.#parts.key.spans);
      case Tag.chain:
        return walker.chainText(budget);
      case Tag.table: {
        const kind = foundKind(this.#parts);
        return kind === TableKind.fields ? this.#nested(key) : this.#special(key, kind);
      }
      default:
        return readNumber(found.bytes, found.valueAt, found.valueTag);
    }
  }

  /** A copy that can be stored: the write may change this very table. */
  toPlain(): PlainTable {
    const parts = this.#parts;
    parts.enter(this.#place, this.#generation);
    const plain = new PlainTable(parts.places.isList(this.#place));
    for (const [key, value] of this.entries()) {
      parts.budget.charge(ViewCost.copiedFieldSteps);
      parts.budget.chargeBytes(ViewCost.copiedFieldBytes);
      plain.fields.push([key, typeof value === 'object' ? (value as TableView).toPlain() : value]);
    }
    return plain;
  }

  toObject(): unknown {
    const json = this.toJson();
    this.#parts.budget.charge(json.length >>> 3);
    this.#parts.budget.chargeBytes(json.length * ViewCost.parsedBytes);
    return JSON.parse(json);
  }

  toJSON(): unknown {
    return this.toObject();
  }

  [INSPECT](): unknown {
    return this.#generation === this.#parts.generation ? this.toObject() : '[a table of a call that has ended]';
  }
}

refuseAssignments(TableView.prototype);

const NO_FIELDS: Literal = {};
