// The bytes of the last short text: the result of a method is checked and encoded in one pass, and its bytes are copied into the reply. Methods
// often return the same few words, which need neither. Longer texts: latin1.ts.

/** Up to this length a loop takes no longer than a call into Node. */
export const SHORT_TEXT_CHARACTERS = 64;

/** @perThread */
export class ShortText {
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
}
