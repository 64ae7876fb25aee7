// The bytes that have a meaning in text protocols.

export const CARRIAGE_RETURN = 0x0d;
export const LINE_FEED = 0x0a;
export const SPACE = 0x20;
export const PLUS = 0x2b;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const NUL = 0;

/** The first byte of every request of memcached's binary protocol; no text command begins with it. */
export const BINARY_MAGIC = 0x80;

export function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Whether a byte ends the word of a command. */
export function endsWord(byte: number): boolean {
  return byte === SPACE || byte === CARRIAGE_RETURN || byte === LINE_FEED;
}
