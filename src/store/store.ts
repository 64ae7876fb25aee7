// PLACEHOLDER of the facade: signatures only, being implemented.
import type { Arena, Ref } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import type { Metrics } from '../base/metrics.js';

export type ItemRef = Ref & { readonly __item: unique symbol };
export type ReservedRef = Ref & { readonly __reserved: unique symbol };

export interface StoreOptions {
  readonly itemLimitBytes: number;
  readonly evictionsAllowed: boolean;
}

export declare class Store {
  constructor(arena: Arena, clock: Clock, metrics: Metrics, thread: number, options: StoreOptions);
  find(keyAt: number, keyLength: number): ItemRef;
  hit(item: ItemRef): void;
  keyLength(item: ItemRef): number;
  keyPosition(item: ItemRef): number;
  valueLength(item: ItemRef): number;
  clientFlags(item: ItemRef): number;
  expiresAt(item: ItemRef): number;
  wasFetched(item: ItemRef): boolean;
  ensureCas(item: ItemRef): ItemRef;
  casHigh(item: ItemRef): number;
  casLow(item: ItemRef): number;
  copyValue(item: ItemRef, offset: number, length: number, to: number): void;
  reserve(keyAt: number, keyLength: number, valueLength: number, clientFlags: number, expiresAt: number): ReservedRef;
  fill(reserved: ReservedRef, offset: number, from: number, length: number): void;
  fillFromItem(reserved: ReservedRef, offset: number, item: ItemRef): void;
  link(reserved: ReservedRef): ItemRef;
  release(reserved: ReservedRef): void;
  remove(item: ItemRef): void;
  touch(item: ItemRef, expiresAt: number): ItemRef;
  replaceValue(item: ItemRef, from: number, length: number): ItemRef;
  pin(item: ItemRef): void;
  unpin(item: ItemRef): void;
  fits(keyLength: number, valueLength: number): boolean;
  flushAll(): void;
  scheduleFlush(atServerSecond: number): void;
  tick(): void;
  forEachItem(visit: (item: ItemRef) => void): void;
  get itemCount(): number;
  get usedBytes(): number;
  get limitBytes(): number;
}
