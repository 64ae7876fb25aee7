// The objects that the running call has opened, made or removed, by their keys. A key may have several: the last one counts. Opening and
// committing them: arena-tables.ts.

import type { Arena } from '../arena/memory.js';
import { assert } from '../base/assert.js';
import type { ItemRef } from '../store/item.js';
import { MethodError } from './call-errors.js';
import type { Journal } from './journal.js';
import type { TableLocation } from './open-object.js';
import { OpenObject } from './open-object.js';
import { OBJECT_REMOVED, type TableLocations } from './table-location.js';

/** @perThread */
export class OpenObjects {
  /** Those of the call are the first `count`. */
  readonly list: OpenObject[] = [];
  count = 0;
  /** Whether some of them are kept only if something is written to them. */
  #hasTentative = false;
  private readonly bytes: Uint8Array;

  constructor(
    arena: Arena,
    private readonly places: TableLocations,
    private readonly journal: Journal,
  ) {
    this.bytes = arena.bytes;
  }

  begin(): void {
    this.count = 0;
    this.#hasTentative = false;
  }

  take(keyAt: number, keyLength: number, item: ItemRef): OpenObject {
    let object = this.list[this.count];
    if (object === undefined) {
      object = new OpenObject();
      this.list.push(object);
    }
    object.reset(keyAt, keyLength, item);
    object.place = this.places.root(object);
    this.count++;
    return object;
  }

  /** The object that the call opened, made or removed last at the key. */
  find(keyAt: number, keyLength: number): OpenObject | undefined {
    for (let index = this.count - 1; index >= 0; index--) {
      const object = this.list[index];
      if (!object.isAbandoned && this.#hasKey(object, keyAt, keyLength)) return object;
    }
    return undefined;
  }

  /** The same without one that is removed. */
  findKept(keyAt: number, keyLength: number): OpenObject | undefined {
    const object = this.find(keyAt, keyLength);
    return object === undefined || object.isRemoved ? undefined : object;
  }

  /** The same of an object that the call has opened or made. Throws MethodError when the call has removed it. */
  demand(keyAt: number, keyLength: number): OpenObject {
    const object = this.find(keyAt, keyLength);
    assert(object !== undefined, 'the object is open');
    if (object.isRemoved) throw new MethodError(OBJECT_REMOVED);
    return object;
  }

  /** A tentative object is there from the first write on. */
  isThere(object: OpenObject): boolean {
    return !object.isRemoved && !(object.isTentative && this.#isEmpty(object));
  }

  /** Keeps an object that was made, where none was found, only if something is written to it. */
  makeTentative(object: OpenObject): void {
    object.isTentative = true;
    object.replacesStored = false;
    this.#hasTentative = true;
  }

  /** Removes all objects of the key; whether one of them has that item. */
  removeAll(keyAt: number, keyLength: number, item: ItemRef): boolean {
    let hasItem = false;
    for (let index = 0; index < this.count; index++) {
      const object = this.list[index];
      if (object.isAbandoned || !this.#hasKey(object, keyAt, keyLength)) continue;
      if (object.linked === item) hasItem = true;
      if (object.isRemoved) continue;
      object.isRemoved = true;
      object.setGone(true);
      if (object.item !== object.linked) this.journal.itemDropped(object.item);
    }
    return hasItem;
  }

  /** Makes the object at the key valid again, after the one that had replaced it was abandoned. */
  revive(keyAt: number, keyLength: number): void {
    const object = this.findKept(keyAt, keyLength);
    if (object === undefined || !object.isReplaced) return;
    object.isReplaced = false;
    object.setGone(false);
  }

  /** Drops the tentative objects that the call has left empty. A replaced one need not be looked at: another takes its place. */
  dropEmpty(): void {
    if (!this.#hasTentative) return;
    for (let index = 0; index < this.count; index++) {
      const object = this.list[index];
      if (!object.isTentative || object.isAbandoned || object.isRemoved) continue;
      if (!object.isReplaced && !this.#isEmpty(object)) continue;
      object.isAbandoned = true;
      this.journal.itemDropped(object.item);
    }
  }

  #isEmpty(object: OpenObject): boolean {
    const place = object.place as TableLocation;
    this.places.resolve(place);
    return this.places.count(place) === 0;
  }

  #hasKey(object: OpenObject, keyAt: number, keyLength: number): boolean {
    if (object.keyLength !== keyLength) return false;
    if (object.keyAt === keyAt) return true;
    const { bytes } = this;
    for (let index = 0; index < keyLength; index++) {
      if (bytes[object.keyAt + index] !== bytes[keyAt + index]) return false;
    }
    return true;
  }
}
