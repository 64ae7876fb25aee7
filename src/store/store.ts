// The facade of the store: finds, stores and removes items. All of its state lies in the arena; where several threads share one, the
// caller holds the lock. The store does not know what an object's value means: src/tables does.

import type { Arena } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import {
  ITEM_HEADER_BYTES,
  ItemOption,
  type ItemRef,
  identity,
  LAYOUT_OPTIONS,
  NO_ITEM,
  optionBytes,
  type ReservedRef,
} from './item.js';
import { STORE_METRICS } from './store-metrics.js';
import { type StoreOptions, StoreParts } from './store-parts.js';
import { STORE_ROOTS } from './store-roots.js';

export type { ItemRef, ReservedRef };

/** @perThread */
export class Store extends StoreParts {
  readonly itemLimitBytes: number;
  private readonly words: Uint32Array;

  constructor(
    readonly arena: Arena,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    thread: number,
    options: StoreOptions,
  ) {
    super(arena, clock, metrics, thread, options);
    this.words = arena.words;
    this.itemLimitBytes = Math.min(options.itemLimitBytes, this.limitBytes / 2);
  }

  get itemCount(): number {
    return this.words[STORE_ROOTS.items];
  }

  get limitBytes(): number {
    return this.arena.limitBytes;
  }

  /** The live item with the key at [keyAt, keyAt + keyLength), or 0. Not a hit. */
  find(keyAt: number, keyLength: number): ItemRef {
    return this.findHashed(this.lookup.hashKey(keyAt, keyLength), keyAt, keyLength);
  }

  /** The same for a client that reads it, in the sample of `curve`. */
  findToRead(keyAt: number, keyLength: number): ItemRef {
    const hash = this.lookup.hashKey(keyAt, keyLength);
    const item = this.findHashed(hash, keyAt, keyLength);
    if (this.curve.isSampled(hash)) this.curve.noteRead(hash, item);
    return item;
  }

  /** The same for what makes the item the most recently used one, but is not a client's read. */
  findToUse(keyAt: number, keyLength: number): ItemRef {
    const hash = this.lookup.hashKey(keyAt, keyLength);
    const item = this.findHashed(hash, keyAt, keyLength);
    if (this.curve.isSampled(hash)) this.curve.noteUse(hash, item);
    return item;
  }

  hit(item: ItemRef): void {
    this.items.setOption(item, ItemOption.fetched);
    this.items.setAccess(item, this.clock.now);
    this.lru.moveToNewest(item);
  }

  /** The same for an object, which may be retained and then is in no order. */
  hitObject(item: ItemRef): void {
    const units = this.retained.marks.unitsOf(item);
    if (units !== 0) this.retained.release(item, units);
    this.hit(item);
    if (units !== 0) this.retained.add(item, units);
  }

  keyLength(item: ItemRef): number {
    return this.items.keyLength(item);
  }

  keyPosition(item: ItemRef): number {
    return this.items.keyPosition(item);
  }

  valueLength(item: ItemRef): number {
    return this.items.valueLength(item);
  }

  clientFlags(item: ItemRef): number {
    return this.items.clientFlags(item);
  }

  expiresAt(item: ItemRef): number {
    return this.items.expiresAt(item);
  }

  casHigh(item: ItemRef): number {
    return this.cas.high(item);
  }

  casLow(item: ItemRef): number {
    return this.cas.low(item);
  }

  copyValue(item: ItemRef, offset: number, length: number, to: number): void {
    this.values.read(item, offset, length, to);
  }

  /** Whether an item of that size is allowed at all. */
  fits(keyLength: number, valueLength: number): boolean {
    return ITEM_HEADER_BYTES + optionBytes(LAYOUT_OPTIONS) + keyLength + valueLength <= this.itemLimitBytes;
  }

  /** Reserves an item to be filled and then linked or released, with further layout options if wanted. Evicts as needed; 0 if there is no room. */
  reserve(
    keyAt: number,
    keyLength: number,
    valueLength: number,
    clientFlags: number,
    expiresAt: number,
    options = 0,
  ): ReservedRef {
    return this.rebuilding.reserve(options, keyAt, keyLength, valueLength, clientFlags, expiresAt);
  }

  /** An object's item, with its value in one chunk; the caller sets expiry and options. 0 when nothing can be evicted for it. */
  reserveObject(keyAt: number, keyLength: number, valueLength: number, options: number): ReservedRef {
    return this.reservations.build(keyAt, keyLength, valueLength, options | ItemOption.object);
  }

  growIndexIfDue(): void {
    this.indexGrowth.growIfDue();
  }

  renewCas(item: ItemRef): void {
    if (this.cas.isGiven(item)) this.cas.renew(item);
  }

  fill(reserved: ReservedRef, offset: number, from: number, length: number): void {
    this.values.write(reserved, offset, from, length);
  }

  fillFromItem(reserved: ReservedRef, offset: number, item: ItemRef | ReservedRef): void {
    this.values.copyItem(item, reserved, offset);
  }

