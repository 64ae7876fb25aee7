// Creates the parts of a store and connects them; lays out a new arena first. What they do together: store.ts.

import { randomBytes } from 'node:crypto';
import { Allocator } from '../arena/allocator.js';
import type { Arena } from '../arena/memory.js';
import { RegionEmptier } from '../arena/region-emptier.js';
import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import { CasTokens } from './cas-tokens.js';
import { ChunkMover } from './chunk-mover.js';
import { Compaction } from './compaction.js';
import { Evacuation } from './evacuation.js';
import { ExpiryWheel } from './expiry-wheel.js';
import { Hash } from './hash.js';
import { HashIndex } from './hash-index.js';
import { HitRatioCurve } from './hit-ratio-curve.js';
import { InPlaceUpdate } from './in-place-update.js';
import { IncrementalRehash } from './incremental-rehash.js';
import { ItemOption, type ItemRef, Items } from './item.js';
import { Pins } from './item-pins.js';
import { ItemReclaimer } from './item-reclaimer.js';
import { ItemRemover } from './item-remover.js';
import { ItemRewriter } from './item-rewriter.js';
import { LargestItems } from './largest-items.js';
import { Lookup } from './lookup.js';
import { LruList } from './lru-list.js';
import { Maintenance } from './maintenance.js';
import { divide, firstRegion, MemoryLimit } from './memory-limit.js';
import { Reservations } from './reservations.js';
import { type MemoryShare, RetainedItems } from './retained-items.js';
import { SpaceReclaimer } from './space-reclaimer.js';
import { STORE_ROOTS } from './store-roots.js';
import { Values } from './values.js';
import { WatchedObjects } from './watched-objects.js';

export interface StoreOptions {
  /** Largest item: header, key and value; no more than half of the memory limit counts. */
  readonly itemLimitBytes: number;
  readonly evictionsAllowed: boolean;
  /** What items that are not evicted may take; by default as much as possible. */
  readonly retainedShare?: MemoryShare;
  /** Whether `curve` follows a sample of the keys; true by default. */
  readonly requestsSampled?: boolean;
}

export class StoreParts {
  readonly allocator: Allocator;
  readonly index: HashIndex;
  readonly items: Items;
  readonly lru: LruList;
  readonly retained: RetainedItems;
  readonly wheel: ExpiryWheel;
  readonly values: Values;
  readonly room: SpaceReclaimer;
  readonly hash: Hash;
  readonly lookup: Lookup;
  readonly freeing: ItemReclaimer;
  readonly departures: ItemRemover;
  readonly reservations: Reservations;
  readonly pins: Pins;
  readonly cas: CasTokens;
  readonly rebuilding: ItemRewriter;
  readonly overwriting: InPlaceUpdate;
  readonly indexGrowth: IncrementalRehash;
  readonly mover: ChunkMover;
  readonly compaction: Compaction;
  readonly evacuation: Evacuation;
  readonly memoryLimit: MemoryLimit;
  readonly largest: LargestItems;
  readonly curve: HitRatioCurve;
  readonly watched: WatchedObjects;
  readonly maintenance: Maintenance;

