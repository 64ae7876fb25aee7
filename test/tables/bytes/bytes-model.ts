// A byte array as an array of JavaScript: what the real one is compared with.

import type { ByteArray } from '../../../src/objects/types/object-type.js';

export class BytesModel {
  private readonly bytes: Buffer;

  constructor(readonly length: number) {
    this.bytes = Buffer.alloc(length);
  }

  copy(): BytesModel {
    const copy = new BytesModel(this.length);
    this.bytes.copy(copy.bytes);
    return copy;
  }

  get base64(): string {
    return this.bytes.toString('base64');
  }

  getU8(offset: number): number {
    return this.bytes.readUInt8(offset);
  }

  setU8(offset: number, value: number): void {
    this.bytes.writeUInt8(value, offset);
  }

  getU16(offset: number): number {
    return this.bytes.readUInt16LE(offset);
  }

  setU16(offset: number, value: number): void {
    this.bytes.writeUInt16LE(value, offset);
  }

  getU32(offset: number): number {
    return this.bytes.readUInt32LE(offset);
  }

  setU32(offset: number, value: number): void {
    this.bytes.writeUInt32LE(value, offset);
  }

  getF64(offset: number): number {
    return this.bytes.readDoubleLE(offset);
  }

  setF64(offset: number, value: number): void {
    this.bytes.writeDoubleLE(value, offset);
  }

  getBit(bit: number): boolean {
    return ((this.getU8(Math.floor(bit / 8)) >> (bit % 8)) & 1) === 1;
  }

  setBit(bit: number, on = true): boolean {
    if (this.getBit(bit) === on) return false;
    const offset = Math.floor(bit / 8);
    this.setU8(offset, this.getU8(offset) ^ (1 << (bit % 8)));
    return true;
  }

  setHashed(high: number, low: number, count: number, from: number): number {
    return this.#hashed(high, low, count, from).filter((bit) => this.setBit(bit)).length;
  }

  hasHashed(high: number, low: number, count: number, from: number): boolean {
    return this.#hashed(high, low, count, from).every((bit) => this.getBit(bit));
  }

  #hashed(high: number, low: number, count: number, from: number): number[] {
    let word = high;
    return Array.from({ length: count }, () => {
      const bit = from * 8 + Math.floor((word * (this.length - from) * 8) / 2 ** 32);
      const mixed = Math.imul((word + low) ^ (word >>> 15), 0x9e3779b1);
      word = (mixed ^ (mixed >>> 13)) >>> 0;
      return bit;
    });
  }

  countBits(offset = 0, length = this.length - offset): number {
    let ones = 0;
    for (let bit = offset * 8; bit < (offset + length) * 8; bit++) if (this.getBit(bit)) ones++;
    return ones;
  }

  read(offset = 0, length = this.length - offset): string {
    return this.bytes.toString('latin1', offset, offset + length);
  }

  write(offset: number, bytes: string): void {
    this.bytes.write(bytes, offset, 'latin1');
  }

  fill(value: number, offset = 0, length = this.length - offset): void {
    this.bytes.fill(value, offset, offset + length);
  }

  compareWith(other: BytesModel): number {
    return Buffer.compare(this.bytes, other.bytes);
  }

  orWith(other: BytesModel): void {
    for (let offset = 0; offset < this.length; offset++) this.bytes[offset] |= other.bytes[offset];
  }

  maxWith(other: BytesModel): void {
    for (let offset = 0; offset < this.length; offset++) {
      this.bytes[offset] = Math.max(this.bytes[offset], other.bytes[offset]);
    }
  }

  /** Throws where the array has other bytes. */
  compare(array: ByteArray, name: string): void {
    if (array.length !== this.length) throw new Error(`${name} has ${array.length} bytes, not ${this.length}`);
    const bytes = Buffer.from(array.read(), 'latin1');
    if (bytes.equals(this.bytes)) return;
    const offset = bytes.findIndex((byte, at) => byte !== this.bytes[at]);
    throw new Error(`${name} has ${bytes[offset]} at ${offset}, not ${this.bytes[offset]}`);
  }
}

interface Random {
  below(limit: number): number;
}

