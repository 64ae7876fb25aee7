// The operations on the store that all protocols share: one instance per thread, whose methods return an outcome and write no replies.
// Positions are arena bytes, expiries are as clients send them. Reading, writing and counting are in separate parts (`reads`, `writes`,
// `arithmetic`, `incoming`). Parsing requests: the protocols.

import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import type { ReservedRef, Store } from '../store/store.js';
import { Arithmetic } from './arithmetic.js';
import { CallResult } from './call-outcomes.js';
import { CasTerms } from './cas-terms.js';
import type { Command } from './command-table.js';
import { CommandTimes } from './command-times.js';
import { HotKeys } from './hot-keys.js';
import { type IncomingValue, IncomingValues } from './incoming-value.js';
import { isObject, markStale } from './item-state.js';
import { Observer } from './observer.js';
import { OPERATION_METRICS } from './operation-metrics.js';
import { type OperationOptions, type Window, workWindow } from './operation-options.js';
import { FlushResult, type ItemRef, RemoveResult, TouchResult } from './outcomes.js';
import { Reads } from './reads.js';
import type { Principal } from './rights.js';
import { Switches } from './switches.js';
import type { VirtualKeys } from './virtual-keys.js';
import { Writes } from './writes.js';

const NO_ITEM = 0 as ItemRef;

export interface OperationParts {
  /** The bytes that contain all windows. */
  readonly bytes: Uint8Array;
  readonly scratch: Window;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly options: OperationOptions;
  /** Undefined without objects. */
  readonly virtualKeys?: VirtualKeys;
}

/** @perThread */
export class Operations {
  readonly bytes: Uint8Array;
  readonly scratch: Window;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly options: OperationOptions;
  readonly virtualKeys: VirtualKeys | undefined;
  readonly times: CommandTimes;
  readonly switches: Switches;
  readonly observer: Observer;
  readonly hotKeys: HotKeys;
  readonly cas: CasTerms;
  readonly reads: Reads;
  readonly writes: Writes;
  readonly arithmetic: Arithmetic;
  readonly incoming: IncomingValues;
  /** The item of the last touch. */
  item: ItemRef = NO_ITEM;

  constructor({ bytes, scratch, store, clock, metrics, options, virtualKeys }: OperationParts) {
    this.bytes = bytes;
    this.scratch = scratch;
    this.store = store;
    this.clock = clock;
    this.metrics = metrics;
    this.options = options;
    this.virtualKeys = virtualKeys;
    this.times = new CommandTimes(metrics, clock);
    this.switches = new Switches(store.arena);
    this.observer = new Observer(store, clock, metrics, options.prefixDelimiter, options.watcherLagBytes);
    if (options.prefixesCounted) this.observer.countPrefixes(true);
    this.hotKeys = new HotKeys(store.arena, store.lookup, clock, options.requestsSampled);
    store.curve.counts = {
      reads: () => metrics.total(OPERATION_METRICS.cmd_get),
      misses: () => metrics.total(OPERATION_METRICS.get_misses),
    };
    this.cas = new CasTerms(store);
    const { cas, hotKeys, observer } = this;
    const resolver = virtualKeys?.resolver;
    this.reads = new Reads(store, clock, metrics, resolver, options.casEnabled, observer, hotKeys);
    this.writes = new Writes(store, clock, metrics, resolver, cas, observer, hotKeys);
    const work = workWindow(scratch);
    this.arithmetic = new Arithmetic(store, clock, metrics, bytes, work, cas, observer, hotKeys, resolver);
    this.incoming = new IncomingValues(store, clock, bytes, scratch, this.writes);
  }

