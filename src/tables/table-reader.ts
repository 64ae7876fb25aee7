// Reads tables: single fields, and all fields in the order of their insertion.

import { latin1, rememberByteString } from '../base/latin1.js';
import { SHORT_TEXT_CHARACTERS } from '../base/reply-text.js';
import type { Store } from '../store/store.js';
import type { ArgumentSlices } from './argument-slices.js';
import type { Budget } from './budget.js';
import type { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import type { Journal } from './journal.js';
import { Mark, type TableLocation } from './open-object.js';
import { KeyBytes, sameBytes } from './scalars.js';
import type { Key } from './table.js';
import { BODY_HEADER_BYTES, readU16, SPREAD, Tag } from './table-layout.js';
import type { TableLocations } from './table-location.js';

/** @perThread */
export class TableReader {
  private readonly words: Uint32Array;
  readonly #goneKey = new KeyBytes();

  constructor(
    store: Store,
    private readonly fields: Fields,
    private readonly journal: Journal,
    private readonly places: TableLocations,
    private readonly found: FieldCursor,
  ) {
    this.words = store.arena.words;
  }

  count(place: TableLocation): number {
    return this.places.count(place);
  }

  /** Whether the table has the key; if so, the field is in `found`. */
  find(place: TableLocation, key: KeyBytes): boolean {
    if (place.owner === 0) return this.found.find(place.view, place.body, key);
    const field = this.fields.find(place.owner, key, this.fields.hash(place.owner, key));
    if (field === 0) return false;
    this.fields.read(field, this.found);
    return true;
  }

  /** Whether there is a field after the mark; if so, it is in `found` and the mark moves past it. */
  advance(place: TableLocation, mark: Mark): boolean {
    const { found } = this;
    if (place.owner === 0) {
      const start = place.body + BODY_HEADER_BYTES;
      if (mark.offset >= readU16(place.view, place.body)) return false;
      found.read(place.view, start + mark.offset);
      mark.offset = found.end - start;
      return true;
    }
    const field =
      mark.field === 0 ? this.words[place.header + SPREAD.first] : this.fields.successor(mark.field, place.owner);
    if (field === 0) return false;
    mark.field = field;
    this.fields.read(field, found);
    return true;
  }

  /** Whether there is a field after the one with the key, which may have been deleted in this call; if so, it is in `found`. */
  after(place: TableLocation, key: KeyBytes, mark: Mark, budget: Budget): boolean {
    mark.offset = 0;
    mark.field = 0;
    if (!this.#seek(place, key, mark, budget)) return false;
    const isThere = this.advance(place, mark);
    if (isThere && place.owner === 0) place.hint = this.found.start - place.body - BODY_HEADER_BYTES;
    return isThere;
  }

  /** The position after a key that the table has; before the first field without one. */
  markAfter(place: TableLocation, parts: { readonly key: KeyBytes; readonly budget: Budget }, after?: Key): Mark {
    const mark = new Mark();
    if (after === undefined) return mark;
    parts.key.take(after);
    this.#seek(place, parts.key, mark, parts.budget);
    return mark;
  }

  /** The key itself, as a packed or a spread table has it, is that of the field in `found`. */
  #foundHas(key: KeyBytes): boolean {
    const { found } = this;
    return (
      found.keyTag === key.packedTag &&
      found.keyLength === key.length &&
      sameBytes(found.bytes, found.keyAt, key.bytes, key.at, key.length)
    );
  }

  #seek(place: TableLocation, key: KeyBytes, mark: Mark, budget: Budget): boolean {
    const { found } = this;
    if (place.owner !== 0) {
      const field = this.fields.find(place.owner, key, this.fields.hash(place.owner, key));
      mark.field = field !== 0 ? field : this.journal.findDeleted(place.owner, key, budget);
      return mark.field !== 0 || this.#seekGone(place, key, mark);
    }
    const start = place.body + BODY_HEADER_BYTES;
    if (place.hint < readU16(place.view, place.body)) {
      found.read(place.view, start + place.hint);
      if (this.#foundHas(key)) {
        mark.offset = found.end - start;
        return true;
      }
    }
    if (found.find(place.view, place.body, key)) {
      mark.offset = found.end - start;
      return true;
    }
    return this.#seekGone(place, key, mark);
  }

  #seekGone(place: TableLocation, key: KeyBytes, mark: Mark): boolean {
    for (let index = place.gone.length - 1; index >= 0; index--) {
      const gone = place.gone[index];
      this.#goneKey.take(gone.key as Key);
      if (!this.#goneKey.equals(key)) continue;
      mark.offset = gone.offset;
      mark.field = gone.field;
      return true;
    }
    return false;
  }

  /** The text in `found`, which is in one piece. It is remembered if checking it would take longer: a method may return it. */
  text(spans: ArgumentSlices | undefined): string {
    const { bytes, valueAt, valueLength } = this.found;
    const text = (spans as ArgumentSlices).text(bytes, valueAt, valueLength);
    if (valueLength > SHORT_TEXT_CHARACTERS) rememberByteString(text);
    return text;
  }

  /** The text value of the field in `found`, from any place that can hold it. */
  copyText(into: (bytes: Uint8Array, at: number, length: number) => void): void {
    const { found } = this;
    if (found.valueTag === Tag.chain) this.fields.forEachPart(found.field, into);
    else into(found.bytes, found.valueAt, found.valueLength);
  }

  /** Bytes of that text. */
  textLength(): number {
    const { found } = this;
    return found.valueTag === Tag.chain ? this.fields.reference(found.field, 0) : found.valueLength;
  }

  /** The text in pieces in `found`. */
  chainText(budget: Budget): string {
    const length = this.textLength();
    // For the bytes, and for the text made of them.
    budget.chargeText(2 * length);
    const bytes = new Uint8Array(length);
    let done = 0;
    this.copyText((part, at, partLength) => {
      bytes.set(part.subarray(at, at + partLength), done);
      done += partLength;
    });
    return latin1(bytes, 0, length);
  }
}
