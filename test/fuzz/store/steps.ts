// The steps of the store target, each with its effect on the store and on the model.

import { REGION_UNITS, UNIT_BYTES } from '../../../src/arena/memory.js';
import { assert } from '../../../src/base/assert.js';
import { type ItemRef, NOT_RESERVED, type ReservedRef } from '../../../src/store/item.js';
import type { Entry } from './model.js';
import { bytesAt, keyOf, type World } from './world.js';

/** The name of the step, then its numbers. */
export type Step = readonly [name: string, ...numbers: readonly number[]];

interface Incoming {
  readonly reserved: ReservedRef;
  readonly key: string;
  readonly entry: Entry;
  filled: number;
}

interface Reading {
  readonly item: ItemRef;
  readonly thread: number;
  readonly value: Uint8Array;
  readonly key: string;
  /** The place of the bytes when sending began. */
  readonly stretches: readonly (readonly [position: number, length: number])[];
  readonly referred: number;
}

/** Collects the parts that a reply refers to. */
class StretchList {
  readonly isFull = false;
  readonly all: (readonly [number, number])[] = [];

  add(position: number, length: number): void {
    this.all.push([position, length]);
  }
}

/** Memory is given back by regions. */
const REGION_BYTES = REGION_UNITS * UNIT_BYTES;
/** Of the limit. */
const SCATTERED_SHARE = 16;
const REFERRED_BYTES = 512 * 1024;

export class Steps {
  private readonly incoming = new Map<number, Incoming>();
  private readonly reading = new Map<number, Reading>();

  constructor(private readonly world: World) {}

  /** Runs one step; returns the number of steps that it counts as. */
  run([name, ...numbers]: Step): number {
    const step = this.kinds[name];
    assert(step !== undefined, `a step ${name}`);
    return step(...numbers) ?? 1;
  }

  /** Releases everything that is held. A limit that has changed then takes full effect; without evictions, one region may hold what has no
      room elsewhere. */
  end(): void {
    for (const slot of [...this.incoming.keys()]) this.kinds.end?.(slot, 0);
    for (const slot of [...this.reading.keys()]) this.kinds.unpin?.(slot);
    const { memoryLimit } = this.world.store;
    let slices = 0;
    for (let progress = 'more'; progress !== 'done'; progress = memoryLimit.slice(() => false)) {
      if (progress === 'stuck' && !this.world.setup.evictions && this.#isTight()) return;
      assert(++slices < 100, 'the memory beyond the limit is given up');
    }
  }

  /** Without evictions, what is in the last regions may find no room in free memory that is little and scattered. */
  #isTight(): boolean {
    const { limitBytes, usedBytes, memoryLimit } = this.world.store;
    return memoryLimit.excessBytes <= REGION_BYTES || limitBytes - usedBytes < limitBytes / SCATTERED_SHARE;
  }

  private readonly kinds: Readonly<Record<string, (...numbers: number[]) => number | undefined>> = {
    set: (number, length, offset, flags, seconds) =>
      this.set(keyOf(number), entryOf(this.world, length, offset, flags, seconds)),
    fill: (first = 0, count = 0, length = 0, offset = 0) => {
      for (let at = 0; at < count; at++) this.set(keyOf(first + at), entryOf(this.world, length, offset + at));
      return count;
    },
    get: (number = 0) => this.get(keyOf(number)),
    join: (number = 0, length = 0, offset = 0, isAppend = 0) =>
      this.join(keyOf(number), bytesAt(offset, length), isAppend === 1),
    overwrite: (number = 0, growth = 0, offset = 0) => this.overwrite(keyOf(number), growth, offset),
    delete: (number = 0) => this.remove(keyOf(number)),
    deleteEvery: (first = 0, count = 0, every = 1) => {
      for (let at = 0; at < count; at += every) this.remove(keyOf(first + at));
      return Math.ceil(count / every);
    },
    touch: (number = 0, seconds = 0) => this.touch(keyOf(number), seconds),
    gets: (number = 0) => this.gets(keyOf(number)),
    begin: (slot = 0, number = 0, length = 0, offset = 0, flags = 0, seconds = 0) =>
      this.begin(slot, keyOf(number), entryOf(this.world, length, offset, flags, seconds)),
    more: (slot = 0, length = 0) => this.more(slot, length),
    end: (slot = 0, isLinked = 0) => this.finish(slot, isLinked === 1),
    pin: (slot = 0, number = 0, offset = 0) => this.pin(slot, keyOf(number), offset),
    unpin: (slot = 0) => this.unpin(slot),
    flush: () => {
      this.world.store.flushAll();
      this.world.model.flush();
      return 1;
    },
    flushLater: (seconds = 1) => {
      this.world.store.scheduleFlush(this.world.clock.now + seconds);
      return 1;
    },
    turn: (thread = 0) => {
      this.world.turnTo(thread);
      return 1;
    },
    tick: () => {
      this.world.tick();
      return 1;
    },
    advance: (seconds = 0) => {
      this.world.clock.advance(seconds);
      this.world.tick();
      return 1;
    },
    limit: (bytes = 0) => {
      const { memoryLimit } = this.world.store;
      if (memoryLimit.refusal(bytes) === undefined) memoryLimit.set(bytes);
      return 1;
    },
    settle: (looks = 0) => {
      let left = looks;
      this.world.store.memoryLimit.slice(() => left-- <= 0);
      return 1;
    },
    hole: (units = 2) => {
      const hole = this.world.store.compaction.makeHole(units);
      if (hole === 0) return 1;
      const have = this.world.store.allocator.unitsOf(hole);
      assert(have === units || have === units + 1, `a hole of ${units} units, not of ${have}`);
      this.world.store.allocator.release(hole);
      return 1;
    },
  };

