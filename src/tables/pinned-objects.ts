// Objects that are not evicted, because their type or a call has pinned them: the marks of their items, the memory that they take, and
// its limit. A call's changes of marks take effect when it commits. The list of their items: store/retained-items.ts.
//
// Beyond the limit there is a reserve for calls of methods that end something, such as taking a job from a queue: the call may need some memory
// before it frees more. Objects that such a call makes or pins may not use it.
//
// Only linked items have marks: one that a call has made gets them when it is linked.

import { UNIT_BYTES } from '../arena/memory.js';
import { ItemOption } from '../store/item.js';
import type { RetainedItems, RetentionMarks } from '../store/retained-items.js';
import type { Store } from '../store/store.js';
import { PinnedLimitError } from './call-errors.js';
import type { Fields } from './fields.js';
import type { OpenObject } from './open-object.js';
import { PIN_MARKS, type TableLayout } from './table-layout.js';
import type { ReserveUse } from './table-store.js';

/** Expired items that a call removes before it is refused: they count until they are removed, which may come late after many have expired or
    were flushed. A choice: a millisecond or so. */
const MOST_EXPIRED = 1000;

/** @perThread */
export class PinnedObjects implements RetentionMarks {
  private readonly layout: TableLayout;
  private readonly retained: RetainedItems;
  /** Objects of this call that are pinned or will be, in any order. */
  private readonly objects: OpenObject[] = [];
  private counted = 0;

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
  ) {
    this.layout = fields.layout;
    this.retained = store.retained;
  }

  /** Starts a call. */
  begin(): void {
    this.counted = 0;
  }

  /** The call has opened an object of the store, whose marks these are. */
  open(object: OpenObject, marks: number): void {
    const pins = marks & PIN_MARKS;
    if (pins === 0) return;
    object.pinsBefore = pins;
    object.pins = pins;
    object.unitsBefore = this.fields.blockWeight(object.linked);
    this.#count(object);
  }

  /** Sets or removes one mark of an object of the call. */
  mark(object: OpenObject, pin: number, isPinned: boolean): void {
    object.pins = isPinned ? object.pins | pin : object.pins & ~pin;
    if (!object.isCounted && object.pins !== 0) this.#count(object);
  }

  /** Why the call may not commit, if pinned objects would take more than they may. */
  refusal(reserve: ReserveUse): PinnedLimitError | undefined {
    if (this.counted === 0) return undefined;
    let units = 0;
    let usesReserve = reserve !== 'none';
    for (let index = 0; index < this.counted; index++) {
      const object = this.objects[index];
      const growth = this.#growth(object);
      units += growth;
      if (growth > 0 && object.pinsBefore === 0 && reserve !== 'all') usesReserve = false;
    }
    if (units <= 0) return undefined;
    const limitBytes = this.retained.limitBytes + (usesReserve ? this.retained.reserveBytes : 0);
    for (let left = MOST_EXPIRED; left > 0 && this.#wantedBytes(units) > limitBytes; left--) {
      if (!this.store.expireNext()) break;
    }
    const wantedBytes = this.#wantedBytes(units);
    if (wantedBytes <= limitBytes) return undefined;
    return new PinnedLimitError(
      `pinned objects would take ${wantedBytes} of at most ${limitBytes} bytes: delete some, let some expire, or raise --pinned-limit`,
    );
  }

  /** Until `settled`, an object that was pinned is like any other. */
  unsettle(object: OpenObject): void {
    if (object.pinsBefore === 0) return;
    this.layout.setPins(object.linked, 0);
    this.retained.release(object.linked, object.unitsBefore);
  }

  /** The object's item has been linked with its new content. */
  settle(object: OpenObject): void {
    if (object.pins === 0) return;
    this.layout.setPins(object.item, object.pins);
    this.retained.add(object.item, this.fields.blockWeight(object.item));
  }

  unitsOf(item: number): number {
    return this.layout.pinsOf(item) === 0 ? 0 : this.fields.blockWeight(item);
  }

  clear(item: number): void {
    this.layout.setPins(item, 0);
  }

  /** An unlinked object is to be freed. */
  leave(item: number): void {
    if (this.layout.pinsOf(item) === 0) return;
    this.retained.leave(this.fields.blockWeight(item));
    this.layout.setPins(item, 0);
  }

  /** A chunk of the object has been moved to one that is longer by `units`, or shorter where they are negative. */
  resize(item: number, units: number): void {
    if (units !== 0 && this.layout.pinsOf(item) !== 0) this.retained.grow(units);
  }

  #wantedBytes(units: number): number {
    return this.retained.bytes + units * UNIT_BYTES;
  }

  #count(object: OpenObject): void {
    object.isCounted = true;
    this.objects[this.counted++] = object;
  }

  /** Units that the call adds to those of pinned objects by this one. */
  #growth(object: OpenObject): number {
    if (object.isAbandoned) return 0;
    const isKept = object.pins !== 0 && !object.isRemoved && !object.isReplaced;
    const units = isKept ? this.fields.blockWeight(object.item) : 0;
    if (object.pinsBefore !== 0) return units - object.unitsBefore;
    return object.replacesStored ? units - this.#storedUnits(object) : units;
  }

  /** Units of the pinned object in the store that another one will replace. */
  #storedUnits({ keyAt, keyLength }: OpenObject): number {
    const item = this.store.find(keyAt, keyLength);
    return item !== 0 && this.store.items.has(item, ItemOption.object) ? this.unitsOf(item) : 0;
  }
}
