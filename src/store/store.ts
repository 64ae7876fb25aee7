// The facade of the store: finds, keeps and gives up items. All of its state lies in the arena; whoever calls holds the lock
// where several threads share one. Not for protocols, and not for what an object's value means.

import { randomBytes } from 'node:crypto';
import { Allocator } from '../arena/allocator.js';
import { ChunkKind, kindOf, slackOf } from '../arena/chunk.js';
import { type Arena, NULL_REF, type Ref } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import { CasTokens } from './cas-tokens.js';
import { Compaction } from './compaction.js';
import { Departures } from './departures.js';
import { ExpiryWheel } from './expiry-wheel.js';
import { Freeing } from './freeing.js';
import { Hash } from './hash.js';
import { HashIndex, SEGMENT_UNITS } from './hash-index.js';
import {
  ITEM_HEADER_BYTES,
  ItemOption,
  type ItemRef,
  Items,
  identity,
  LAYOUT_OPTIONS,
  NO_ITEM,
  optionBytes,
  type ReservedRef,
} from './item.js';
import { Lookup } from './lookup.js';
import { LruList } from './lru-list.js';
import { STORE_METRICS } from './metrics.js';
import { Pins } from './pins.js';
import { Reservations } from './reservations.js';
import { Room } from './room.js';
import { STORE_ROOTS } from './roots.js';
import { Values } from './values.js';

export type { ItemRef, ReservedRef };

export interface StoreOptions {
  /** Largest item: header, key and value; no more than half of the memory limit counts. */
  readonly itemLimitBytes: number;
  readonly evictionsAllowed: boolean;
}

/** Buckets added at most with one entry. */
const BUCKETS_PER_GROWTH = 2;
/** Steps of maintenance in one batch. */
const STEPS_PER_TICK = 32;

export class Store {
  readonly allocator: Allocator;
  readonly index: HashIndex;
  readonly items: Items;
  readonly lru: LruList;
  readonly wheel: ExpiryWheel;
  readonly values: Values;
  readonly room: Room;
  readonly hash: Hash;
  readonly itemLimitBytes: number;
  private readonly words: Uint32Array;
  private readonly lookup: Lookup;
  readonly freeing: Freeing;
  private readonly departures: Departures;
  private readonly reservations: Reservations;
  private readonly compaction: Compaction;
  private readonly pins: Pins;
  private readonly cas: CasTokens;
  /** Hash of an entry of the index that is no item; set by those who put such entries there. */
  fieldHash: (entry: number) => number = () => 0;

  constructor(
    readonly arena: Arena,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    thread: number,
    options: StoreOptions,
  ) {
    const words = arena.words;
    this.words = words;
    this.allocator = new Allocator(arena);
    this.items = new Items(words);
    this.lru = new LruList(words);
    this.wheel = new ExpiryWheel(words, this.items);
    this.values = new Values(arena, this.items);
    this.index = new HashIndex(arena, this.allocator, (entry) => this.hashOfEntry(entry));
    if (words[STORE_ROOTS.buckets] === 0) this.format();
    this.hash = new Hash(words[STORE_ROOTS.hashKey0] as number, words[STORE_ROOTS.hashKey1] as number);
    this.lookup = new Lookup(arena, this.items, this.hash);
    this.freeing = new Freeing(words, this.allocator, this.items, this.values);
    this.departures = new Departures(
      words,
      this.items,
      this.lookup,
      this.index,
      this.lru,
      this.wheel,
      this.freeing,
      clock,
      metrics,
      options.evictionsAllowed,
    );
    this.compaction = new Compaction(
      words,
      this.allocator,
      this.items,
      this.lookup,
      this.index,
      this.lru,
      this.wheel,
      this.values,
    );
    this.room = new Room(this.allocator, this.departures, this.compaction, this.limitBytes);
    this.reservations = new Reservations(arena, this.items, this.values, this.room, this.freeing);
    this.cas = new CasTokens(words, this.items);
    this.pins = new Pins(this.items, thread);
    this.itemLimitBytes = Math.min(options.itemLimitBytes, this.limitBytes / 2);
  }

  get itemCount(): number {
    return this.words[STORE_ROOTS.items] as number;
  }

  get limitBytes(): number {
    return (this.arena.heapEnd - this.arena.heapStart) * 8;
  }

  get usedBytes(): number {
    return this.limitBytes - this.allocator.freeBytes;
  }

  /** Most items that one store has had to evict. */
  get evictedByOneStoreMax(): number {
    return this.words[STORE_ROOTS.evictedByOneStoreMax] as number;
  }

  /** The live item with the key at [keyAt, keyAt + keyLength), or 0. Not a hit. */
  find(keyAt: number, keyLength: number): ItemRef {
    return this.findHashed(this.lookup.hashKey(keyAt, keyLength), keyAt, keyLength);
  }

