// Writes the content of an object in its portable form (content-format.ts).

import type { ByteBuilder } from '../../base/byte-builder.js';
import { ByteArrayView } from '../bytes/byte-array-view.js';
import { MethodError } from '../call-errors.js';
import { OrderedView } from '../ordered/ordered-view.js';
import type { Key, Scalar, Table } from '../table.js';
import type { StoredTable } from '../table-store.js';
import { BLOCK_BYTES, Kind, MAX_CONTENT_BYTES, NO_BLOCK } from './content-format.js';

/** Members of an ordered index that are read at a time. */
const MEMBERS_AT_A_TIME = 256;
/** All bytes of a block are 0. */
const EMPTY = /^\0*$/;

/** Throws MethodError for an object whose content is too long. */
export function writeContent(table: StoredTable, to: ByteBuilder): void {
  new ContentWriter(to).table(table);
}

class ContentWriter {
  readonly #from: number;

  constructor(private readonly to: ByteBuilder) {
    this.#from = to.length;
  }

  table(table: StoredTable): void {
    const { to } = this;
    to.u32(table.count);
    to.u8(table.isList ? 1 : 0);
    for (const [key, value] of table.entries()) {
      this.#scalar(key);
      this.#value(value);
      this.#demandRoom();
    }
  }

  #value(value: Scalar | Table): void {
    if (typeof value !== 'object') this.#scalar(value);
    else if (value instanceof OrderedView) this.#ordered(value);
    else if (value instanceof ByteArrayView) this.#bytes(value);
    else {
      this.to.u8(Kind.table);
      this.table(value as StoredTable);
    }
  }

  #scalar(value: Key | Scalar): void {
    const { to } = this;
    if (typeof value === 'string') {
      to.u8(Kind.text);
      this.#text(value);
    } else if (typeof value === 'number') {
      to.u8(Kind.number);
      to.double(value);
    } else to.u8(value ? Kind.yes : Kind.no);
  }

  #text(text: string): void {
    this.to.u32(text.length);
    this.to.text(text);
  }

  #ordered(index: OrderedView): void {
    const { to } = this;
    const { count } = index;
    to.u8(index.ties === 'bytes' ? Kind.byBytes : Kind.byArrival);
    to.u32(count);
    for (let rank = 1; rank <= count; rank += MEMBERS_AT_A_TIME) {
      for (const [member, score] of index.range(rank, Math.min(count, rank + MEMBERS_AT_A_TIME - 1))) {
        this.#text(member);
        to.double(score);
      }
      this.#demandRoom();
    }
  }

  #bytes(array: ByteArrayView): void {
    const { to } = this;
    const { length } = array;
    to.u8(Kind.bytes);
    to.double(length);
    for (let offset = 0; offset < length; offset += BLOCK_BYTES) {
      const block = array.read(offset, Math.min(BLOCK_BYTES, length - offset));
      if (EMPTY.test(block)) continue;
      to.u32(offset / BLOCK_BYTES);
      to.text(block);
      this.#demandRoom();
    }
    to.u32(NO_BLOCK);
  }

  #demandRoom(): void {
    if (this.to.length - this.#from <= MAX_CONTENT_BYTES) return;
    throw new MethodError(`an object of more than ${MAX_CONTENT_BYTES} bytes cannot be dumped`);
  }
}
