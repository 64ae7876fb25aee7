// The bytes of the last short text: the result of a method is checked and encoded in one pass, and its bytes are copied into the reply. Methods
// often return the same few words, which need neither. Longer texts: latin1.ts.

import { isPlainWhole, MOST_WHOLE_DIGITS, writeWhole } from './decimal.js';
import { latin1 } from './latin1.js';

const BLANK = 0x20;

/** Up to this length a loop takes no longer than a call into Node. */
export const SHORT_TEXT_CHARACTERS = 64;

/** @perThread */
export class ReplyText {
  #text = '';

  constructor(
    private readonly bytes: Uint8Array,
    /** Position of the bytes. */
    readonly at: number,
  ) {}

  /** Encodes a text of at most SHORT_TEXT_CHARACTERS; false if it has characters beyond bytes. */
  take(text: string): boolean {
    if (text === this.#text) return true;
    const { bytes, at } = this;
    const { length } = text;
    let all = 0;
    for (let index = 0; index < length; index++) {
      const character = text.charCodeAt(index);
      bytes[at + index] = character;
      all |= character;
    }
    this.#text = all > 0xff ? '' : text;
    return all <= 0xff;
  }

  /** The values with a blank between each two, made in one piece; undefined if they are no short text of bytes. */
  join(words: readonly (string | number)[]): string | undefined {
    const { bytes, at } = this;
    const end = at + SHORT_TEXT_CHARACTERS;
    let to = at;
    let all = 0;
    this.#text = '';
    for (let index = 0; index < words.length; index++) {
      const word = words[index];
      if (index > 0) bytes[to++] = BLANK;
      if (typeof word === 'number' && isPlainWhole(word)) {
        if (to + MOST_WHOLE_DIGITS > end) return undefined;
        to = writeWhole(word, bytes, to);
        continue;
      }
      if (typeof word !== 'string' && typeof word !== 'number') return undefined;
      const text = typeof word === 'string' ? word : String(word);
      if (to + text.length > end) return undefined;
      for (let letter = 0; letter < text.length; letter++) {
        const character = text.charCodeAt(letter);
        bytes[to++] = character;
        all |= character;
      }
    }
    if (all > 0xff || to > end) return undefined;
    const text = latin1(bytes, at, to - at);
    this.#text = text;
    return text;
  }
}
