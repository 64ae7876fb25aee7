// A table in ordinary memory with the behaviour of those on the arena, for tests of what stands above tables. Slow where
// the real ones are fast.

import type { Budget } from '../../src/objects/budget.js';
import { MethodError } from '../../src/objects/errors.js';
import { bytesOf, latin1 } from '../../src/objects/latin1.js';
import type { Key, Literal, Scalar, Table } from '../../src/objects/object-type.js';
import type { RawKey, RawScalar, RawTable } from '../../src/objects/table-store.js';

type Field = Scalar | FakeContent;

/** What lasts: fields in order of insertion. */
export class FakeContent {
  constructor(readonly fields = new Map<Key, Field>()) {}

  clone(): FakeContent {
    return new FakeContent(
      new Map([...this.fields].map(([key, field]) => [key, field instanceof FakeContent ? field.clone() : field])),
    );
  }

  toPlain(): unknown {
    const plain = [...this.fields].map(([key, field]) => [key, field instanceof FakeContent ? field.toPlain() : field]);
    const isList = plain.length > 0 && plain.every(([key], index) => key === index + 1);
    return isList ? plain.map(([, field]) => field) : Object.fromEntries(plain as [string, unknown][]);
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
    this.#fields().set(key, toField(value));
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

  rawSet(key: RawKey, value: RawScalar | Literal): void {
    this.set(toKey(key), value instanceof Uint8Array ? latin1(value, 0, value.length) : value);
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
    if (!(this.#fields().get(name) instanceof FakeContent)) this.set(name, {});
    return this.get(name) as RawTable;
  }

  same(other: Table): boolean {
    return other instanceof FakeTable && other.content === this.content;
  }

  toJson(): string {
    return JSON.stringify(this.content.toPlain());
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

function toField(value: Scalar | Uint8Array | Literal): Field {
  if (typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return latin1(value, 0, value.length);
  const pairs = Array.isArray(value) ? value.map((field, index) => [index + 1, field] as const) : Object.entries(value);
  return new FakeContent(new Map(pairs.map(([key, field]) => [key, toField(field as Scalar | Literal)])));
}