/** Offsets near the ends of parts, and anywhere. */
function offsetIn(random: Random, length: number, size: number): number {
  const last = length - size;
  if (random.below(2) === 0 || last < 1024) return random.below(last + 1);
  const edge = 1024 * random.below(Math.floor(last / 1024) + 1);
  return Math.min(last, Math.max(0, edge + random.below(17) - 8));
}

/** One random change of an array and of its model; `other` is another array of the same length. */
export function changeBytes(
  random: Random,
  array: ByteArray,
  model: BytesModel,
  other?: readonly [array: ByteArray, model: BytesModel],
): void {
  const { length } = model;
  const at = (size: number) => offsetIn(random, length, size);
  const value = random.below(2 ** 32);
  switch (random.below(length < 8 ? 6 : 12)) {
    case 0: {
      const bit = at(1) * 8 + random.below(8);
      const on = random.below(4) > 0;
      if (array.setBit(bit, on) !== model.setBit(bit, on)) throw new Error(`bit ${bit} has changed in one only`);
      break;
    }
    case 1: {
      const offset = at(1);
      array.setU8(offset, value & 0xff);
      model.setU8(offset, value & 0xff);
      break;
    }
    case 2: {
      const offset = random.below(length);
      const bytes = String.fromCharCode(value & 0xff).repeat(random.below(Math.min(5000, length - offset) + 1));
      array.write(offset, bytes);
      model.write(offset, bytes);
      break;
    }
    case 3: {
      const offset = random.below(length);
      const count = random.below(length - offset + 1);
      const byte = random.below(2) === 0 ? 0 : value & 0xff;
      array.fill(byte, offset, count);
      model.fill(byte, offset, count);
      break;
    }
    case 4: {
      if (other === undefined) break;
      const join = random.below(2) === 0 ? 'orWith' : 'maxWith';
      array[join](other[0]);
      model[join](other[1]);
      break;
    }
    case 5: {
      const hash = [value, random.below(2 ** 32), 1 + random.below(9), random.below(length)] as const;
      equal(array.setHashed(...hash), model.setHashed(...hash), `bits of ${hash} that have changed`);
      break;
    }
    case 6:
    case 7: {
      const offset = at(2);
      array.setU16(offset, value & 0xffff);
      model.setU16(offset, value & 0xffff);
      break;
    }
    case 8:
    case 9: {
      const offset = at(4);
      array.setU32(offset, value);
      model.setU32(offset, value);
      break;
    }
    default: {
      const offset = at(8);
      array.setF64(offset, value * -1.7);
      model.setF64(offset, value * -1.7);
    }
  }
}

/** Reads some bytes of an array in every way. */
export function lookAtBytes(
  random: Random,
  array: ByteArray,
  model: BytesModel,
  other?: readonly [array: ByteArray, model: BytesModel],
): void {
  const { length } = model;
  const offset = random.below(length);
  const count = random.below(length - offset + 1);
  equal(array.getU8(offset), model.getU8(offset), `byte ${offset}`);
  equal(array.getBit(offset * 8 + 3), model.getBit(offset * 8 + 3), `bit ${offset * 8 + 3}`);
  const hash = [random.below(2 ** 32), count, 1 + random.below(3), offset] as const;
  equal(array.hasHashed(...hash), model.hasHashed(...hash), `bits of ${hash}`);
  equal(array.read(offset, count), model.read(offset, count), `${count} bytes from ${offset}`);
  equal(
    array.countBits(offset, Math.min(count, 300)),
    model.countBits(offset, Math.min(count, 300)),
    'bits that are set',
  );
  if (other !== undefined) equal(array.compare(other[0]), model.compareWith(other[1]), 'comparison');
  if (length < 8) return;
  const at = offsetIn(random, length, 8);
  equal(array.getU16(at), model.getU16(at), `u16 at ${at}`);
  equal(array.getU32(at), model.getU32(at), `u32 at ${at}`);
  equal(array.getF64(at), model.getF64(at), `f64 at ${at}`);
}

function equal(actual: unknown, wanted: unknown, what: string): void {
  if (!Object.is(actual, wanted)) throw new Error(`${what}: ${String(actual)}, not ${String(wanted)}`);
}
