// The versions of the objects that the running call has opened: of the type that has written each of them; and whether they are pinned. The
// marks: table-layout.ts.

import { assert } from '../base/assert.js';
import type { OpenObject, TableLocation } from './open-object.js';
import type { OpenObjects } from './open-objects.js';
import { PINNED_BY_CALL, PINNED_BY_TYPE } from './table-layout.js';
import type { TableParts } from './table-parts.js';
import type { StoredVersions } from './table-store.js';

/** @perThread */
export class ObjectVersions implements StoredVersions {
  constructor(
    private readonly parts: TableParts,
    private readonly objects: OpenObjects,
  ) {}

  at(keyAt: number, keyLength: number): number {
    return this.#of(this.#opened(keyAt, keyLength));
  }

  pinsAt(keyAt: number, keyLength: number): { readonly byType: boolean; readonly byCall: boolean } {
    const { pins } = this.#opened(keyAt, keyLength);
    return { byType: (pins & PINNED_BY_TYPE) !== 0, byCall: (pins & PINNED_BY_CALL) !== 0 };
  }

  first(): number {
    return this.#of(this.objects.list[0]);
  }

  last(): number {
    return this.#of(this.objects.list[this.objects.count - 1]);
  }

  upgrade(keyAt: number, keyLength: number, version: number, change: () => void): void {
    const { parts } = this;
    const object = this.#opened(keyAt, keyLength);
    const { writable } = object;
    parts.budget.chargeWrite();
    parts.beginChange();
    object.writable = true;
    parts.places.resolve(object.place as TableLocation);
    parts.marks.setVersion(object.place as TableLocation, version);
    parts.isChanging = false;
    change();
    object.writable = writable;
  }

  /** All marks of the object's own table. */
  marksOf(object: OpenObject): number {
    const place = object.place as TableLocation;
    this.parts.places.resolve(place);
    return this.parts.marks.of(place);
  }

  #of(object: OpenObject): number {
    const place = object.place as TableLocation;
    this.parts.places.resolve(place);
    return this.parts.marks.version(place);
  }

  #opened(keyAt: number, keyLength: number): OpenObject {
    const object = this.objects.findKept(keyAt, keyLength);
    assert(object !== undefined, 'the object is open');
    return object;
  }
}
