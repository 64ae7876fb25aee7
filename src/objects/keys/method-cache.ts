// Cache from the start of a virtual key, `type:method:`, to its method. Most requests repeat a recent call, and one comparison is cheaper
// than the two lookups of name-table.ts.

import { sameBytesOf } from '../../base/words.js';
import type { RegisteredMethod } from '../types/registered-type.js';

/** 16 slots, which take 512 bytes per thread: requests of one moment call few methods. */
const SLOT_BITS = 4;
/** Longer starts are not cached. */
const SLOT_BYTES = 32;
/** The hash reads this many bytes; shorter starts are not cached. */
const SHORTEST = 8;
const READ_BEYOND_BYTES = 4;

/** @perThread */
export class MethodCache {
  readonly #bytes = new DataView(new ArrayBuffer((SLOT_BYTES << SLOT_BITS) + READ_BEYOND_BYTES));
  readonly #lengths = new Int32Array(1 << SLOT_BITS);
  readonly #methods: (RegisteredMethod | undefined)[] = new Array(1 << SLOT_BITS).fill(undefined);

  /** The cached method whose name starts the key in [at, end). */
  find(view: DataView, at: number, end: number): RegisteredMethod | undefined {
    if (end - at < SHORTEST) return undefined;
    const slot = slotOf(view, at);
    const length = this.#lengths[slot];
    if (length > end - at || !sameBytesOf(this.#bytes, slot * SLOT_BYTES, view, at, length)) return undefined;
    return this.#methods[slot];
  }

  /** Caches the method that the key at `at` names. */
  note(view: DataView, at: number, method: RegisteredMethod): void {
    const length = method.startLength;
    if (length < SHORTEST || length > SLOT_BYTES) return;
    const slot = slotOf(view, at);
    this.#lengths[slot] = length;
    this.#methods[slot] = method;
    for (let index = 0; index < length; index++) {
      this.#bytes.setUint8(slot * SLOT_BYTES + index, view.getUint8(at + index));
    }
  }

  /** Empties the cache, after the loaded types have changed. */
  clear(): void {
    this.#lengths.fill(0);
    this.#methods.fill(undefined);
  }
}

function slotOf(view: DataView, at: number): number {
  const mixed = Math.imul(view.getInt32(at, true), 0x85ebca6b) ^ view.getInt32(at + 4, true);
  return Math.imul(mixed, 0x9e3779b1) >>> (32 - SLOT_BITS);
}
