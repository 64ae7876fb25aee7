// A store on its own arena with a clock that tests move, and calls with strings instead of arena positions.

import { Arena } from '../../src/arena/memory.js';
import { Clock, type TimeSource } from '../../src/base/clock.js';
import { Metrics } from '../../src/base/metrics.js';
import type { MemoryShare } from '../../src/store/retained-items.js';
import { type ItemRef, Store } from '../../src/store/store.js';

export class StoreHarness {
  readonly arena: Arena;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly #window: number;
  readonly #text = new TextDecoder('latin1');

  constructor(
    limitBytes: number,
    options: {
      itemLimitBytes?: number;
      evictionsAllowed?: boolean;
      reserveBytes?: number;
      mostBytes?: number;
      retainedShare?: MemoryShare;
      time?: TimeSource;
      /** One that has content already. */
      arena?: Arena;
      requestsSampled?: boolean;
    } = {},
  ) {
    const frozen: TimeSource = { steadyMs: () => 0, unixMs: () => 1_700_000_000_000 };
    this.arena =
      options.arena ??
      Arena.create({
        limitBytes,
        reserveBytes: options.reserveBytes ?? 0,
        mostBytes: options.mostBytes ?? limitBytes,
        threads: 1,
      });
    this.clock = new Clock(this.arena.clockCells, options.time ?? frozen);
    this.metrics = new Metrics(this.arena.metricCells, 0);
    this.store = new Store(this.arena, this.clock, this.metrics, 0, {
      itemLimitBytes: options.itemLimitBytes ?? 1024 * 1024,
      evictionsAllowed: options.evictionsAllowed ?? true,
      ...(options.retainedShare === undefined ? {} : { retainedShare: options.retainedShare }),
      requestsSampled: options.requestsSampled ?? true,
    });
    this.#window = this.arena.windows(0).output.at;
  }

  find(key: string): ItemRef {
    this.#put(key);
    return this.store.find(this.#window, key.length);
  }

  /** Stores a value of `length` bytes, each `byte`; false when there is no room. */
  set(key: string, length: number, byte = 120, flags = 0, expiresAt = 0): boolean {
    this.#put(key);
    const reserved = this.store.reserve(this.#window, key.length, length, flags, expiresAt);
    if (reserved === 0) return false;
    const piece = Math.min(length, 100_000);
    this.arena.bytes.fill(byte, this.#window, this.#window + piece);
    for (let done = 0; done < length; done += piece) {
      this.store.fill(reserved, done, this.#window, Math.min(piece, length - done));
    }
    this.store.link(reserved);
    return true;
  }

  /** Reads like a client: a hit moves the item to the front. Undefined on a miss. */
  get(key: string): string | undefined {
    const item = this.find(key);
    if (item === 0) return undefined;
    this.store.hit(item);
    return this.value(item);
  }

  value(item: ItemRef): string {
    const length = this.store.valueLength(item);
    let text = '';
    for (let done = 0; done < length; done += 100_000) {
      const part = Math.min(100_000, length - done);
      this.store.copyValue(item, done, part, this.#window);
      text += this.#text.decode(Uint8Array.from(this.arena.bytes.subarray(this.#window, this.#window + part)));
    }
    return text;
  }

  keys(): string[] {
    const keys: string[] = [];
    this.store.forEachItem((item) => {
      const at = this.store.keyPosition(item);
      keys.push(this.#text.decode(Uint8Array.from(this.arena.bytes.subarray(at, at + this.store.keyLength(item)))));
    });
    return keys;
  }

  advance(seconds: number): void {
    this.clock.advance(seconds);
    this.store.tick();
  }

  #put(key: string): void {
    for (let index = 0; index < key.length; index++) this.arena.bytes[this.#window + index] = key.charCodeAt(index);
  }
}
