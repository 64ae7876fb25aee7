// Plain items for methods (call-values.ts) and for getHashMap() of scripts in the original's style: the call sees its own changes, which are
// made in the store when it commits. Objects' content: src/tables.

import { type Arena, BYTE_VIEW_BYTES } from '../../arena/memory.js';
import type { Clock } from '../../base/clock.js';
import { bytesOf, latin1, writeLatin1 } from '../../base/latin1.js';
import type { ItemRef, ReservedRef } from '../../store/store.js';
import type { Budget } from '../../tables/budget.js';
import { MethodError } from '../../tables/call-errors.js';
import { OutOfMemoryError } from '../../tables/table-store.js';
import { isKeyText, MAX_KEY_BYTES } from '../key-text.js';
import type { ItemAccess, StoredItem } from './item-access.js';
import type { StoreItems } from './store-items.js';

/** Values are copied through scratch memory in pieces of this size. */
const PIECE_BYTES = 4096;

/** Items that one call may evict, which takes some ten milliseconds. Later stores evict more if they need the memory. */
const MOST_EVICTIONS = 10_000;

type Change =
  | { readonly kind: 'put'; readonly item: StoredItem }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'evict'; readonly bytes: number };

/** The key that a change is for; undefined for an eviction, whose items the store chooses. */
function keyOf(change: Change): string | undefined {
  return change.kind === 'put' ? change.item.key : change.kind === 'delete' ? change.key : undefined;
}

/** @perThread */
export class PlainItems implements ItemAccess {
  #changes: Change[] = [];
  /** Items evicted by this commit. */
  #evictions = 0;
  /** By key, the item after the call's last change of it; undefined when that deletes it. */
  #latest = new Map<string, StoredItem | undefined>();
  /** Items that are filled but not linked before the commit. */
  #reserved = new Map<StoredItem, ReservedRef>();
  /** Scratch memory of the commit. */
  #commitAt = 0;

  constructor(
    private readonly arena: Arena,
    private readonly store: StoreItems,
    private readonly clock: Clock,
    private readonly budget: Budget,
    /** Returns the position of `bytes` free bytes of scratch memory, valid until the next call. */
    private readonly scratch: (bytes: number) => number,
    /** The JSON of the object at a key, if there is one. */
    private readonly objectJson: (key: string) => string | undefined,
  ) {}

