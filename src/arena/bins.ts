// Lists of free chunks by size, with a bitmap that finds the smallest that fits in constant time. Splitting and merging chunks:
// allocator.ts.
//
// Bins 2 to 191 hold chunks of exactly that many units; each later bin holds the sizes from one power of two to the next.
// All used chunks but long pieces are smaller than 192 units, so any chunk of the larger bins fits any other need.

import { FREE_NEXT_WORD, FREE_PREVIOUS_WORD, unitsOfFree } from './chunk.js';
import { ROOTS } from './layout.js';
import type { Ref } from './memory.js';

/** Above MAX_CHUNK_UNITS (129) and a multiple of 32: the exact bins fill six whole words of the bitmap. */
const EXACT_BINS = 192;
/** log2 of EXACT_BINS, rounded down: the first of the later bins follows the exact ones. */
const LARGE_SHIFT = 7;
/** One more word of the bitmap: 32 bins for the powers of two of a 32-bit size. */
const BIN_COUNT = 224;

const SUMMARY = ROOTS.allocator + 1;
const BITMAP = ROOTS.allocator + 2;
const HEADS = ROOTS.allocator + 16;

/** @perThread */
export class Bins {
  constructor(private readonly words: Uint32Array) {}

  /** Puts a free chunk of `units` at the head of its list. */
  add(chunk: number, units: number): void {
    const words = this.words;
    const bin = binOf(units);
    const head = words[HEADS + bin];
    words[chunk * 2 + FREE_NEXT_WORD] = head;
    words[chunk * 2 + FREE_PREVIOUS_WORD] = 0;
    if (head !== 0) words[head * 2 + FREE_PREVIOUS_WORD] = chunk;
    else this.mark(bin);
    words[HEADS + bin] = chunk;
  }

  remove(chunk: number, units: number): void {
    const words = this.words;
    const next = words[chunk * 2 + FREE_NEXT_WORD];
    const previous = words[chunk * 2 + FREE_PREVIOUS_WORD];
    if (next !== 0) words[next * 2 + FREE_PREVIOUS_WORD] = previous;
    if (previous !== 0) {
      words[previous * 2 + FREE_NEXT_WORD] = next;
    } else {
      const bin = binOf(units);
      words[HEADS + bin] = next;
      if (next === 0) this.unmark(bin);
    }
  }

  /** Whether a chunk stays in its list when its size changes. */
  sameBin(units: number, otherUnits: number): boolean {
    return binOf(units) === binOf(otherUnits);
  }

  /** As `smallestFit`, for any number of units: also tries the head of the list whose chunks are only partly large enough. */
  smallestLongFit(units: number): Ref {
    const bin = binOf(units);
    const head = this.words[HEADS + bin];
    if (head !== 0 && unitsOfFree(this.words[head * 2]) >= units) return head as Ref;
    return this.firstFrom(bin < EXACT_BINS ? bin : bin + 1);
  }

  /** The head of the first list whose chunks all have at least `units` (below 192); 0 if there is none. */
  smallestFit(units: number): Ref {
    return this.firstFrom(units);
  }

  /** The head of the first list that is not empty, from a bin on. */
  private firstFrom(bin: number): Ref {
    const words = this.words;
    let group = bin >>> 5;
    const within = words[BITMAP + group] & (-1 << (bin & 31));
    if (within !== 0) return words[HEADS + (group << 5) + lowestBit(within)] as Ref;
    const groups = words[SUMMARY] & (-2 << group);
    if (groups === 0) return 0 as Ref;
    group = lowestBit(groups);
    return words[HEADS + (group << 5) + lowestBit(words[BITMAP + group])] as Ref;
  }

  /** The head of the list of the largest chunks, if they have at least `minUnits` (up to 192). */
  largest(minUnits: number): Ref {
    const groups = this.words[SUMMARY];
    if (groups === 0) return 0 as Ref;
    const group = 31 - Math.clz32(groups);
    const bin = (group << 5) + 31 - Math.clz32(this.words[BITMAP + group]);
    return (bin < minUnits ? 0 : this.words[HEADS + bin]) as Ref;
  }

  /** The head of the list of the largest chunks with at most `maxUnits` (below 192) and at least `minUnits`. */
  largestWithin(maxUnits: number, minUnits: number): Ref {
    const words = this.words;
    let group = maxUnits >>> 5;
    let bits = words[BITMAP + group] & (-1 >>> (31 - (maxUnits & 31)));
    while (bits === 0 && group > 0) {
      group--;
      bits = words[BITMAP + group];
    }
    if (bits === 0) return 0 as Ref;
    const bin = (group << 5) + 31 - Math.clz32(bits);
    return (bin < minUnits ? 0 : words[HEADS + bin]) as Ref;
  }

  /** For checks: calls `visit` with each free chunk and the bin that it is in. */
  forEach(visit: (chunk: Ref, bin: number) => void): void {
    for (let bin = 0; bin < BIN_COUNT; bin++) {
      for (let chunk = this.words[HEADS + bin]; chunk !== 0; ) {
        const next = this.words[chunk * 2 + FREE_NEXT_WORD];
        visit(chunk as Ref, bin);
        chunk = next;
      }
    }
  }

  /** Units of free chunks that are longer than those of the exact bins: of `most` chunks at most, from the longest on. */
  longUnits(most: number): number {
    let units = 0;
    let count = 0;
    for (let bin = BIN_COUNT - 1; bin >= EXACT_BINS; bin--) {
      for (let chunk = this.words[HEADS + bin]; chunk !== 0 && count < most; count++) {
        units += unitsOfFree(this.words[chunk * 2]);
        chunk = this.words[chunk * 2 + FREE_NEXT_WORD];
      }
    }
    return units;
  }

  private mark(bin: number): void {
    const group = bin >>> 5;
    this.words[BITMAP + group] = this.words[BITMAP + group] | (1 << (bin & 31));
    this.words[SUMMARY] = this.words[SUMMARY] | (1 << group);
  }

  private unmark(bin: number): void {
    const group = bin >>> 5;
    const left = this.words[BITMAP + group] & ~(1 << (bin & 31));
    this.words[BITMAP + group] = left;
    if (left === 0) this.words[SUMMARY] = this.words[SUMMARY] & ~(1 << group);
  }
}

export function binOf(units: number): number {
  return units < EXACT_BINS ? units : EXACT_BINS - LARGE_SHIFT + 31 - Math.clz32(units);
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
