// Stores values: the conditions of add, replace and CAS, and joining for append and prepend. Values that arrive in several pieces:
// incoming-value.ts.

import type { Clock } from '../base/clock.js';
import type { MetricId, Metrics } from '../base/metrics.js';
import type { Store } from '../store/store.js';
import type { CasTerms } from './cas-terms.js';
import type { HotKeys } from './hot-keys.js';
import { hitUnread, isObject, isWinSent, layoutOf, markStale, markWinSent } from './item-state.js';
import type { Observer } from './observer.js';
import { OPERATION_METRICS } from './operation-metrics.js';
import { type ItemRef, type ReservedRef, WRITE_KIND_MASK, WriteKind, WriteOption, WriteResult } from './outcomes.js';
import type { KeyResolver } from './virtual-keys.js';

const NO_ITEM = 0 as ItemRef;
const NO_RESERVATION = 0 as ReservedRef;

/** Decides whether a value is stored, and makes it. */
const CONDITION_MASK = WRITE_KIND_MASK | WriteOption.compareCas;

/** @perThread */
export class Writes {
  /** The item that was stored. */
  item: ItemRef = NO_ITEM;
  /** For the current write: whether it marks its item stale, and the part of the old item that the new one then keeps. */
  #becomesStale = false;
  #keptExpiresAt = 0;
  #keepsWin = false;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly resolver: KeyResolver | undefined,
    readonly cas: CasTerms,
    private readonly observer: Observer,
    private readonly hotKeys: HotKeys,
  ) {}

  /** Whether the key (arena bytes) names a method. */
  isCall(keyAt: number, keyLength: number): boolean {
    return this.resolver?.resolve(keyAt, keyLength) ?? false;
  }

  /** Stores the value at `valueAt` under the key at `keyAt` (arena bytes). `how` is a WriteKind with WriteOptions. */
  write(
    how: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    clientFlags: number,
    exptime: number,
  ): WriteResult {
    const { observer } = this;
    const isObserved = observer.isActive;
    if (isObserved) observer.beforeWrite(keyAt, keyLength);
    const result = this.#write(how, keyAt, keyLength, valueAt, valueLength, clientFlags, exptime);
    if (result !== WriteResult.call && this.hotKeys.isDue()) this.hotKeys.noteWrite(keyAt, keyLength);
    if (isObserved) observer.onWrite(how, result, keyAt, keyLength, this.item, exptime, valueLength);
    return result;
  }

  #write(
    how: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    clientFlags: number,
    exptime: number,
  ): WriteResult {
    const { store } = this;
    if (!store.fits(keyLength, valueLength)) return this.refuse(how, keyAt, keyLength, WriteResult.tooLarge);
    if (this.resolver?.resolve(keyAt, keyLength)) return this.#resultOfCall(how);
    this.metrics.add(OPERATION_METRICS.cmd_set, 1);
    if ((how & CONDITION_MASK) !== WriteKind.set) {
      const result = this.#check(how, keyAt, keyLength);
      if (result !== WriteResult.stored) return result;
      if (joins(how)) {
        return this.#join(how, keyAt, keyLength, valueAt, NO_RESERVATION, valueLength, clientFlags, exptime);
      }
    }
    const item = store.put(
      keyAt,
      keyLength,
      valueAt,
      valueLength,
      clientFlags,
      this.clock.fromClient(exptime),
      layoutOf(how),
    );
    if (item === NO_ITEM) return this.refuse(how, keyAt, keyLength, WriteResult.noMemory);
    if (how > WRITE_KIND_MASK) return this.#finish(how, item);
    this.item = item;
    return WriteResult.stored;
  }

  /** Stores an empty value that no client has sent: as in memcached it does not count as a set, and watchers of mutations get no line. */
  make(how: number, keyAt: number, keyLength: number, exptime: number): WriteResult {
    const item = this.store.put(keyAt, keyLength, keyAt, 0, 0, this.clock.fromClient(exptime), layoutOf(how));
    return item === NO_ITEM ? this.refuse(how, keyAt, keyLength, WriteResult.noMemory) : this.#finish(how, item);
  }

  /** As `write` with a value that was received into a reserved item, which the store takes over or gets back; of a call
   * (`WriteResult.call`) it is still the caller's. */
  writeReserved(
    how: number,
    keyAt: number,
    keyLength: number,
    reserved: ReservedRef,
    valueLength: number,
    clientFlags: number,
    exptime: number,
  ): WriteResult {
    const { observer } = this;
    const isObserved = observer.isActive;
    if (isObserved) observer.beforeWrite(keyAt, keyLength);
    const result = this.#writeReserved(how, keyAt, keyLength, reserved, valueLength, clientFlags, exptime);
    if (result !== WriteResult.call && this.hotKeys.isDue()) this.hotKeys.noteWrite(keyAt, keyLength);
    if (isObserved) observer.onWrite(how, result, keyAt, keyLength, this.item, exptime, valueLength);
    return result;
  }

  #writeReserved(
    how: number,
    keyAt: number,
    keyLength: number,
    reserved: ReservedRef,
    valueLength: number,
    clientFlags: number,
    exptime: number,
  ): WriteResult {
    const { store } = this;
    if (this.resolver?.resolve(keyAt, keyLength)) {
      const result = this.#resultOfCall(how);
      if (result !== WriteResult.call) store.release(reserved);
      return result;
    }
    this.metrics.add(OPERATION_METRICS.cmd_set, 1);
    const checked = (how & CONDITION_MASK) === WriteKind.set ? WriteResult.stored : this.#check(how, keyAt, keyLength);
    if (checked === WriteResult.stored && !joins(how)) return this.#finish(how, store.link(reserved));
    const result =
      checked === WriteResult.stored
        ? this.#join(how, keyAt, keyLength, 0, reserved, valueLength, clientFlags, exptime)
        : checked;
    store.release(reserved);
    return result;
  }

  /** Counts a value that is not stored for lack of room. A failed set must not leave the old value to be read as the new one. */
  refuse(how: number, keyAt: number, keyLength: number, result: WriteResult): WriteResult {
    if (result === WriteResult.tooLarge) this.metrics.add(OPERATION_METRICS.store_too_large, 1);
    if ((how & CONDITION_MASK) === WriteKind.set) {
      const old = this.store.find(keyAt, keyLength);
      if (old !== NO_ITEM) this.store.remove(old);
    }
    return result;
  }

  /** The same for a value that will not be received after its request. */
  refuseAnnounced(how: number, keyAt: number, keyLength: number, result: WriteResult): void {
    const { observer } = this;
    const isObserved = observer.isActive;
    if (isObserved) observer.beforeWrite(keyAt, keyLength);
    this.refuse(how, keyAt, keyLength, result);
    if (isObserved) observer.onWrite(how, result, keyAt, keyLength, NO_ITEM, 0, 0);
  }

  /** A value that does not end where its length says. memcached counts it as received. */
  countMalformed(): void {
    this.metrics.add(OPERATION_METRICS.cmd_set, 1);
  }

  /** A method has no token to compare. */
  #resultOfCall(how: number): WriteResult {
    return (how & WriteOption.compareCas) === 0 ? WriteResult.call : WriteResult.notForObjects;
  }

  /** Whether the conditions of the write hold: `stored`, or the result to return. */
  #check(how: number, keyAt: number, keyLength: number): WriteResult {
    const { store } = this;
    this.#becomesStale = false;
    const old = store.find(keyAt, keyLength);
    const vivifies = old === NO_ITEM && (how & WriteOption.vivify) !== 0;
    if ((how & WriteOption.compareCas) !== 0 && !vivifies) {
      const result = this.#compare(how, old);
      if (result !== WriteResult.stored) return result;
    }
    const kind = how & WRITE_KIND_MASK;
    if (kind === WriteKind.add && old !== NO_ITEM) {
      // An add that finds an item counts as a use of it.
      hitUnread(store, old);
      return WriteResult.notStored;
    }
    if (kind === WriteKind.replace && old === NO_ITEM) return WriteResult.notStored;
    return WriteResult.stored;
  }

  #compare(how: number, found: ItemRef): WriteResult {
    const { store } = this;
    let old = found;
    if (old === NO_ITEM) {
      this.#countCas(how, OPERATION_METRICS.cas_misses);
      return WriteResult.notFound;
    }
    if (isObject(store, old)) return WriteResult.notForObjects;
    // Without a token it is unknown whether the compared one is older, so the item gets its token now, which is newer than all others.
    if ((how & WriteOption.markStale) !== 0) old = store.ensureCas(old);
    if (old === NO_ITEM) return WriteResult.noMemory;
    const isEqual = this.cas.matches(old);
    if (!isEqual && ((how & WriteOption.markStale) === 0 || !this.cas.isOlder(old))) {
      this.#countCas(how, OPERATION_METRICS.cas_badval);
      return WriteResult.exists;
    }
    this.#countCas(how, OPERATION_METRICS.cas_hits);
    if (isEqual) return WriteResult.stored;
    this.#becomesStale = true;
    this.#keptExpiresAt = store.expiresAt(old);
    this.#keepsWin = isWinSent(store, old);
    return WriteResult.stored;
  }

  /** As in memcached, append and prepend with a token are not counted. */
  #countCas(how: number, metric: MetricId): void {
    if (!joins(how)) this.metrics.add(metric, 1);
  }

  /** Makes a new item of the old value and the piece, which is at `pieceAt` or in a reserved item. */
  #join(
    how: number,
    keyAt: number,
    keyLength: number,
    pieceAt: number,
    piece: ReservedRef,
    pieceLength: number,
    clientFlags: number,
    exptime: number,
  ): WriteResult {
    const { store } = this;
    const old = store.find(keyAt, keyLength);
    const vivifies = old === NO_ITEM && (how & WriteOption.vivify) !== 0;
    if (old === NO_ITEM && !vivifies) return WriteResult.notStored;
    if (!vivifies && isObject(store, old)) return WriteResult.notForObjects;
    const oldLength = vivifies ? 0 : store.valueLength(old);
    if (!store.fits(keyLength, oldLength + pieceLength)) {
      this.metrics.add(OPERATION_METRICS.store_too_large, 1);
      // As in memcached, only a piece that is too large by itself is refused as too large.
      return WriteResult.notStored;
    }
    // Making room must not evict the item that is copied.
    if (!vivifies) store.pin(old);
    const joined = store.reserve(
      keyAt,
      keyLength,
      oldLength + pieceLength,
      vivifies ? clientFlags : store.clientFlags(old),
      vivifies ? this.clock.fromClient(exptime) : store.expiresAt(old),
      layoutOf(how),
    );
    if (joined !== NO_RESERVATION) {
      const isAppend = (how & WRITE_KIND_MASK) === WriteKind.append;
      const pieceOffset = isAppend ? oldLength : 0;
      if (!vivifies) store.fillFromItem(joined, isAppend ? 0 : pieceLength, old);
      if (piece === NO_RESERVATION) store.fill(joined, pieceOffset, pieceAt, pieceLength);
      else store.fillFromItem(joined, pieceOffset, piece);
    }
    if (!vivifies) store.unpin(old);
    if (joined === NO_RESERVATION) return this.refuse(how, keyAt, keyLength, WriteResult.noMemory);
    return this.#finish(how, store.link(joined));
  }

  /** The expiry stays, and so does the mark that a client has won the right to renew the item. */
  #makeStale(stored: ItemRef): ItemRef {
    const item = this.store.setExpiry(stored, this.#keptExpiresAt);
    if (item === NO_ITEM) return item;
    markStale(this.store, item);
    if (this.#keepsWin) markWinSent(this.store, item);
    return item;
  }

  #finish(how: number, stored: ItemRef): WriteResult {
    let item = stored;
    if ((how & WriteOption.assignCas) !== 0) item = this.cas.assignTo(item);
    else if ((how & WriteOption.withCas) !== 0) item = this.store.ensureCas(item);
    // The value is stored anyway: only its token has no room.
    if (item !== NO_ITEM && (how & WriteOption.compareCas) !== 0 && this.#becomesStale) item = this.#makeStale(item);
    if (item === NO_ITEM) return WriteResult.noMemory;
    this.item = item;
    return WriteResult.stored;
  }
}

function joins(how: number): boolean {
  return (how & WRITE_KIND_MASK) >= WriteKind.append;
}
