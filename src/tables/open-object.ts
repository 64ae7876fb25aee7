// One object that a call has opened or made: the item in the store, the one that the call works on, which replaces it at the commit, and
// the places of the object's tables. Finding places: table-location.ts.

import { type ItemRef, NO_ITEM } from '../store/item.js';
import type { Key } from './table.js';

/** `expiresAt` while the call has not set it. */
export const EXPIRY_KEPT = -1;
export const NO_ENTRY = -1;
/** `version` of a location that has not been found yet. */
const NOT_RESOLVED = -1;

export class OpenObject {
  keyAt = 0;
  keyLength = 0;
  /** The item in the store; 0 for an object that the call makes. */
  linked: ItemRef = NO_ITEM;
  /** The item with the content: the linked one until it has to move. Another one is not linked yet. */
  item: ItemRef = NO_ITEM;
  /** Of its own table. */
  place: TableLocation | undefined;
  writable = false;
  isWritten = false;
  isAbandoned = false;
  /** Not kept if it is empty when the call commits. */
  isTentative = false;
  /** The call has made another object at the key, so that the handles of this one are invalid. */
  isReplaced = false;
  /** The call has removed it: its item leaves the store when the call commits. */
  isRemoved = false;
  expiresAt = EXPIRY_KEPT;
  /** Index of the journal's entry for a moved item. */
  madeEntry = NO_ENTRY;
  /** Incremented by every change that invalidates cached places of nested tables. */
  version = 0;
  /** Tables of the object for which the call has a place. */
  places = 0;
  /** Why it is not evicted, in the store and after the call: PIN_MARKS; and the units that it had when the call opened it. */
  pinsBefore = 0;
  pins = 0;
  unitsBefore = 0;
  /** Its memory counts as that of a pinned object (pinned-objects.ts). */
  isCounted = false;
  /** The call has made it as the first of its objects at the key, so that it replaces the item in the store. */
  replacesStored = false;

  reset(keyAt: number, keyLength: number, item: ItemRef): void {
    this.keyAt = keyAt;
    this.keyLength = keyLength;
    this.linked = item;
    this.item = item;
    this.writable = false;
    this.isWritten = false;
    this.isAbandoned = false;
    this.isTentative = false;
    this.isReplaced = false;
    this.isRemoved = false;
    this.expiresAt = EXPIRY_KEPT;
    this.madeEntry = NO_ENTRY;
    this.version = 0;
    this.places = 0;
    this.pinsBefore = 0;
    this.pins = 0;
    this.isCounted = false;
    this.replacesStored = false;
  }

  /** Makes the handles of all its tables invalid, or valid again. */
  setGone(isGone: boolean): void {
    (this.place as TableLocation).isGone = isGone;
    this.version++;
  }
}

/** A position in a table's order of fields that stays valid when fields are added or deleted. */
export class Mark {
  /** Packed: where the next field begins, counted from the first. */
  offset = 0;
  /** Spread: the last field that was passed; 0: none yet. */
  field = 0;
  /** For a deleted key: the key; its successor is the first field after the mark. */
  key: Key | undefined;
}

export class TableLocation {
  object!: OpenObject;
  /** The table that contains this one, and the key there; the object's own table has none. */
  parent: TableLocation | null = null;
  key: Key = 0;
  depth = 0;
  isGone = false;
  /** State of the object for which the following hold. */
  version = NOT_RESOLVED;
  /** The outermost table of the item or block that contains this one; may be this one. */
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
  /** What it is: fields, or something with a layout of its own (TableKind). */
  kind = 0;
  /** The field of a spread table that holds this one. */
  field = 0;
  /** The chunk whose body the journal has kept, or which the call has made; and the entry that says so. */
  savedChunk = 0;
  madeEntry = NO_ENTRY;
  /** Places of the tables nested in this one, as far as the call has met them: the first ones as a chain of siblings, and the others. */
  firstChild: TableLocation | null = null;
  sibling: TableLocation | null = null;
  chained = 0;
  children: Map<Key, TableLocation> | null = null;
  readonly marks: Mark[] = [];
  /** Keys that were deleted while the table was packed. */
  readonly gone: Mark[] = [];
  /** Where a walk by keys is likely to continue. */
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
    this.firstChild = null;
    this.sibling = null;
    this.chained = 0;
    this.children = null;
    if (this.marks.length > 0) this.marks.length = 0;
    if (this.gone.length > 0) this.gone.length = 0;
    object.places++;
  }
}
