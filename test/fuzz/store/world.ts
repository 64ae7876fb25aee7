// The system of the store target: one arena, the stores of several threads on it, and the model with the expected result of each find.

import { Arena } from '../../../src/arena/memory.js';
import { assert } from '../../../src/base/assert.js';
import { Clock, type TimeSource } from '../../../src/base/clock.js';
import { Metrics } from '../../../src/base/metrics.js';
import { ItemOption, type ItemRef, type ReservedRef } from '../../../src/store/item.js';
import { Store } from '../../../src/store/store.js';
import { STORE_METRICS } from '../../../src/store/store-metrics.js';
import { STORE_ROOTS } from '../../../src/store/store-roots.js';
import { Random } from '../../bench/load/random.js';
import { checkStore } from '../../store/checker.js';
import { type Entry, Model } from './model.js';

export interface Setup {
  readonly limitBytes: number;
  /** The highest limit that a step may set; the limit stays where there is none. */
  readonly mostBytes?: number;
  readonly evictions: boolean;
  readonly reserveBytes: number;
  readonly threads: number;
  /** Steps between two checks of the whole arena. */
  readonly checkEvery: number;
}

const FROZEN: TimeSource = { steadyMs: () => 0, unixMs: () => 1_700_000_000_000 };
/** Of sequences that change the limit. */
export const LOWEST_LIMIT = 2 * 1024 * 1024;
const PATTERN_BYTES = 5 * 1024 * 1024;
const PATTERN = patternOf(PATTERN_BYTES);
/** The same in each run, so that a sequence uses the same buckets. */
const HASH_KEY = [0x0123_4567, 0x89ab_cdef] as const;

function patternOf(length: number): Uint8Array {
  const random = new Random(1);
  const words = Uint32Array.from({ length: length / 4 }, () => random.word());
  return new Uint8Array(words.buffer);
}

/** Value bytes that differ at each offset. */
export function bytesAt(offset: number, length: number): Uint8Array {
  return PATTERN.subarray(offset % 65_521, (offset % 65_521) + length);
}

/** A key of 1 to 250 bytes for each number, always the same. */
export function keyOf(number: number): string {
  const length = [0, 8, 12, 16, 24, 31, 64, number % 97 === 0 ? 250 : 40][number % 8];
  return `${number}`.padEnd(length, '-');
}

export class World {
  readonly arena: Arena;
  readonly clock: Clock;
  readonly model = new Model();
  readonly stores: readonly Store[];
  /** Items held by the steps: reserved ones, and those pinned by readers. */
  readonly loose = new Set<ItemRef | ReservedRef>();
  /** The thread whose turn it is. */
  store: Store;
  private readonly metrics: Metrics;
  private readonly window: number;
  private readonly windowBytes: number;

  constructor(readonly setup: Setup) {
    const { limitBytes, mostBytes = limitBytes, reserveBytes, threads, evictions } = setup;
    this.arena = Arena.create({ limitBytes, mostBytes, reserveBytes, threads });
    this.clock = new Clock(this.arena.clockCells, FROZEN);
    this.metrics = new Metrics(this.arena.metricCells, 0);
    const storeOf = (thread: number) =>
      new Store(this.arena, this.clock, new Metrics(this.arena.metricCells, thread), thread, {
        itemLimitBytes: setup.mostBytes === undefined ? limitBytes : LOWEST_LIMIT / 2,
        evictionsAllowed: evictions,
      });
    storeOf(0);
    [this.arena.words[STORE_ROOTS.hashKey0], this.arena.words[STORE_ROOTS.hashKey1]] = HASH_KEY;
    this.stores = Array.from({ length: threads }, (_, thread) => storeOf(thread));
    this.store = this.stores[0];
    const { output } = this.arena.windows(0);
    this.window = output.at;
    this.windowBytes = output.size;
  }

  get evictions(): number {
    return this.metrics.total(STORE_METRICS.evictions);
  }

  /** Switches to another thread, as if it took the lock. */
  turnTo(thread: number): void {
    this.store = this.stores[thread % this.stores.length];
    this.tick();
  }

  tick(): void {
    const flushAt = this.arena.words[STORE_ROOTS.flushAt];
    this.store.tick();
    if (flushAt !== 0 && flushAt <= this.clock.now) this.model.flush();
  }

  /** Copies a key into the window from which the store reads it; returns its position. */
  place(key: string): number {
    for (let index = 0; index < key.length; index++) this.arena.bytes[this.window + index] = key.charCodeAt(index);
    return this.window;
  }

  /** Finds an item as a client would, and compares all of it with the model. */
  find(key: string): { readonly item: ItemRef; readonly entry: Entry } | undefined {
    const item = this.store.find(this.place(key), key.length);
    const entry = this.model.live(key, this.clock.now);
    if (entry === undefined) {
      assert(item === 0, `${key} is not there any more`);
      return undefined;
    }
    if (item === 0) {
      this.model.lose(key, this.evictions);
      return undefined;
    }
    const { store } = this;
    assert(store.valueLength(item) === entry.value.length, `the length of ${key}`);
    assert(store.clientFlags(item) === entry.flags, `the flags of ${key}`);
    assert(store.expiresAt(item) === entry.expiresAt, `the time of ${key}`);
    if (entry.token !== undefined) assert(this.tokenOf(item) === entry.token, `the token of ${key}`);
    this.compare(item, entry.value, 0, entry.value.length, key);
    return { item, entry };
  }

  tokenOf(item: ItemRef): string {
    return `${this.store.casHigh(item)}:${this.store.casLow(item)}`;
  }

  /** Compares part of a value with the expected bytes. */
  compare(item: ItemRef, value: Uint8Array, offset: number, length: number, what: string): void {
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, this.windowBytes);
      this.store.copyValue(item, offset + done, part, this.window);
      this.compareBytes(this.window, value, offset + done, part, what);
      done += part;
    }
  }

  compareBytes(position: number, value: Uint8Array, offset: number, length: number, what: string): void {
    const real = Buffer.from(this.arena.buffer, position, length);
    if (Buffer.compare(real, value.subarray(offset, offset + length)) === 0) return;
    const at = real.findIndex((byte, index) => byte !== value[offset + index]);
    assert(false, `byte ${offset + at} of ${value.length} of ${what}`);
  }

  /** Fills part of a reservation through the window. */
  fill(reserved: ReservedRef, offset: number, value: Uint8Array): void {
    for (let done = 0; done < value.length; ) {
      const part = Math.min(value.length - done, this.windowBytes);
      this.arena.bytes.set(value.subarray(done, done + part), this.window);
      this.store.fill(reserved, offset + done, this.window, part);
      done += part;
    }
  }

  /** Puts a value into the window, after room for a key. */
  placeValue(value: Uint8Array): number {
    this.arena.bytes.set(value, this.window + 256);
    return this.window + 256;
  }

  /** The largest value that fits in the window. */
  get wholeBytes(): number {
    return this.windowBytes - 256;
  }

  check(): void {
    const { store, loose } = this;
    checkStore(
      store,
      [...loose].filter((item) => !store.items.has(item, ItemOption.linked)),
    );
  }
}
