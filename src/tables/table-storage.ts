// Items and blocks that hold packed tables: kept by the journal before their first change, moved to larger chunks, and spread
// when they have become too large. Changing fields: table-writer.ts.

import type { Arena } from '../arena/memory.js';
import { ItemOption, type ItemRef } from '../store/item.js';
import type { Store } from '../store/store.js';
import { FieldCursor } from './field-cursor.js';
import type { Fields } from './fields.js';
import type { Journal } from './journal.js';
import type { ObjectMemory } from './object-memory.js';
import { type Mark, NO_ENTRY, type OpenObject, type TableLocation } from './open-object.js';
import type { PendingFree } from './pending-free.js';
import { copyBytes, KeyBytes, ValueBytes } from './scalars.js';
import {
  BLOCK_REFERENCE_BYTES,
  BODY_HEADER_BYTES,
  PACKED_BYTES,
  readU16,
  SPREAD,
  SPREAD_BODY_BYTES,
  type TableLayout,
  Tag,
  writeU32,
} from './table-layout.js';
import type { TableLocations } from './table-location.js';

const KEPT_OPTIONS = ItemOption.cas | ItemOption.expiry;

/** @perThread */
export class TableStorage {
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;
  readonly #found = new FieldCursor();
  readonly #key = new KeyBytes();
  readonly #value = new ValueBytes();
  readonly #reference = new Uint8Array(BLOCK_REFERENCE_BYTES);

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
    private readonly memory: ObjectMemory,
    private readonly journal: Journal,
    private readonly condemned: PendingFree,
    private readonly places: TableLocations,
  ) {
    this.arena = store.arena;
    this.words = store.arena.words;
    this.layout = fields.layout;
  }

  /** Call this before bytes of a packed table are changed without moving others. */
  saveBytes(place: TableLocation, at: number, length: number): void {
    const { container } = place;
    place.object.isWritten = true;
    if (this.isSaved(container)) return;
    this.journal.saveBodyPart(container.chunk, at - container.body, length);
  }

  /** An item of the call's own needs no keeping: a rollback drops it. */
  private isSaved(container: TableLocation): boolean {
    const { object } = container;
    return container.savedChunk === container.chunk || (container.parent === null && object.item !== object.linked);
  }

  /** Call this before a packed table is changed in place. */
  save(place: TableLocation): void {
    const { container } = place;
    place.object.isWritten = true;
    if (this.isSaved(container)) return;
    this.journal.saveBody(container.chunk);
    container.savedChunk = container.chunk;
    // All other copies of an item copy its value without the slack.
    if (container.parent === null) this.store.items.setSlack(container.chunk, 0);
  }

  /** Whether a packed table can grow by `bytes` in place. If not, it is moved or spread to make room, and the caller must resolve the
      place again. */
  hasRoom(place: TableLocation, bytes: number): boolean {
    const { container } = place;
    const wanted = BODY_HEADER_BYTES + readU16(container.view, container.body) + bytes;
    if (wanted <= this.layout.bodyRoom(container.chunk) && wanted <= PACKED_BYTES) return true;
    if (wanted > PACKED_BYTES) this.spread(container);
    else this.#grow(container, wanted);
    return false;
  }

  /** A new item for the object, whose value is not filled yet. */
  makeItem(object: OpenObject, bodyBytes: number, options: number): ItemRef {
    const { items } = this.store;
    const old = object.item;
    const kept = old === 0 ? 0 : items.word(old) & KEPT_OPTIONS;
    const item = this.memory.obtainItem(
      object.keyAt,
      object.keyLength,
      bodyBytes,
      kept | options,
    ) as unknown as ItemRef;
    items.setSlack(item, 0);
    if (old === 0) return item;
    if (items.has(old, ItemOption.expiry)) this.words[items.expiryWord(item)] = items.expiresAt(old);
    if (items.has(old, ItemOption.cas)) {
      const from = items.casWord(old);
      const to = items.casWord(item);
      this.words[to] = this.words[from];
      this.words[to + 1] = this.words[from + 1];
    }
    if (items.has(old, ItemOption.fetched)) items.setOption(item, ItemOption.fetched);
    return item;
  }

  /** Makes the call work on this item, which has been filled. */
  setItem(object: OpenObject, item: ItemRef): void {
    const old = object.item;
    const isOwn = old !== object.linked;
    if (isOwn && !this.layout.isSpread(old)) {
      this.journal.remade(object.madeEntry, item);
      object.item = item;
      this.memory.looseItem = old;
      this.memory.isLooseItemSpread = false;
      this.store.freeing.free(old);
      this.memory.looseItem = 0;
    } else {
      if (isOwn) this.journal.itemDropped(old);
      object.madeEntry = this.journal.itemMade(item);
    }
    object.item = item;
    object.isWritten = true;
    object.version++;
  }

  /** An item like the object's, with these options in addition to its own. Its table is packed. */
  moveItem(object: OpenObject, bodyBytes: number, options: number): void {
    const item = this.makeItem(object, bodyBytes, options);
    this.#copyBody(object.item, item);
    this.layout.setPins(item, 0);
    this.setItem(object, item);
  }

  /** Gives the object's item room for an expiry. */
  makeExpiry(object: OpenObject): void {
    if (this.store.items.has(object.item, ItemOption.expiry)) return;
    this.moveItem(object, Math.max(BODY_HEADER_BYTES, this.layout.bodyBytes(object.item)), ItemOption.expiry);
  }

  /** Removes all fields from a table that fills its chunk. */
  empty(place: TableLocation): void {
    if (place.parent === null) {
      const item = this.makeItem(place.object, BODY_HEADER_BYTES, 0);
      this.#clearBody(item, this.layout.lastingMarks(place.chunk));
      this.setItem(place.object, item);
      place.savedChunk = item;
    } else {
      const block = this.fields.makeBlock(BODY_HEADER_BYTES);
      this.#clearBody(block, this.layout.lastingMarks(place.chunk));
      this.#setBlock(place, place.parent, block);
    }
  }

  #clearBody(chunk: number, lastingMarks: number): void {
    const position = this.layout.bodyPosition(chunk);
    writeU32(this.arena.viewOf(position), this.arena.indexOf(position), lastingMarks << 16);
  }

  #grow(container: TableLocation, wanted: number): void {
    const bytes = wanted + (wanted >> 4);
    if (container.parent === null) {
      this.moveItem(container.object, bytes, 0);
      container.savedChunk = container.object.item;
    } else {
      const block = this.fields.makeBlock(bytes);
      this.#copyBody(container.chunk, block);
      this.#setBlock(container, container.parent, block);
    }
  }

  #copyBody(from: number, to: number): void {
    this.arena.copy(this.layout.bodyPosition(from), this.layout.bodyPosition(to), this.layout.bodyBytes(from));
  }

  /** Replaces a nested table's block by another one. */
  #setBlock(place: TableLocation, parent: TableLocation, block: number): void {
    const { journal, fields } = this;
    const old = place.chunk;
    const units = fields.blockWeight(block) - fields.blockWeight(old);
    const field = this.places.fieldOf(place, parent);
    const entry = journal.saveValue(field);
    const isOwn = place.madeEntry !== NO_ENTRY && place.savedChunk === old && !this.layout.isSpread(old);
    if (isOwn) {
      journal.remade(place.madeEntry, block);
      // The old block takes the place of the new one in the list of loose chunks until nothing refers to it.
      this.memory.loose[0] = old;
      this.memory.looseCount = 1;
    } else {
      place.madeEntry = journal.blockMade(block);
      journal.blockDropped(old);
    }
    place.savedChunk = block;
    const position = this.layout.valuePosition(field);
    writeU32(this.arena.viewOf(position), this.arena.indexOf(position), block);
    if (isOwn) {
      this.condemned.dropBlock(old);
      this.memory.looseCount = 0;
    }
    place.object.isWritten = true;
    place.object.version++;
    this.addUnits(entry, parent.owner, units);
  }

  addUnits(entry: number, owner: number, units: number): void {
    if (units === 0) return;
    if (this.journal.addUnits(entry, owner, units) > this.memory.objectLimitUnits) {
      this.memory.fail('the object takes more than half of the memory');
    }
  }

  /** Makes a table that fills its chunk a spread one. */
  spread(container: TableLocation): void {
    const { parent, object } = container;
    const chunk =
      parent === null
        ? this.makeItem(object, SPREAD_BODY_BYTES, KEPT_OPTIONS)
        : this.fields.makeBlock(SPREAD_BODY_BYTES);
    this.layout.markSpread(chunk, this.layout.lastingMarks(container.chunk));
    if (parent === null) this.memory.isLooseItemSpread = true;
    const header = this.layout.spreadWord(chunk);
    if (parent !== null) this.words[header + SPREAD.parent] = parent.owner;
    this.#spreadFields(container, chunk, header);
    if (parent === null) this.setItem(object, chunk as ItemRef);
    else this.#setBlock(container, parent, chunk);
  }

  #spreadFields(container: TableLocation, owner: number, header: number): void {
    const { view, body } = container;
    const start = body + BODY_HEADER_BYTES;
    const end = start + readU16(view, body);
    const found = this.#found;
    // The chunk itself; the memory that it refers to is freed with it.
    const loose = this.memory.looseCount;
    let last = 0;
    for (let at = start; at < end; at = found.end) {
      found.read(view, at);
      moveMarks(container.marks, at - start, last);
      moveMarks(container.gone, at - start, last);
      last = this.#spreadField(owner, last, loose);
      this.words[header + SPREAD.units] = this.words[header + SPREAD.units] + this.fields.weight(last);
    }
    moveMarks(container.marks, end - start, last);
    moveMarks(container.gone, end - start, last);
  }

  #spreadField(owner: number, previous: number, loose: number): number {
    const found = this.#found;
    const key = this.#key;
    const value = this.#value;
    key.takeBytes(found.bytes, found.keyAt, found.keyLength);
    if (!found.isKeyText) key.tag = found.keyTag;
    value.takeBytes(found.bytes, found.valueAt, found.valueLength);
    if (!found.isText) value.tag = found.valueTag;
    if (found.valueTag === Tag.table) this.#blockOf(value);
    const field = this.fields.make(key, value);
    this.fields.link(field, owner, previous, 0, this.fields.hash(owner, key));
    this.memory.looseCount = loose;
    this.memory.growIndex();
    return field;
  }

  /** Moves a packed table into a block, whose reference takes its place as the value. */
  #blockOf(value: ValueBytes): void {
    const block = this.fields.makeBlock(value.length);
    const position = this.layout.bodyPosition(block);
    copyBytes(value.bytes, value.at, this.arena.viewOf(position), this.arena.indexOf(position), value.length);
    this.refer(value, block);
  }

  /** Makes a block's reference the value. */
  refer(value: ValueBytes, block: number): void {
    writeU32(this.#reference, 0, block);
    value.takeBytes(this.#reference, 0, BLOCK_REFERENCE_BYTES);
    value.tag = Tag.table;
  }
}

function moveMarks(marks: readonly Mark[], offset: number, field: number): void {
  for (let index = 0; index < marks.length; index++) {
    const mark = marks[index];
    if (mark.offset === offset) mark.field = field;
  }
}