  private set(key: string, entry: Entry): number {
    const { store, model } = this.world;
    const { value, flags, expiresAt } = entry;
    if (value.length <= this.world.wholeBytes) {
      const valueAt = this.world.placeValue(value);
      const item = store.put(this.world.place(key), key.length, valueAt, value.length, flags, expiresAt);
      if (item !== 0) model.entries.set(key, entry);
      else this.refused(key, value.length);
      return 1;
    }
    const reserved = store.reserve(this.world.place(key), key.length, value.length, flags, expiresAt);
    if (reserved === NOT_RESERVED) return this.refused(key, value.length);
    this.world.fill(reserved, 0, value);
    store.link(reserved);
    model.entries.set(key, entry);
    return 1;
  }

  /** There was no room. The store keeps the old value, which the commands would remove so that no client reads it. */
  private refused(key: string, length: number): number {
    const { setup, store } = this.world;
    const isFree = this.reading.size === 0 && this.incoming.size === 0 && setup.evictions;
    assert(!isFree || !store.fits(key.length, length), `room for ${length} bytes where everything may be evicted`);
    const found = this.world.find(key);
    if (found !== undefined) this.removeItem(key, found.item);
    return 1;
  }

  private get(key: string): number {
    const found = this.world.find(key);
    if (found !== undefined) this.world.store.hit(found.item);
    return 1;
  }

  private join(key: string, piece: Uint8Array, isAppend: boolean): number {
    const { store, model } = this.world;
    const found = this.world.find(key);
    if (found === undefined) return 1;
    const { item, entry } = found;
    const length = entry.value.length + piece.length;
    if (!store.fits(key.length, length)) return 1;
    store.pin(item);
    const joined = store.reserve(this.world.place(key), key.length, length, entry.flags, entry.expiresAt);
    if (joined !== NOT_RESERVED) {
      store.fillFromItem(joined, isAppend ? 0 : piece.length, item);
      this.world.fill(joined, isAppend ? entry.value.length : 0, piece);
    }
    store.unpin(item);
    if (joined === NOT_RESERVED) return 1;
    store.link(joined);
    const value = Buffer.concat(isAppend ? [entry.value, piece] : [piece, entry.value]);
    model.entries.set(key, { ...entry, value, token: undefined });
    return 1;
  }

  private overwrite(key: string, growth: number, offset: number): number {
    const { store, model } = this.world;
    const found = this.world.find(key);
    if (found === undefined) return 1;
    const { item, entry } = found;
    const length = Math.max(0, entry.value.length + growth);
    if (length > this.world.wholeBytes || !store.fits(key.length, length)) return 1;
    const value = bytesAt(offset, length);
    store.hit(item);
    const changed = store.replaceValue(item, this.world.placeValue(value), length);
    if (changed === 0) return 1;
    if (entry.token !== undefined) assert(this.world.tokenOf(changed) !== entry.token, `a new token for ${key}`);
    model.entries.set(key, { ...entry, value, token: undefined });
    return 1;
  }

