// The place of an object's table during a call: in the item, in a block, or inside the packed table that contains it. Places are looked up
// again after changes that move them.

import type { Arena } from '../arena/memory.js';
import { MethodError } from './call-errors.js';
import type { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import { type OpenObject, TableLocation } from './open-object.js';
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
  SPREAD_MARK,
  TableKind,
  type TableLayout,
  Tag,
} from './table-layout.js';

export const OBJECT_REMOVED = 'the object was removed in this call';
/** Locations that are reused by later calls; more are dropped after the call. */
const KEPT_PLACES = 256;
/** Places of nested tables that are found by passing over all of them; a Map for further ones would cost more than a short call. */
const MOST_CHAINED = 6;

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

  /** The place of the table at the key of `parent`; `field` is the field that holds it, if the caller has found it. */
  nested(parent: TableLocation, key: Key, field = 0): TableLocation {
    const known = this.#known(parent, key);
    if (known !== undefined) return known;
    const place = this.#takeNested(parent, key);
    place.field = field;
    if (parent.chained < MOST_CHAINED) {
      place.sibling = parent.firstChild;
      parent.firstChild = place;
      parent.chained++;
      return place;
    }
    parent.children ??= new Map();
    parent.children.set(key, place);
    return place;
  }

  /** Calls `visit` with the resolved place of a nested table, which is forgotten afterwards: for walks over whole objects. */
  visitNested(parent: TableLocation, key: Key, visit: (place: TableLocation) => void): void {
    const known = this.#known(parent, key);
    const place = known ?? this.#takeNested(parent, key);
    this.resolve(place);
    visit(place);
    if (known !== undefined) return;
    this.#count--;
    place.object.places--;
  }

  /** Updates the place; throws when its table no longer exists. */
  resolve(place: TableLocation): void {
    if (place.isGone) throw gone(place.object);
    const { parent, object } = place;
    if (place.version === object.version) return;
    if (parent === null) {
      this.#locate(place, object.item);
    } else {
      this.resolve(parent);
      if (parent.owner !== 0) this.#resolveField(place, parent);
      else this.#resolveWithin(place, parent);
    }
    place.version = object.version;
  }

  /** The table at the key is deleted or replaced. */
  forget(parent: TableLocation, key: KeyBytes): void {
    if (parent.firstChild === null && parent.children === null) return;
    const name = key.toKey();
    const place = this.#known(parent, name);
    if (place === undefined) return;
    place.isGone = true;
    parent.children?.delete(name);
    parent.object.version++;
  }

  /** Those at keys from a number on were deleted, or got other keys. */
  forgetFrom(parent: TableLocation, first: number): void {
    const isFrom = ({ key }: TableLocation) => typeof key === 'number' && key >= first;
    for (let place = parent.firstChild; place !== null; place = place.sibling) if (isFrom(place)) place.isGone = true;
    for (const place of parent.children?.values() ?? []) {
      if (!isFrom(place)) continue;
      place.isGone = true;
      parent.children?.delete(place.key);
    }
    parent.object.version++;
  }

  /** All tables below were deleted. */
  forgetAll(parent: TableLocation): void {
    for (let place = parent.firstChild; place !== null; place = place.sibling) place.isGone = true;
    for (const place of parent.children?.values() ?? []) place.isGone = true;
    parent.firstChild = null;
    parent.chained = 0;
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

  #known(parent: TableLocation, key: Key): TableLocation | undefined {
    for (let place = parent.firstChild; place !== null; place = place.sibling) {
      if (place.key === key && !place.isGone) return place;
    }
    return parent.children?.get(key);
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
    place.kind = TableKind.fields;
    const marks = readU16(place.view, place.body + 2);
    if ((marks & SPREAD_MARK) === 0) return;
    place.owner = chunk;
    place.header = this.layout.spreadWord(chunk);
    place.kind = marks & COUNT_MASK;
  }

  #resolveField(place: TableLocation, parent: TableLocation): void {
    const field = this.fieldOf(place, parent);
    if (field === 0 || this.layout.valueTag(field) !== Tag.table) throw new MethodError('the table was deleted');
    this.#locate(place, this.fields.reference(field, 0));
  }

  #resolveWithin(place: TableLocation, parent: TableLocation): void {
    const { found } = this;
    this.#key.take(place.key);
    if (!found.find(parent.view, parent.body, this.#key) || found.valueTag !== Tag.table) {
      throw new MethodError('the table was deleted');
    }
    place.container = parent.container;
    place.chunk = parent.chunk;
    place.view = parent.view;
    place.body = found.valueAt;
    place.fieldOffset = found.start - parent.body - BODY_HEADER_BYTES;
    place.owner = 0;
    place.kind = TableKind.fields;
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

function gone({ isRemoved, isReplaced }: OpenObject): MethodError {
  if (isRemoved) return new MethodError(OBJECT_REMOVED);
  return new MethodError(isReplaced ? 'the object was replaced in this call' : 'the table was deleted');
}
