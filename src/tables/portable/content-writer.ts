// Writes the content of an object in its portable form (content-format.ts), in one piece or in several: between two pieces the call of the
// tables may end and the object may move, but its content must not change. Whoever has the pieces made finds out whether it has.

import type { ByteBuilder } from '../../base/byte-builder.js';
import { ByteArrayView } from '../bytes/byte-array-view.js';
import { MethodError } from '../call-errors.js';
import { OrderedView } from '../ordered/ordered-view.js';
import type { Key, Scalar, Table } from '../table.js';
import type { StoredTable } from '../table-store.js';
import { BLOCK_BYTES, Kind, MAX_CONTENT_BYTES, NO_BLOCK } from './content-format.js';

/** Members of an ordered index that are written in one step. */
const MEMBERS_AT_A_TIME = 256;
/** All bytes of a block are 0. */
const EMPTY = /^\0*$/;

/** What is being written, from the object's own table to the one nested deepest. */
type Part =
  | { readonly kind: 'table'; readonly key: Key; last: Key | undefined; entries: Entries | undefined }
  | { readonly kind: 'index'; readonly key: Key; nextRank: number; index: OrderedView | undefined }
  | { readonly kind: 'bytes'; readonly key: Key; nextOffset: number; array: ByteArrayView | undefined };
type Entries = Iterator<[Key, Scalar | Table]>;

/** The object's own table has no key. */
const NO_KEY = '';

export class ContentWriter {
  readonly #parts: Part[] = [];
  #writtenBytes = 0;
  #hasBegun = false;

  /** Appends the content, or the next piece of it, until it is complete, or until `mayPause`, which is asked after each step. A step is a field, some members of an
      index or a block of a byte array. Whether the content is complete. `table`: of the object, as the present call of the tables has opened
      it. Throws MethodError for an object whose content is too long. */
  write(table: StoredTable, to: ByteBuilder, mayPause: () => boolean): boolean {
    const from = to.length;
    if (this.#hasBegun) this.#reopen(table);
    else this.#beginTable(NO_KEY, table, to);
    this.#hasBegun = true;
    for (let part = this.#parts.at(-1); part !== undefined; part = this.#parts.at(-1)) {
      if (!this.#step(part, to)) this.#parts.pop();
      if (this.#writtenBytes + to.length - from > MAX_CONTENT_BYTES) {
        throw new MethodError(`an object of more than ${MAX_CONTENT_BYTES} bytes cannot be dumped`);
      }
      if (this.#parts.length > 0 && mayPause()) break;
    }
    this.#writtenBytes += to.length - from;
    return this.#parts.length === 0;
  }

  /** Handles of the call before are no longer valid. */
  #reopen(root: StoredTable): void {
    let table = root;
    for (const [depth, part] of this.#parts.entries()) {
      const value = depth === 0 ? root : table.get(part.key);
      if (part.kind === 'index') part.index = value as unknown as OrderedView;
      else if (part.kind === 'bytes') part.array = value as unknown as ByteArrayView;
      else {
        table = value as StoredTable;
        part.entries = table.entries(part.last);
      }
    }
  }

  /** Writes the next step of the part that is nested deepest; whether there was one. */
  #step(part: Part, to: ByteBuilder): boolean {
    if (part.kind === 'index') return this.#addMembers(part, to);
    if (part.kind === 'bytes') return this.#addBlock(part, to);
    const next = (part.entries as Entries).next();
    if (next.done === true) return false;
    const [key, value] = next.value;
    part.last = key;
    addScalar(key, to);
    this.#addValue(key, value, to);
    return true;
  }

  #addValue(key: Key, value: Scalar | Table, to: ByteBuilder): void {
    if (typeof value !== 'object') addScalar(value, to);
    else if (value instanceof OrderedView) {
      to.u8(value.ties === 'bytes' ? Kind.byBytes : Kind.byArrival);
      to.u32(value.count);
      this.#parts.push({ kind: 'index', key, nextRank: 1, index: value });
    } else if (value instanceof ByteArrayView) {
      to.u8(Kind.bytes);
      to.double(value.length);
      this.#parts.push({ kind: 'bytes', key, nextOffset: 0, array: value });
    } else {
      to.u8(Kind.table);
      this.#beginTable(key, value as StoredTable, to);
    }
  }

  #beginTable(key: Key, table: StoredTable, to: ByteBuilder): void {
    to.u32(table.count);
    to.u8(table.isList ? 1 : 0);
    this.#parts.push({ kind: 'table', key, last: undefined, entries: table.entries() });
  }

  #addMembers(part: Part & { kind: 'index' }, to: ByteBuilder): boolean {
    const members = (part.index as OrderedView).range(part.nextRank, part.nextRank + MEMBERS_AT_A_TIME - 1);
    for (const [member, score] of members) {
      addText(member, to);
      to.double(score);
    }
    part.nextRank += members.length;
    return members.length === MEMBERS_AT_A_TIME;
  }

  #addBlock(part: Part & { kind: 'bytes' }, to: ByteBuilder): boolean {
    const array = part.array as ByteArrayView;
    const offset = part.nextOffset;
    part.nextOffset += BLOCK_BYTES;
    if (offset >= array.length) {
      to.u32(NO_BLOCK);
      return false;
    }
    const block = array.read(offset, Math.min(BLOCK_BYTES, array.length - offset));
    if (!EMPTY.test(block)) {
      to.u32(offset / BLOCK_BYTES);
      to.text(block);
    }
    return true;
  }
}

function addScalar(value: Scalar, to: ByteBuilder): void {
  if (typeof value === 'string') {
    to.u8(Kind.text);
    addText(value, to);
  } else if (typeof value === 'number') {
    to.u8(Kind.number);
    to.double(value);
  } else to.u8(value ? Kind.yes : Kind.no);
}

function addText(text: string, to: ByteBuilder): void {
  to.u32(text.length);
  to.text(text);
}