  /** Stores a value that is contiguous in the arena, in an item with further layout options; 0 when nothing can be evicted for it. */
  put(
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    clientFlags: number,
    expiresAt: number,
    options = 0,
  ): ItemRef {
    const hash = this.lookup.hashKey(keyAt, keyLength);
    const old = this.findHashed(hash, keyAt, keyLength);
    const fitsOld = old !== 0 && (options & ~this.items.word(old)) === 0;
    if (fitsOld && this.overwriting.writeAll(old, valueAt, valueLength, clientFlags, expiresAt)) {
      this.items.clearOption(old, ItemOption.fetched | ItemOption.stale | ItemOption.win);
      this.items.setAccess(old, this.clock.now);
      this.lru.moveToNewest(old);
      this.metrics.add(STORE_METRICS.total_items, 1);
      if (this.curve.isSampled(hash)) this.curve.noteUse(hash, old);
      return old;
    }
    const reserved = this.reserve(keyAt, keyLength, valueLength, clientFlags, expiresAt, options);
    if (reserved === 0) return NO_ITEM;
    this.fill(reserved, 0, valueAt, valueLength);
    this.metrics.add(STORE_METRICS.total_items, 1);
    return this.linkHashed(reserved, hash);
  }

  /** Publishes a filled reservation, replacing any item with its key; it becomes the most recently used item. */
  link(reserved: ReservedRef): ItemRef {
    this.metrics.add(STORE_METRICS.total_items, 1);
    return this.linkHashed(reserved, this.lookup.hashOfItem(reserved));
  }

  private linkHashed(reserved: ReservedRef, hash: number): ItemRef {
    // First, since it may move items, and the one returned must not move any more.
    this.indexGrowth.growIfDue();
    const item = reserved as unknown as ItemRef;
    const keyLength = this.items.keyLength(item);
    const old = this.findHashed(hash, this.items.keyPosition(item), keyLength);
    this.items.setIdentity(item, identity(keyLength, hash));
    this.items.setAccess(item, this.clock.now);
    this.items.setOption(item, ItemOption.linked);
    if (old !== 0) this.departures.replace(hash, old, item);
    else this.index.insert(hash, item);
    this.words[STORE_ROOTS.items] = this.itemCount + 1;
    this.lru.addNewest(item);
    if (this.items.expiresAt(item) !== 0) this.wheel.add(item);
    if (this.items.has(item, ItemOption.chained)) this.largest.offer(item, keyLength + this.items.valueLength(item));
    if (this.curve.isSampled(hash)) this.curve.noteUse(hash, item);
    return item;
  }

  release(reserved: ReservedRef): void {
    this.freeing.free(reserved);
  }

  remove(item: ItemRef): void {
    this.departures.remove(item);
  }

  /** Makes the CAS token if there is none yet; the item may move; 0 when out of memory. */
  ensureCas(item: ItemRef): ItemRef {
    const owner = this.items.has(item, ItemOption.cas)
      ? item
      : this.linkIfAny(this.rebuilding.rebuild(item, ItemOption.cas, this.expiresAt(item)));
    if (owner !== 0 && !this.cas.isGiven(owner)) this.cas.renew(owner);
    return owner;
  }

  /** Sets the expiry; also a hit. The item may move; 0 when out of memory. */
  touch(item: ItemRef, expiresAt: number): ItemRef {
    this.hit(item);
    return this.setExpiry(item, expiresAt);
  }

  /** Sets the expiry, which is no hit. The item may move; 0 when out of memory. */
  setExpiry(item: ItemRef, expiresAt: number): ItemRef {
    if (this.items.has(item, ItemOption.expiry)) this.overwriting.setExpiry(item, expiresAt);
    else if (expiresAt !== 0) return this.linkIfAny(this.rebuilding.rebuild(item, 0, expiresAt));
    return item;
  }

  /** Another value for an item; a longer one counts as stored, as in memcached. The item may move; 0 when out of memory. */
  replaceValue(item: ItemRef, from: number, length: number): ItemRef {
    if (length > this.valueLength(item)) this.metrics.add(STORE_METRICS.total_items, 1);
    if (this.overwriting.write(item, from, length)) return item;
    const other = this.rebuilding.reserveLike(item, 0, length, this.expiresAt(item));
    if (other !== 0) this.values.write(other, 0, from, length);
    return this.linkIfAny(other);
  }

  pin(item: ItemRef): void {
    this.pins.add(item);
  }

  unpin(item: ItemRef): void {
    this.pins.remove(item);
    if (this.items.has(item, ItemOption.deferred) && this.items.pins(item) === 0) this.freeing.free(item);
  }

  /** Drops all items in constant time; their memory is reclaimed a few items at a time, or when it is needed. */
  flushAll(): void {
    this.departures.flush();
  }

  scheduleFlush(serverSecond: number): void {
    this.words[STORE_ROOTS.flushAt] = serverSecond;
  }

  /** Bounded maintenance, once a batch. */
  tick(): void {
    this.maintenance.tick();
  }

  /** Removes an expired item, or looks for one in some places; false if none is left. */
  expireNext(): boolean {
    return this.departures.expireNext();
  }

  /** Reclaims memory for about a millisecond, for a thread that is idle; whether more is left. */
  reclaimSlice(): boolean {
    return this.maintenance.slice();
  }

  /** For an item that was laid out again: nothing was stored, so no item is counted, and nothing was read. */
  private linkIfAny(reserved: ReservedRef): ItemRef {
    if (reserved === 0) return NO_ITEM;
    const accessStep = this.items.access(reserved);
    const item = this.linkHashed(reserved, this.lookup.hashOfItem(reserved));
    this.items.setAccessStep(item, accessStep);
    if (this.items.has(item, ItemOption.object)) this.retained.addCopy(item);
    return item;
  }

  private findHashed(hash: number, keyAt: number, keyLength: number): ItemRef {
    const item = this.lookup.find(this.index, hash, keyAt, keyLength) as ItemRef;
    if (item === 0) return NO_ITEM;
    const expiresAt = this.items.expiresAt(item);
    if (expiresAt === 0 || expiresAt > this.clock.now) return item;
    this.departures.expireFound(item);
    return NO_ITEM;
  }
}
