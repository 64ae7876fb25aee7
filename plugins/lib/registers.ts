// The registers of a sketch in a byte array: how many have each rank, so that counting does not read them all, and then the registers, 6 bits each.

import type { ByteArray } from 'cacheismo';
import { ranksOf } from './estimate.js';

const RANKS = 64;
const REGISTERS_AT = RANKS * 4;
const REGISTER_BITS = 6;
const RANK_MASK = 63;
/** Characters that one call can make a text of. */
const TEXT_BYTES = 4096;

export function registerBytes(precision: number): number {
  return (2 ** precision * REGISTER_BITS) / 8;
}

/** With a byte after the end, since two are read for each register. */
export function arrayBytes(precision: number): number {
  return REGISTERS_AT + registerBytes(precision) + 1;
}

/** Sets a register to a rank that is larger; whether it was. */
export function raise(array: ByteArray, register: number, rank: number): boolean {
  const bit = register * REGISTER_BITS;
  const at = REGISTERS_AT + (bit >>> 3);
  const shift = bit & 7;
  const bits = array.getU16(at);
  const before = (bits >>> shift) & RANK_MASK;
  if (before >= rank) return false;
  array.setU16(at, (bits & ~(RANK_MASK << shift)) | (rank << shift));
  array.setU32(before * 4, array.getU32(before * 4) - 1);
  array.setU32(rank * 4, array.getU32(rank * 4) + 1);
  return true;
}

/** How many registers have each rank. */
export function storedRanks(array: ByteArray): number[] {
  const ranks: number[] = [];
  for (let rank = 0; rank < RANKS; rank++) ranks.push(array.getU32(rank * 4));
  return [...ranks, 0];
}

/** Raises registers to the ranks of the array that are larger: four of them in three bytes at a time. */
export function uniteRegisters(registers: Uint8Array, array: ByteArray): void {
  const text = array.read(REGISTERS_AT);
  for (let register = 0, at = 0; register < registers.length; register += 4, at += 3) {
    const bits = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8) | (text.charCodeAt(at + 2) << 16);
    for (let next = 0; next < 4; next++) {
      const rank = (bits >>> (next * REGISTER_BITS)) & RANK_MASK;
      if (rank > registers[register + next]) registers[register + next] = rank;
    }
  }
}

export function writeRegisters(array: ByteArray, registers: Uint8Array): void {
  for (const [rank, count] of ranksOf(registers).entries()) if (rank < RANKS) array.setU32(rank * 4, count);
  const bytes = new Uint8Array((registers.length * REGISTER_BITS) / 8);
  for (let register = 0; register < registers.length; register++) {
    const bit = register * REGISTER_BITS;
    const at = bit >>> 3;
    const bits = registers[register] << (bit & 7);
    bytes[at] |= bits;
    if (bits > 0xff) bytes[at + 1] |= bits >>> 8;
  }
  for (let at = 0; at < bytes.length; at += TEXT_BYTES) {
    array.write(REGISTERS_AT + at, String.fromCharCode(...bytes.subarray(at, at + TEXT_BYTES)));
  }
}
