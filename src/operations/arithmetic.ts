// incr and decr: exact in 64 bits; an increment wraps, a decrement stops at 0, as clients of memcached expect. Numbers of a request: the
// parsers in src/protocols.

import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';
import { Unsigned64 } from '../base/unsigned64.js';
import { ItemOption } from '../store/item.js';
import type { Store } from '../store/store.js';
import type { CasTerms } from './cas-terms.js';
import type { HotKeys } from './hot-keys.js';
import { hitUnread, isObject } from './item-state.js';
import type { Observer } from './observer.js';
import { OPERATION_METRICS } from './operation-metrics.js';
import type { Window } from './operation-options.js';
import { ArithmeticOption, ArithmeticResult, type ItemRef } from './outcomes.js';
import type { KeyResolver } from './virtual-keys.js';

const NO_ITEM = 0 as ItemRef;
const SPACE = 0x20;
const GIVES_CAS = ArithmeticOption.assignCas | ArithmeticOption.withCas;
const PLUS = 0x2b;
const NUL = 0;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;

/** @perThread */
export class Arithmetic {
  /** The number to add or subtract; set it before `change`. */
  readonly delta = new Unsigned64();
  /** The value of a new item, with `ArithmeticOption.vivify`. */
  readonly initial = new Unsigned64();
  /** The new value. */
  readonly number = new Unsigned64();
  /** The decimal digits of the new value, in the arena. */
  readonly digitsAt: number;
  digitsLength = 0;
  /** A value of more bytes is not a number, whatever it begins with. */
  private readonly largest: number;
  /** The item that was changed or created. */
  item: ItemRef = NO_ITEM;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly bytes: Uint8Array,
    work: Window,
    private readonly cas: CasTerms,
    private readonly observer: Observer,
    private readonly hotKeys: HotKeys,
    private readonly resolver: KeyResolver | undefined,
  ) {
    this.digitsAt = work.at;
    this.largest = work.size;
  }

  /** Changes the number at a key (arena bytes, outside of the work window) by `delta`; `exptime` counts with `vivify` for an item that
      is made, and with `touch` for one that exists. */
  change(options: number, keyAt: number, keyLength: number, exptime: number): ArithmeticResult {
    const { number, store } = this;
    const isDecrement = (options & ArithmeticOption.decrement) !== 0;
    let item = store.findToUse(keyAt, keyLength);
    if (this.observer.isActive) this.observer.onLookup(keyAt, keyLength, item);
    if (this.hotKeys.isDue()) this.hotKeys.noteWrite(keyAt, keyLength);
    if (item === NO_ITEM) return this.#miss(options, isDecrement, keyAt, keyLength, exptime);
    if (isObject(store, item)) return ArithmeticResult.notForObjects;
    // As in memcached, an empty value is not a number, whatever the token.
    if (store.valueLength(item) === 0) return ArithmeticResult.nonNumeric;
    if ((options & ArithmeticOption.compareCas) !== 0 && !this.cas.matches(item)) return ArithmeticResult.exists;
    if (!this.#readNumber(item)) return ArithmeticResult.nonNumeric;
    if (isDecrement) number.subtract(this.delta);
    else number.add(this.delta);
    this.#writeDigits(number);
    hitUnread(store, item);
    item = store.replaceValue(item, this.digitsAt, this.#padTo(store.valueLength(item)));
    if (item === NO_ITEM) return ArithmeticResult.noMemory;
    this.#count(isDecrement, true);
    return this.#finish(options, item, exptime);
  }

  #finish(options: number, changed: ItemRef, exptime: number): ArithmeticResult {
    let item = changed;
    if ((options & ArithmeticOption.touch) !== 0) item = this.store.touch(item, this.clock.fromClient(exptime));
    this.item = item === NO_ITEM ? item : this.#giveCas(options, item);
    return this.item === NO_ITEM ? ArithmeticResult.noMemory : ArithmeticResult.changed;
  }

  #miss(options: number, isDecrement: boolean, keyAt: number, keyLength: number, exptime: number): ArithmeticResult {
    // As in memcached, creating the number does not count as a miss.
    if ((options & ArithmeticOption.vivify) === 0) {
      this.#count(isDecrement, false);
      return ArithmeticResult.notFound;
    }
    // A get of this key calls a method, so a number stored here could never be read.
    if (this.resolver?.resolve(keyAt, keyLength)) return ArithmeticResult.notForObjects;
    this.number.set(this.initial.high, this.initial.low);
    this.#writeDigits(this.number);
    const expiresAt = this.clock.fromClient(exptime);
    const layout = (options & GIVES_CAS) === 0 ? 0 : ItemOption.cas;
    const item = this.store.put(keyAt, keyLength, this.digitsAt, this.digitsLength, 0, expiresAt, layout);
    this.item = item === NO_ITEM ? item : this.#giveCas(options, item);
    if (this.observer.isActive) this.observer.onMade(keyAt, keyLength, this.item, exptime);
    return this.item === NO_ITEM ? ArithmeticResult.noMemory : ArithmeticResult.created;
  }

  #giveCas(options: number, item: ItemRef): ItemRef {
    if ((options & ArithmeticOption.assignCas) !== 0) return this.cas.assignTo(item);
    return (options & ArithmeticOption.withCas) === 0 ? item : this.store.ensureCas(item);
  }

  #writeDigits(number: Unsigned64): void {
    this.digitsLength = number.write(this.bytes, this.digitsAt) - this.digitsAt;
  }

  /** A value never gets shorter: as in memcached, blanks follow a number with fewer digits. Returns the length of both. */
  #padTo(length: number): number {
    const { bytes, digitsAt, digitsLength } = this;
    if (digitsLength >= length) return digitsLength;
    bytes.fill(SPACE, digitsAt + digitsLength, digitsAt + length);
    return length;
  }

  #count(isDecrement: boolean, isHit: boolean): void {
    const { decr_hits, decr_misses, incr_hits, incr_misses } = OPERATION_METRICS;
    if (isDecrement) this.metrics.add(isHit ? decr_hits : decr_misses, 1);
    else this.metrics.add(isHit ? incr_hits : incr_misses, 1);
  }

  /** Reads the item's value as memcached does: blanks and a plus sign may come before the digits, and after them anything that begins with
   * a blank or a NUL. */
  #readNumber(item: ItemRef): boolean {
    const { bytes, digitsAt, number, store } = this;
    const length = store.valueLength(item);
    if (length > this.largest) return false;
    store.copyValue(item, 0, length, digitsAt);
    const end = digitsAt + length;
    let at = digitsAt;
    while (at < end && isBlank(bytes[at])) at++;
    if (at < end && bytes[at] === PLUS) at++;
    let digitsEnd = at;
    while (digitsEnd < end && bytes[digitsEnd] !== NUL && !isBlank(bytes[digitsEnd])) digitsEnd++;
    return number.parse(bytes, at, digitsEnd);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CARRIAGE_RETURN);
}
