// Where a table of an object lies during a call: in the item, in a block, or within the packed table that holds it. Places are
// found again after changes that move them. Not for what methods see, and not for changing anything.

import type { Arena } from '../arena/memory.js';
import { MethodError } from './call-errors.js';
import type { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import { NO_ENTRY, type OpenObject } from './open-object.js';
import { MAX_DEPTH } from './plain-table.js';
import { KeyBytes } from './scalars.js';
import type { Key } from './table.js';
import {
  BODY_HEADER_BYTES,
  COUNT_MASK,
  LIST_MARK,
  OWNER_WORD,
  readU16,
  SPREAD,
  type TableLayout,
  Tag,
} from './table-layout.js';

const NOT_RESOLVED = -1;
const KEPT_PLACES = 256;

/** A point in a table's order of fields that stays right when fields come and go. */
export class Mark {
  /** Packed: where the next field begins, counted from the first. */
  offset = 0;
  /** Spread: the last field that was passed; 0: none yet. */
  field = 0;
  /** For a key that was deleted: the key; what follows it comes after the mark. */
  key: Key | undefined;
}

export class TableLocation {
  object!: OpenObject;
  /** The table in which this one is nested, and under which key; the object's own table has none. */
  parent: TableLocation | null = null;
  key: Key = 0;
  depth = 0;
  isGone = false;
  /** State of the object for which the following hold. */
  version = NOT_RESOLVED;
  /** The table, this one or one around it, that fills the item or block in which this one lies. */
  container: TableLocation = this;
  /** That item or block. */
  chunk = 0;
  /** The body's first byte in the view. */
  view: Uint8Array = new Uint8Array(0);
  body = 0;
  /** Offset of a table within a packed one: that of its field, counted from the first. */
  fieldOffset = 0;
  /** Of a spread table: its chunk and its header's word; else 0. */
  owner = 0;
  header = 0;
  /** The field of a spread table that holds this one. */
  field = 0;
  /** The chunk whose body the journal has kept, or which the call has made; and the entry that says so. */
  savedChunk = 0;
  madeEntry = NO_ENTRY;
  /** Places of the tables nested in this one, as far as the call has met them. */
  children: Map<Key, TableLocation> | null = null;
  readonly marks: Mark[] = [];
  /** Keys that were deleted while the table was packed. */
  readonly gone: Mark[] = [];
  /** Where a walk by keys is likely to go on. */
  hint = 0;

  reset(object: OpenObject, parent: TableLocation | null, key: Key): void {
    this.object = object;
    this.parent = parent;
    this.key = key;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.isGone = false;
    this.version = NOT_RESOLVED;
    this.container = this;
    this.field = 0;
    this.savedChunk = 0;
    this.madeEntry = NO_ENTRY;
    this.hint = 0;
    this.children = null;
    if (this.marks.length > 0) this.marks.length = 0;
    if (this.gone.length > 0) this.gone.length = 0;
    object.places++;
  }
}

/** @perThread */
export class TableLocations {
  readonly #pool: TableLocation[] = [];
  #count = 0;
  readonly #key = new KeyBytes();
  private readonly layout: TableLayout;
  private readonly words: Uint32Array;

  constructor(
    private readonly arena: Arena,
    private readonly fields: Fields,
    private readonly found: FieldCursor,
  ) {
    this.layout = fields.layout;
    this.words = arena.words;
  }

  begin(): void {
    if (this.#count > KEPT_PLACES) this.#pool.length = KEPT_PLACES;
    this.#count = 0;
  }

  /** The place of an object's own table. */
  root(object: OpenObject): TableLocation {
    return this.#take(object, null, 0);
  }

  /** The place of the table that `parent` has at the key. */
  nested(parent: TableLocation, key: Key): TableLocation {
    const known = parent.children?.get(key);
    if (known !== undefined) return known;
    const place = this.#takeNested(parent, key);
    parent.children ??= new Map();
    parent.children.set(key, place);
    return place;
  }

  /** Calls `visit` with the resolved place of a nested table, which is forgotten afterwards: for walks over whole objects. */
  visitNested(parent: TableLocation, key: Key, visit: (place: TableLocation) => void): void {
    const known = parent.children?.get(key);
    const place = known ?? this.#takeNested(parent, key);
    this.resolve(place);
    visit(place);
    if (known !== undefined) return;
    this.#count--;
    place.object.places--;
  }

  /** Makes the place's facts right again; throws when its table is no longer there. */
  resolve(place: TableLocation): void {
    if (place.isGone) throw new MethodError('the table was deleted');
    const { parent, object } = place;
    if (place.version === object.version) return;
    if (parent === null) {
      this.#locate(place, object.item);
    } else {
      this.resolve(parent);
      this.#key.take(place.key);
      if (parent.owner !== 0) this.#resolveField(place, parent);
      else this.#resolveWithin(place, parent);
    }
    place.version = object.version;
  }

  /** The table at the key is deleted or another takes its place. */
  forget(parent: TableLocation, key: KeyBytes): void {
    if (parent.children === null) return;
    const name = key.toKey();
    const place = parent.children.get(name);
    if (place === undefined) return;
    place.isGone = true;
    parent.children.delete(name);
    parent.object.version++;
  }

  /** All tables below are gone. */
  forgetAll(parent: TableLocation): void {
    for (const place of parent.children?.values() ?? []) place.isGone = true;
    parent.children = null;
    parent.object.version++;
  }

  /** The field of the parent, which is spread, that holds the place's table. */
  fieldOf(place: TableLocation, parent: TableLocation): number {
    if (place.field === 0 || this.words[place.field * 2 + OWNER_WORD] !== parent.owner) {
      this.#key.take(place.key);
      place.field = this.fields.find(parent.owner, this.#key, this.fields.hash(parent.owner, this.#key));
    }
    return place.field;
  }

  #takeNested(parent: TableLocation, key: Key): TableLocation {
    if (parent.depth === MAX_DEPTH) throw new MethodError(`tables are nested more than ${MAX_DEPTH} deep`);
    return this.#take(parent.object, parent, key);
  }

  #take(object: OpenObject, parent: TableLocation | null, key: Key): TableLocation {
    let place = this.#pool[this.#count];
    if (place === undefined) {
      place = new TableLocation();
      this.#pool.push(place);
    }
    this.#count++;
    place.reset(object, parent, key);
    return place;
  }

  #locate(place: TableLocation, chunk: number): void {
    const position = this.layout.bodyPosition(chunk);
    place.container = place;
    place.chunk = chunk;
    place.view = this.arena.viewOf(position);
    place.body = this.arena.indexOf(position);
    place.owner = 0;
    if (!this.layout.isSpread(chunk)) return;
    place.owner = chunk;
    place.header = this.layout.spreadWord(chunk);
  }

  #resolveField(place: TableLocation, parent: TableLocation): void {
    const field = this.fieldOf(place, parent);
    if (field === 0 || this.layout.valueTag(field) !== Tag.table) throw new MethodError('the table was deleted');
    this.#locate(place, this.fields.reference(field, 0));
  }

  #resolveWithin(place: TableLocation, parent: TableLocation): void {
    const { found } = this;
    if (!found.find(parent.view, parent.body, this.#key) || found.valueTag !== Tag.table) {
      throw new MethodError('the table was deleted');
    }
    place.container = parent.container;
    place.chunk = parent.chunk;
    place.view = parent.view;
    place.body = found.valueAt;
    place.fieldOffset = found.start - parent.body - BODY_HEADER_BYTES;
    place.owner = 0;
  }

  /** Whether the table was made as an array. */
  isList(place: TableLocation): boolean {
    return (readU16(place.view, place.body + 2) & LIST_MARK) !== 0;
  }

  count(place: TableLocation): number {
    return place.owner === 0
      ? readU16(place.view, place.body + 2) & COUNT_MASK
      : this.words[place.header + SPREAD.count];
  }
}
