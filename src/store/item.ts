// The layout of an item and of its further pieces, and the accessors for it.
//
//   word 0   chunk word: used, size, slack, kind, pins and the options below
//   word 1   next item in the same bucket of the index
//   word 2   next newer item of the LRU list
//   word 3   next older item of the LRU list
//   word 4   | access clock 16 | tag 8 | key length 8 |
//   then, only where the option says so:
//            client flags      1 word
//            CAS token         2 words, high and low; both 0 until a client asks for it
//            expiry            3 words: server second (0: never), previous and next in the expiry wheel
//            chain             2 words: length of the whole value, first further piece
//   then     the key, then the value (all of it, or its first part when chained), then the slack
//
//   A further piece:  word 0 chunk word, word 1 next piece (or, marked by an option, the item), then value bytes
//
// The tag is eight bits of the key's hash: one masked comparison of word 4 rules out nearly all items with other keys.

import {
  CHUNK_OPTIONS_SHIFT,
  CHUNK_PINS_SHIFT,
  CHUNK_SLACK_MASK,
  CHUNK_SLACK_SHIFT,
  slackOf,
  unitsOfUsed,
} from '../arena/chunk.js';
import { type Ref, UNIT_BYTES } from '../arena/memory.js';
import { assert } from '../base/assert.js';

export type ItemRef = Ref & { readonly __item: unique symbol };
/** An item that is being filled and cannot be found yet. */
export type ReservedRef = Ref & { readonly __reserved: unique symbol };

export const NO_ITEM = 0 as ItemRef;
export const NOT_RESERVED = 0 as ReservedRef;

export const ItemOption = {
  clientFlags: 1 << CHUNK_OPTIONS_SHIFT,
  cas: 2 << CHUNK_OPTIONS_SHIFT,
  expiry: 4 << CHUNK_OPTIONS_SHIFT,
  chained: 8 << CHUNK_OPTIONS_SHIFT,
  fetched: 16 << CHUNK_OPTIONS_SHIFT,
  /** Found by the index, in the LRU list. */
  linked: 32 << CHUNK_OPTIONS_SHIFT,
  /** Unlinked while pinned; the last unpin frees it. */
  deferred: 64 << CHUNK_OPTIONS_SHIFT,
  stale: 128 << CHUNK_OPTIONS_SHIFT,
  win: 256 << CHUNK_OPTIONS_SHIFT,
  object: 512 << CHUNK_OPTIONS_SHIFT,
} as const;

/** The options that determine the positions of key and value. */
export const LAYOUT_OPTIONS = ItemOption.clientFlags | ItemOption.cas | ItemOption.expiry | ItemOption.chained;
/** Option of the last of an item's pieces, whose link leads back to the item. */
export const LAST_PIECE = 1 << CHUNK_OPTIONS_SHIFT;
const LAYOUT_OPTIONS_MASK = 0xf;
/** The marks of an item, which are kept when it is laid out again. */
export const MARKS = ItemOption.fetched | ItemOption.stale | ItemOption.win;

export const ITEM_HEADER_BYTES = 20;
export const PIECE_HEADER_BYTES = 8;
export const INDEX_NEXT_WORD = 1;
export const NEWER_WORD = 2;
export const OLDER_WORD = 3;
const IDENTITY_WORD = 4;
const FIRST_OPTION_WORD = 5;

const KEY_LENGTH_MASK = 0xff;
const TAG_SHIFT = 8;
const IDENTITY_MASK = 0xffff;
const ACCESS_SHIFT = 16;
/** The access clock wraps after some 18 hours. */
export const ACCESS_MASK = 0xffff;

/** Bytes that the layout options take, by their four bits. */
const OPTION_BYTES = Uint8Array.from({ length: 16 }, (_, bits) => bytesOfOptions(bits));

function bytesOfOptions(bits: number): number {
  return (bits & 1 ? 4 : 0) + (bits & 2 ? 8 : 0) + (bits & 4 ? 12 : 0) + (bits & 8 ? 8 : 0);
}

export function optionBytes(word: number): number {
  return OPTION_BYTES[(word >>> CHUNK_OPTIONS_SHIFT) & LAYOUT_OPTIONS_MASK];
}

