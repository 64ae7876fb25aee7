// Loops over the bytes of arrays, four at a time.

import { FIRST_WORD, LEAF_BYTES, LEAF_MASK } from './byte-layout.js';
import type { ByteTree } from './byte-tree.js';

/** Number of bits that are set in a range. */
export function onesIn(words: Uint32Array, tree: ByteTree, header: number, offset: number, length: number): number {
  let ones = 0;
  for (let done = 0; done < length; ) {
    const within = (offset + done) & LEAF_MASK;
    const part = Math.min(length - done, LEAF_BYTES - within);
    const leaf = tree.leaf(header, offset + done);
    if (leaf !== 0) ones += onesInPart(words, leaf * 2 + FIRST_WORD, within, within + part);
    done += part;
  }
  return ones;
}

function onesInPart(words: Uint32Array, first: number, from: number, to: number): number {
  let ones = 0;
  const last = (to - 1) >>> 2;
  for (let word = from >>> 2; word <= last; word++) {
    let bits = words[first + word] | 0;
    // The range may begin and end within a word.
    if (word === from >>> 2) bits &= -1 << ((from & 3) * 8);
    if (word === last) bits &= -1 >>> ((3 - ((to - 1) & 3)) * 8);
    ones += onesInWord(bits);
  }
  return ones;
}

/** Sums of neighbouring bits, then of pairs, of groups of four and of bytes. */
function onesInWord(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** -1, 0 or 1: how the first bytes of two arrays compare. */
export function compareArrays(words: Uint32Array, tree: ByteTree, one: number, other: number, length: number): number {
  for (let offset = 0; offset < length; offset += LEAF_BYTES) {
    const first = tree.leaf(one, offset) * 2 + FIRST_WORD;
    const second = tree.leaf(other, offset) * 2 + FIRST_WORD;
    if (first === second) continue;
    const bytes = Math.min(LEAF_BYTES, length - offset);
    for (let word = 0; word << 2 < bytes; word++) {
      // A part that was never written to has no words.
      const a = first === FIRST_WORD ? 0 : words[first + word];
      const b = second === FIRST_WORD ? 0 : words[second + word];
      if (a === b) continue;
      const difference = compareWords(a, b, Math.min(4, bytes - word * 4));
      if (difference !== 0) return difference;
    }
  }
  return 0;
}

/** The lowest byte of a word comes first. */
function compareWords(one: number, other: number, bytes: number): number {
  for (let byte = 0; byte < bytes; byte++) {
    const difference = ((one >>> (byte * 8)) & 0xff) - ((other >>> (byte * 8)) & 0xff);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
