// The registers of a sketch in a byte array: how many have each rank, so that counting does not read them all, and then the registers, 6 bits each.

import type { ByteArray } from 'cacheismo';
import { ranksOf } from './estimate.js';

const RANKS = 64;
const REGISTERS_AT = RANKS * 4;
const REGISTER_BITS = 6;
const RANK_MASK = 63;
export const HIGHEST_PRECISION = 18;

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

// Registers in groups of four: 24 bits, which a byte array has in three bytes. Two of them, with room for a carry, are compared at a time.
const GROUP_BYTES = 3;
const EVEN = 0x03f03f;
const CARRY = 0x040040;

/** A byte array gives a piece of this length, or what begins or ends in one, without copying it together. */
const PIECE_BYTES = 1024;
/** What was read last: bytes are found three times as fast as the characters of a text. */
const read = Buffer.alloc(arrayBytes(HIGHEST_PRECISION));

/** Groups of registers of a precision, all of them 0. */
export function noGroups(precision: number): Uint32Array {
  return new Uint32Array(2 ** precision / 4);
}

/** Raises registers to the ranks of the array that are larger. No branches: which of the two is larger cannot be foreseen. */
export function uniteRegisters(groups: Uint32Array, array: ByteArray): void {
  const bytes = read;
  for (let from = REGISTERS_AT, to = 0; from < array.length; ) {
    const length = Math.min(PIECE_BYTES - (from % PIECE_BYTES), array.length - from);
    bytes.write(array.read(from, length), to, 'latin1');
    from += length;
    to += length;
  }
  for (let group = 0, at = 0; group < groups.length; group++, at += GROUP_BYTES) {
    const bits = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    const old = groups[group];
    const odd = larger((bits >>> REGISTER_BITS) & EVEN, (old >>> REGISTER_BITS) & EVEN);
    groups[group] = larger(bits & EVEN, old & EVEN) | (odd << REGISTER_BITS);
  }
}

/** The larger one of each of two ranks. */
function larger(one: number, other: number): number {
  const isLarger = ((one | CARRY) - other) & CARRY;
  return other ^ ((one ^ other) & (isLarger - (isLarger >>> REGISTER_BITS)));
}

/** The registers of groups, one in each byte. */
export function registersIn(groups: Uint32Array): Uint8Array {
  const registers = new Uint8Array(groups.length * 4);
  for (let group = 0; group < groups.length; group++) {
    const bits = groups[group];
    registers[4 * group] = bits & RANK_MASK;
    registers[4 * group + 1] = (bits >>> 6) & RANK_MASK;
    registers[4 * group + 2] = (bits >>> 12) & RANK_MASK;
    registers[4 * group + 3] = bits >>> 18;
  }
  return registers;
}

export function writeRegisters(array: ByteArray, registers: Uint8Array): void {
  for (const [rank, count] of ranksOf(registers).entries()) if (rank < RANKS) array.setU32(rank * 4, count);
  const bytes = new Uint8Array((registers.length * REGISTER_BITS) / 8);
  for (let register = 0, at = 0; at < bytes.length; register += 4, at += GROUP_BYTES) {
    const low = registers[register] | (registers[register + 1] << 6);
    const high = registers[register + 2] | (registers[register + 3] << 6);
    bytes[at] = low;
    bytes[at + 1] = (low >>> 8) | (high << 4);
    bytes[at + 2] = high >>> 4;
  }
  array.write(REGISTERS_AT, Buffer.from(bytes.buffer).toString('latin1'));
}
