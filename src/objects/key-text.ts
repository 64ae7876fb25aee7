// What the keys of items are made of where object types name them. Not for keys that clients send, which their protocol has read.

export const MAX_KEY_BYTES = 250;

/** What no key of an item can have, since clients could not name it, and listings of keys would show another. */
export function endsWords(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0;
}

/** Whether a text may be a key, or the parts of one with a $ between them. */
export function isKeyText(text: string): boolean {
  if (text.length === 0 || text.length > MAX_KEY_BYTES) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff || endsWords(code)) return false;
  }
  return true;
}
