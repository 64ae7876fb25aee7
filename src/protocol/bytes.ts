// The few bytes that text protocols give a meaning. Not for words; those stand beside the commands.

export const CARRIAGE_RETURN = 0x0d;
export const LINE_FEED = 0x0a;
export const SPACE = 0x20;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const DELETE = 0x7f;

/** Keys are raw bytes but for blanks and control characters, which would let a key forge a line. */
export function isKeyByte(byte: number): boolean {
  return byte > SPACE && byte !== DELETE;
}

export function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