  hit(item: ItemRef): void {
    this.items.setOption(item, ItemOption.fetched);
    this.items.setAccess(item, this.clock.now);
    this.lru.moveToNewest(item);
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

  wasFetched(item: ItemRef): boolean {
    return this.items.has(item, ItemOption.fetched);
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

  /** An item to be filled and then linked or released; evicts as needed; 0 when no room can be made. */
  reserve(keyAt: number, keyLength: number, valueLength: number, clientFlags: number, expiresAt: number): ReservedRef {
    return this.reserveWith(0, keyAt, keyLength, valueLength, clientFlags, expiresAt);
  }

  /** An object's item: its value lies in one chunk, expiry and the like are the caller's to set. 0 when no room can be made. */
  reserveObject(keyAt: number, keyLength: number, valueLength: number, options: number): ReservedRef {
    return this.reservations.build(keyAt, keyLength, valueLength, options | ItemOption.object);
  }

  /** To be called when the index has got another entry. */
  growIndexIfDue(): void {
    if (this.index.wantsGrowth) this.growIndex();
  }

  /** After a change of an item's value in place. */
  renewCas(item: ItemRef): void {
    if (this.cas.isGiven(item)) this.cas.renew(item);
  }

  fill(reserved: ReservedRef, offset: number, from: number, length: number): void {
    this.values.write(reserved, offset, from, length);
  }

  fillFromItem(reserved: ReservedRef, offset: number, item: ItemRef): void {
    let at = offset;
    this.values.forEachPart(item, 0, this.valueLength(item), (position, length) => {
      this.values.write(reserved, at, position, length);
      at += length;
    });
  }

  /** Publishes a filled reservation in the place of whatever stood at its key; it becomes the most recently used item. */
  link(reserved: ReservedRef): ItemRef {
    const item = reserved as unknown as ItemRef;
    const keyLength = this.items.keyLength(item);
    const keyAt = this.items.keyPosition(item);
    const hash = this.lookup.hashKey(keyAt, keyLength);
    const old = this.findHashed(hash, keyAt, keyLength);
    this.items.setIdentity(item, identity(keyLength, hash, this.words[STORE_ROOTS.epoch] as number));
    this.items.setAccess(item, this.clock.now);
    this.items.setOption(item, ItemOption.linked);
    if (old !== 0) this.departures.replace(hash, old, item);
    else this.index.insert(hash, item);
    this.words[STORE_ROOTS.items] = this.itemCount + 1;
    this.lru.addNewest(item);
    if (this.items.expiresAt(item) !== 0) this.wheel.add(item);
    this.metrics.add(STORE_METRICS.total_items, 1);
    if (this.index.wantsGrowth) this.growIndex();
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
      : this.rebuild(item, ItemOption.cas, this.expiresAt(item));
    if (owner !== 0 && !this.cas.isGiven(owner)) this.cas.renew(owner);
    return owner;
  }

  /** Sets the expiry; also a hit. The item may move; 0 when out of memory. */
  touch(item: ItemRef, expiresAt: number): ItemRef {
    this.hit(item);
    if (!this.items.has(item, ItemOption.expiry)) return expiresAt === 0 ? item : this.rebuild(item, 0, expiresAt);
    const word = this.items.expiryWord(item);
    if (this.words[word] !== 0) this.wheel.remove(item);
    this.words[word] = expiresAt;
    if (expiresAt !== 0) this.wheel.add(item);
    return item;
  }

  /** Gives an item another value; flags and expiry stay, a CAS token is renewed. The item may move; 0 when out of memory. */
  replaceValue(item: ItemRef, from: number, length: number): ItemRef {
    if (!this.items.has(item, ItemOption.chained) && this.items.pins(item) === 0) {
      const slack = this.items.headCapacity(item) + slackOf(this.items.word(item)) - length;
      if (slack >= 0 && slack < 16) {
        this.items.setSlack(item, slack);
        this.values.write(item, 0, from, length);
        if (this.cas.isGiven(item)) this.cas.renew(item);
        return item;
      }
    }
    const other = this.reserveLike(item, 0, length, this.expiresAt(item));
    if (other === 0) return NO_ITEM;
    this.values.write(other, 0, from, length);
    return this.link(other);
  }

  pin(item: ItemRef): void {
    this.pins.add(item);
  }

  unpin(item: ItemRef): void {
    this.pins.remove(item);
    if (this.items.has(item, ItemOption.deferred) && this.items.pins(item) === 0) this.freeing.free(item);
  }

  /** Forgets all items at once; their memory comes back a few at a time, or when it is needed. */
  flushAll(): void {
    this.departures.flush();
  }

  scheduleFlush(atServerSecond: number): void {
    this.words[STORE_ROOTS.flushAt] = atServerSecond;
  }

  /** Bounded maintenance, once a batch. */
  tick(): void {
    this.values.forgetCursor();
    const flushAt = this.words[STORE_ROOTS.flushAt] as number;
    if (flushAt !== 0 && this.clock.now >= flushAt) this.flushAll();
    for (let step = 0; step < STEPS_PER_TICK; step++) if (!this.departures.reclaim()) break;
    if (this.index.wantsGrowth) this.growIndex();
  }

  /** From the most to the least recently used. */
  forEachItem(visit: (item: ItemRef) => void): void {
    for (let item = this.lru.newest; item !== 0; item = this.lru.older(item)) visit(item as ItemRef);
  }

  private format(): void {
    const directoryUnits = HashIndex.directoryUnits(this.arena.heapEnd - this.arena.heapStart);
    this.allocator.format((this.arena.heapStart + directoryUnits) as Ref);
    this.index.format(directoryUnits);
    this.wheel.format(this.clock.now);
    const key = randomBytes(8);
    this.words[STORE_ROOTS.hashKey0] = key.readUInt32LE(0);
    this.words[STORE_ROOTS.hashKey1] = key.readUInt32LE(4);
  }

  private findHashed(hash: number, keyAt: number, keyLength: number): ItemRef {
    const item = this.lookup.find(this.index, hash, keyAt, keyLength) as ItemRef;
    if (item === 0) return NO_ITEM;
    const expiresAt = this.items.expiresAt(item);
    if (expiresAt === 0 || expiresAt > this.clock.now) return item;
    this.departures.expire(item);
    return NO_ITEM;
  }

  private hashOfEntry(entry: number): number {
    const isItem = kindOf(this.words[entry * 2] as number) === ChunkKind.item;
    return isItem ? this.lookup.hashOfItem(entry) : this.fieldHash(entry);
  }

  private growIndex(): void {
    for (let buckets = 0; buckets < BUCKETS_PER_GROWTH && this.index.wantsGrowth; buckets++) {
      let segment = NULL_REF;
      if (this.index.needsSegment) {
        segment = this.allocator.take(SEGMENT_UNITS);
        if (segment === 0) segment = this.compaction.makeHole(SEGMENT_UNITS);
        if (segment === 0) {
          // Others must leave for the index, as they would for an item; the next store tries again.
          this.metrics.add(STORE_METRICS.index_segments_denied, 1);
          if (!this.departures.reclaim()) this.departures.evict();
          return;
        }
      }
      this.index.grow(segment);
    }
  }

  private reserveWith(
    options: number,
    keyAt: number,
    keyLength: number,
    valueLength: number,
    clientFlags: number,
    expiresAt: number,
  ): ReservedRef {
    const wanted =
      options | (clientFlags !== 0 ? ItemOption.clientFlags : 0) | (expiresAt !== 0 ? ItemOption.expiry : 0);
    const reserved = this.reservations.build(keyAt, keyLength, valueLength, wanted);
    if (reserved === 0) {
      this.metrics.add(STORE_METRICS.store_no_memory, 1);
      return reserved;
    }
    if (clientFlags !== 0) this.items.setClientFlags(reserved, clientFlags);
    if (expiresAt !== 0) this.words[this.items.expiryWord(reserved)] = expiresAt;
    return reserved;
  }

  /** A reservation with an item's key and flags, and its CAS option. The item is not evicted to make room for it. */
  private reserveLike(item: ItemRef, options: number, valueLength: number, expiresAt: number): ReservedRef {
    this.pin(item);
    const kept = options | (this.items.word(item) & (ItemOption.cas | ItemOption.object));
    const keyAt = this.items.keyPosition(item);
    const reserved = this.reserveWith(
      kept,
      keyAt,
      this.keyLength(item),
      valueLength,
      this.clientFlags(item),
      expiresAt,
    );
    this.unpin(item);
    if (reserved !== 0 && this.cas.isGiven(item)) this.cas.renew(reserved);
    return reserved;
  }

  private reserveHead(item: ItemRef, options: number, expiresAt: number): ReservedRef {
    this.pin(item);
    const head = this.reservations.buildHead(item, options | (expiresAt !== 0 ? ItemOption.expiry : 0));
    this.unpin(item);
    if (head === 0) return head;
    if (this.clientFlags(item) !== 0) this.items.setClientFlags(head, this.clientFlags(item));
    if (expiresAt !== 0) this.words[this.items.expiryWord(head)] = expiresAt;
    return head;
  }

  /** Moves an item to a chunk that has room for further layout options. Its CAS token stays the same. */
  private rebuild(item: ItemRef, options: number, expiresAt: number): ItemRef {
    const isWhole = !this.items.has(item, ItemOption.chained) || this.items.pins(item) !== 0;
    const reserved = isWhole
      ? this.reserveLike(item, options, this.valueLength(item), expiresAt)
      : this.reserveHead(item, options, expiresAt);
    if (reserved === 0) return NO_ITEM;
    if (isWhole) this.fillFromItem(reserved, 0, item);
    this.items.setOption(reserved, this.items.word(item) & ItemOption.fetched);
    if (this.cas.isGiven(item)) this.cas.set(reserved, this.cas.high(item), this.cas.low(item));
    return this.link(reserved);
  }
}