/** Key length and tag as word 4 holds them. */
export function identity(keyLength: number, hash: number): number {
  return keyLength | ((hash >>> 24) << TAG_SHIFT);
}

/** Reads and writes items; holds nothing but the words. @perThread */
export class Items {
  constructor(private readonly words: Uint32Array) {}

  word(item: number): number {
    return this.words[item * 2];
  }

  has(item: number, option: number): boolean {
    return (this.words[item * 2] & option) !== 0;
  }

  setOption(item: number, option: number): void {
    this.words[item * 2] = this.words[item * 2] | option;
  }

  clearOption(item: number, option: number): void {
    this.words[item * 2] = this.words[item * 2] & ~option;
  }

  setSlack(item: number, slack: number): void {
    assert(slack >= 0 && slack <= CHUNK_SLACK_MASK, 'the slack of a chunk fits its field');
    const others = this.words[item * 2] & ~(CHUNK_SLACK_MASK << CHUNK_SLACK_SHIFT);
    this.words[item * 2] = others | (slack << CHUNK_SLACK_SHIFT);
  }

  identity(item: number): number {
    return this.words[item * 2 + IDENTITY_WORD] & IDENTITY_MASK;
  }

  setIdentity(item: number, value: number): void {
    const access = this.words[item * 2 + IDENTITY_WORD] & ~IDENTITY_MASK;
    this.words[item * 2 + IDENTITY_WORD] = access | value;
  }

  /** The time of the last access: the low 16 bits of the server second. */
  setAccess(item: number, serverSecond: number): void {
    const at = item * 2 + IDENTITY_WORD;
    this.words[at] = (this.words[at] & IDENTITY_MASK) | (serverSecond << ACCESS_SHIFT);
  }

  /** The time of another item's last access, as `access` returns it. */
  setAccessStep(item: number, step: number): void {
    const at = item * 2 + IDENTITY_WORD;
    this.words[at] = (this.words[at] & IDENTITY_MASK) | (step << ACCESS_SHIFT);
  }

  access(item: number): number {
    return this.words[item * 2 + IDENTITY_WORD] >>> ACCESS_SHIFT;
  }

  keyLength(item: number): number {
    return this.words[item * 2 + IDENTITY_WORD] & KEY_LENGTH_MASK;
  }

  keyPosition(item: number): number {
    return item * UNIT_BYTES + ITEM_HEADER_BYTES + optionBytes(this.words[item * 2]);
  }

  /** Value bytes in the item's own chunk; for a chained item, its capacity there. */
  headCapacity(item: number): number {
    const word = this.words[item * 2];
    return (
      unitsOfUsed(word) * UNIT_BYTES - ITEM_HEADER_BYTES - optionBytes(word) - this.keyLength(item) - slackOf(word)
    );
  }

  valueLength(item: number): number {
    return this.has(item, ItemOption.chained) ? this.words[this.chainWord(item)] : this.headCapacity(item);
  }

  clientFlags(item: number): number {
    return this.has(item, ItemOption.clientFlags) ? this.words[item * 2 + FIRST_OPTION_WORD] : 0;
  }

  setClientFlags(item: number, flags: number): void {
    this.words[item * 2 + FIRST_OPTION_WORD] = flags;
  }

  /** Word number of the CAS token's high half; only where the item has the option. */
  casWord(item: number): number {
    const bits = this.words[item * 2] >>> CHUNK_OPTIONS_SHIFT;
    return item * 2 + FIRST_OPTION_WORD + (bits & 1);
  }

  /** Word number of the expiry second; the two links of the wheel follow. Only where the item has the option. */
  expiryWord(item: number): number {
    const bits = this.words[item * 2] >>> CHUNK_OPTIONS_SHIFT;
    return item * 2 + FIRST_OPTION_WORD + (bits & 1) + (bits & 2);
  }

  /** Word number of the whole value's length; the first piece follows. Only where the item has the option. */
  chainWord(item: number): number {
    return item * 2 + (ITEM_HEADER_BYTES + optionBytes(this.words[item * 2])) / 4 - 2;
  }

  expiresAt(item: number): number {
    return this.has(item, ItemOption.expiry) ? this.words[this.expiryWord(item)] : 0;
  }

  pins(item: number): number {
    return (this.words[item * 2] >>> CHUNK_PINS_SHIFT) & 0x1f;
  }
}
