// Changes of tables: setting and deleting fields, packed or spread. Finding a table: table-location.ts. Rolling back: journal.ts.

import type { Store } from '../store/store.js';
import type { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import type { Journal } from './journal.js';
import type { ObjectMemory } from './object-memory.js';
import { Mark, type TableLocation } from './open-object.js';
import { copyBytes, type KeyBytes, ValueBytes } from './scalars.js';
import type { Key } from './table.js';
import {
  BODY_HEADER_BYTES,
  COUNT_MASK,
  MARKS_AT,
  NEXT_WORD,
  PREVIOUS_WORD,
  readU16,
  SPREAD,
  type TableLayout,
  Tag,
  writeU16,
} from './table-layout.js';
import type { TableLocations } from './table-location.js';
import type { TableStorage } from './table-storage.js';

/** Units freed per step, as a power of 2: two segments of a long text. */
const UNITS_PER_STEP_BITS = 8;

/** @perThread */
export class TableWriter {
  /** Steps of the last removal in addition to those of any field: each piece of a long text is counted now, and freed by the commit. */
  removedSteps = 0;
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;
  readonly #reference = new ValueBytes();

  constructor(
    store: Store,
    private readonly fields: Fields,
    private readonly memory: ObjectMemory,
    private readonly journal: Journal,
    private readonly places: TableLocations,
    private readonly containers: TableStorage,
    private readonly found: FieldCursor,
  ) {
    this.words = store.arena.words;
    this.layout = fields.layout;
  }

  /** Sets a field of a resolved place. */
  put(place: TableLocation, key: KeyBytes, value: ValueBytes): void {
    if (place.owner === 0) this.putPacked(place, key, value, this.found.find(place.view, place.body, key));
    else this.#putSpread(place, key, value);
  }

  /** Sets a field of a packed table. `isFound`: the table has it, and it is in `found`. */
  putPacked(place: TableLocation, key: KeyBytes, value: ValueBytes, isFound: boolean): void {
    if (isFound ? this.#replacePacked(place, key, value) : this.#append(place, key, value)) return;
    this.places.resolve(place);
    this.put(place, key, value);
  }

  /** Makes something of that kind, at a key that has no field, in a table that becomes a spread one. */
  putKind(place: TableLocation, key: KeyBytes, kind: number, bodyBytes: number): void {
    while (place.owner === 0) {
      this.containers.spread(place.container);
      this.places.resolve(place);
    }
    const block = this.fields.makeBlock(bodyBytes);
    this.journal.blockMade(block);
    this.layout.markKind(block, kind, place.owner);
    this.containers.refer(this.#reference, block);
    this.#insert(place, key, this.#reference, this.fields.hash(place.owner, key));
  }

  /** Whether there was such a field. */
  remove(place: TableLocation, key: KeyBytes, given: Key): boolean {
    this.removedSteps = 0;
    return place.owner === 0 ? this.#removePacked(place, key, given) : this.#removeSpread(place, key);
  }

  clear(place: TableLocation): void {
    this.places.forgetAll(place);
    for (const mark of place.marks) {
      mark.offset = 0;
      mark.field = 0;
    }
    place.gone.length = 0;
    place.hint = 0;
    if (place.owner !== 0) {
      this.containers.empty(place);
    } else {
      this.containers.save(place);
      this.#splice(place, place.body + BODY_HEADER_BYTES, readU16(place.view, place.body), 0);
      writeU16(place.view, place.body + MARKS_AT, readU16(place.view, place.body + MARKS_AT) & ~COUNT_MASK);
    }
  }

  /** Replaces the value in `found`; false if the table had to be moved first. */
  #replacePacked(place: TableLocation, key: KeyBytes, value: ValueBytes): boolean {
    const { found } = this;
    const { view } = place;
    if (found.valueTag === Tag.table) this.places.forget(place, key);
    if (found.valueTag === value.packedTag && found.valueLength === value.length) {
      if (value.length === 0) return true;
      this.containers.saveBytes(place, found.valueAt, value.length);
      copyBytes(value.bytes, value.at, view, found.valueAt, value.length);
      return true;
    }
    const removed = found.end - found.valueStart;
    const inserted = value.packedBytes;
    if (inserted > removed && !this.containers.hasRoom(place, inserted - removed)) return false;
    this.containers.save(place);
    if (inserted !== removed) this.resize(place, found.start, found.end, inserted - removed);
    view[found.start] = (view[found.start] & 0xf0) | value.packedTag;
    writePacked(value, view, found.valueStart);
    return true;
  }

  /** The same for a new field. */
  #append(place: TableLocation, key: KeyBytes, value: ValueBytes): boolean {
    const at = this.found.start;
    const bytes = 1 + key.packedBytes + value.packedBytes;
    if (!this.containers.hasRoom(place, bytes)) return false;
    this.containers.save(place);
    const { view, body } = place;
    this.resize(place, at, at, bytes);
    view[at] = (key.packedTag << 4) | value.packedTag;
    writePacked(value, view, writePacked(key, view, at + 1));
    writeU16(view, body + 2, readU16(view, body + 2) + 1);
    return true;
  }

  #removePacked(place: TableLocation, key: KeyBytes, given: Key): boolean {
    const { found } = this;
    const { view, body } = place;
    if (!found.find(view, body, key)) return false;
    if (found.valueTag === Tag.table) this.places.forget(place, key);
    this.containers.save(place);
    const gone = new Mark();
    gone.key = given;
    gone.offset = found.start - body - BODY_HEADER_BYTES;
    this.#splice(place, found.start, found.end - found.start, 0);
    place.gone.push(gone);
    writeU16(view, body + 2, readU16(view, body + 2) - 1);
    return true;
  }

  #splice(place: TableLocation, at: number, removed: number, inserted: number): void {
    this.resize(place, at, at + removed, inserted - removed);
  }

  /** Moves the bytes after `end` by the given distance, so that the field that begins at `start` grows or shrinks by it. */
  resize(place: TableLocation, start: number, end: number, bytes: number): void {
    const { container, view } = place;
    const all = container.body + BODY_HEADER_BYTES + readU16(view, container.body);
    if (end < all) view.copyWithin(end + bytes, end, all);
    let field = start - place.body - BODY_HEADER_BYTES;
    for (let table = place; ; table = table.parent as TableLocation) {
      writeU16(view, table.body, readU16(view, table.body) + bytes);
      shiftMarks(table.marks, field, bytes);
      shiftMarks(table.gone, field, bytes);
      table.hint = 0;
      if (table === container) break;
      field = table.fieldOffset;
    }
    if (place.object.places > 1) place.object.version++;
  }

  #putSpread(place: TableLocation, key: KeyBytes, value: ValueBytes): void {
    const { fields } = this;
    const { owner } = place;
    const hash = fields.hash(owner, key);
    const field = fields.find(owner, key, hash);
    if (field !== 0 && value.length === 0 && this.layout.valueTag(field) === value.tag) {
      // Among the tags without bytes, only that of an empty text can grow.
      if (value.tag !== Tag.text || this.layout.valueLength(field) === 0) return;
    }
    this.putField(place, field, hash, key, value);
  }

  /** Changes the field of a spread table, or creates it if it is 0. */
  putField(place: TableLocation, field: number, hash: number, key: KeyBytes, value: ValueBytes): void {
    const { fields } = this;
    place.object.isWritten = true;
    if (value.tag === Tag.table) {
      const block = fields.makeBlock(BODY_HEADER_BYTES);
      this.words[block * 2 + 1] = blockIn(value);
      this.journal.blockMade(block);
      this.containers.refer(value, block);
    }
    if (field !== 0) {
      this.#change(place, field, hash, key, value);
      return;
    }
    this.#insert(place, key, value, hash);
  }

  #insert(place: TableLocation, key: KeyBytes, value: ValueBytes, hash: number): void {
    const { fields } = this;
    const { owner } = place;
    place.object.isWritten = true;
    const made = fields.make(key, value);
    const entry = this.journal.inserting(made);
    fields.link(made, owner, this.words[place.header + SPREAD.last], 0, hash);
    this.containers.addUnits(entry, owner, fields.weight(made));
    this.memory.growIndex();
  }

  #change(place: TableLocation, field: number, hash: number, key: KeyBytes, value: ValueBytes): void {
    const { fields, words } = this;
    const { owner } = place;
    const unitsBefore = fields.weight(field);
    this.#dropTable(place, field, key);
    if (fields.holds(field, value)) {
      const blocks = value.tag === Tag.table || this.layout.valueTag(field) === Tag.table;
      const after = blocks ? this.#unitsWith(field, value) : unitsBefore;
      const entry = this.journal.saveValue(field);
      fields.setValue(field, value);
      this.containers.addUnits(entry, owner, after - unitsBefore);
      return;
    }
    const made = fields.make(key, value);
    const entry = this.journal.replacing(field, made, owner);
    fields.unlink(field, hash, made);
    const previous = words[field * 2 + PREVIOUS_WORD];
    fields.link(made, owner, previous, words[field * 2 + NEXT_WORD], hash);
    this.containers.addUnits(entry, owner, fields.weight(made) - unitsBefore);
  }

  #unitsWith(field: number, value: ValueBytes): number {
    const below = value.tag === Tag.table ? this.fields.blockWeight(blockIn(value)) : 0;
    return this.layout.units(field) + below;
  }

  #removeSpread(place: TableLocation, key: KeyBytes): boolean {
    const { fields } = this;
    const { owner } = place;
    const hash = fields.hash(owner, key);
    const field = fields.find(owner, key, hash);
    if (field === 0) return false;
    place.object.isWritten = true;
    const units = fields.weight(field);
    this.removedSteps = units >>> UNITS_PER_STEP_BITS;
    this.#dropTable(place, field, key);
    const entry = this.journal.deleting(field, owner);
    fields.unlink(field, hash, 0);
    this.containers.addUnits(entry, owner, -units);
    return true;
  }

  /** A nested table in the field is freed when the call commits. */
  #dropTable(place: TableLocation, field: number, key: KeyBytes): void {
    if (this.layout.valueTag(field) !== Tag.table) return;
    this.places.forget(place, key);
    // The place itself stays where it is: spread tables do not move.
    this.places.resolve(place);
    this.journal.blockDropped(this.fields.reference(field, 0));
  }
}

function blockIn(value: ValueBytes): number {
  return (readU16(value.bytes, value.at) | (readU16(value.bytes, value.at + 2) << 16)) >>> 0;
}

/** Writes a key or a value without its tag; returns the position after it. */
function writePacked(encoded: KeyBytes | ValueBytes, view: Uint8Array, at: number): number {
  let to = at;
  if (encoded.tag === Tag.text) {
    view[to++] = encoded.length;
    if (encoded.length > 0xff) view[to++] = encoded.length >>> 8;
  }
  copyBytes(encoded.bytes, encoded.at, view, to, encoded.length);
  return to + encoded.length;
}

function shiftMarks(marks: readonly Mark[], field: number, bytes: number): void {
  for (let index = 0; index < marks.length; index++) {
    const mark = marks[index];
    if (mark.offset > field) mark.offset += bytes;
  }
}
