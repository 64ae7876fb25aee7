// Overwrites an item's value, flags and expiry in place, if its chunk has exactly the room for them. Not possible for pinned items, which
// another thread may be reading, nor for objects and chained values.

import { CHUNK_PINS, CHUNK_SLACK_MASK, CHUNK_UNITS_MASK, CHUNK_UNITS_SHIFT } from '../arena/chunk.js';
import type { CasTokens } from './cas-tokens.js';
import type { ExpiryWheel } from './expiry-wheel.js';
import { ITEM_HEADER_BYTES, ItemOption, type Items, optionBytes } from './item.js';
import type { Values } from './values.js';

const NOT_IN_PLACE = CHUNK_PINS | ItemOption.chained | ItemOption.object;

/** @perThread */
export class InPlaceUpdate {
  constructor(
    private readonly words: Uint32Array,
    private readonly items: Items,
    private readonly values: Values,
    private readonly wheel: ExpiryWheel,
    private readonly cas: CasTokens,
  ) {}

  /** Overwrites the value if it fits; a token that a client knows is renewed. */
  write(item: number, from: number, length: number): boolean {
    const word = this.items.word(item);
    if ((word & NOT_IN_PLACE) !== 0) return false;
    const chunkBytes = ((word >>> CHUNK_UNITS_SHIFT) & CHUNK_UNITS_MASK) * 8;
    const slack = chunkBytes - ITEM_HEADER_BYTES - optionBytes(word) - this.items.keyLength(item) - length;
    if (slack < 0 || slack > CHUNK_SLACK_MASK) return false;
    this.items.setSlack(item, slack);
    this.values.write(item, 0, from, length);
    if (this.cas.isGiven(item)) this.cas.renew(item);
    return true;
  }

  /** The same with flags and expiry. */
  writeAll(item: number, from: number, length: number, clientFlags: number, expiresAt: number): boolean {
    const hasFlags = this.items.has(item, ItemOption.clientFlags);
    const hasExpiry = this.items.has(item, ItemOption.expiry);
    if ((clientFlags !== 0 && !hasFlags) || (expiresAt !== 0 && !hasExpiry)) return false;
    if (!this.write(item, from, length)) return false;
    if (hasFlags) this.items.setClientFlags(item, clientFlags);
    if (hasExpiry) this.setExpiry(item, expiresAt);
    return true;
  }

  /** Sets the time of an item that has room for one. */
  setExpiry(item: number, expiresAt: number): void {
    const word = this.items.expiryWord(item);
    if (this.words[word] !== 0) this.wheel.remove(item);
    this.words[word] = expiresAt;
    if (expiresAt !== 0) this.wheel.add(item);
  }
}
