// Reserves copies of items, with the same key, flags and token, for another value or with further layout options. The store links them.

import type { Metrics } from '../base/metrics.js';
import type { CasTokens } from './cas-tokens.js';
import { ItemOption, type ItemRef, type Items, MARKS, type ReservedRef } from './item.js';
import type { Pins } from './item-pins.js';
import type { ItemReclaimer } from './item-reclaimer.js';
import type { Reservations } from './reservations.js';
import type { SpaceReclaimer } from './space-reclaimer.js';
import { STORE_METRICS } from './store-metrics.js';
import type { Values } from './values.js';

/** @perThread */
export class ItemRewriter {
  /** Without evictions, what reading and touching may need later is reserved with the item. */
  private readonly alwaysOptions: number;

  constructor(
    private readonly words: Uint32Array,
    private readonly items: Items,
    private readonly values: Values,
    private readonly reservations: Reservations,
    private readonly cas: CasTokens,
    private readonly pins: Pins,
    private readonly freeing: ItemReclaimer,
    private readonly metrics: Metrics,
    private readonly room: SpaceReclaimer,
    evictionsAllowed: boolean,
  ) {
    this.alwaysOptions = evictionsAllowed ? 0 : ItemOption.cas | ItemOption.expiry;
  }

  /** Reserves an item with client flags and expiry set; `options` are further layout options. 0 when no room can be made. */
  reserve(
    options: number,
    keyAt: number,
    keyLength: number,
    valueLength: number,
    clientFlags: number,
    expiresAt: number,
  ): ReservedRef {
    const wanted =
      options |
      this.alwaysOptions |
      (clientFlags !== 0 ? ItemOption.clientFlags : 0) |
      (expiresAt !== 0 ? ItemOption.expiry : 0);
    const reserved = this.reservations.build(keyAt, keyLength, valueLength, wanted);
    if (reserved === 0) {
      this.metrics.add(STORE_METRICS.store_no_memory, 1);
      return reserved;
    }
    if (clientFlags !== 0) this.items.setClientFlags(reserved, clientFlags);
    if (expiresAt !== 0) this.words[this.items.expiryWord(reserved)] = expiresAt;
    return reserved;
  }

  /** Reserves an item with another item's key, flags and CAS option. The other item is not evicted to make room for it. */
  reserveLike(item: ItemRef, options: number, valueLength: number, expiresAt: number): ReservedRef {
    this.pins.add(item);
    const kept = options | (this.items.word(item) & (ItemOption.cas | ItemOption.object));
    const keyAt = this.items.keyPosition(item);
    const reserved = this.reserve(
      kept,
      keyAt,
      this.items.keyLength(item),
      valueLength,
      this.items.clientFlags(item),
      expiresAt,
    );
    if (reserved !== 0) this.keepState(item, reserved);
    if (reserved !== 0 && this.cas.isGiven(item)) this.cas.renew(reserved);
    this.unpin(item);
    return reserved;
  }

  private reserveHead(item: ItemRef, options: number, expiresAt: number): ReservedRef {
    this.pins.add(item);
    const head = this.reservations.buildHead(item, options | (expiresAt !== 0 ? ItemOption.expiry : 0));
    const clientFlags = this.items.clientFlags(item);
    this.unpin(item);
    if (head === 0) return head;
    if (clientFlags !== 0) this.items.setClientFlags(head, clientFlags);
    if (expiresAt !== 0) this.words[this.items.expiryWord(head)] = expiresAt;
    return head;
  }

  /** A filled reservation to be linked in the item's place, with further layout options and the same CAS token. 0 when out of memory. */
  rebuild(item: ItemRef, options: number, expiresAt: number): ReservedRef {
    const isWhole = !this.items.has(item, ItemOption.chained) || this.items.pins(item) !== 0;
    this.pins.add(item);
    this.room.isForReader = true;
    const reserved = isWhole
      ? this.reserveLike(item, options, this.items.valueLength(item), expiresAt)
      : this.reserveHead(item, options, expiresAt);
    this.room.isForReader = false;
    if (reserved !== 0) this.takeOver(item, reserved, isWhole);
    this.unpin(item);
    return reserved;
  }

  private takeOver(item: ItemRef, reserved: ReservedRef, isWhole: boolean): void {
    if (isWhole) this.values.copyItem(item, reserved, 0);
    this.keepState(item, reserved);
    if (this.cas.isGiven(item)) this.cas.set(reserved, this.cas.high(item), this.cas.low(item));
  }

  /** What is known of reads of the item. */
  private keepState(item: ItemRef, reserved: ReservedRef): void {
    this.items.setOption(reserved, this.items.word(item) & MARKS);
    this.items.setAccessStep(reserved, this.items.access(item));
  }

  /** Frees the item if it was found to have expired while room was made. */
  private unpin(item: ItemRef): void {
    this.pins.remove(item);
    if (this.items.has(item, ItemOption.deferred) && this.items.pins(item) === 0) this.freeing.free(item);
  }
}