  get(key: string): StoredItem | undefined {
    this.budget.charge(1);
    if (this.#latest.has(key)) return this.#latest.get(key);
    const item = this.#find(key);
    if (item === 0) return undefined;
    const json = this.objectJson(key);
    if (json !== undefined)
      return { key, clientFlags: 0, expiresAtUnix: this.#expiresAtUnix(item), bytes: bytesOf(json) };
    this.store.hit(item);
    const length = this.store.valueLength(item);
    this.budget.chargeBytes(length);
    const bytes = new Uint8Array(length);
    const at = this.scratch(PIECE_BYTES);
    for (let offset = 0; offset < length; offset += PIECE_BYTES) {
      const piece = Math.min(PIECE_BYTES, length - offset);
      this.store.copyValue(item, offset, piece, at);
      bytes.set(this.arena.bytes.subarray(at, at + piece), offset);
    }
    return { key, clientFlags: this.store.clientFlags(item), expiresAtUnix: this.#expiresAtUnix(item), bytes };
  }

  put(item: StoredItem): void {
    this.budget.chargeWrite();
    this.budget.chargeBytes(item.bytes.length);
    this.budget.chargeWritten(item.bytes.length);
    if (!isKeyText(item.key)) throw new MethodError('key is not allowed');
    if (!this.store.fits(item.key.length, item.bytes.length))
      throw new MethodError(`object too large: ${item.bytes.length} bytes`);
    this.#changes.push({ kind: 'put', item });
    this.#latest.set(item.key, item);
  }

  delete(key: string): void {
    this.budget.chargeWrite();
    this.#changes.push({ kind: 'delete', key });
    this.#latest.set(key, undefined);
  }

  /** The call's last change at the key. */
  changeOf(key: string): Change['kind'] | undefined {
    if (!this.#latest.has(key)) return undefined;
    return this.#latest.get(key) === undefined ? 'delete' : 'put';
  }

  /** Drops the call's earlier changes at the key of a new object: the commit would make them after the object and overwrite it. */
  supersede(itemKey: string): void {
    if (this.#changes.length === 0) return;
    if (!this.#latest.delete(itemKey)) return;
    this.budget.charge(this.#changes.length);
    this.#changes = this.#changes.filter((change) => keyOf(change) !== itemKey);
  }

  deleteLeastRecentlyUsed(bytes: number): void {
    this.budget.chargeWrite();
    this.#changes.push({ kind: 'evict', bytes });
  }

  keysWithPrefix(prefix: string): string[] {
    const keys: string[] = [];
    let bucket = 0;
    do {
      this.budget.charge(1);
      bucket = this.store.scan(bucket, (item) => {
        const expiresAt = this.store.expiresAt(item);
        if (expiresAt !== 0 && expiresAt <= this.clock.now) return;
        const key = latin1At(this.arena, this.store.keyPosition(item), this.store.keyLength(item));
        if (!key.startsWith(prefix)) return;
        this.budget.chargeBytes(key.length);
        keys.push(key);
      });
    } while (bucket !== 0);
    return keys;
  }

  get isChanged(): boolean {
    return this.#changes.length > 0;
  }

  /** Drops the changes. The call may have failed at any point. */
  clear(): void {
    if (this.#changes.length === 0) return;
    for (const reserved of this.#reserved.values()) this.store.release(reserved);
    this.#reserved = new Map();
    this.#changes = [];
    this.#latest = new Map();
    this.#evictions = 0;
  }

  /** Does everything that can fail, before any change of the call becomes permanent. The objects that the call has opened must be pinned
      meanwhile. Throws OutOfMemoryError. */
  prepare(): void {
    this.#commitAt = this.scratch(PIECE_BYTES);
    for (const item of this.#latest.values()) if (item !== undefined) this.#reserve(item);
  }

  /** Makes the changes that `prepare` has reserved memory for. */
  commit(): void {
    for (const change of this.#changes) {
      if (change.kind === 'delete') this.#delete(change.key);
      else if (change.kind === 'evict') this.#evict(change.bytes);
      else this.#link(change.item);
    }
    this.clear();
  }

  #reserve(item: StoredItem): void {
    const { key, clientFlags, expiresAtUnix, bytes } = item;
    const at = this.#commitAt;
    writeLatin1(key, this.arena.bytes, at);
    const expiresAt = expiresAtUnix === 0 ? 0 : Math.max(1, expiresAtUnix - this.clock.toUnix(0));
    const reserved = this.store.reserve(at, key.length, bytes.length, clientFlags >>> 0, expiresAt);
    if (reserved === 0) throw new OutOfMemoryError('out of memory');
    this.#reserved.set(item, reserved);
    for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
      const piece = bytes.subarray(offset, offset + PIECE_BYTES);
      this.arena.bytes.set(piece, at);
      this.store.fill(reserved, offset, at, piece.length);
    }
  }

  /** If the call put several items at one key, only the last was reserved. */
  #link(item: StoredItem): void {
    const reserved = this.#reserved.get(item);
    if (reserved === undefined) return;
    this.#reserved.delete(item);
    this.store.link(reserved);
  }

  #delete(key: string): void {
    const item = this.#findAt(this.#commitAt, key);
    if (item !== 0) this.store.remove(item);
  }

  #evict(bytes: number): void {
    const goal = this.store.usedBytes - bytes;
    while (this.store.usedBytes > goal && this.#evictions < MOST_EVICTIONS && this.store.evict()) this.#evictions++;
  }

  #expiresAtUnix(item: ItemRef): number {
    const expiresAt = this.store.expiresAt(item);
    return expiresAt === 0 ? 0 : this.clock.toUnix(expiresAt);
  }

  #find(key: string): ItemRef {
    return this.#findAt(this.scratch(PIECE_BYTES), key);
  }

  #findAt(at: number, key: string): ItemRef {
    const length = key.length > MAX_KEY_BYTES ? 0 : writeLatin1(key, this.arena.bytes, at) - at;
    return this.store.find(at, length);
  }
}

/** The key at a position anywhere in the arena, beyond the first view too. */
function latin1At(arena: Arena, position: number, length: number): string {
  const view = arena.viewOf(position);
  return latin1(view, position % BYTE_VIEW_BYTES, length);
}
