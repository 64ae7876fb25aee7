// A hash without a secret, the same on all servers, so that clients and other servers can compute it: the first 64 bits of MurmurHash3
// x86_128 (Appleby, public domain) with the seed 0. The hash of keys, which must not be predictable: store/hash.ts.

const MULTIPLIERS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
const LANES = 4;
const BLOCK_BYTES = 16;

/** The 64 bits as two unsigned words. */
export type Hash64 = readonly [high: number, low: number];

/** Of a byte string. */
export function hash64(bytes: string): Hash64 {
  const { length } = bytes;
  const whole = length - (length % BLOCK_BYTES);
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  for (let at = 0; at < whole; at += BLOCK_BYTES) {
    h1 ^= mixed(wordAt(bytes, at), 0);
    h1 = (Math.imul((rotated(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= mixed(wordAt(bytes, at + 4), 1);
    h2 = (Math.imul((rotated(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= mixed(wordAt(bytes, at + 8), 2);
    h3 = (Math.imul((rotated(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= mixed(wordAt(bytes, at + 12), 3);
    h4 = (Math.imul((rotated(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  // The rest, padded with zeros: a lane without bytes mixes to 0.
  h1 ^= mixed(wordAt(bytes, whole), 0) ^ length;
  h2 ^= mixed(wordAt(bytes, whole + 4), 1) ^ length;
  h3 ^= mixed(wordAt(bytes, whole + 8), 2) ^ length;
  h4 ^= mixed(wordAt(bytes, whole + 12), 3) ^ length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finished(h1);
  h2 = finished(h2);
  h1 = (h1 + h2 + finished(h3) + finished(h4)) | 0;
  return [h1 >>> 0, (h2 + h1) >>> 0];
}

/** Four bytes, little-endian; those beyond the end are 0. */
function wordAt(bytes: string, at: number): number {
  const { length } = bytes;
  if (at >= length) return 0;
  let word = 0;
  for (let index = Math.min(length, at + 4) - 1; index >= at; index--)
    word = (word << 8) | (bytes.charCodeAt(index) & 0xff);
  return word;
}

function mixed(word: number, lane: number): number {
  return Math.imul(rotated(Math.imul(word, MULTIPLIERS[lane]), 15 + lane), MULTIPLIERS[(lane + 1) % LANES]);
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finished(hash: number): number {
  let mixing = hash;
  mixing = Math.imul(mixing ^ (mixing >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}
