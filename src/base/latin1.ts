// Byte strings: JavaScript strings whose characters are bytes (0 to 255), from and to bytes of the arena.

/** Undocumented methods of Node's Buffer, which work on any array of bytes; those that are documented are built on them and take twice the time.
    Read once: V8 looks each of them up again in a buffer. */
const { latin1Slice, latin1Write, utf8Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start?: number, end?: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
  utf8Slice(this: Uint8Array, start?: number, end?: number): string;
};

/** Up to this length a loop is faster than a call into Node. */
const SHORT_BYTES = 24;

/** The byte string of a range. Short ones are made by one call with one argument a byte: three times as fast as a slice. */
export function latin1(bytes: Uint8Array, at: number, length: number): string {
  return length > 16 ? latin1Slice.call(bytes, at, at + length) : short(bytes as Bytes, at, length);
}

/** Indexing beyond the end is ruled out by the length, which the compiler cannot see. */
type Bytes = { readonly [index: number]: number };

const character = String.fromCharCode;

// biome-ignore format: a table reads best with one case a line.
function short(b: Bytes, a: number, length: number): string {
  switch (length) {
    case 1: return character(b[a]);
    case 2: return character(b[a], b[a + 1]);
    case 3: return character(b[a], b[a + 1], b[a + 2]);
    case 4: return character(b[a], b[a + 1], b[a + 2], b[a + 3]);
    case 5: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4]);
    case 6: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5]);
    case 7: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6]);
    case 8: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7]);
    case 9: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8]);
    case 10: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9]);
    case 11: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9], b[a + 10]);
    case 12: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9], b[a + 10], b[a + 11]);
    case 13: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9], b[a + 10], b[a + 11], b[a + 12]);
    case 14: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9], b[a + 10], b[a + 11], b[a + 12], b[a + 13]);
    case 15: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9], b[a + 10], b[a + 11], b[a + 12], b[a + 13], b[a + 14]);
    case 16: return character(b[a], b[a + 1], b[a + 2], b[a + 3], b[a + 4], b[a + 5], b[a + 6], b[a + 7], b[a + 8], b[a + 9], b[a + 10], b[a + 11], b[a + 12], b[a + 13], b[a + 14], b[a + 15]);
    default: return '';
  }
}

/** Writes a byte string; returns the position after it. */
export function writeLatin1(text: string, bytes: Uint8Array, at: number): number {
  const length = text.length;
  if (length <= SHORT_BYTES) for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index);
  else latin1Write.call(bytes, text, at, length);
  return at + length;
}

/** A byte string as a new array. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  if (text.length > SHORT_BYTES) latin1Write.call(bytes, text, 0, text.length);
  else for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** UTF-8 bytes of a text, as a byte string. */
export function utf8Encode(text: string): string {
  return latin1Slice.call(Buffer.from(text, 'utf8'));
}

/** The text of UTF-8 bytes; malformed ones become U+FFFD. */
export function utf8Decode(bytes: string): string {
  return utf8Slice.call(Buffer.from(bytes, 'latin1'));
}

/** A regular expression is faster than a loop from about this length. */
const LOOP_CHARACTERS = 64;

/** The last text that was made of bytes: a method often returns it, and that need not be checked. */
let lastOfBytes = '';
/** Longer ones are not kept. */
const REMEMBERED_CHARACTERS = 1024;

export function rememberByteString(text: string): void {
  if (text.length <= REMEMBERED_CHARACTERS) lastOfBytes = text;
}

/** Whether every character is a byte. */
export function isByteString(text: string): boolean {
  if (text === lastOfBytes) return true;
  if (text.length > LOOP_CHARACTERS) return !/[\u0100-\uffff]/.test(text);
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 255) return false;
  return true;
}
