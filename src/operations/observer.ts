// The observers of requests: statistics by prefix, and watchers of events. While there are none, a request only reads one cell, which all
// threads share. Counters that are always on: operation-metrics.ts.

import { SYNC, syncCells } from '../arena/sync.js';
import type { Clock } from '../base/clock.js';
import { latin1 } from '../base/latin1.js';
import type { Metrics } from '../base/metrics.js';
import type { Store } from '../store/store.js';
import { deletionLine, evictionLine, type FetchStatus, fetchLine, lacksItem, storeLine } from './event-lines.js';
import { EventKind, EventLog, type EventReader } from './event-log.js';
import { secondsSinceAccess } from './item-state.js';
import { OPERATION_METRICS } from './operation-metrics.js';
import { type ItemRef, WRITE_KIND_MASK, WriteKind, type WriteResult, WriteResult as Written } from './outcomes.js';
import { PrefixCounts } from './prefix-counts.js';

/** The bit of the cell for statistics by prefix; the other bits are EventKinds. */
const PREFIXES = 1;

/** @perThread */
export class Observer {
  readonly prefixes: PrefixCounts;
  readonly log: EventLog;
  /** The descriptor of the connection that is being served. */
  descriptor = -1;
  private readonly cells: Int32Array;
  /** The key of the expired item that was found last; the store returns no item to the request that looks for it. */
  #expiredKey: string | undefined;
  /** The result of the last lookup. */
  #found: FetchStatus = 'not_found';
  #foundSize = 0;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    delimiter: string,
    mostLagBytes: number,
  ) {
    this.cells = syncCells(store.arena);
    this.prefixes = new PrefixCounts(store.arena, metrics, delimiter);
    this.log = new EventLog(store.arena, mostLagBytes);
    store.departures.onEvict = (item) => {
      if (this.isActive) this.#onEvict(item as ItemRef);
    };
    store.departures.onExpire = (item) => {
      if (this.#isWatched(EventKind.fetchers)) this.#expiredKey = this.#keyOf(item as ItemRef);
    };
  }

  /** Whether there is any observer. */
  get isActive(): boolean {
    return this.cells[SYNC.observers] !== 0;
  }

  get countsPrefixes(): boolean {
    return (this.cells[SYNC.observers] & PREFIXES) !== 0;
  }

  countPrefixes(isOn: boolean): void {
    if (isOn) Atomics.or(this.cells, SYNC.observers, PREFIXES);
    else Atomics.and(this.cells, SYNC.observers, ~PREFIXES);
  }

  /** A watcher of these EventKinds begins. */
  watch(mask: number): EventReader {
    this.#countWatchers(mask, 1);
    this.metrics.add(OPERATION_METRICS.log_watchers, 1);
    return this.log.open(mask);
  }

  unwatch({ mask }: EventReader): void {
    this.#countWatchers(mask, -1);
    this.metrics.add(OPERATION_METRICS.log_watchers, -1);
  }

  /** The next lines of a watcher. */
  read(reader: EventReader): string {
    const { sent, skipped, text } = this.log.read(reader);
    this.metrics.add(OPERATION_METRICS.log_watcher_sent, sent);
    this.metrics.add(OPERATION_METRICS.log_watcher_skipped, skipped);
    return text;
  }

  /** A request reads this key, and has found this item. */
  onRead(keyAt: number, keyLength: number, item: ItemRef | 0): void {
    if (this.countsPrefixes) this.prefixes.countRead(keyAt, keyLength, item !== 0);
    this.onLookup(keyAt, keyLength, item);
  }

  /** A request other than a read has looked up this key; memcached's watchers of fetchers get the same line for it. */
  onLookup(keyAt: number, keyLength: number, item: ItemRef | 0): void {
    if (!this.#isWatched(EventKind.fetchers)) return;
    this.#look(keyAt, keyLength, item);
    this.#writeLookup(this.#key(keyAt, keyLength));
  }

  /** A value is about to be stored under this key. */
  beforeWrite(keyAt: number, keyLength: number): void {
    if (this.#isWatched(EventKind.fetchers)) this.#look(keyAt, keyLength, this.store.find(keyAt, keyLength));
  }

  /** The value was received, with this result; `item` is what was stored. */
  onWrite(
    how: number,
    result: WriteResult,
    keyAt: number,
    keyLength: number,
    item: ItemRef,
    exptime: number,
    length: number,
  ): void {
    if (result === Written.call) return;
    if (this.countsPrefixes) this.prefixes.countStored(keyAt, keyLength);
    this.#writeStore(how, result, this.#key(keyAt, keyLength), item, exptime, length);
  }

  /** A number did not exist and was created; `item` is 0 for lack of memory. */
  onMade(keyAt: number, keyLength: number, item: ItemRef, exptime: number): void {
    const result = item === 0 ? Written.noMemory : Written.stored;
    this.#writeStore(WriteKind.add, result, this.#key(keyAt, keyLength), item, exptime, 0);
  }

  #writeStore(how: number, result: WriteResult, key: string, item: ItemRef, exptime: number, length: number): void {
    const isFetch = this.#isWatched(EventKind.fetchers);
    // As in memcached, a value without an item looks up its key only to remove the item that a set would have replaced.
    const lacks = lacksItem(result);
    if (isFetch && !lacks) this.#writeLookup(key);
    if (this.#isWatched(EventKind.mutations)) {
      const isStored = result === Written.stored;
      const size = isStored ? this.store.valueLength(item) : lacks ? 0 : length;
      const ttl = isStored
        ? this.#ttl(this.store.expiresAt(item))
        : lacks
          ? 0
          : this.#ttl(this.clock.fromClient(exptime));
      this.#write(EventKind.mutations, storeLine(key, how, result, ttl, size, this.descriptor));
    }
    if (isFetch && lacks && (how & WRITE_KIND_MASK) === WriteKind.set) this.#writeLookup(key);
  }

  /** A request to remove this item; `isRemoved` is false if its CAS token prevents that. */
  onDelete(keyAt: number, keyLength: number, item: ItemRef | 0, isRemoved: boolean, command: 'delete' | 'md'): void {
    if (this.countsPrefixes) this.prefixes.countDeleted(keyAt, keyLength);
    this.onLookup(keyAt, keyLength, item);
    if (isRemoved) this.onRemoved(keyAt, keyLength, command, this.store.valueLength(item as ItemRef));
  }

  /** The item of this key was removed or emptied; `size` is the size that memcached logs. */
  onRemoved(keyAt: number, keyLength: number, command: 'delete' | 'md', size: number): void {
    if (!this.#isWatched(EventKind.deletions)) return;
    this.#write(EventKind.deletions, deletionLine(this.#key(keyAt, keyLength), command, size));
  }

  #look(keyAt: number, keyLength: number, item: ItemRef | 0): void {
    const isExpired = item === 0 && this.#expiredKey === this.#key(keyAt, keyLength);
    this.#expiredKey = undefined;
    this.#found = item !== 0 ? 'found' : isExpired ? 'expired' : 'not_found';
    this.#foundSize = item === 0 ? 0 : this.store.valueLength(item);
  }

  #writeLookup(key: string): void {
    this.#write(EventKind.fetchers, fetchLine(key, this.#found, this.#foundSize, this.descriptor));
  }

  #onEvict(item: ItemRef): void {
    if (!this.#isWatched(EventKind.evictions)) return;
    const { clock, store } = this;
    const key = this.#keyOf(item);
    const idle = secondsSinceAccess(store, clock, item);
    const expiresAt = store.expiresAt(item);
    const ttl = expiresAt === 0 ? -1 : expiresAt - clock.now;
    this.#write(EventKind.evictions, evictionLine(key, store.wasFetched(item), ttl, idle, store.valueLength(item)));
  }

  get watchesConnections(): boolean {
    return this.#isWatched(EventKind.connevents);
  }

  onConnection(line: string): void {
    this.#write(EventKind.connevents, line);
  }

  #isWatched(kind: EventKind): boolean {
    return (this.cells[SYNC.observers] & kind) !== 0;
  }

  #write(kind: EventKind, line: string): void {
    const now = (performance.timeOrigin + performance.now()) / 1000;
    this.log.append(kind, `ts=${now.toFixed(6)} gid=${this.log.nextNumber()} ${line}\n`);
    this.metrics.add(OPERATION_METRICS.log_worker_written, 1);
  }

  /** 0 means never. */
  #ttl(expiresAt: number): number {
    return expiresAt === 0 ? 0 : expiresAt - this.clock.now;
  }

  #keyOf(item: ItemRef): string {
    const { store } = this;
    const position = store.keyPosition(item);
    return latin1(store.arena.viewOf(position), store.arena.indexOf(position), store.keyLength(item));
  }

  #key(keyAt: number, keyLength: number): string {
    return latin1(this.store.arena.bytes, keyAt, keyLength);
  }

  #countWatchers(mask: number, change: number): void {
    Object.values(EventKind).forEach((kind, number) => {
      if ((mask & kind) === 0) return;
      const count = Atomics.add(this.cells, SYNC.watchers + number, change) + change;
      if (count > 0) Atomics.or(this.cells, SYNC.observers, kind);
      else Atomics.and(this.cells, SYNC.observers, ~kind);
    });
  }
}
