// The hashes that nutcracker and libmemcached make of a key to choose a server. All are 32 bits, also those whose name says 64.

import { createHash } from 'node:crypto';

type KeyHash = (bytes: Uint8Array) => number;

const CRC_POLYNOMIAL = 0xedb88320;
const FNV_32_START = 0x811c9dc5;
const FNV_32_PRIME = 0x01000193;
/** The low halves of the numbers of 64 bits: both programs compute with 32. */
const FNV_64_START = 0x84222325;
const FNV_64_PRIME = 0x1b3;

/** Named as in nutcracker's `hash:`. */
export const KEY_HASHES: Readonly<Record<string, KeyHash>> = {
  md5: (bytes) => md5Part(bytes, 0),
  fnv1a_64: (bytes) => fnv1a(bytes, FNV_64_START, FNV_64_PRIME),
  fnv1a_32: (bytes) => fnv1a(bytes, FNV_32_START, FNV_32_PRIME),
  one_at_a_time: oneAtATime,
  // Both programs keep 15 bits of this one.
  crc32: (bytes) => (crc(bytes) >>> 16) & 0x7fff,
  crc32a: crc,
};

/** The digest has four numbers of 32 bits; ketama makes a point of each. */
export function md5Part(bytes: Uint8Array, part: number): number {
  return createHash('md5')
    .update(bytes)
    .digest()
    .readUInt32LE(part * 4);
}

/** In C these bytes are signed on x86, so one above 127 sets the upper bits as well. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function fnv1a(bytes: Uint8Array, start: number, prime: number): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ signed(byte), prime);
  return hash >>> 0;
}

/** By Bob Jenkins. */
function oneAtATime(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) {
    hash = (hash + signed(byte)) | 0;
    hash = (hash + (hash << 10)) | 0;
    hash ^= hash >>> 6;
  }
  hash = (hash + (hash << 3)) | 0;
  hash ^= hash >>> 11;
  return (hash + (hash << 15)) >>> 0;
}

/** CRC-32 bit by bit: the keys of a check are few. */
function crc(bytes: Uint8Array): number {
  let rest = -1;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? CRC_POLYNOMIAL : 0);
  }
  return ~rest >>> 0;
}
