// The tables of objects on the arena: a call opens or creates them, and commits or rolls back. The fields of a table: table-view.ts.

import { UNIT_BYTES } from '../arena/memory.js';
import { assert } from '../base/assert.js';
import { ItemOption, type ItemRef, NO_ITEM } from '../store/item.js';
import type { Store } from '../store/store.js';
import type { ArgumentSlices } from './argument-slices.js';
import type { Budget } from './budget.js';
import { ObjectVersions } from './object-versions.js';
import { EXPIRY_KEPT, type OpenObject, type TableLocation } from './open-object.js';
import { OpenObjects } from './open-objects.js';
import { PINNED_BY_CALL, PINNED_BY_TYPE } from './table-layout.js';
import { TableParts } from './table-parts.js';
import { TableSerializer } from './table-serializer.js';
import {
  type KindOfItem,
  MISSING,
  type NotOpened,
  OBJECT,
  PLAIN,
  type ReserveUse,
  type StoredTable,
  type TableStore,
} from './table-store.js';
import { TableView } from './table-view.js';
import { UnfinishedObjects } from './unfinished-objects.js';

interface ArenaTablesOptions {
  readonly thread: number;
  readonly resultLimitBytes: number;
}

/** @perThread */
export class ArenaTables implements TableStore {
  readonly parts: TableParts;
  private readonly render: TableSerializer;
  private readonly objects: OpenObjects;
  readonly versions: ObjectVersions;
  readonly unfinished: UnfinishedObjects;
  #isCalled = false;

  constructor(
    private readonly store: Store,
    options: ArenaTablesOptions,
  ) {
    this.parts = new TableParts(store, options.thread, options.resultLimitBytes);
    this.render = new TableSerializer(this.parts);
    this.objects = new OpenObjects(store.arena, this.parts.places, this.parts.journal);
    this.versions = new ObjectVersions(this.parts, this.objects);
    this.unfinished = new UnfinishedObjects(store, this.parts, this.objects);
  }

  /** Whether a call is under way. */
  get isCalled(): boolean {
    return this.#isCalled;
  }

