// Objects that a call makes: their first item, and its size when the call commits. Linking them: arena-tables.ts.

import type { Ref } from '../arena/memory.js';
import type { Store } from '../store/store.js';
import type { Journal } from './journal.js';
import type { OpenObject } from './open-object.js';
import type { OpenObjects } from './open-objects.js';
import { BODY_HEADER_BYTES, type TableLayout, UNITS_SHIFT, versionMark, writeU32 } from './table-layout.js';
import type { TableStorage } from './table-storage.js';

/** The most room that a new object gets for the fields to come. */
const MOST_FIRST_BYTES = 256;

/** @perThread */
export class NewObjects {
  /** Bytes of the body of the object that was made last. The next one gets as much room, since most are of one type: then its item need not move
      with each of its first fields. */
  #firstBytes = BODY_HEADER_BYTES;

  constructor(
    private readonly store: Store,
    private readonly layout: TableLayout,
    private readonly journal: Journal,
    private readonly containers: TableStorage,
  ) {}

  /** Gives a new object of that version a packed item without fields, with these options. */
  make(object: OpenObject, options: number, version: number): void {
    const { arena } = this.store;
    const item = this.containers.makeItem(object, this.#firstBytes, options);
    const position = this.layout.bodyPosition(item);
    writeU32(arena.viewOf(position), arena.indexOf(position), versionMark(version) << 16);
    object.item = item;
    object.madeEntry = this.journal.itemMade(item);
    object.isWritten = true;
  }

  /** Drops those of the call that are to be dropped, and gives back the room that the others do not need. Not for a call that was cut short: it may
      have left an object without its item. */
  finish(objects: OpenObjects): void {
    objects.dropEmpty();
    for (let index = 0; index < objects.count; index++) {
      const object = objects.list[index];
      if (object.linked === 0 && !object.isAbandoned && !object.isRemoved) this.#trim(object.item);
    }
  }

  #trim(item: number): void {
    if (this.layout.isSpread(item)) return;
    const bytes = this.layout.bodyBytes(item);
    this.#firstBytes = Math.min(bytes, MOST_FIRST_BYTES);
    const spareUnits = (this.layout.bodyRoom(item) - bytes) >>> UNITS_SHIFT;
    this.store.allocator.trim(item as Ref, this.layout.units(item) - spareUnits);
  }
}
