// CAS tokens: 64-bit numbers that grow with each change, kept only in items for which a client has asked.

import { ItemOption, type Items } from './item.js';
import { STORE_ROOTS } from './store-roots.js';

/** @perThread */
export class CasTokens {
  constructor(
    private readonly words: Uint32Array,
    private readonly items: Items,
  ) {}

  high(item: number): number {
    return this.items.has(item, ItemOption.cas) ? this.words[this.items.casWord(item)] : 0;
  }

  low(item: number): number {
    return this.items.has(item, ItemOption.cas) ? this.words[this.items.casWord(item) + 1] : 0;
  }

  /** Whether a client has asked for the item's token. */
  isGiven(item: number): boolean {
    return this.low(item) !== 0 || this.high(item) !== 0;
  }

  /** Gives an item that has room for it the next token. */
  renew(item: number): void {
    const low = (this.words[STORE_ROOTS.casLow] + 1) >>> 0;
    this.words[STORE_ROOTS.casLow] = low;
    if (low === 0) this.words[STORE_ROOTS.casHigh] = this.words[STORE_ROOTS.casHigh] + 1;
    this.set(item, this.words[STORE_ROOTS.casHigh], low);
  }

  set(item: number, high: number, low: number): void {
    const word = this.items.casWord(item);
    this.words[word] = high;
    this.words[word + 1] = low;
  }
}
