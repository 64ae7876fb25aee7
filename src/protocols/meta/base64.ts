// Decodes base64 within the arena's bytes, without making a string. Encoding is not needed, since a reply repeats the key as it was sent.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 0x3d;
const INVALID = 64;

/** The six bits of each byte. */
const BITS = new Uint8Array(256).fill(INVALID);
for (const [index, letter] of [...ALPHABET].entries()) BITS[letter.charCodeAt(0)] = index;

/** Decodes `length` bytes at `from` to `to`; returns the number of bytes, or -1 if they are not base64. */
export function decodeBase64(bytes: Uint8Array, from: number, length: number, to: number): number {
  if (length === 0 || length % 4 !== 0) return -1;
  const end = from + length;
  const padding = bytes[end - 1] !== PADDING ? 0 : bytes[end - 2] !== PADDING ? 1 : 2;
  let out = to;
  for (let at = from; at < end; at += 4) {
    const isLast = at + 4 === end;
    const first = BITS[bytes[at]];
    const second = BITS[bytes[at + 1]];
    const third = isLast && padding === 2 ? 0 : BITS[bytes[at + 2]];
    const fourth = isLast && padding > 0 ? 0 : BITS[bytes[at + 3]];
    if (first === INVALID || second === INVALID || third === INVALID || fourth === INVALID) return -1;
    const group = (first << 18) | (second << 12) | (third << 6) | fourth;
    bytes[out++] = group >>> 16;
    bytes[out++] = (group >>> 8) & 0xff;
    bytes[out++] = group & 0xff;
  }
  return out - to - padding;
}
