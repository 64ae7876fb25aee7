// The rules for item keys that object types use. Keys that clients send are checked by the protocol.

export const MAX_KEY_BYTES = 250;

/** Characters that no item key may contain: clients could not send such a key, and a list of keys would show a different one. */
export function endsWords(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0;
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
