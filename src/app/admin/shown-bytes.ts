// Bytes of keys and values in JSON: as text if they are UTF-8, else in base64.

import { isUtf8 } from 'node:buffer';

export interface ShownBytes {
  readonly text?: string;
  readonly base64?: string;
}

export const SHOWN_BYTES = {
  type: 'object',
  properties: { text: { type: 'string' }, base64: { type: 'string' } },
} as const;

export function shownBytes(bytes: Uint8Array): ShownBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? { text: buffer.toString('utf8') } : { base64: buffer.toString('base64') };
}

/** The bytes that a request gives in one of the two forms; undefined if it gives neither. */
export function givenBytes(text: string | undefined, base64: string | undefined): Uint8Array | undefined {
  if (base64 !== undefined) return new Uint8Array(Buffer.from(base64, 'base64'));
  return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'utf8'));
}
