// The tables of objects on the arena: a call opens or creates them, and commits or rolls back. The fields of a table: table-view.ts.

import type { Arena } from '../arena/memory.js';
import { assert } from '../base/assert.js';
import { ItemOption, type ItemRef, NO_ITEM } from '../store/item.js';
import type { Store } from '../store/store.js';
import type { ArgumentSlices } from './argument-slices.js';
import type { Budget } from './budget.js';
import type { TableLocation } from './open-object.js';
import { EXPIRY_KEPT, OpenObject } from './open-object.js';
import { BODY_HEADER_BYTES } from './table-layout.js';
import { TableParts } from './table-parts.js';
import { TableSerializer } from './table-serializer.js';
import { MISSING, type NotOpened, OBJECT, PLAIN, type StoredTable, type TableStore } from './table-store.js';
import { TableView } from './table-view.js';

interface ArenaTablesOptions {
  readonly thread: number;
  readonly resultLimitBytes: number;
}

/** @perThread */
export class ArenaTables implements TableStore {
  readonly parts: TableParts;
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly render: TableSerializer;
  readonly #objects: OpenObject[] = [];
  #count = 0;
  #isCalled = false;

  constructor(
    private readonly store: Store,
    options: ArenaTablesOptions,
  ) {
    this.arena = store.arena;
    this.words = store.arena.words;
    this.parts = new TableParts(store, options.thread, options.resultLimitBytes);
    this.render = new TableSerializer(this.parts);
  }

  /** Whether a call is under way. */
  get isCalled(): boolean {
    return this.#isCalled;
  }

  begin(budget: Budget, spans: ArgumentSlices): void {
    const { parts } = this;
    assert(!this.#isCalled, 'no call is under way');
    this.#isCalled = true;
    this.#count = 0;
    parts.generation++;
    parts.budget = budget;
    parts.key.spans = spans;
    parts.value.spans = spans;
    parts.isChanging = false;
    parts.memory.begin();
    parts.places.begin();
  }

  peek(keyAt: number, keyLength: number): typeof MISSING | typeof PLAIN | typeof OBJECT {
    const item = this.store.find(keyAt, keyLength);
    if (item === 0) return MISSING;
    return this.store.items.has(item, ItemOption.object) ? OBJECT : PLAIN;
  }

  open(keyAt: number, keyLength: number, forWriting: boolean, beforeMethod = false): StoredTable | NotOpened {
    const known = this.#find(keyAt, keyLength);
    if (known >= 0) {
      if (forWriting) this.#objects[known].writable = true;
      return this.#handle(this.#objects[known]);
    }
    const item = this.store.find(keyAt, keyLength);
    if (item === 0) return MISSING;
    if (!this.store.items.has(item, ItemOption.object)) return PLAIN;
    if (beforeMethod) this.parts.isChanging = true;
    else this.parts.beginChange();
    const object = this.#take(keyAt, keyLength, item);
    object.writable = forWriting;
    this.parts.memory.use(item);
    this.parts.isChanging = false;
    return this.#handle(object);
  }

  create(keyAt: number, keyLength: number): StoredTable {
    this.parts.beginChange();
    const object = this.#take(keyAt, keyLength, NO_ITEM);
    object.writable = true;
    this.parts.containers.makeEmptyItem(object);
    this.parts.isChanging = false;
    return this.#handle(object);
  }

  abandon(keyAt: number, keyLength: number): void {
    const object = this.#opened(keyAt, keyLength);
    assert(object.linked === 0, 'only what the call has made is abandoned');
    this.parts.beginChange();
    object.isAbandoned = true;
    this.parts.journal.itemDropped(object.item);
    this.parts.isChanging = false;
  }

  expire(keyAt: number, keyLength: number, expiresAt: number): void {
    const object = this.#opened(keyAt, keyLength);
    this.parts.beginChange();
    if (expiresAt !== 0 && !this.store.items.has(object.item, ItemOption.expiry)) {
      const bytes = Math.max(BODY_HEADER_BYTES, this.parts.layout.bodyBytes(object.item));
      this.parts.containers.moveItem(object, bytes, ItemOption.expiry);
    }
    object.expiresAt = expiresAt;
    this.parts.isChanging = false;
  }

  expiresAt(keyAt: number, keyLength: number): number {
    const object = this.#opened(keyAt, keyLength);
    return object.expiresAt === EXPIRY_KEPT ? this.store.expiresAt(object.item) : object.expiresAt;
  }

  protecting(work: () => void): void {
    this.parts.memory.protecting(work);
  }

  commit(): void {
    if (this.parts.memory.isExhausted || this.parts.isChanging) {
      const failure = this.parts.cutShort();
      this.rollback();
      throw failure;
    }
    for (let index = 0; index < this.#count; index++) {
      const object = this.#objects[index];
      if (!object.isAbandoned) this.#settle(object);
    }
    this.parts.journal.commit();
    this.#end();
  }

  rollback(): void {
    this.parts.journal.rollback();
    this.#end();
  }

  #settle(object: OpenObject): void {
    const { store } = this;
    const { item } = object;
    this.parts.memory.release(object.linked);
    if (item !== object.linked) {
      if (object.expiresAt !== EXPIRY_KEPT && store.items.has(item, ItemOption.expiry)) {
        this.words[store.items.expiryWord(item)] = object.expiresAt;
      }
      if (object.linked !== 0) store.items.setOption(item, ItemOption.fetched);
      store.renewCas(item);
      this.parts.memory.link(item);
      return;
    }
    if (object.isWritten) store.renewCas(item);
    if (object.expiresAt === EXPIRY_KEPT) store.hit(item);
    else store.touch(item, object.expiresAt);
  }

  #end(): void {
    assert(this.#isCalled, 'a call is under way');
    this.#isCalled = false;
    this.parts.generation++;
    const { key, value } = this.parts;
    if (key.isLarge) key.trim();
    if (value.isLarge) value.trim();
  }

  #take(keyAt: number, keyLength: number, item: ItemRef): OpenObject {
    let object = this.#objects[this.#count];
    if (object === undefined) {
      object = new OpenObject();
      this.#objects.push(object);
    }
    object.reset(keyAt, keyLength, item);
    object.place = this.parts.places.root(object);
    this.#count++;
    return object;
  }

  /** Not cached: storing a young object in an old one triggers the write barrier and costs more than a new handle. */
  #handle(object: OpenObject): TableView {
    return new TableView(this.parts, this.render, object.place as TableLocation);
  }

  #opened(keyAt: number, keyLength: number): OpenObject {
    const index = this.#find(keyAt, keyLength);
    assert(index >= 0, 'the object is open');
    return this.#objects[index];
  }

  /** Index of the object that this call opened or created last at the key; or -1. */
  #find(keyAt: number, keyLength: number): number {
    for (let index = this.#count - 1; index >= 0; index--) {
      const object = this.#objects[index];
      if (!object.isAbandoned && object.keyLength === keyLength && this.#hasKey(object, keyAt)) return index;
    }
    return -1;
  }

  #hasKey(object: OpenObject, keyAt: number): boolean {
    const { bytes } = this.arena;
    if (object.keyAt === keyAt) return true;
    for (let index = 0; index < object.keyLength; index++) {
      if (bytes[object.keyAt + index] !== bytes[keyAt + index]) return false;
    }
    return true;
  }
}
