// The order of a dump: first the items that are not evicted, then all others from the least to the most recently used, so that loading them in
// this order makes the same LRU list. Last come those that were used or stored while the order was being made.
//
// The list changes while a dump runs, so the hashes of all keys are collected before the first item is written, in slices. The walk goes from the
// most recently used item to older ones. If the item where it has paused is used or removed, it continues at one before it. An item
// that is used before the walk reaches it becomes the newest and is passed over: a walk over the index finds it afterwards.

import { ChunkKind, kindOf } from '../../arena/chunk.js';
import { latin1, writeLatin1 } from '../../base/latin1.js';
import { IndexWalk } from '../../store/index-walk.js';
import { ACCESS_MASK, ItemOption } from '../../store/item.js';
import type { Store } from '../../store/store.js';
import type { ItemRef } from '../outcomes.js';
import { HashSet } from './hash-set.js';

const CHUNK_HASHES = 65_536;
/** Items between two reads of the clock. */
const ITEMS_PER_LOOK = 64;
/** Items where the walk can continue: the next one, and some that it has collected. */
const REMEMBERED = 8;

interface Remembered {
  readonly key: string;
  /** Its access clock. */
  readonly access: number;
}

export class ItemOrder {
  /** From the last collected hash to the first. */
  readonly #chunks: Int32Array[] = [];
  #count = 0;
  readonly #known: HashSet;
  readonly #rest: IndexWalk;
  /** Items that are not evicted are collected last, so that they come first. */
  #isRetained = false;
  #isDone = false;
  #remembered: readonly Remembered[] | undefined;
  #rememberedStep = 0;

  constructor(
    private readonly store: Store,
    /** A place in the arena for a key. */
    private readonly keyAt: number,
  ) {
    const { arena, index, lookup } = store;
    this.#known = new HashSet(store.itemCount);
    this.#rest = new IndexWalk({ words: arena.words, index, lookup });
  }

  get isCollected(): boolean {
    return this.#isDone;
  }

  /** Collects until a time of performance.now(); `nowSeconds` is the server's. */
  collect(untilMs: number, nowSeconds: number): void {
    const { store } = this;
    let item = this.#remembered === undefined ? this.#newest : this.#resumed(this.#remembered);
    this.#remembered = undefined;
    while (item !== 0) {
      for (let left = ITEMS_PER_LOOK; left > 0 && item !== 0; left--) {
        this.#add(store.lookup.hashOfItem(item));
        item = this.#older(item);
      }
      if (item !== 0 && performance.now() >= untilMs) {
        this.#remember(item, nowSeconds & ACCESS_MASK);
        return;
      }
    }
    this.#isDone = this.#isRetained;
    this.#isRetained = true;
  }

  /** The next hashes of keys, each once; undefined at the end. There may be none. */
  take(): number[] | undefined {
    if (this.#count === 0) return this.#rest.isDone ? undefined : this.#takeRest();
    this.#count--;
    const index = this.#count % CHUNK_HASHES;
    const hash = (this.#chunks.at(-1) as Int32Array)[index];
    if (index === 0) this.#chunks.pop();
    return [hash];
  }

  /** Of the next bucket of the index, those that were not collected. */
  #takeRest(): number[] {
    const { arena, lookup } = this.store;
    const hashes: number[] = [];
    this.#rest.step((entry) => {
      if (kindOf(arena.words[entry * 2]) !== ChunkKind.item) return;
      const hash = lookup.hashOfItem(entry);
      if (this.#known.add(hash)) hashes.push(hash);
    });
    return hashes;
  }

  #add(hash: number): void {
    if (!this.#known.add(hash)) return;
    const index = this.#count % CHUNK_HASHES;
    if (index === 0) this.#chunks.push(new Int32Array(CHUNK_HASHES));
    (this.#chunks.at(-1) as Int32Array)[index] = hash;
    this.#count++;
  }

  get #newest(): number {
    return this.#isRetained ? this.store.retained.newest : this.store.lru.newest;
  }

  #older(item: number): number {
    return this.#isRetained ? this.store.retained.older(item) : this.store.lru.older(item);
  }

  #remember(next: number, step: number): void {
    const { arena, items, lru, retained } = this.store;
    const list = this.#isRetained ? retained : lru;
    const remembered: Remembered[] = [];
    for (let item = next; remembered.length < REMEMBERED && item !== 0; item = list.newer(item)) {
      const position = items.keyPosition(item);
      const key = latin1(arena.viewOf(position), arena.indexOf(position), items.keyLength(item));
      remembered.push({ key, access: items.access(item) });
    }
    this.#remembered = remembered;
    this.#rememberedStep = step;
  }

  /** Where to continue: at a remembered item that was not used since if there is one, and otherwise at the first that is still there. */
  #resumed(remembered: readonly Remembered[]): number {
    let fallback = -1;
    for (const [index, { access, key }] of remembered.entries()) {
      const item = this.#find(key);
      if (item === 0) continue;
      const start = index === 0 ? item : this.#older(item);
      // The clock of an item that was used in its present second would not show another use.
      if (access !== this.#rememberedStep && this.store.items.access(item) === access) return start;
      if (fallback < 0) fallback = start;
    }
    return fallback < 0 ? this.#newest : fallback;
  }

  /** The item with the key, if it is still in the list of the walk. */
  #find(key: string): ItemRef {
    const { arena, items, retained } = this.store;
    writeLatin1(key, arena.bytes, this.keyAt);
    const item = this.store.find(this.keyAt, key.length);
    if (item === 0) return item;
    const isRetained = items.has(item, ItemOption.object) && retained.marks.unitsOf(item) !== 0;
    return isRetained === this.#isRetained ? item : (0 as ItemRef);
  }
}
