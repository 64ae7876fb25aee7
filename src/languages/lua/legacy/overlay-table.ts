// Copy-on-write view of an object that a script in the original's style has opened for reading: the original server gave scripts a
// private copy, which they could change without effect. Reads go to the object; the first write makes the copy.

import type { Key, Literal, Scalar, Table } from '../../../objects/types/object-type.js';
import { MethodError } from '../../../tables/call-errors.js';
import { lengthOf } from '../../../tables/lists.js';
import { PlainTable } from '../../../tables/plain-table.js';
import type { StoredTable } from '../../../tables/table-store.js';
import { activeCall } from '../host/active-call.js';
import { meter } from '../vm/meter.js';

type Field = Scalar | Table;
/** Memory of an overlay in V8, and of a field of its copy in addition to the field's text. */
const OVERLAY_BYTES = 300;
const FIELD_BYTES = 120;

export function overlayOf(table: StoredTable): OverlayTable {
  meter.chargeBytes(OVERLAY_BYTES);
  return new OverlayTable(table);
}

class OverlayTable implements StoredTable {
  #copy: Map<Key, Field> | undefined;

  constructor(private readonly target: StoredTable) {}

  get count(): number {
    return this.#copy?.size ?? this.target.count;
  }

  get(key: Key): Field | undefined {
    const field = this.#copy === undefined ? this.target.get(key) : this.#copy.get(key);
    if (typeof field !== 'object' || field instanceof OverlayTable) return field;
    // A nested table is stored in the copy, so that a change of it is visible later.
    const nested = overlayOf(field as StoredTable);
    this.#write().set(key, nested);
    return nested;
  }

  set(key: Key, value: Scalar | Literal | PlainTable): void {
    chargeField(key, value);
    this.#write().set(key, typeof value === 'object' ? this.#nested(value) : value);
  }

  delete(key: Key): boolean {
    return this.#write().delete(key);
  }

  has(key: Key): boolean {
    return this.#copy?.has(key) ?? this.target.has(key);
  }

  ordered(): never {
    throw new MethodError('scripts for the original have no ordered indexes');
  }

  bytes(): never {
    throw new MethodError('scripts for the original have no byte arrays');
  }

  get length(): number {
    return lengthOf(this);
  }

  add(): never {
    throw new MethodError('an object that is open for reading only has no numbers to add to');
  }

  push(): never {
    throw refusedChange();
  }

  pop(): never {
    throw refusedChange();
  }

  shift(): never {
    throw refusedChange();
  }

  splice(): never {
    throw refusedChange();
  }

  child(key: Key): StoredTable {
    const field = this.get(key);
    if (typeof field === 'object') return field as StoredTable;
    const made = this.#nested({});
    this.#write().set(key, made);
    return made;
  }

  *entries(): IterableIterator<[Key, Field]> {
    for (const key of this.keys()) {
      const field = this.get(key);
      if (field !== undefined) yield [key, field];
    }
  }

  keys(): IterableIterator<Key> {
    return this.#copy?.keys() ?? this.target.keys();
  }

  *values(): IterableIterator<Field> {
    for (const [, field] of this.entries()) yield field;
  }

  join(what: 'keys' | 'values' | 'entries', after: string, between = ''): string {
    if (this.#copy === undefined) return this.target.join(what, after, between);
    let text = '';
    for (const [key, field] of this.entries()) {
      const value = typeof field === 'object' ? (field as StoredTable).toJson() : String(field);
      const piece = what === 'keys' ? String(key) : what === 'values' ? value : `${key}${between}${value}`;
      meter.charge(1);
      meter.chargeBytes(piece.length + after.length + FIELD_BYTES);
      text += piece + after;
    }
    return text;
  }

  clear(): void {
    this.#write().clear();
  }

  nextKey(key?: Key): Key | undefined {
    if (this.#copy === undefined) return this.target.nextKey(key);
    let found = key === undefined;
    for (const candidate of this.#copy.keys()) {
      meter.charge(1);
      if (found) return candidate;
      found = candidate === key;
    }
    return undefined;
  }

  randomKey(random: () => number): Key | undefined {
    if (this.#copy === undefined) return this.target.randomKey(random);
    const keys = [...this.#copy.keys()];
    meter.charge(keys.length);
    return keys[Math.floor(random() * keys.length)];
  }

  toObject(): unknown {
    return JSON.parse(this.toJson());
  }

  get isList(): boolean {
    return this.target.isList;
  }

  same(other: Table): boolean {
    return other === this;
  }

  toJson(): string {
    return this.target.toJson();
  }

  /** Invalidates the table after its call: a script that kept it can no longer read it, so the copy can be freed. */
  forget(): void {
    this.#copy = undefined;
  }

  #nested(value: Literal | PlainTable): OverlayTable {
    const made = overlayOf(this.target);
    made.#copy = new Map();
    activeCall.atEnd(made);
    if (value instanceof PlainTable) {
      for (const [key, field] of value.fields) made.set(key, field as Scalar | Literal);
      return made;
    }
    const fields = Array.isArray(value)
      ? value.map((field, index) => [index + 1, field] as const)
      : Object.entries(value);
    for (const [key, field] of fields) made.set(key, field);
    return made;
  }

  #write(): Map<Key, Field> {
    if (this.#copy !== undefined) return this.#copy;
    const copy = new Map<Key, Field>();
    this.#copy = copy;
    activeCall.atEnd(this);
    for (const [key, field] of this.target.entries()) {
      chargeField(key, field);
      copy.set(key, typeof field === 'object' ? overlayOf(field as StoredTable) : field);
    }
    return copy;
  }
}

function refusedChange(): MethodError {
  return new MethodError(
    'lists of an object that is open for reading only are changed by table.insert and table.remove',
  );
}

function chargeField(key: Key, value: Scalar | Literal | PlainTable | Table): void {
  const keyBytes = typeof key === 'string' ? key.length : 0;
  meter.charge(1);
  meter.chargeBytes(FIELD_BYTES + keyBytes + (typeof value === 'string' ? value.length : 0));
}
