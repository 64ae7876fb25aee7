// Hash of a key: HalfSipHash-1-3 (Aumasson, Bernstein: SipHash, with 32-bit words), keyed with random words at the start, so
// that clients cannot choose keys that collide. One and three rounds are SipHash's faster variant: the key is secret and the hash never
// leaves the server.

import { partOfWord } from '../base/words.js';

/** The longest key in bytes. */
const KEY_BYTES = 1024;

/** @perThread */
export class Hash {
  /** Keys outside of the arena are copied here to be hashed. */
  private readonly copy = new Uint8Array(KEY_BYTES);
  private readonly copyView = new DataView(this.copy.buffer);

  // Signed, so that all arithmetic stays in 32-bit integers.
  private readonly key0: number;
  private readonly key1: number;

  constructor(key0: number, key1: number) {
    this.key0 = key0 | 0;
    this.key1 = key1 | 0;
  }

  /** The same for bytes outside of the arena. */
  ofBytes(bytes: Uint8Array, at: number, length: number, seed: number): number {
    for (let index = 0; index < length; index++) this.copy[index] = bytes[at + index];
    return this.of(this.copyView, 0, length, seed);
  }

  /** 32-bit hash of the bytes at [at, at + length), as a signed number; `seed` distinguishes the owners of fields. Reads up to three
      bytes beyond them. */
  of(view: DataView, at: number, length: number, seed: number): number {
    let v0 = this.key0 ^ seed;
    // `| 0`: V8 does not know that the field holds an int32 and would add doubles.
    let v1 = this.key1 | 0;
    let v2 = 0x6c796765 ^ this.key0;
    let v3 = 0x74656462 ^ this.key1;
    const lastWord = at + (length & ~3);
    let message = 0;
    for (let next = at; ; next += 4) {
      if (next < lastWord) {
        message = view.getInt32(next, true);
      } else {
        const rest = length & 3;
        message = length << 24;
        if (rest > 0) message |= partOfWord(view, next, rest);
      }
      v3 ^= message;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= message;
      if (next >= lastWord) break;
    }
    v2 ^= 0xff;
    for (let round = 0; round < 3; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    return v1 ^ v3;
  }
}