  private remove(key: string): number {
    const found = this.world.find(key);
    if (found !== undefined) this.removeItem(key, found.item);
    return 1;
  }

  private removeItem(key: string, item: ItemRef): void {
    this.world.store.remove(item);
    this.world.model.entries.delete(key);
  }

  private touch(key: string, seconds: number): number {
    const found = this.world.find(key);
    if (found === undefined) return 1;
    const expiresAt = secondOf(this.world, seconds);
    const touched = this.world.store.touch(found.item, expiresAt);
    assert(touched !== 0 || this.world.setup.evictions, `touching ${key} needs no memory`);
    if (touched !== 0) found.entry.expiresAt = expiresAt;
    return 1;
  }

  private gets(key: string): number {
    const { store } = this.world;
    const found = this.world.find(key);
    if (found === undefined) return 1;
    store.hit(found.item);
    const item = store.ensureCas(found.item);
    assert(item !== 0 || this.world.setup.evictions, `reading ${key} needs no memory`);
    if (item === 0) return 1;
    const token = this.world.tokenOf(item);
    if (found.entry.token !== undefined) assert(token === found.entry.token, `the same token for ${key}`);
    assert(token !== '0:0', `a token for ${key}`);
    found.entry.token = token;
    return 1;
  }

  private begin(slot: number, key: string, entry: Entry): number {
    if (this.incoming.has(slot)) this.finish(slot, true);
    const { store } = this.world;
    const reserved = store.reserve(this.world.place(key), key.length, entry.value.length, entry.flags, entry.expiresAt);
    if (reserved === NOT_RESERVED) return this.refused(key, entry.value.length);
    this.world.loose.add(reserved);
    this.incoming.set(slot, { reserved, key, entry, filled: 0 });
    return 1;
  }

  private more(slot: number, length: number): number {
    const value = this.incoming.get(slot);
    if (value === undefined) return 1;
    const part = value.entry.value.subarray(value.filled, value.filled + length);
    this.world.fill(value.reserved, value.filled, part);
    value.filled += part.length;
    return 1;
  }

  private finish(slot: number, isLinked: boolean): number {
    const value = this.incoming.get(slot);
    if (value === undefined) return 1;
    if (isLinked) this.more(slot, value.entry.value.length);
    this.incoming.delete(slot);
    this.world.loose.delete(value.reserved);
    if (!isLinked) {
      this.world.store.release(value.reserved);
      return 1;
    }
    this.world.store.link(value.reserved);
    this.world.model.entries.set(value.key, value.entry);
    return 1;
  }

  /** A slow reader: the item stays pinned, and a reply refers to some of its bytes. */
  private pin(slot: number, key: string, offset: number): number {
    this.unpin(slot);
    const found = this.world.find(key);
    if (found === undefined) return 1;
    const { store } = this.world;
    const { item, entry } = found;
    store.pin(item);
    this.world.loose.add(item);
    const list = new StretchList();
    const referred = Math.min(offset, entry.value.length);
    store.values.gather(item, referred, Math.min(entry.value.length - referred, REFERRED_BYTES), list);
    const thread = this.world.stores.indexOf(store);
    this.reading.set(slot, { item, thread, value: entry.value, key, stretches: list.all, referred });
    return 1;
  }

  private unpin(slot: number): number {
    const reading = this.reading.get(slot);
    if (reading === undefined) return 1;
    this.reading.delete(slot);
    const { item, value, key, stretches, thread } = reading;
    let offset = reading.referred;
    for (const [position, length] of stretches) {
      this.world.compareBytes(position, value, offset, length, `${key} while it is sent`);
      offset += length;
    }
    this.world.compare(item, value, 0, value.length, `${key} while it is read`);
    if (![...this.reading.values()].some((other) => other.item === item)) this.world.loose.delete(item);
    this.world.turnTo(thread);
    this.world.store.unpin(item);
    return 1;
  }
}

function secondOf({ clock }: World, seconds: number): number {
  return seconds === 0 ? 0 : seconds < 0 ? 1 : clock.now + seconds;
}

function entryOf(world: World, length = 0, offset = 0, flags = 0, seconds = 0): Entry {
  return { value: bytesAt(offset, length), flags, expiresAt: secondOf(world, seconds), token: undefined };
}
