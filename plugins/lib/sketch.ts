// Sketches of a set for counting its members, in three forms: all hashes; the registers of a HyperLogLog that are not 0, as a text; all registers in a
// byte array. Counting them: estimate.ts. The type: ../uniq.ts.
//
// Precision p: 2^p registers of 6 bits. The first p bits of a member's hash choose a register, which keeps the largest rank: 1 and the number of zeros
// with which the other bits begin.

export type Hash = readonly [high: number, low: number];

export const HASH_BYTES = 8;
/** Up to this many members a count is exact. */
export const MOST_HASHES = 256;
/** A longer text of registers becomes a byte array. */
export const MOST_SPARSE_BYTES = 3000;

/** A number of 32 bits as four bytes. */
function bytesOf(word: number): string {
  return String.fromCharCode(word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff);
}

export function textOf([high, low]: Hash): string {
  return bytesOf(high) + bytesOf(low);
}

function wordAt(text: string, at: number): number {
  const high = (text.charCodeAt(at) << 24) | (text.charCodeAt(at + 1) << 16);
  return (high | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3)) >>> 0;
}

/** The hashes in a text of them. */
export function hashesIn(text: string): Hash[] {
  const hashes: Hash[] = [];
  for (let at = 0; at < text.length; at += HASH_BYTES) hashes.push([wordAt(text, at), wordAt(text, at + 4)]);
  return hashes;
}

/** Whether a text of hashes has this one. */
export function hasHash(text: string, hash: string): boolean {
  let at = text.indexOf(hash);
  while (at >= 0 && at % HASH_BYTES !== 0) at = text.indexOf(hash, at + 1);
  return at >= 0;
}

export function registerOf([high]: Hash, precision: number): number {
  return high >>> (32 - precision);
}

export function rankOf([high, low]: Hash, precision: number): number {
  const rest = (high << precision) >>> 0;
  return rest === 0 ? 33 - precision + Math.clz32(low) : Math.clz32(rest) + 1;
}

// The text of registers: for each that is not 0, in their order, the distance from the one before and the rank. One byte where both are small, which
// nine of ten are; else a mark, the distance in groups of 7 bits, the low ones first, and the rank.

const SHORT_DISTANCES = 63;
const SHORT_RANKS = 4;
const LONG = SHORT_DISTANCES * SHORT_RANKS;

function encode(distance: number, rank: number): string {
  if (distance <= SHORT_DISTANCES && rank <= SHORT_RANKS) {
    return String.fromCharCode((distance - 1) * SHORT_RANKS + rank - 1);
  }
  let text = String.fromCharCode(LONG);
  let rest = distance;
  for (; rest > 0x7f; rest >>>= 7) text += String.fromCharCode((rest & 0x7f) | 0x80);
  return text + String.fromCharCode(rest, rank);
}

/** Goes over a text of registers. */
export class SparseCursor {
  /** -1 before the first. */
  register = -1;
  rank = 0;
  /** Where the register begins, and where the next one does. */
  start = 0;
  end = 0;

  constructor(private readonly text: string) {}

  /** Goes to the next register; false at the end. */
  next(): boolean {
    const { text } = this;
    this.start = this.end;
    if (this.end === text.length) return false;
    const code = text.charCodeAt(this.end++);
    if (code !== LONG) {
      this.register += (code >>> 2) + 1;
      this.rank = (code & 3) + 1;
      return true;
    }
    let distance = 0;
    for (let shift = 0; ; shift += 7) {
      const bits = text.charCodeAt(this.end++);
      distance |= (bits & 0x7f) << shift;
      if (bits < 0x80) break;
    }
    this.register += distance;
    this.rank = text.charCodeAt(this.end++);
    return true;
  }
}

/** The text with a rank in a register; the same text if the register has it, or a larger one. */
export function withRegister(text: string, register: number, rank: number): string {
  const cursor = new SparseCursor(text);
  let before = -1;
  while (cursor.next()) {
    if (cursor.register >= register) break;
    before = cursor.register;
  }
  const isAtEnd = cursor.start === text.length;
  if (!isAtEnd && cursor.register === register) {
    if (cursor.rank >= rank) return text;
    return text.slice(0, cursor.start) + encode(register - before, rank) + text.slice(cursor.end);
  }
  const after = isAtEnd ? '' : encode(cursor.register - register, cursor.rank) + text.slice(cursor.end);
  return text.slice(0, cursor.start) + encode(register - before, rank) + after;
}

/** The text of the registers that are not 0. */
export function sparseOf(registers: Uint8Array): string {
  let text = '';
  let before = -1;
  for (let register = 0; register < registers.length; register++) {
    if (registers[register] === 0) continue;
    text += encode(register - before, registers[register]);
    before = register;
  }
  return text;
}
