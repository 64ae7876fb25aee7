// One object that a call has opened or made: the item that stands in the store, and the one that the call works on, which
// takes its place when the call commits. Not for its content.

import { type ItemRef, NO_ITEM } from '../store/item.js';
import type { TableLocation } from './table-location.js';

/** `expiresAt` while the call has not set it. */
export const EXPIRY_KEPT = -1;
export const NO_ENTRY = -1;

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
  expiresAt = EXPIRY_KEPT;
  /** Number of the journal's entry for a moved item. */
  madeEntry = NO_ENTRY;
  /** Counts what makes known places of tables within it wrong. */
  version = 0;
  /** Tables of the object that the call has a place of. */
  places = 0;

  reset(keyAt: number, keyLength: number, item: ItemRef): void {
    this.keyAt = keyAt;
    this.keyLength = keyLength;
    this.linked = item;
    this.item = item;
    this.writable = false;
    this.isWritten = false;
    this.isAbandoned = false;
    this.expiresAt = EXPIRY_KEPT;
    this.madeEntry = NO_ENTRY;
    this.version = 0;
    this.places = 0;
  }
}