  constructor(
    arena: Arena,
    clock: Clock,
    metrics: Metrics,
    thread: number,
    { evictionsAllowed, itemLimitBytes, retainedShare, requestsSampled = true }: StoreOptions,
  ) {
    const words = arena.words;
    const { directoryUnits, chunkUnits } = divide(arena);
    const isNew = words[STORE_ROOTS.buckets] === 0;
    this.allocator = new Allocator(arena);
    if (isNew) {
      const key = randomBytes(8);
      words[STORE_ROOTS.hashKey0] = key.readUInt32LE(0);
      words[STORE_ROOTS.hashKey1] = key.readUInt32LE(4);
      this.allocator.format(firstRegion(arena), chunkUnits);
    }
    this.items = new Items(words);
    this.hash = new Hash(words[STORE_ROOTS.hashKey0], words[STORE_ROOTS.hashKey1]);
    this.lookup = new Lookup(arena, this.items, this.hash);
    this.lru = new LruList(words);
    this.retained = new RetainedItems(words, arena, this.lru, retainedShare);
    this.wheel = new ExpiryWheel(words, this.items);
    this.values = new Values(arena, this.items);
    this.index = new HashIndex(arena, this.allocator, (entry) => this.lookup.hashOfEntry(entry));
    if (isNew) {
      this.index.format(directoryUnits);
      this.wheel.format(clock.now);
      this.retained.format();
    }
    const { items, lookup, index, lru, retained, wheel, values, allocator } = this;
    this.largest = new LargestItems(arena, items, lookup, index, clock);
    this.curve = new HitRatioCurve(arena, items, this.largest, clock, requestsSampled);
    this.watched = new WatchedObjects(words, lookup);
    this.freeing = new ItemReclaimer(words, allocator, items, values);
    const emptier = new RegionEmptier(arena, allocator);
    const lists = { lru, retained, wheel };
    const parts = {
      words,
      allocator,
      emptier,
      items,
      lookup,
      index,
      ...lists,
      values,
      freeing: this.freeing,
      curve: this.curve,
    };
    this.departures = new ItemRemover(parts, clock, metrics, evictionsAllowed);
    this.mover = new ChunkMover(parts);
    this.compaction = new Compaction(words, allocator, this.mover);
    this.room = new SpaceReclaimer(allocator, this.departures, this.compaction, arena);
    const { mover, compaction, departures } = this;
    this.evacuation = new Evacuation({ ...parts, mover, compaction, departures });
    const { evacuation } = this;
    this.memoryLimit = new MemoryLimit({
      ...{ arena, allocator, index, departures, evacuation, retained },
      ...{ evictionsAllowed, itemLimitBytes },
    });
    this.reservations = new Reservations(arena, items, values, this.room, this.freeing);
    this.cas = new CasTokens(words, items);
    this.overwriting = new InPlaceUpdate(words, items, values, wheel, this.cas);
    this.pins = new Pins(items, thread);
    this.rebuilding = new ItemRewriter(
      words,
      items,
      values,
      this.reservations,
      this.cas,
      this.pins,
      this.freeing,
      metrics,
      this.room,
      evictionsAllowed,
    );
    this.indexGrowth = new IncrementalRehash(index, allocator, compaction, departures, metrics);
    this.maintenance = new Maintenance(words, clock, values, departures, this.indexGrowth);
    this.curve.itemBytes = () => this.itemBytes;
    this.curve.capacityBytes = () => {
      const { limitBytes } = arena;
      const { takenBytes } = this.room;
      // In a cache that is nearly empty, what it has besides items says little about a full one: half of the free memory is a safe guess.
      const least = this.itemBytes + Math.max(0, limitBytes - takenBytes) / 2;
      return Math.max(least, (limitBytes * this.itemBytes) / Math.max(1, takenBytes));
    };
  }

  /** Bytes of items and objects, without the index. */
  get itemBytes(): number {
    return this.room.takenBytes - this.allocator.guardBytes - this.index.bytes;
  }

  /** Bytes used of the limit; the reserve for readers is beyond it. */
  get usedBytes(): number {
    return this.room.takenBytes - this.room.reserveUsedBytes;
  }

  /** From the most to the least recently used, then those that are retained, until `visit` returns false. */
  forEachItem(visit: (item: ItemRef) => unknown): void {
    for (let item = this.lru.newest; item !== 0; item = this.lru.older(item)) {
      if (visit(item as ItemRef) === false) return;
    }
    this.retained.visit((item) => visit(item as ItemRef));
  }

  /** The least recently used item, or 0. */
  get leastRecent(): ItemRef {
    return this.lru.oldest as ItemRef;
  }

  /** The most items that one store has had to evict. */
  get evictedByOneStoreMax(): number {
    return this.reservations.evictedByOneStoreMax;
  }

  wasFetched(item: ItemRef): boolean {
    return this.items.has(item, ItemOption.fetched);
  }
}
