// An object's content as methods use it, independent of how it is stored.

/** Values of a table's field, other than nested tables. */
export type Scalar = string | number | boolean;
export type Key = string | number;

/** An object's content, in place on the arena: reading and writing one field costs the same in a large table as in a small one. It is
    no JavaScript object: `self.name` is nothing, and setting it an error; `self.get('name')` is the field, and `toObject()` makes a copy. */
export interface Table {
  get(key: Key): Scalar | Table | undefined;
  /** Sets a field; a nested plain object, array or Map becomes a nested table, an array one with the keys 1 to n: its first element is
      `self.child('list').get(1)`. What has no place in a table is refused: null, undefined, dates and other instances of classes. */
  set(key: Key, value: Scalar | Literal): void;
  /** Whether there was such a field. */
  delete(key: Key): boolean;
  has(key: Key): boolean;
  /** Number of fields; kept, not computed. */
  readonly count: number;
  /** The nested table at the key, made if there is no such field; an error if the field holds something else. */
  child(key: Key): Table;
  /** Fields in the order of their insertion. Deleting the current key meanwhile is allowed. */
  entries(): IterableIterator<[Key, Scalar | Table]>;
  keys(): IterableIterator<Key>;
  values(): IterableIterator<Scalar | Table>;
  /** All fields as one byte string: `key + between + value + after` for each (or only keys or values). */
  join(what: 'keys' | 'values' | 'entries', after: string, between?: string): string;
  clear(): void;
  /** A copy as plain data: an array if the keys are 1 to n, else an object. Charged like any walk over the whole table. */
  toObject(): unknown;
}

export type Literal = { readonly [key: string]: Scalar | Literal } | readonly (Scalar | Literal)[];