  /** Sets the expiry of an item or object; also a hit. With `withCas` an item gets a token if it has none; an object never has one. */
  touch(keyAt: number, keyLength: number, exptime: number, withCas = false): TouchResult {
    const { clock, metrics, store, virtualKeys } = this;
    metrics.add(OPERATION_METRICS.cmd_touch, 1);
    const item = store.findToUse(keyAt, keyLength);
    if (this.observer.isActive) this.observer.onLookup(keyAt, keyLength, item);
    if (this.hotKeys.isDue()) this.hotKeys.noteWrite(keyAt, keyLength);
    if (item === NO_ITEM) {
      metrics.add(OPERATION_METRICS.touch_misses, 1);
      return TouchResult.notFound;
    }
    const expiresAt = clock.fromClient(exptime);
    if (virtualKeys !== undefined && isObject(store, item)) {
      if (!virtualKeys.touch(keyAt, keyLength, expiresAt)) return TouchResult.noMemory;
      this.item = store.find(keyAt, keyLength);
    } else {
      // The token first: making room for it would reclaim an item that the new expiry has just let expire.
      const owner = withCas ? store.ensureCas(item) : item;
      this.item = owner === NO_ITEM ? owner : store.touch(owner, expiresAt);
      if (this.item === NO_ITEM) return TouchResult.noMemory;
    }
    metrics.add(OPERATION_METRICS.touch_hits, 1);
    return TouchResult.touched;
  }

  /** Removes an item or object; with `comparesCas` only if it has the token `cas.compared`. Watchers get a line with `command`. */
  remove(keyAt: number, keyLength: number, comparesCas: boolean, command: 'delete' | 'md' = 'delete'): RemoveResult {
    const { metrics, store } = this;
    const item = store.find(keyAt, keyLength);
    const isRemoved = item !== NO_ITEM && (!comparesCas || this.cas.matches(item));
    if (this.observer.isActive) this.observer.onDelete(keyAt, keyLength, item, isRemoved, command);
    if (this.hotKeys.isDue()) this.hotKeys.noteWrite(keyAt, keyLength);
    if (item === NO_ITEM) {
      metrics.add(OPERATION_METRICS.delete_misses, 1);
      return RemoveResult.notFound;
    }
    if (!isRemoved) return RemoveResult.exists;
    metrics.add(OPERATION_METRICS.delete_hits, 1);
    store.remove(item);
    return RemoveResult.removed;
  }

  /** Marks an item stale, or replaces it by an empty one with `clientFlags`, instead of removing it, and gives it a new token:
      `cas.assigned` with `assignsCas`. With `comparesCas` only if it has the token `cas.compared`. `exptime` is a new expiry; without one a
      stale item keeps its own, and an empty one has none, as in memcached. */
  invalidate(
    keyAt: number,
    keyLength: number,
    comparesCas: boolean,
    exptime: number | undefined,
    becomesStale: boolean,
    isEmptied: boolean,
    assignsCas: boolean,
    clientFlags: number,
  ): RemoveResult {
    const { clock, metrics, store } = this;
    let item = store.find(keyAt, keyLength);
    if (this.observer.isActive) this.observer.onLookup(keyAt, keyLength, item);
    if (this.hotKeys.isDue()) this.hotKeys.noteWrite(keyAt, keyLength);
    if (item === NO_ITEM) {
      metrics.add(OPERATION_METRICS.delete_misses, 1);
      return RemoveResult.notFound;
    }
    if (comparesCas && !this.cas.matches(item)) return RemoveResult.exists;
    const expiresAt = exptime === undefined ? 0 : clock.fromClient(exptime);
    if (isEmptied) item = store.put(keyAt, keyLength, keyAt, 0, clientFlags, expiresAt);
    else if (exptime !== undefined) item = store.setExpiry(item, expiresAt);
    if (item !== NO_ITEM && assignsCas) item = this.cas.assignTo(item);
    else if (item !== NO_ITEM) store.renewCas(item);
    if (item === NO_ITEM) return RemoveResult.noMemory;
    // As in memcached, an item that stays for a client to renew does not count as deleted.
    if (becomesStale) markStale(store, item);
    else {
      metrics.add(OPERATION_METRICS.delete_hits, 1);
      if (this.observer.isActive) this.observer.onRemoved(keyAt, keyLength, 'md', 0);
    }
    this.item = item;
    return RemoveResult.removed;
  }

