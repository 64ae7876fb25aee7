// Bytes of keys and values in JSON: as text if they are UTF-8, else in base64.

import { isUtf8 } from 'node:buffer';

export interface ShownBytes {
  readonly text?: string;
  readonly base64?: string;
}

/** What Buffer decodes completely. */
export const BASE64 = { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' } as const;

export const SHOWN_BYTES = {
  type: 'object',
  properties: { text: { type: 'string' }, base64: { type: 'string' } },
} as const;

export function shownBytes(bytes: Uint8Array): ShownBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? { text: buffer.toString('utf8') } : { base64: buffer.toString('base64') };
}

/** Without the bytes at the end that begin a character of UTF-8 whose rest is missing. */
export function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** The bytes that a request gives in one of the two forms; undefined if it gives neither. */
export function givenBytes(text: string | undefined, base64: string | undefined): Uint8Array | undefined {
  if (base64 !== undefined) return new Uint8Array(Buffer.from(base64, 'base64'));
  return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'utf8'));
}
