// Changes of packed lists: all elements after the place of a change get other keys, and the bytes of their values move in one piece. Of other tables,
// and of those whose elements are not in order, lists.ts moves one element after the other.

import type { FieldCursor } from './field-cursor.js';
import type { TableLocation } from './open-object.js';
import { readNumber } from './scalars.js';
import { BODY_HEADER_BYTES, MARKS_AT, PACKED_BYTES, readU16, Tag, writeU16 } from './table-layout.js';
import type { TableLocations } from './table-location.js';
import type { TableStorage } from './table-storage.js';
import type { TableWriter } from './table-writer.js';

/** More elements than a packed table can get in one change. */
const MOST_INSERTED = PACKED_BYTES / 2;
/** Bytes of a field without a value: its tags and its key. */
const MOST_FIELD_BYTES = 3;

/** @perThread */
export class PackedLists {
  /** The fields from the first that changes on, as they will be. */
  private readonly tail = new Uint8Array(PACKED_BYTES + MOST_INSERTED * MOST_FIELD_BYTES + PACKED_BYTES);
  #end = 0;

  constructor(
    private readonly places: TableLocations,
    private readonly containers: TableStorage,
    private readonly writer: TableWriter,
    private readonly found: FieldCursor,
  ) {}

  /** Removes elements from the one with the number `first` on, and puts elements in their place, which are false until they are set. Nothing
      has changed if the result is false: then the table is no packed list with all its elements in order. */
  replace(place: TableLocation, first: number, removed: number, inserted: number): boolean {
    if (place.owner !== 0 || inserted > MOST_INSERTED) return false;
    const at = this.#makeTail(place, first, removed, inserted);
    if (at < 0) return false;
    const end = place.body + BODY_HEADER_BYTES + readU16(place.view, place.body);
    const grown = this.#end - (end - at);
    if (grown > 0 && !this.containers.hasRoom(place, grown)) {
      this.places.resolve(place);
      return this.replace(place, first, removed, inserted);
    }
    this.places.forgetFrom(place, first);
    this.containers.save(place);
    const { view, body } = place;
    this.writer.resize(place, at, end, grown);
    view.set(this.tail.subarray(0, this.#end), at);
    writeU16(view, body + MARKS_AT, readU16(view, body + MARKS_AT) + inserted - removed);
    return true;
  }

  /** Where the fields begin that the tail replaces; -1 if the fields are not the elements of a list in order. */
  #makeTail(place: TableLocation, first: number, removed: number, inserted: number): number {
    const { found } = this;
    const { view, body } = place;
    const end = body + BODY_HEADER_BYTES + readU16(view, body);
    let at = body + BODY_HEADER_BYTES;
    let start = -1;
    this.#end = 0;
    let number = 1;
    for (; at < end; at = found.end, number++) {
      found.read(view, at);
      if (found.isKeyText || readNumber(view, found.keyAt, found.keyTag) !== number) return -1;
      if (number === first) start = at;
      if (number === first + removed) this.#addEmpty(first, inserted);
      if (number >= first + removed) this.#addField(number - removed + inserted);
    }
    if (number <= first + removed) this.#addEmpty(first, inserted);
    return start < 0 ? end : start;
  }

  #addEmpty(first: number, count: number): void {
    for (let number = first; number < first + count; number++) this.#addKey(number, Tag.no);
  }

  /** Adds the field in `found` with another key. */
  #addField(number: number): void {
    const { bytes, valueStart, valueTag, end } = this.found;
    this.#addKey(number, valueTag);
    for (let from = valueStart; from < end; from++) this.tail[this.#end++] = bytes[from];
  }

  #addKey(number: number, valueTag: number): void {
    const { tail } = this;
    const length = number > 0xff ? 2 : 1;
    tail[this.#end++] = ((Tag.whole + length) << 4) | valueTag;
    tail[this.#end++] = number;
    if (length === 2) tail[this.#end++] = number >>> 8;
  }
}
