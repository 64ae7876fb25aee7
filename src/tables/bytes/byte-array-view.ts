// One byte array of an object as methods use it. Valid until the call ends.

import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import type { ByteArray } from '../table.js';
import type { TableSerializer } from '../table-serializer.js';
import type { StoredBytes } from '../table-store.js';
import {
  bytesOf,
  demandBit,
  demandHash,
  demandNumber,
  demandSameLength,
  demandWhole,
  demandWithin,
  isOn,
  rangeOf,
} from './byte-arguments.js';
import type { ByteArrays } from './byte-arrays.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class ByteArrayView implements StoredBytes {
  // Private at run time as well: code that lists or copies the fields of a handle must not reach the arena.
  readonly #render: TableSerializer;
  readonly #arrays: ByteArrays;
  /** Undefined for an array that is not there, in an object that is open for reading: all its bytes are 0. */
  readonly #place: TableLocation | undefined;
  readonly #generation: number;
  readonly #length: number;

  /** `length` counts where there is no place. */
  constructor(render: TableSerializer, place: TableLocation | undefined, generation: number, length = 0) {
    this.#render = render;
    this.#arrays = render.bytes;
    this.#place = place;
    this.#generation = generation;
    this.#length = place === undefined ? length : render.bytes.length(place);
  }

  get length(): number {
    this.#arrays.enter(this.#place, this.#generation);
    return this.#length;
  }

  getU8(offset: number): number {
    const header = this.#arrays.enter(this.#place, this.#generation);
    demandWithin(offset, 1, this.#length);
    return this.#arrays.u8(header, offset);
  }

  setU8(offset: number, value: number): void {
    const place = this.#arrays.enterToPatch(this.#place, this.#generation);
    demandWithin(offset, 1, this.#length);
    demandWhole(value, 'u8', 0xff);
    this.#arrays.setU8(place, offset, value);
  }

  getU16(offset: number): number {
    const header = this.#arrays.enter(this.#place, this.#generation);
    demandWithin(offset, 2, this.#length);
    return this.#arrays.u16(header, offset);
  }

  setU16(offset: number, value: number): void {
    const place = this.#arrays.enterToPatch(this.#place, this.#generation);
    demandWithin(offset, 2, this.#length);
    demandWhole(value, 'u16', 0xffff);
    this.#arrays.setU16(place, offset, value);
  }

  getU32(offset: number): number {
    const header = this.#arrays.enter(this.#place, this.#generation);
    demandWithin(offset, 4, this.#length);
    return this.#arrays.u32(header, offset);
  }

  setU32(offset: number, value: number): void {
    const place = this.#arrays.enterToPatch(this.#place, this.#generation);
    demandWithin(offset, 4, this.#length);
    demandWhole(value, 'u32', 0xffff_ffff);
    this.#arrays.setU32(place, offset, value);
  }

  getF64(offset: number): number {
    const header = this.#arrays.enter(this.#place, this.#generation);
    demandWithin(offset, 8, this.#length);
    return this.#arrays.f64(header, offset);
  }

  setF64(offset: number, value: number): void {
    const place = this.#arrays.enterToPatch(this.#place, this.#generation);
    demandWithin(offset, 8, this.#length);
    demandNumber(value);
    this.#arrays.setF64(place, offset, value);
  }

  getBit(bit: number): boolean {
    const header = this.#arrays.enter(this.#place, this.#generation);
    demandBit(bit, this.#length);
    return this.#arrays.bit(header, bit);
  }

  setBit(bit: number, on?: boolean): boolean {
    const place = this.#arrays.enterToPatch(this.#place, this.#generation);
    demandBit(bit, this.#length);
    return this.#arrays.setBit(place, bit, isOn(on));
  }

  setHashed(high: number, low: number, count: number, from = 0): number {
    const place = this.#arrays.enterToPatch(this.#place, this.#generation);
    demandHash(high, low, count);
    demandWithin(from, 1, this.#length);
    return this.#arrays.hashed.set(place, high, low, count, from, this.#length);
  }

  hasHashed(high: number, low: number, count: number, from = 0): boolean {
    const header = this.#arrays.enter(this.#place, this.#generation);
    demandHash(high, low, count);
    demandWithin(from, 1, this.#length);
    return this.#arrays.hashed.has(header, high, low, count, from, this.#length);
  }

  countBits(offset = 0, length?: number): number {
    const header = this.#arrays.enter(this.#place, this.#generation);
    return this.#arrays.countBits(header, offset, rangeOf(offset, length, this.#length));
  }

  read(offset = 0, length?: number): string {
    const header = this.#arrays.enter(this.#place, this.#generation);
    return this.#arrays.text(header, offset, rangeOf(offset, length, this.#length));
  }

  write(offset: number, bytes: string): void {
    const place = this.#arrays.enterToWrite(this.#place, this.#generation);
    const text = bytesOf(bytes);
    demandWithin(offset, text.length, this.#length);
    this.#arrays.write(place, offset, text);
  }

  fill(value: number, offset = 0, length?: number): void {
    const place = this.#arrays.enterToWrite(this.#place, this.#generation);
    demandWhole(value, 'u8', 0xff);
    this.#arrays.fill(place, offset, rangeOf(offset, length, this.#length), value);
  }

  compare(other: ByteArray): number {
    const array = demandArray(other);
    const second = array.#arrays.enter(array.#place, array.#generation);
    const header = this.#arrays.enter(this.#place, this.#generation);
    return this.#arrays.compare(header, this.#length, second, array.#length);
  }

  orWith(other: ByteArray): void {
    const array = demandArray(other);
    const place = this.#arrays.enterToWrite(this.#place, this.#generation);
    demandSameLength(this.#length, array.#length);
    this.#arrays.or(place, array.#arrays.enter(array.#place, array.#generation));
  }

  maxWith(other: ByteArray): void {
    const array = demandArray(other);
    const place = this.#arrays.enterToWrite(this.#place, this.#generation);
    demandSameLength(this.#length, array.#length);
    this.#arrays.max(place, array.#arrays.enter(array.#place, array.#generation));
  }

  toObject(): string {
    return JSON.parse(this.toJson()) as string;
  }

  toJSON(): string {
    return this.toObject();
  }

  toJson(): string {
    return this.#render.bytesJson(this.#arrays.enter(this.#place, this.#generation), this.#length);
  }

  toPlain(): never {
    throw new MethodError('a byte array cannot be copied; make another by bytes(name, length) and write to it');
  }

  [INSPECT](): unknown {
    return this.#arrays.isCurrent(this.#generation) ? this.toObject() : '[a byte array of a call that has ended]';
  }
}

function demandArray(other: unknown): ByteArrayView {
  if (other instanceof ByteArrayView) return other;
  throw new MethodError('another byte array is needed; open it by bytes(name)');
}
