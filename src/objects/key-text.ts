// The rules for item keys that object types use. Keys that clients send are checked by the protocol.

import { hasByteBelow, wordOf } from '../base/words.js';

export const MAX_KEY_BYTES = 250;

/** The characters that no key may contain are below this one. */
const ABOVE_BLANK = wordOf(0x21);

/** Characters that no item key may contain: clients could not send such a key, and a list of keys would show a different one. */
function endsWords(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0;
}

/** Whether a key in memory has such a character. Reads up to three bytes beyond. */
export function hasWordEnd(view: DataView, from: number, length: number): boolean {
  const end = from + length;
  for (let at = from; at < end; at += 4) {
    if (hasByteBelow(view.getInt32(at, true), ABOVE_BLANK) !== 0) return hasWordEndByBytes(view, at, end);
  }
  return false;
}

function hasWordEndByBytes(view: DataView, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (endsWords(view.getUint8(at))) return true;
  return false;
}

/** Whether a text may be a key, or the two parts of `type$key`. */
export function isKeyText(text: string): boolean {
  if (text.length === 0 || text.length > MAX_KEY_BYTES) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff || endsWords(code)) return false;
  }
  return true;
}
