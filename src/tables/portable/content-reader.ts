// Makes the content of an object from its portable form (content-format.ts), by the same writes as a method's, so that a damaged or hostile
// content is refused like a method's mistake. In one piece or in several: between two pieces the call of the tables may end, and the object may
// move. The caller drops what was written before an error.

import { ByteReader } from '../../base/byte-reader.js';
import { MAX_DEPTH, PlainTable } from '../plain-table.js';
import type { Key, Scalar, Ties } from '../table.js';
import type { StoredTable } from '../table-store.js';
import { BLOCK_BYTES, Kind, NO_BLOCK } from './content-format.js';

/** The part of a table that reading uses. */
interface Target {
  readonly count: number;
  set(key: Key, value: Scalar | PlainTable): void;
  child(key: Key): Target;
  ordered(key: Key, ties: Ties): TargetIndex;
  bytes(key: Key, length: number): TargetBytes;
}

interface TargetIndex {
  readonly count: number;
  set(member: string, score: number): void;
}

interface TargetBytes {
  write(offset: number, bytes: string): void;
}

/** What is being filled, from the object's own table to the one nested deepest; `left`: fields or members to come. */
type Part =
  | { readonly kind: 'table'; readonly key: Key; readonly count: number; left: number; table: Target }
  | {
      readonly kind: 'index';
      readonly key: Key;
      readonly ties: Ties;
      readonly count: number;
      left: number;
      index: TargetIndex;
    }
  | { readonly kind: 'bytes'; readonly key: Key; readonly length: number; array: TargetBytes };

/** The object's own table has no key. */
const NO_KEY = '';

export class ContentReader {
  readonly #reader: ByteReader;
  readonly #parts: Part[] = [];
  #hasBegun = false;

  constructor(private readonly content: Uint8Array) {
    this.#reader = new ByteReader(content);
  }

  /** Bytes that have been read. */
  get readBytes(): number {
    return this.#reader.position;
  }

  /** Fills the empty table of a new object, or fills more of it, until it is complete, or until `mayPause`, which is asked after each step. A step is a field, a
      member of an index or a block of a byte array. Whether the object is complete. `table`: of the object, as the present call of the tables
      has opened it. Throws RangeError where the content is damaged, and what its writes throw. */
  read(table: StoredTable, mayPause: () => boolean): boolean {
    // Only a list that loses its last element is an empty one.
    if (!this.#hasBegun && isListIn(this.content)) {
      table.push(0);
      table.pop();
    }
    return this.#read(table, mayPause);
  }

  /** The same without making anything. */
  check(): void {
    this.#read(new CheckedTable(), () => false);
  }

  #read(table: Target, mayPause: () => boolean): boolean {
    if (this.#hasBegun) this.#reopen(table);
    else this.#beginTable(NO_KEY, table);
    this.#hasBegun = true;
    for (let part = this.#parts.at(-1); part !== undefined; part = this.#parts.at(-1)) {
      if (!this.#step(part)) this.#parts.pop();
      if (this.#parts.length > 0 && mayPause()) return false;
    }
    this.#reader.demandEnd();
    return true;
  }

  /** Handles of the call before are no longer valid. */
  #reopen(root: Target): void {
    let table = root;
    for (const [depth, part] of this.#parts.entries()) {
      if (part.kind === 'index') part.index = table.ordered(part.key, part.ties);
      else if (part.kind === 'bytes') part.array = table.bytes(part.key, part.length);
      else {
        if (depth > 0) table = table.child(part.key);
        part.table = table;
      }
    }
  }

  /** Reads the next step of the part that is nested deepest; whether there was one. */
  #step(part: Part): boolean {
    if (part.kind === 'bytes') return this.#readBlock(part.array, part.length);
    if (part.left === 0) {
      if (part.kind === 'table' && part.table.count !== part.count) throw new RangeError('a key occurs twice');
      if (part.kind === 'index' && part.index.count !== part.count) throw new RangeError('a member occurs twice');
      return false;
    }
    part.left--;
    if (part.kind === 'table') this.#readField(part.table);
    else part.index.set(this.#reader.text(this.#reader.u32()), this.#reader.double());
    return true;
  }

  #readField(table: Target): void {
    const reader = this.#reader;
    const key = readScalar(reader, reader.u8());
    if (typeof key === 'boolean') throw new RangeError('a key is a text or a number');
    const kind = reader.u8();
    switch (kind) {
      case Kind.table: {
        // The mark of a list is part of making a nested table.
        table.set(key, new PlainTable(isListIn(this.content, reader.position)));
        this.#beginTable(key, table.child(key));
        return;
      }
      case Kind.byArrival:
      case Kind.byBytes: {
        const ties = kind === Kind.byBytes ? 'bytes' : 'arrival';
        const index = table.ordered(key, ties);
        const count = reader.u32();
        this.#parts.push({ kind: 'index', key, ties, count, left: count, index });
        return;
      }
      case Kind.bytes: {
        const length = reader.double();
        this.#parts.push({ kind: 'bytes', key, length, array: table.bytes(key, length) });
        return;
      }
      default:
        table.set(key, readScalar(reader, kind));
    }
  }

  #beginTable(key: Key, table: Target): void {
    if (this.#parts.length === MAX_DEPTH) throw new RangeError(`tables are nested more than ${MAX_DEPTH} deep`);
    const count = this.#reader.u32();
    this.#reader.u8();
    this.#parts.push({ kind: 'table', key, count, left: count, table });
  }

  #readBlock(array: TargetBytes, length: number): boolean {
    const reader = this.#reader;
    const block = reader.u32();
    if (block === NO_BLOCK) return false;
    const offset = block * BLOCK_BYTES;
    if (!(offset < length)) throw new RangeError('a block is behind the end of its byte array');
    array.write(offset, reader.text(Math.min(BLOCK_BYTES, length - offset)));
    return true;
  }
}

/** Throws RangeError for a content that is damaged. */
export function checkContent(content: Uint8Array): void {
  new ContentReader(content).check();
}

/** Of the table that begins there. */
function isListIn(content: Uint8Array, at = 0): boolean {
  return content[at + 4] === 1;
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

  ordered(): TargetIndex {
    this.count++;
    let count = 0;
    return {
      get count() {
        return count;
      },
      set(_member: string, score: number) {
        if (Number.isNaN(score)) throw new RangeError('a score is not a number');
        count++;
      },
    };
  }

  bytes(_key: Key, length: number): TargetBytes {
    this.count++;
    if (!(Number.isSafeInteger(length) && length > 0))
      throw new RangeError('the length of a byte array is no whole number');
    return { write: () => {} };
  }
}
