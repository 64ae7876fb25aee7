// A table in ordinary memory with the behaviour of those on the arena, for tests of what stands above tables. Slow where
// the real ones are fast.

import { bytesOf, latin1 } from '../../src/base/latin1.js';
import type { Key, Literal, Scalar, Table } from '../../src/objects/types/object-type.js';
import type { Budget } from '../../src/tables/budget.js';
import { MethodError } from '../../src/tables/call-errors.js';
import { jsonNumber, jsonString, numberName } from '../../src/tables/json-text.js';
import { PlainTable, plainTable, refusal } from '../../src/tables/plain-table.js';
import type { RawKey, RawScalar, RawTable } from '../../src/tables/table-store.js';

type Field = Scalar | FakeContent;

/** What lasts: fields in order of insertion. */
export class FakeContent {
  constructor(
    readonly fields = new Map<Key, Field>(),
    readonly isList = false,
  ) {}

  clone(): FakeContent {
    return new FakeContent(
      new Map([...this.fields].map(([key, field]) => [key, field instanceof FakeContent ? field.clone() : field])),
      this.isList,
    );
  }

  toJson(): string {
    const count = this.fields.size;
    const isArray = [...this.fields.keys()].every(
      (key) => Number.isInteger(key) && Number(key) >= 1 && Number(key) <= count,
    );
    if (count === 0 ? this.isList : isArray) {
      return `[${[...this.fields]
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, field]) => jsonOf(field))
        .join(',')}]`;
    }
    const fields = [...this.fields].map(([key, field]) => {
      const name = typeof key === 'number' ? numberName(key, (text) => this.fields.has(text)) : key;
      return `${jsonString(name, FREE)}:${jsonOf(field)}`;
    });
    return `{${fields.join(',')}}`;
  }

  toPlain(): PlainTable {
    const plain = new PlainTable(this.isList);
    for (const [key, field] of this.fields)
      plain.fields.push([key, field instanceof FakeContent ? field.toPlain() : field]);
    return plain;
  }
}

/** What the handles of one call share. */
export interface FakeCall {
  alive: boolean;
  readonly budget: Budget;
}

export class FakeTable implements RawTable {
  /** Keys that were deleted in this call, with those that followed them, so that a walk can go on from there. */
  readonly #gone = new Map<Key, Key[]>();

  constructor(
    readonly content: FakeContent,
    private readonly call: FakeCall,
    private readonly writable: boolean,
  ) {}

  get count(): number {
    return this.#fields().size;
  }

  get(key: Key): Scalar | Table | undefined {
    const field = this.#fields().get(key);
    return field instanceof FakeContent ? new FakeTable(field, this.call, this.writable) : field;
  }

  set(key: Key, value: Scalar | Literal): void {
    this.#demandWritable();
    this.#fields().set(key, toField(key, value, this.call.budget));
  }

  delete(key: Key): boolean {
    this.#demandWritable();
    const keys = [...this.#fields().keys()];
    const index = keys.indexOf(key);
    if (index >= 0) this.#gone.set(key, keys.slice(index + 1));
    return this.content.fields.delete(key);
  }

  has(key: Key): boolean {
    return this.#fields().has(key);
  }

  child(key: Key): Table {
    return this.rawChild(key);
  }

  *entries(): IterableIterator<[Key, Scalar | Table]> {
    for (const key of this.#fields().keys()) {
      this.call.budget.charge(1);
      yield [key, this.get(key) as Scalar | Table];
    }
  }

  *keys(): IterableIterator<Key> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): IterableIterator<Scalar | Table> {
    for (const [, value] of this.entries()) yield value;
  }

  join(what: 'keys' | 'values' | 'entries', after: string, between = ''): string {
    let joined = '';
    for (const [key, value] of this.entries()) {
      if (what === 'keys') joined += `${key}${after}`;
      else if (what === 'values') joined += `${String(value)}${after}`;
      else joined += `${key}${between}${String(value)}${after}`;
    }
    return joined;
  }

  clear(): void {
    this.#demandWritable();
    this.#fields().clear();
  }

  rawGet(key: RawKey): RawTable | Uint8Array | number | boolean | undefined {
    const value = this.get(toKey(key));
    return typeof value === 'string' ? bytesOf(value) : (value as RawTable | number | boolean | undefined);
  }

  rawSet(key: RawKey, value: RawScalar | Literal | PlainTable): void {
    this.set(toKey(key), value instanceof Uint8Array ? latin1(value, 0, value.length) : (value as Scalar | Literal));
  }

  rawDelete(key: RawKey): boolean {
    return this.delete(toKey(key));
  }

  rawHas(key: RawKey): boolean {
    return this.has(toKey(key));
  }

  rawNext(key: RawKey | undefined): Uint8Array | number | undefined {
    this.call.budget.charge(1);
    const keys = [...this.#fields().keys()];
    let next: Key | undefined = keys[0];
    if (key !== undefined) {
      const from = toKey(key);
      const index = keys.indexOf(from);
      next = index >= 0 ? keys[index + 1] : this.#gone.get(from)?.find((follower) => keys.includes(follower));
    }
    return typeof next === 'string' ? bytesOf(next) : next;
  }

  rawJoin(what: 'keys' | 'values' | 'entries', after: RawKey, between: RawKey = ''): Uint8Array {
    return bytesOf(this.join(what, String(toKey(after)), String(toKey(between))));
  }

  rawChild(key: RawKey): RawTable {
    const name = toKey(key);
    const field = this.#fields().get(name);
    if (field === undefined) this.set(name, {});
    else if (!(field instanceof FakeContent)) {
      throw new MethodError(`field '${name}' holds a ${typeof field}, not a table; delete it first`);
    }
    return this.get(name) as RawTable;
  }

  same(other: Table): boolean {
    return other instanceof FakeTable && other.content === this.content;
  }

  toJson(): string {
    return this.content.toJson();
  }

  toObject(): unknown {
    return JSON.parse(this.toJson());
  }

  get isList(): boolean {
    return this.content.isList;
  }

  toPlain(): PlainTable {
    return this.content.toPlain();
  }

  #fields(): Map<Key, Field> {
    if (!this.call.alive) throw new MethodError('the table was kept beyond its call');
    this.call.budget.charge(1);
    return this.content.fields;
  }

  #demandWritable(): void {
    if (!this.writable) throw new MethodError('the object is open for reading only');
  }
}

function toKey(key: RawKey): Key {
  return key instanceof Uint8Array ? latin1(key, 0, key.length) : key;
}

const FREE = { charge: () => {}, chargeBytes: () => {} };

function jsonOf(field: Field): string {
  if (field instanceof FakeContent) return field.toJson();
  if (typeof field === 'string') return jsonString(field, FREE);
  return typeof field === 'number' ? jsonNumber(field) : String(field);
}

function toField(key: Key, value: unknown, budget: Budget): Field {
  if (value instanceof Uint8Array) return latin1(value, 0, value.length);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) throw new MethodError(refusal(key, value));
  const plain = plainTable(value, budget, key);
  return new FakeContent(
    new Map(plain.fields.map(([name, field]) => [name, toField(name, field, budget)])),
    plain.isList,
  );
}
