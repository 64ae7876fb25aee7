// Plain items in ordinary memory, for tests of object calls: one bucket for each item.

import type { Arena } from '../../src/arena/memory.js';
import { latin1, writeLatin1 } from '../../src/base/latin1.js';
import type { ItemStore } from '../../src/objects/calls/item-store.js';
import type { ItemRef, ReservedRef } from '../../src/store/store.js';

interface FakeItem {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly clientFlags: number;
  readonly expiresAt: number;
}

const NOTHING = 0 as ItemRef;

export class FakeItems implements ItemStore {
  /** From the least to the most recently stored. References count from 1 in the order of `#all`. */
  readonly #all: (FakeItem | undefined)[] = [];

  constructor(
    private readonly arena: Arena,
    /** Where keys are shown when they are asked for by position. */
    private readonly keyAt: number,
  ) {}

  put(key: string, value: string, clientFlags = 0, expiresAt = 0): void {
    this.#all.push({ key, bytes: Buffer.from(value, 'latin1'), clientFlags, expiresAt });
  }

  value(key: string): string | undefined {
    const item = this.#all.findLast((candidate) => candidate?.key === key);
    return item && latin1(item.bytes, 0, item.bytes.length);
  }

  get usedBytes(): number {
    return this.#all.reduce((sum, item) => sum + (item?.bytes.length ?? 0), 0);
  }

  find(keyAt: number, keyLength: number): ItemRef {
    const key = latin1(this.arena.bytes, keyAt, keyLength);
    return (this.#all.findLastIndex((item) => item?.key === key) + 1) as ItemRef;
  }

  hit(): void {}

  keyLength(item: ItemRef): number {
    return this.#item(item).key.length;
  }

  keyPosition(item: ItemRef): number {
    writeLatin1(this.#item(item).key, this.arena.bytes, this.keyAt);
    return this.keyAt;
  }

  valueLength(item: ItemRef): number {
    return this.#item(item).bytes.length;
  }

  clientFlags(item: ItemRef): number {
    return this.#item(item).clientFlags;
  }

  expiresAt(item: ItemRef): number {
    return this.#item(item).expiresAt;
  }

  copyValue(item: ItemRef, offset: number, length: number, to: number): void {
    this.arena.bytes.set(this.#item(item).bytes.subarray(offset, offset + length), to);
  }

  fits(keyLength: number, valueLength: number): boolean {
    return keyLength + valueLength < 1024 * 1024;
  }

  reserve(keyAt: number, keyLength: number, valueLength: number, clientFlags: number, expiresAt: number): ReservedRef {
    const key = latin1(this.arena.bytes, keyAt, keyLength);
    return this.#all.push({ key, bytes: new Uint8Array(valueLength), clientFlags, expiresAt }) as ReservedRef;
  }

  fill(reserved: ReservedRef, offset: number, from: number, length: number): void {
    this.#item(reserved).bytes.set(this.arena.bytes.subarray(from, from + length), offset);
  }

  link(reserved: ReservedRef): ItemRef {
    return reserved as unknown as ItemRef;
  }

  /** What was reserved can be found here, but the call that fails in its commit is tested on a store. */
  release(): void {}

  remove(item: ItemRef): void {
    this.#all[item - 1] = undefined;
  }

  evict(): boolean {
    const oldest = this.#all.findIndex((item) => item !== undefined);
    if (oldest < 0) return false;
    this.#all[oldest] = undefined;
    return true;
  }

  scan(bucket: number, visit: (item: ItemRef) => void): number {
    if (this.#all[bucket] !== undefined) visit((bucket + 1) as ItemRef);
    return bucket + 1 < this.#all.length ? bucket + 1 : NOTHING;
  }

  #item(item: number): FakeItem {
    const found = this.#all[item - 1];
    if (found === undefined) throw new Error('no such item');
    return found;
  }
}
