// The list of all items that may be evicted, from the most to the least recently used. Evicting: item-remover.ts. The others:
// retained-items.ts, whose ring an item leaves by `remove` and is moved in by `relink`, too.

import { NEWER_WORD, OLDER_WORD } from './item.js';
import { STORE_ROOTS } from './store-roots.js';

/** @perThread */
export class LruList {
  constructor(private readonly words: Uint32Array) {}

  get newest(): number {
    return this.words[STORE_ROOTS.newest];
  }

  get oldest(): number {
    return this.words[STORE_ROOTS.oldest];
  }

  older(item: number): number {
    return this.words[item * 2 + OLDER_WORD];
  }

  newer(item: number): number {
    return this.words[item * 2 + NEWER_WORD];
  }

  addNewest(item: number): void {
    const words = this.words;
    const newest = words[STORE_ROOTS.newest];
    words[item * 2 + NEWER_WORD] = 0;
    words[item * 2 + OLDER_WORD] = newest;
    if (newest === 0) words[STORE_ROOTS.oldest] = item;
    else words[newest * 2 + NEWER_WORD] = item;
    words[STORE_ROOTS.newest] = item;
  }

  remove(item: number): void {
    const words = this.words;
    const newer = words[item * 2 + NEWER_WORD];
    const older = words[item * 2 + OLDER_WORD];
    if (newer === 0) words[STORE_ROOTS.newest] = older;
    else words[newer * 2 + OLDER_WORD] = older;
    if (older === 0) words[STORE_ROOTS.oldest] = newer;
    else words[older * 2 + NEWER_WORD] = newer;
  }

  moveToNewest(item: number): void {
    const words = this.words;
    const newer = words[item * 2 + NEWER_WORD];
    if (newer === 0) return;
    const older = words[item * 2 + OLDER_WORD];
    words[newer * 2 + OLDER_WORD] = older;
    if (older === 0) words[STORE_ROOTS.oldest] = newer;
    else words[older * 2 + NEWER_WORD] = newer;
    const newest = words[STORE_ROOTS.newest];
    words[item * 2 + NEWER_WORD] = 0;
    words[item * 2 + OLDER_WORD] = newest;
    words[newest * 2 + NEWER_WORD] = item;
    words[STORE_ROOTS.newest] = item;
  }

  /** An item has been moved with all of its words. */
  relink(to: number): void {
    const words = this.words;
    const newer = words[to * 2 + NEWER_WORD];
    const older = words[to * 2 + OLDER_WORD];
    if (newer === 0) words[STORE_ROOTS.newest] = to;
    else words[newer * 2 + OLDER_WORD] = to;
    if (older === 0) words[STORE_ROOTS.oldest] = to;
    else words[older * 2 + NEWER_WORD] = to;
  }

  /** Appends another list, given by its newest item. */
  appendAfterOldest(other: number): void {
    this.words[this.oldest * 2 + OLDER_WORD] = other;
  }

  /** Cuts the whole list off and returns its newest item. */
  detach(): number {
    const newest = this.newest;
    this.words[STORE_ROOTS.newest] = 0;
    this.words[STORE_ROOTS.oldest] = 0;
    return newest;
  }
}
