// Cache of recent short argument strings: many calls name the same members, fields and amounts, and a hit takes a quarter of the time of
// decoding. A string is kept from its second appearance on. Longer ones, which need a loop over their words: long-string-cache.ts.

import type { Arena } from '../arena/memory.js';
import { latin1 } from '../base/latin1.js';
import { partOfWord } from '../base/words.js';

/** 4096 slots, whose arguments take 80 KB per thread. */
const SLOT_BITS = 12;
/** A slot holds an argument's length and its bytes. */
const SLOT_WORDS = 5;

/** The longest argument that is cached: a slot holds its length and four words. */
export const MOST_SEEN_BYTES = 16;

/** @perThread */
export class StringCache {
  readonly #words = new Int32Array(SLOT_WORDS << SLOT_BITS);
  /** Empty where the argument has appeared only once so far. */
  readonly #strings: string[] = new Array(1 << SLOT_BITS).fill('');

  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor({ bytes, view }: Pick<Arena, 'bytes' | 'view'>) {
    this.bytes = bytes;
    this.view = view;
  }

  /** The byte string of a range of at most MOST_SEEN_BYTES; reads up to three bytes beyond it. */
  string(at: number, length: number): string {
    const { view } = this;
    const words = this.#words;
    const first = firstWord(view, at, length);
    const second = length > 4 ? firstWord(view, at + 4, length - 4) : 0;
    const third = length > 8 ? firstWord(view, at + 8, length - 8) : 0;
    const fourth = length > 12 ? firstWord(view, at + 12, length - 12) : 0;
    const slot = slotOf(first, second, third, fourth);
    const word = slot * SLOT_WORDS;
    if (
      words[word] === length &&
      words[word + 1] === first &&
      words[word + 2] === second &&
      words[word + 3] === third &&
      words[word + 4] === fourth
    ) {
      const known = this.#strings[slot];
      if (known !== '') return known;
      const made = latin1(this.bytes, at, length);
      this.#strings[slot] = made;
      return made;
    }
    words[word] = length;
    words[word + 1] = first;
    words[word + 2] = second;
    words[word + 3] = third;
    words[word + 4] = fourth;
    if (this.#strings[slot] !== '') this.#strings[slot] = '';
    return latin1(this.bytes, at, length);
  }
}

/** The first four bytes of a range; bytes beyond it count as 0. */
function firstWord(view: DataView, at: number, length: number): number {
  return length >= 4 ? view.getInt32(at, true) : partOfWord(view, at, length);
}

function slotOf(first: number, second: number, third: number, fourth: number): number {
  const one = Math.imul(first, 0x85ebca6b) ^ second;
  const other = Math.imul(third, 0xc2b2ae35) ^ fourth;
  return Math.imul(Math.imul(one, 0x9e3779b1) ^ (one >>> 15) ^ other, 0x85ebca6b) >>> (32 - SLOT_BITS);
}
