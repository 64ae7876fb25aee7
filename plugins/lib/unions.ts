// Sketches of several counters as one: their members, their registers, and how many members they have together. The forms of a sketch: sketch.ts.

import type { ByteArray } from 'cacheismo';
import { estimate, folded, foldedRank, ranksOf } from './estimate.js';
import { noGroups, registersIn, storedRanks, uniteRegisters } from './registers.js';
import { HASH_BYTES, hashesIn, MOST_HASHES, rankOf, registerOf, SparseCursor } from './sketch.js';

/** The first characters of a text of hashes, and of one of registers. */
export const HASHES = 'x';
export const SPARSE = 's';

/** A slot's content: a text, or the byte array. */
export type Sketch = string | ByteArray;

/** Sketches of one counter. */
export interface Sketches {
  readonly precision: number;
  readonly list: readonly Sketch[];
}

function uniteText(registers: Uint8Array, to: number, sketch: string, precision: number): void {
  const text = sketch.slice(1);
  if (sketch.startsWith(HASHES)) {
    for (const hash of hashesIn(text)) raiseRegister(registers, registerOf(hash, to), rankOf(hash, to));
  } else {
    for (const cursor = new SparseCursor(text); cursor.next(); ) {
      const rank = foldedRank(cursor.register, cursor.rank, precision - to);
      raiseRegister(registers, cursor.register >>> (precision - to), rank);
    }
  }
}

function raiseRegister(registers: Uint8Array, register: number, rank: number): void {
  if (rank > registers[register]) registers[register] = rank;
}

export function registersOf(sketch: Sketch, precision: number): Uint8Array {
  return unionOf([{ precision, list: [sketch] }]);
}

export function lowestPrecision(all: readonly Sketches[]): number {
  return Math.min(...all.map(({ precision }) => precision));
}

/** The hashes of all members; undefined if they are too many, or if a sketch has lost them. */
export function hashesOf(all: readonly Sketches[]): Set<string> | undefined {
  const hashes = new Set<string>();
  for (const sketch of all.flatMap(({ list }) => list)) {
    if (typeof sketch !== 'string' || !sketch.startsWith(HASHES)) return undefined;
    for (let at = 1; at < sketch.length; at += HASH_BYTES) hashes.add(sketch.slice(at, at + HASH_BYTES));
  }
  return hashes.size <= MOST_HASHES ? hashes : undefined;
}

/** The registers of all sketches, of the lowest precision. */
export function unionOf(all: readonly Sketches[]): Uint8Array {
  const lowest = lowestPrecision(all);
  const union = new Uint8Array(2 ** lowest);
  // Byte arrays of a precision are united first, so that they are folded once.
  const arrays = new Map<number, Uint32Array>();
  for (const { precision, list } of all) {
    for (const sketch of list) {
      if (typeof sketch === 'string') uniteText(union, lowest, sketch, precision);
      else {
        const groups = arrays.get(precision) ?? noGroups(precision);
        arrays.set(precision, groups);
        uniteRegisters(groups, sketch);
      }
    }
  }
  for (const [precision, groups] of arrays) {
    const registers = folded(registersIn(groups), precision, lowest);
    for (let register = 0; register < union.length; register++) raiseRegister(union, register, registers[register]);
  }
  return union;
}

/** Registers that are read to unite them. */
export function registersRead(all: readonly Sketches[]): number {
  return all.reduce(
    (sum, { precision, list }) => sum + list.filter((sketch) => typeof sketch !== 'string').length * 2 ** precision,
    0,
  );
}

export function countOf(all: readonly Sketches[]): number {
  const hashes = hashesOf(all);
  if (hashes !== undefined) return hashes.size;
  const [{ precision, list }] = all;
  // The usual case need not read the registers.
  if (all.length === 1 && list.length === 1 && typeof list[0] !== 'string') {
    return estimate(storedRanks(list[0]), precision);
  }
  return estimate(ranksOf(unionOf(all)), lowestPrecision(all));
}
