// The largest items and objects, kept as they are stored and changed, without a scan. Whether one is still there and as large is checked
// when the list is shown, and before a set of slots that seems full turns an item away. In the arena, shared by all threads.
//
// A slot has the key of an item. The tag of an item's key assigns it to one of 16 sets of 8 slots, so that a change of a large item looks at
// 8 slots only. The eight largest of each set are kept, so that the 20 largest of all are among them but for a chance of one in 10,000.

import { LARGE_ITEM_KEY_BYTES, LARGE_ITEM_SLOTS } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import { copyBytesIn, sameBytesIn } from '../base/words.js';
import type { HashIndex } from './hash-index.js';
import { ItemOption, type Items } from './item.js';
import type { Lookup } from './lookup.js';

/** Smaller items are not listed: a plain value of less than this is in one chunk. */
const LARGE_BYTES = 2048;

const WAYS = 8;
const SETS = LARGE_ITEM_SLOTS / WAYS;
/** The upper bits of the tag in an item's identity. */
const SET_SHIFT = 14;
const KEY_LENGTH_MASK = 0xff;
/** Between two checks of a set that are made because it has no room: those of all sets look up 128 keys a second at most. */
const CHECKED_EACH_SECONDS = 1;

interface LargeItem {
  readonly item: number;
  /** Key and value of a plain item; of an object all memory that it takes. */
  readonly bytes: number;
}

/** @perThread */
export class LargestItems {
  /** All memory of an object, in bytes; set by tables/table-parts.ts. */
  objectBytes: (item: number) => number = () => 0;
  /** Of each slot; 0 when it is empty. */
  private readonly bytes: Float64Array;
  private readonly identities: Int32Array;
  private readonly checkedAt: Float64Array;
  private readonly keysAt: number;
  private readonly view: DataView;

  constructor(
    arena: Arena,
    private readonly items: Items,
    private readonly lookup: Lookup,
    private readonly index: HashIndex,
    private readonly clock: Clock,
  ) {
    const { buffer, largestAt: at, view } = arena;
    this.view = view;
    this.bytes = new Float64Array(buffer, at, LARGE_ITEM_SLOTS);
    this.checkedAt = new Float64Array(buffer, at + this.bytes.byteLength, SETS);
    const identitiesAt = at + this.bytes.byteLength + this.checkedAt.byteLength;
    this.identities = new Int32Array(buffer, identitiesAt, LARGE_ITEM_SLOTS);
    this.keysAt = identitiesAt + this.identities.byteLength;
  }

  /** The item of that many bytes was stored or changed. */
  offer(item: number, bytes: number): void {
    if (bytes < LARGE_BYTES) return;
    const identity = this.items.identity(item);
    const first = ((identity >>> SET_SHIFT) & (SETS - 1)) * WAYS;
    let least = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.identities[slot] === identity && this.#hasKeyOf(slot, item)) {
        this.bytes[slot] = bytes;
        return;
      }
      if (this.bytes[slot] < this.bytes[least]) least = slot;
    }
    if (bytes > this.bytes[least] || this.#makeRoom(first, bytes)) this.#put(item, identity, bytes, first);
  }

  /** The largest items that exist now. */
  list(most: number): LargeItem[] {
    const found: LargeItem[] = [];
    for (let slot = 0; slot < LARGE_ITEM_SLOTS; slot++) {
      const item = this.#check(slot);
      if (item !== 0) found.push({ item, bytes: this.bytes[slot] });
    }
    return found.sort((left, right) => right.bytes - left.bytes).slice(0, most);
  }

  /** Whether the set has room for an item of that many bytes once the items that are gone or smaller than they were are out. */
  #makeRoom(first: number, bytes: number): boolean {
    const set = first / WAYS;
    const { now } = this.clock;
    if (now - this.checkedAt[set] < CHECKED_EACH_SECONDS) return false;
    this.checkedAt[set] = now;
    let hasRoom = false;
    for (let slot = first; slot < first + WAYS; slot++) {
      this.#check(slot);
      if (this.bytes[slot] < bytes) hasRoom = true;
    }
    return hasRoom;
  }

  #put(item: number, identity: number, bytes: number, first: number): void {
    let slot = first;
    for (let other = first; other < first + WAYS; other++) if (this.bytes[other] < this.bytes[slot]) slot = other;
    this.bytes[slot] = bytes;
    this.identities[slot] = identity;
    copyBytesIn(this.view, this.items.keyPosition(item), this.#keyAt(slot), identity & KEY_LENGTH_MASK);
  }

  /** Brings a slot up to date; returns its item, or 0 if it is empty now. */
  #check(slot: number): number {
    if (this.bytes[slot] === 0) return 0;
    const keyAt = this.#keyAt(slot);
    const keyLength = this.identities[slot] & KEY_LENGTH_MASK;
    const item = this.lookup.find(this.index, this.lookup.hashKey(keyAt, keyLength), keyAt, keyLength);
    const bytes = item === 0 || this.#isExpired(item) ? 0 : this.#bytesOf(item);
    this.bytes[slot] = bytes < LARGE_BYTES ? 0 : bytes;
    if (this.bytes[slot] !== 0) return item;
    this.identities[slot] = 0;
    return 0;
  }

  #isExpired(item: number): boolean {
    const expiresAt = this.items.expiresAt(item);
    return expiresAt !== 0 && expiresAt <= this.clock.now;
  }

  #bytesOf(item: number): number {
    if (this.items.has(item, ItemOption.object)) return this.objectBytes(item);
    return this.items.keyLength(item) + this.items.valueLength(item);
  }

  #hasKeyOf(slot: number, item: number): boolean {
    const length = this.identities[slot] & KEY_LENGTH_MASK;
    return sameBytesIn(this.view, this.#keyAt(slot), this.items.keyPosition(item), length);
  }

  #keyAt(slot: number): number {
    return this.keysAt + slot * LARGE_ITEM_KEY_BYTES;
  }
}
