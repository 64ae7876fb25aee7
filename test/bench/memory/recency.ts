// The client's own record of when each key was last stored or read, which keys it assumes to be alive, and how closely the
// survivors match the most recently used keys. Plain arrays, since there are millions of keys.

import type { Random } from '../load/random.js';

/** When each key was last used, as the number of the operation. */
export class Recency {
  readonly #lastUse: Uint32Array;
  #clock = 0;

  constructor(capacity: number) {
    this.#lastUse = new Uint32Array(capacity);
  }

  nextStamp(): number {
    return ++this.#clock;
  }

  /** Replies may be noted later than requests were sent, so a key keeps its latest stamp. */
  use(key: number, stamp: number): void {
    if (stamp > this.#lastUse[key]) this.#lastUse[key] = stamp;
  }

  /**
   * The share of the survivors (a nonzero byte each) that an exact LRU list of the same length would have kept.
   */
  exactLruShare(survivors: Uint8Array): number {
    const count = survivors.reduce((sum, alive) => sum + (alive ? 1 : 0), 0);
    if (count === 0) return Number.NaN;
    const order = this.#lastUse.slice(0, survivors.length).sort();
    const threshold = order[order.length - count];
    let kept = 0;
    for (let key = 0; key < survivors.length; key++) {
      if (survivors[key] && this.#lastUse[key] >= threshold) kept++;
    }
    return kept / count;
  }
}

/** Keys that are assumed to be alive: stored, and not yet missed. Picks any of them in constant time. */
export class LiveKeys {
  readonly #keys: Uint32Array;
  readonly #places: Uint32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#keys = new Uint32Array(capacity);
    this.#places = new Uint32Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  add(key: number): void {
    this.#places[key] = this.#count;
    this.#keys[this.#count++] = key;
  }

  has(key: number): boolean {
    const place = this.#places[key];
    return place < this.#count && this.#keys[place] === key;
  }

  remove(key: number): void {
    if (!this.has(key)) return;
    const last = this.#keys[--this.#count];
    const place = this.#places[key];
    this.#keys[place] = last;
    this.#places[last] = place;
  }

  pick(random: Random): number {
    return this.#keys[random.below(this.#count)];
  }
}