  begin(budget: Budget, spans: ArgumentSlices): void {
    const { parts } = this;
    assert(!this.#isCalled, 'no call is under way');
    this.#isCalled = true;
    this.objects.begin();
    parts.generation++;
    parts.budget = budget;
    parts.key.spans = spans;
    parts.value.spans = spans;
    parts.isChanging = false;
    parts.memory.begin();
    parts.pinned.begin();
    parts.places.begin();
  }

  kind(keyAt: number, keyLength: number): KindOfItem {
    const known = this.objects.find(keyAt, keyLength);
    if (known === undefined) return this.peek(keyAt, keyLength);
    return this.objects.isThere(known) ? OBJECT : MISSING;
  }

  peek(keyAt: number, keyLength: number): KindOfItem {
    const item = this.store.find(keyAt, keyLength);
    if (item === 0) return MISSING;
    return this.store.items.has(item, ItemOption.object) ? OBJECT : PLAIN;
  }

  open(
    keyAt: number,
    keyLength: number,
    forWriting: boolean,
    beforeMethod = false,
    isPinned?: boolean,
  ): StoredTable | NotOpened {
    const known = this.objects.find(keyAt, keyLength);
    if (known !== undefined) return this.#openKnown(known, forWriting, isPinned);
    const item = this.store.findToUse(keyAt, keyLength);
    if (item === 0) return MISSING;
    if (!this.store.items.has(item, ItemOption.object)) return PLAIN;
    if (beforeMethod) this.parts.isChanging = true;
    else this.parts.beginChange();
    const object = this.#take(keyAt, keyLength, item);
    if (forWriting) this.#write(object, isPinned);
    if (forWriting && isPinned === true) this.parts.containers.makeExpiry(object);
    this.parts.isChanging = false;
    return this.#handle(object);
  }

  create(keyAt: number, keyLength: number, isPinned = false, version = 1): StoredTable {
    return this.#handle(this.#make(keyAt, keyLength, isPinned, version));
  }

  createIfWritten(keyAt: number, keyLength: number, isPinned = false, version = 1): StoredTable {
    let object = this.objects.findKept(keyAt, keyLength);
    if (object === undefined) {
      object = this.#make(keyAt, keyLength, isPinned, version);
      this.objects.makeTentative(object);
    }
    object.writable = true;
    return this.#handle(object);
  }

  replace(keyAt: number, keyLength: number, isPinned = false, version = 1): StoredTable {
    const old = this.objects.findKept(keyAt, keyLength);
    const made = this.#make(keyAt, keyLength, isPinned, version);
    if (old !== undefined) {
      old.isReplaced = true;
      old.setGone(true);
    }
    return this.#handle(made);
  }

  abandon(number: number): void {
    const object = this.objects.list[number];
    assert(number < this.objects.count && object.linked === 0, 'only what the call has made is abandoned');
    if (object.isRemoved) return;
    this.parts.beginChange();
    object.isAbandoned = true;
    this.parts.journal.itemDropped(object.item);
    this.objects.revive(object.keyAt, object.keyLength);
    this.parts.isChanging = false;
  }

  remove(keyAt: number, keyLength: number): boolean {
    const wasThere = this.kind(keyAt, keyLength) === OBJECT;
    const item = this.store.find(keyAt, keyLength);
    this.parts.beginChange();
    if (!this.objects.removeAll(keyAt, keyLength, item) && item !== 0) {
      this.#take(keyAt, keyLength, item).isRemoved = true;
    }
    this.parts.isChanging = false;
    return wasThere;
  }

  isOpen(keyAt: number, keyLength: number): boolean {
    return this.objects.findKept(keyAt, keyLength) !== undefined;
  }

  isWritable(keyAt: number, keyLength: number): boolean {
    return this.objects.findKept(keyAt, keyLength)?.writable === true;
  }

  setWritable(keyAt: number, keyLength: number, isWritable: boolean): void {
    const object = this.objects.findKept(keyAt, keyLength);
    if (object !== undefined) object.writable = isWritable;
  }

  get openCount(): number {
    return this.objects.count;
  }

  expire(keyAt: number, keyLength: number, expiresAt: number): void {
    const object = this.objects.demand(keyAt, keyLength);
    this.parts.beginChange();
    if (expiresAt !== 0) this.parts.containers.makeExpiry(object);
    object.expiresAt = expiresAt;
    this.parts.isChanging = false;
  }

  pin(keyAt: number, keyLength: number, isPinned: boolean): void {
    const object = this.objects.demand(keyAt, keyLength);
    this.parts.beginChange();
    // Where pinned objects take all that they may, it must still be possible to let this one expire.
    if (isPinned) this.parts.containers.makeExpiry(object);
    this.parts.pinned.mark(object, PINNED_BY_CALL, isPinned);
    this.parts.isChanging = false;
  }

  expiresAt(keyAt: number, keyLength: number): number {
    const object = this.objects.demand(keyAt, keyLength);
    return object.expiresAt === EXPIRY_KEPT ? this.store.expiresAt(object.item) : object.expiresAt;
  }

  protecting(work: () => void): void {
    this.parts.memory.protecting(work);
  }

  commit(reserve: ReserveUse = 'none'): void {
    const { memory, pinned, isChanging } = this.parts;
    const isCutShort = memory.isExhausted || isChanging;
    if (!isCutShort) this.parts.newObjects.finish(this.objects);
    const failure = isCutShort ? this.parts.cutShort() : pinned.refusal(reserve);
    if (failure !== undefined) {
      this.rollback();
      throw failure;
    }
    for (let index = 0; index < this.objects.count; index++) {
      const object = this.objects.list[index];
      if (!object.isAbandoned) this.#settle(object);
    }
    this.parts.journal.commit();
    this.#end();
  }

  pause(): ItemRef {
    const item = this.unfinished.keep();
    this.#end();
    return item;
  }

  resume(keyAt: number, keyLength: number, item: ItemRef, isPinned: boolean): StoredTable {
    return this.#handle(this.unfinished.open(keyAt, keyLength, item, isPinned));
  }

  rollback(): void {
    this.parts.journal.rollback();
    this.#end();
  }

  #settle(object: OpenObject): void {
    const { store } = this;
    const { item } = object;
    const { pinned } = this.parts;
    this.parts.memory.release(object.linked);
    pinned.unsettle(object);
    if (object.isRemoved) {
      if (object.linked !== 0) store.remove(object.linked);
      return;
    }
    if (item !== object.linked) {
      if (object.expiresAt !== EXPIRY_KEPT && store.items.has(item, ItemOption.expiry)) {
        store.arena.words[store.items.expiryWord(item)] = object.expiresAt;
      }
      if (object.linked !== 0) store.items.setOption(item, ItemOption.fetched);
      store.renewCas(item);
      this.parts.memory.link(item);
    } else {
      if (object.isWritten) store.renewCas(item);
      if (object.expiresAt === EXPIRY_KEPT) store.hit(item);
      else store.touch(item, object.expiresAt);
    }
    pinned.settle(object);
    if (object.isWritten && store.watched.isAny) store.watched.noteChange(item);
    if (object.isWritten) store.largest.offer(item, this.parts.fields.blockWeight(item) * UNIT_BYTES);
  }

  #end(): void {
    assert(this.#isCalled, 'a call is under way');
    this.#isCalled = false;
    this.parts.endCall();
  }

  #make(keyAt: number, keyLength: number, isPinned: boolean, version: number): OpenObject {
    this.parts.beginChange();
    const replacesStored = this.objects.find(keyAt, keyLength) === undefined;
    const object = this.objects.take(keyAt, keyLength, NO_ITEM);
    object.replacesStored = replacesStored;
    this.#write(object, isPinned);
    // Until it has an item it must not be found.
    object.isAbandoned = true;
    this.parts.newObjects.make(object, isPinned ? ItemOption.expiry : 0, version);
    object.isAbandoned = false;
    this.parts.isChanging = false;
    return object;
  }

  /** An item of the store, which is not evicted during the call. */
  #take(keyAt: number, keyLength: number, item: ItemRef): OpenObject {
    const object = this.objects.take(keyAt, keyLength, item);
    this.parts.memory.use(item);
    if (this.store.items.has(item, ItemOption.object)) this.parts.pinned.open(object, this.versions.marksOf(object));
    return object;
  }

  #openKnown(object: OpenObject, forWriting: boolean, isPinned: boolean | undefined): StoredTable | typeof MISSING {
    if (!this.objects.isThere(object)) return MISSING;
    if (forWriting) this.#write(object, isPinned);
    return this.#handle(object);
  }

  /** Opens the object for writing; `isPinned` as in `open`. */
  #write(object: OpenObject, isPinned: boolean | undefined): void {
    object.writable = true;
    if (isPinned === undefined || (!isPinned && object.pins === 0)) return;
    this.parts.pinned.mark(object, PINNED_BY_TYPE, isPinned);
  }

  /** Not cached: storing a young object in an old one triggers the write barrier and costs more than a new handle. */
  #handle(object: OpenObject): TableView {
    return new TableView(this.parts, this.render, object.place as TableLocation);
  }
}
