// Byte strings: JavaScript strings whose characters are bytes (0 to 255), from and to bytes of the arena. Not for text.

/** Up to this length a loop of our own beats a call into Node. */
const SHORT_BYTES = 16;

const viewed = new WeakMap<Uint8Array, Buffer>();
let lastBytes: Uint8Array | undefined;
let lastBuffer: Buffer | undefined;

/** The same memory as a Buffer, made once for each array. */
function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes === lastBytes) return lastBuffer as Buffer;
  let buffer = viewed.get(bytes);
  if (buffer === undefined) {
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    viewed.set(bytes, buffer);
  }
  lastBytes = bytes;
  lastBuffer = buffer;
  return buffer;
}

export function latin1(bytes: Uint8Array, at: number, length: number): string {
  if (length === 0) return '';
  return bufferOf(bytes).latin1Slice(at, at + length);
}

/** Writes a byte string; returns the position behind it. */
export function writeLatin1(text: string, bytes: Uint8Array, at: number): number {
  const length = text.length;
  if (length <= SHORT_BYTES) for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index);
  else bufferOf(bytes).latin1Write(text, at, length);
  return at + length;
}

const CHARACTERS_AT_ONCE = 8192;

/** UTF-8 bytes of a text, as a byte string. */
export function utf8Encode(text: string): string {
  return Buffer.from(text, 'utf8').latin1Slice();
}

/** The text of UTF-8 bytes; malformed ones become U+FFFD. */
export function utf8Decode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').utf8Slice();
}

/** Whether every character is a byte. */
export function isByteString(text: string): boolean {
  if (text.length <= CHARACTERS_AT_ONCE) {
    for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 255) return false;
    return true;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes are what is meant.
  return /^[\u0000-\u00ff]*$/.test(text);
}