  /** Whether the key (arena bytes) names a method. A call needs the right of the method's access, whatever the command needs. */
  isCall(keyAt: number, keyLength: number): boolean {
    return this.writes.isCall(keyAt, keyLength);
  }

  /** Calls the method that the key of a read names, if the client has the right. `virtualKeys.value` has its result. */
  callRetrieve(principal: Principal, command: Command, exptime: number): CallResult {
    const virtualKeys = this.virtualKeys as VirtualKeys;
    if (!virtualKeys.permits(principal)) return CallResult.clientError;
    if (this.hotKeys.isDue()) virtualKeys.noteUse(this.hotKeys);
    return virtualKeys.retrieve(command, exptime);
  }

  /** Reads the object that a read has found as JSON, and sets its expiry if one is given. `virtualKeys.value` has the text. */
  callContent(keyAt: number, keyLength: number, exptime: number | undefined): CallResult {
    const expiresAt = exptime === undefined ? undefined : this.clock.fromClient(exptime);
    return (this.virtualKeys as VirtualKeys).content(keyAt, keyLength, expiresAt);
  }

  /** Calls the method that the key of a write names, if the client has the right. */
  callStore(
    principal: Principal,
    command: Command,
    clientFlags: number,
    exptime: number,
    isQuiet: boolean,
    valueAt: number,
    valueLength: number,
  ): CallResult {
    const virtualKeys = this.virtualKeys as VirtualKeys;
    if (!virtualKeys.permits(principal)) return CallResult.clientError;
    if (this.hotKeys.isDue()) virtualKeys.noteUse(this.hotKeys);
    return virtualKeys.store(command, clientFlags, exptime, isQuiet, valueAt, valueLength);
  }

  /** The same for a value that was received in several pieces. */
  callStoreIncoming(principal: Principal, incoming: IncomingValue): CallResult {
    const virtualKeys = this.virtualKeys as VirtualKeys;
    if (!virtualKeys.permits(principal)) {
      this.incoming.release(incoming);
      return CallResult.clientError;
    }
    if (this.hotKeys.isDue()) virtualKeys.noteUse(this.hotKeys);
    const { clientFlags, command, exptime, isQuiet, reserved, valueLength } = incoming;
    incoming.reserved = 0 as ReservedRef;
    return virtualKeys.storeReserved(command, clientFlags, exptime, isQuiet, reserved, valueLength);
  }

  /** Removes everything, now or at a later time. */
  flush(exptime: number): FlushResult {
    const { clock, metrics, options, store } = this;
    if (!options.flushEnabled) return FlushResult.notAllowed;
    metrics.add(OPERATION_METRICS.cmd_flush, 1);
    const at = clock.fromClient(exptime);
    // As in memcached, a time before the server's start flushes nothing, and a time since then flushes everything.
    if (clock.isBeforeStart(exptime)) store.scheduleFlush(0);
    else if (at <= clock.now) store.flushAll();
    else store.scheduleFlush(at);
    return FlushResult.done;
  }

  /** Sets the memory limit; false if it cannot be set. */
  setMemoryLimit(bytes: number): boolean {
    const { curve, memoryLimit, limitBytes } = this.store;
    const refusal = memoryLimit.refusal(bytes);
    if (refusal === undefined) {
      memoryLimit.set(bytes);
      curve.onLimit();
    }
    this.options.onMemoryLimit({ fromBytes: limitBytes, toBytes: bytes, refusal });
    return refusal === undefined;
  }

  /** Moves the server's clock, so that expiry can be tested without waiting. */
  advanceClock(seconds: number): void {
    this.clock.advance(seconds);
    this.store.tick();
  }
}
