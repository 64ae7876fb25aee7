// The methods of byte arrays in scripts. What they do, and what they refuse: tables/bytes/byte-array-view.ts.

import type { ByteArray, Scalar } from '../../../objects/types/object-type.js';
import type { StoredBytes } from '../../../tables/table-store.js';
import type { LuaState } from '../vm/fengari-types.js';
import { attempt, LuaSpecial, nativesOf, pushScalar, type SpecialKind, type SpecialMethod } from './lua-special.js';

/** By the name under which a script finds it. */
const METHODS: Readonly<Record<string, SpecialMethod<StoredBytes>>> = {
  length: (array) => array.length,
  getU8: (array, offset: number) => array.getU8(offset),
  setU8: (array, offset: number, value: number) => array.setU8(offset, value),
  getU16: (array, offset: number) => array.getU16(offset),
  setU16: (array, offset: number, value: number) => array.setU16(offset, value),
  getU32: (array, offset: number) => array.getU32(offset),
  setU32: (array, offset: number, value: number) => array.setU32(offset, value),
  getF64: (array, offset: number) => array.getF64(offset),
  setF64: (array, offset: number, value: number) => array.setF64(offset, value),
  getBit: (array, bit: number) => array.getBit(bit),
  setBit: (array, bit: number, on?: boolean) => array.setBit(bit, on),
  setHashed: (array, high: number, low: number, count: number, from?: number) =>
    array.setHashed(high, low, count, from),
  hasHashed: (array, high: number, low: number, count: number, from?: number) =>
    array.hasHashed(high, low, count, from),
  countBits: (array, offset?: number, length?: number) => array.countBits(offset, length),
  read: (array, offset?: number, length?: number) => array.read(offset, length),
  write: (array, offset: number, bytes: string) => array.write(offset, bytes),
  fill: (array, value: number, offset?: number, length?: number) => array.fill(value, offset, length),
  compare: (array, other: ByteArray) => array.compare(other),
  orWith: (array, other: ByteArray) => array.orWith(other),
  maxWith: (array, other: ByteArray) => array.maxWith(other),
};

const NOUN = 'byte array';

const KIND: SpecialKind = {
  noun: NOUN,
  natives: nativesOf(
    NOUN,
    METHODS,
    (L, value) => (value instanceof LuaByteArray ? value.view(L) : undefined),
    () => pushResult,
  ),
  setAdvice: 'use setU8(offset, value) with a colon',
  listAdvice: 'use read(offset, length)',
};

function pushResult(L: LuaState, result: unknown): number {
  return result === undefined ? 0 : pushScalar(L, result as Scalar);
}

export class LuaByteArray extends LuaSpecial<StoredBytes> {
  constructor(protected readonly target: StoredBytes) {
    super();
  }

  protected get kind(): SpecialKind {
    return KIND;
  }

  length(L: LuaState): number {
    return attempt(L, () => this.view(L).length);
  }
}
