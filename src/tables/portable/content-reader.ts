// Makes the content of an object from its portable form (content-format.ts), by the same writes as a method's, so that a damaged or hostile
// content is refused like a method's mistake. The caller rolls back what was written before an error.

import { ByteReader } from '../../base/byte-reader.js';
import { MAX_DEPTH, PlainTable } from '../plain-table.js';
import type { Key, Scalar } from '../table.js';
import type { StoredTable } from '../table-store.js';
import { BLOCK_BYTES, Kind, NO_BLOCK } from './content-format.js';

/** The part of a table that reading uses. */
interface Target {
  readonly count: number;
  set(key: Key, value: Scalar | PlainTable): void;
  child(key: Key): Target;
  ordered(key: Key, ties: 'arrival' | 'bytes'): { readonly count: number; set(member: string, score: number): void };
  bytes(key: Key, length: number): { readonly length: number; write(offset: number, bytes: string): void };
}

/** Fills the empty table of a new object. Throws RangeError where the content is damaged, and what its writes throw. */
export function readContent(content: Uint8Array, table: StoredTable): void {
  const reader = new ByteReader(content);
  // Only a list that loses its last element is an empty one.
  if (isListIn(content)) {
    table.push(0);
    table.pop();
  }
  readTable(reader, table, 1);
  reader.demandEnd();
}

/** The same without making anything. */
export function checkContent(content: Uint8Array): void {
  const reader = new ByteReader(content);
  readTable(reader, new CheckedTable(), 1);
  reader.demandEnd();
}

/** Of the object's own table. */
function isListIn(content: Uint8Array): boolean {
  return content[4] === 1;
}

function readTable(reader: ByteReader, table: Target, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`tables are nested more than ${MAX_DEPTH} deep`);
  const count = reader.u32();
  reader.u8();
  for (let index = 0; index < count; index++) {
    const key = readScalar(reader, reader.u8());
    if (typeof key === 'boolean') throw new RangeError('a key is a text or a number');
    readValue(reader, table, key, depth);
  }
  if (table.count !== count) throw new RangeError('a key occurs twice');
}

function readValue(reader: ByteReader, table: Target, key: Key, depth: number): void {
  const kind = reader.u8();
  switch (kind) {
    case Kind.table: {
      // The mark of a list is part of making a nested table.
      const isList = reader.peekU8(4) === 1;
      table.set(key, new PlainTable(isList));
      readTable(reader, table.child(key), depth + 1);
      return;
    }
    case Kind.byArrival:
    case Kind.byBytes:
      readOrdered(reader, table, key, kind === Kind.byBytes ? 'bytes' : 'arrival');
      return;
    case Kind.bytes:
      readBytes(reader, table, key);
      return;
    default:
      table.set(key, readScalar(reader, kind));
  }
}

function readScalar(reader: ByteReader, kind: number): Scalar {
  switch (kind) {
    case Kind.no:
      return false;
    case Kind.yes:
      return true;
    case Kind.text:
      return reader.text(reader.u32());
    case Kind.number:
      return reader.double();
    default:
      throw new RangeError(`there is no kind ${kind} of a value`);
  }
}

function readOrdered(reader: ByteReader, table: Target, key: Key, ties: 'arrival' | 'bytes'): void {
  const index = table.ordered(key, ties);
  const count = reader.u32();
  for (let left = count; left > 0; left--) index.set(reader.text(reader.u32()), reader.double());
  if (index.count !== count) throw new RangeError('a member occurs twice');
}

function readBytes(reader: ByteReader, table: Target, key: Key): void {
  const length = reader.double();
  const array = table.bytes(key, length);
  for (let block = reader.u32(); block !== NO_BLOCK; block = reader.u32()) {
    const offset = block * BLOCK_BYTES;
    if (!(offset < length)) throw new RangeError('a block is behind the end of its byte array');
    array.write(offset, reader.text(Math.min(BLOCK_BYTES, length - offset)));
  }
}

/** A table that forgets what is written to it. */
class CheckedTable implements Target {
  count = 0;
  #last: CheckedTable | undefined;

  set(_key: Key, value: Scalar | PlainTable): void {
    this.count++;
    this.#last = value instanceof PlainTable ? new CheckedTable() : undefined;
  }

  child(): CheckedTable {
    return this.#last as CheckedTable;
  }

  ordered(): { count: number; set(member: string, score: number): void } {
    this.count++;
    return {
      count: 0,
      set(_member: string, score: number) {
        if (Number.isNaN(score)) throw new RangeError('a score is not a number');
        this.count++;
      },
    };
  }

  bytes(_key: Key, length: number): { length: number; write(): void } {
    this.count++;
    if (!(Number.isSafeInteger(length) && length > 0))
      throw new RangeError('the length of a byte array is no whole number');
    return { length, write: () => {} };
  }
}
