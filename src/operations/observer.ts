// Those who want to know of each request: statistics by prefix, and watchers of events. While nobody does, a request costs one look at one
// cell, which all threads share. Not for what is counted always (operation-metrics.ts).

import { SYNC, syncCells } from '../arena/sync.js';
import type { Clock } from '../base/clock.js';
import { latin1 } from '../base/latin1.js';
import type { Metrics } from '../base/metrics.js';
import type { Store } from '../store/store.js';
import { deletionLine, evictionLine, fetchLine, storeLine } from './event-lines.js';
import { EventKind, EventLog, type EventReader } from './event-log.js';
import { secondsSinceAccess } from './item-state.js';
import { OPERATION_METRICS } from './operation-metrics.js';
import { type ItemRef, type WriteResult, WriteResult as Written } from './outcomes.js';
import { PrefixCounts } from './prefix-counts.js';

/** The bit of the cell for statistics by prefix; the other bits are EventKinds. */
const PREFIXES = 1;

/** @perThread */
export class Observer {
  readonly prefixes: PrefixCounts;
  readonly log: EventLog;
  /** Of the connection that is being served. */
  descriptor = -1;
  private readonly cells: Int32Array;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    delimiter: string,
  ) {
    this.cells = syncCells(store.arena);
    this.prefixes = new PrefixCounts(store.arena, metrics, delimiter);
    this.log = new EventLog(store.arena);
    store.departures.onEvict = (item) => {
      if (this.isActive) this.#onEvict(item as ItemRef);
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

  onRead(keyAt: number, keyLength: number, item: ItemRef | 0): void {
    if (this.countsPrefixes) this.prefixes.countRead(keyAt, keyLength, item !== 0);
    if (!this.#isWatched(EventKind.fetchers)) return;
    const size = item === 0 ? undefined : this.store.valueLength(item);
    this.#write(EventKind.fetchers, fetchLine(this.#key(keyAt, keyLength), size, this.descriptor));
  }

  /** A value was received, with this result; `item` is what was stored. */
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
    if (!this.#isWatched(EventKind.mutations)) return;
    const isStored = result === Written.stored;
    const size = isStored ? this.store.valueLength(item) : result === Written.tooLarge ? 0 : length;
    const ttl = isStored ? this.#ttl(item) : exptime;
    const line = storeLine(this.#key(keyAt, keyLength), how, result, ttl, size, this.descriptor);
    this.#write(EventKind.mutations, line);
  }

  onDelete(keyAt: number, keyLength: number, item: ItemRef | 0): void {
    if (this.countsPrefixes) this.prefixes.countDeleted(keyAt, keyLength);
    if (item === 0 || !this.#isWatched(EventKind.deletions)) return;
    this.#write(EventKind.deletions, deletionLine(this.#key(keyAt, keyLength), this.store.valueLength(item)));
  }

  #onEvict(item: ItemRef): void {
    if (!this.#isWatched(EventKind.evictions)) return;
    const { clock, store } = this;
    const position = store.keyPosition(item);
    const key = latin1(store.arena.viewOf(position), store.arena.indexOf(position), store.keyLength(item));
    const idle = secondsSinceAccess(store, clock, item);
    const expiresAt = store.expiresAt(item);
    const ttl = expiresAt === 0 ? -1 : expiresAt - clock.now;
    this.#write(EventKind.evictions, evictionLine(key, store.wasFetched(item), ttl, idle, store.valueLength(item)));
  }

  #isWatched(kind: EventKind): boolean {
    return (this.cells[SYNC.observers] & kind) !== 0;
  }

  #write(kind: EventKind, line: string): void {
    const now = (performance.timeOrigin + performance.now()) / 1000;
    this.log.append(kind, `ts=${now.toFixed(6)} gid=${this.log.nextNumber()} ${line}\n`);
    this.metrics.add(OPERATION_METRICS.log_worker_written, 1);
  }

  #ttl(item: ItemRef): number {
    const expiresAt = this.store.expiresAt(item);
    return expiresAt === 0 ? 0 : expiresAt - this.clock.now;
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
