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
  /** Adds to the number in a field, 0 if there is no such field, and returns the sum. Refused, with the field unchanged: a field that holds
      something else, NaN and infinities, a sum that is infinite. */
  add(key: Key, by: number): number;
  /** Number of fields; kept, not computed. */
  readonly count: number;
  /** The nested table at the key, made if there is no such field; an error if the field holds something else. */
  child(key: Key): Table;
  /** The ordered index at the key, made if there is no such field; an error if the field holds something else. Members of the same score are
      ordered by `arrival`, which is the default, or by the bytes of their names; an index that is there keeps the order it was made with.
      In a method that only reads, an index that is not there is an empty one. */
  ordered(key: Key, ties?: Ties): OrderedIndex;
  /** The byte array at the key, made with that length if there is no such field, its bytes 0; an error if the field holds something else, or
      an array of another length. Without a length, the array that is there. In a method that only reads, an array that is not there has
      bytes that are 0. */
  bytes(key: Key, length?: number): ByteArray;
  /** Fields in the order of their insertion. Deleting the current key meanwhile is allowed. */
  entries(): IterableIterator<[Key, Scalar | Table]>;
  keys(): IterableIterator<Key>;
  values(): IterableIterator<Scalar | Table>;
  /** The key after the given one in the order of insertion, the first without one; undefined after the last, and where there is no such key. It
      continues a walk of an earlier call at the cost of one look-up. */
  nextKey(key?: Key): Key | undefined;
  /** All fields as one byte string: `key + between + value + after` for each (or only keys or values). */
  join(what: 'keys' | 'values' | 'entries', after: string, between?: string): string;
  clear(): void;
  /** The elements of a list are the fields with the keys 1 to `length`, as `#` counts them in Lua: there is an element `length`, unless it is 0,
      and none after it. */
  readonly length: number;
  /** Appends elements to a list; returns its new length. */
  push(...values: readonly (Scalar | Literal)[]): number;
  /** Removes the last element of a list and returns it, a nested table as a copy; undefined if the list is empty. */
  pop(): Scalar | Literal | undefined;
  /** The same for the first element. All others move, which takes as many steps as there are; `ordered(key)` has a quicker `popFirst`. */
  shift(): Scalar | Literal | undefined;
  /** Removes `removed` elements from the one with the number `start` on, or all, puts `values` in their place, and returns them. -1 is the last
      element; a start beyond the end is the end. The elements behind them move. */
  splice(start: number, removed?: number, ...values: readonly (Scalar | Literal)[]): (Scalar | Literal)[];
  /** A copy as plain data: an array if the keys are 1 to n, else an object. Charged like any walk over the whole table. */
  toObject(): unknown;
}

/** Bytes that are changed in place, at the same cost in an array of a megabyte as in one of a kilobyte: bitmaps, sketches, records of fixed size.
    It takes memory as it is written. Offsets count bytes from 0; numbers are little-endian. Bit n is bit n % 8 of byte n / 8, the lowest
    first. What is beyond the end is an error. In JSON it is a text, in base64. */
export interface ByteArray {
  /** Number of bytes, which never changes. */
  readonly length: number;
  getU8(offset: number): number;
  setU8(offset: number, value: number): void;
  getU16(offset: number): number;
  setU16(offset: number, value: number): void;
  getU32(offset: number): number;
  setU32(offset: number, value: number): void;
  getF64(offset: number): number;
  setF64(offset: number, value: number): void;
  getBit(bit: number): boolean;
  /** Sets a bit, or clears it if `on` is false; whether it has changed. */
  setBit(bit: number, on?: boolean): boolean;
  /** For Bloom filters: sets `count` bits from the byte `from` on, which the two words of a hash choose (hash64); how many of them were not set. */
  setHashed(high: number, low: number, count: number, from?: number): number;
  /** Whether all those bits are set. */
  hasHashed(high: number, low: number, count: number, from?: number): boolean;
  /** Number of bits that are set, in the whole array or from a byte on. */
  countBits(offset?: number, length?: number): number;
  /** A range as a byte string; without a length, all from the offset on. */
  read(offset?: number, length?: number): string;
  write(offset: number, bytes: string): void;
  /** Sets all bytes of a range, or of the array, to the same value. */
  fill(value: number, offset?: number, length?: number): void;
  /** -1, 0 or 1: whether this array is before another in the order of their bytes. */
  compare(other: ByteArray): number;
  /** Sets each bit that another array of the same length has: the union of two bitmaps. */
  orWith(other: ByteArray): void;
  /** Sets each byte to the larger one of this array's and another's of the same length. */
  maxWith(other: ByteArray): void;
  /** A copy of all of it, as in JSON. */
  toObject(): string;
}

/** How an ordered index orders members of the same score: by when they got it, or by the bytes of their names. */
export type Ties = 'arrival' | 'bytes';

/** From the lowest score to the highest, or the other way round: then the last is the first. */
export type Direction = 'ascending' | 'descending';

/** A member of an ordered index with its score. */
export type Ranked = [member: string, score: number];

/** Members with a score, in the order of their scores: a leaderboard, a schedule, a sliding window. Each operation takes a time that grows with
    the logarithm of the number of members. A member is a byte string, a score any number but NaN. Ranks count from 1, and from -1
    backwards. In JSON it is a list of pairs, `[["ann",7],["bob",9]]`. */
export interface OrderedIndex {
  /** Number of members; kept, not computed. */
  readonly count: number;
  /** Sets a member's score; whether the member is new. A member that gets another score comes after those that have had it before. */
  set(member: string, score: number): boolean;
  /** The member's score. */
  get(member: string): number | undefined;
  /** The highest score of several members, named in one text with `between` after each but the last, `a,b,c`; undefined if none is there. */
  highest(members: string, between: string): number | undefined;
  /** Whether there was such a member. */
  delete(member: string): boolean;
  /** The member's rank: 1 for the first. */
  rank(member: string, direction?: Direction): number | undefined;
  /** The member with that rank. */
  at(rank: number, direction?: Direction): Ranked | undefined;
  /** Members with their scores, from one rank to another, both included; `range(1, 10, 'descending')` are the ten highest. */
  range(from: number, to: number, direction?: Direction): Ranked[];
  /** The same, without scores. */
  members(from: number, to: number, direction?: Direction): string[];
  /** The same as one byte string: `member + after` for each, or `member + between + score + after`. No list is made, which is quicker. */
  join(from: number, to: number, direction: Direction, after: string, between?: string): string;
  /** Members with scores from `lowest` to `highest`, both included; at most `limit` of them. */
  between(lowest: number, highest: number, direction?: Direction, limit?: number): Ranked[];
  /** How many members have such a score. */
  countBetween(lowest: number, highest: number): number;
  first(): Ranked | undefined;
  last(): Ranked | undefined;
  /** Removes the first member, and returns it. */
  popFirst(): Ranked | undefined;
  popLast(): Ranked | undefined;
  /** A copy of all of it, as in JSON. */
  toObject(): Ranked[];
}

export type Literal = { readonly [key: string]: Scalar | Literal } | readonly (Scalar | Literal)[];
