// What methods do with a byte array, charged to the call before it is done. The object that they use: byte-array-view.ts.

import { type Arena, UNIT_BYTES } from '../../arena/memory.js';
import { latin1 } from '../../base/latin1.js';
import type { ByteSink } from '../byte-sink.js';
import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import { TableKind } from '../table-layout.js';
import type { TableParts } from '../table-parts.js';
import { LEAF_BYTES, LEAF_MASK, PART_HEADER_BYTES } from './byte-layout.js';
import { compareArrays, onesIn } from './byte-loops.js';
import type { ByteTree } from './byte-tree.js';
import { HashedBits } from './hashed-bits.js';

/** Steps for each part that a range touches, which may have to be made. */
const PART_STEPS = 18;
/** Steps of a number that lies in two parts. */
const SPLIT_STEPS = 6;
/** A step for counting, comparing or merging this many bytes, as a power of 2. */
const READ_PER_STEP_BITS = 5;
const MERGED_PER_STEP_BITS = 3;
/** Longer texts are charged before they are encoded. */
const LONG_TEXT = 1024;
/** Bytes that become base64 at a time: a multiple of 3. */
const BASE64_BYTES = 3 * LEAF_BYTES;

const NOTHING_WRITTEN = new Uint8Array(LEAF_BYTES);

/** @perThread */
export class ByteArrays {
  private readonly arena: Arena;
  private readonly view: DataView;
  private readonly tree: ByteTree;
  readonly hashed: HashedBits;
  private readonly scratch = Buffer.alloc(BASE64_BYTES);
  private readonly scratchView = new DataView(this.scratch.buffer, this.scratch.byteOffset, 8);

  constructor(private readonly parts: TableParts) {
    this.arena = parts.store.arena;
    this.view = this.arena.view;
    this.tree = parts.byteTree;
    this.hashed = new HashedBits(parts);
  }

  /** The header of the array; 0 for one that is not there. */
  enter(place: TableLocation | undefined, generation: number): number {
    const { parts } = this;
    if (place === undefined) {
      parts.demandCurrent(generation);
      return 0;
    }
    parts.enter(place, generation);
    if (place.kind !== TableKind.byteArray) throw new MethodError('the byte array was deleted');
    return place.header;
  }

  /** Call this before a change of a range. */
  enterToWrite(place: TableLocation | undefined, generation: number): TableLocation {
    const { parts } = this;
    if (place === undefined) throw new MethodError('the object is open for reading only');
    parts.enterToWrite(place, generation);
    if (place.kind !== TableKind.byteArray) throw new MethodError('the byte array was deleted');
    return place;
  }

  /** Call this before a change of a bit or a number. */
  enterToPatch(place: TableLocation | undefined, generation: number): TableLocation {
    const { parts } = this;
    if (place === undefined) throw new MethodError('the object is open for reading only');
    parts.enterToPatch(place, generation);
    if (place.kind !== TableKind.byteArray) throw new MethodError('the byte array was deleted');
    return place;
  }

  isCurrent(generation: number): boolean {
    return generation === this.parts.generation;
  }

  /** Of a place that was resolved. */
  length(place: TableLocation): number {
    return this.tree.length(place.header);
  }

  u8(header: number, offset: number): number {
    const leaf = this.tree.leaf(header, offset);
    return leaf === 0 ? 0 : this.view.getUint8(leaf * UNIT_BYTES + PART_HEADER_BYTES + (offset & LEAF_MASK));
  }

  u16(header: number, offset: number): number {
    const within = offset & LEAF_MASK;
    if (within + 2 > LEAF_BYTES) return this.#split(header, offset, 2).getUint16(0, true);
    const leaf = this.tree.leaf(header, offset);
    return leaf === 0 ? 0 : this.view.getUint16(leaf * UNIT_BYTES + PART_HEADER_BYTES + within, true);
  }

  u32(header: number, offset: number): number {
    const within = offset & LEAF_MASK;
    if (within + 4 > LEAF_BYTES) return this.#split(header, offset, 4).getUint32(0, true);
    const leaf = this.tree.leaf(header, offset);
    return leaf === 0 ? 0 : this.view.getUint32(leaf * UNIT_BYTES + PART_HEADER_BYTES + within, true);
  }

  f64(header: number, offset: number): number {
    const within = offset & LEAF_MASK;
    if (within + 8 > LEAF_BYTES) return this.#split(header, offset, 8).getFloat64(0, true);
    const leaf = this.tree.leaf(header, offset);
    return leaf === 0 ? 0 : this.view.getFloat64(leaf * UNIT_BYTES + PART_HEADER_BYTES + within, true);
  }

  bit(header: number, bit: number): boolean {
    return ((this.u8(header, bit >>> 3) >>> (bit & 7)) & 1) !== 0;
  }

  /** Whether the bit has changed. */
  setBit(place: TableLocation, bit: number, isOn: boolean): boolean {
    const { parts } = this;
    this.#chargeParts(place, bit >>> 3, 1);
    parts.isChanging = true;
    const hasChanged = parts.byteWriter.setBit(place, bit, isOn);
    parts.isChanging = false;
    return hasChanged;
  }

  setU8(place: TableLocation, offset: number, value: number): void {
    const { parts } = this;
    this.#chargeParts(place, offset, 1);
    parts.isChanging = true;
    parts.byteWriter.setU8(place, offset, value);
    parts.isChanging = false;
  }

  setU16(place: TableLocation, offset: number, value: number): void {
    const { parts } = this;
    this.#chargeParts(place, offset, 2);
    parts.isChanging = true;
    parts.byteWriter.setU16(place, offset, value);
    parts.isChanging = false;
  }

  setU32(place: TableLocation, offset: number, value: number): void {
    const { parts } = this;
    this.#chargeParts(place, offset, 4);
    parts.isChanging = true;
    parts.byteWriter.setU32(place, offset, value);
    parts.isChanging = false;
  }

  setF64(place: TableLocation, offset: number, value: number): void {
    const { parts } = this;
    this.#chargeParts(place, offset, 8);
    parts.isChanging = true;
    parts.byteWriter.setF64(place, offset, value);
    parts.isChanging = false;
  }

  text(header: number, offset: number, length: number): string {
    const { budget } = this.parts;
    budget.chargeText(length);
    const within = offset & LEAF_MASK;
    const leaf = length > 0 && within + length <= LEAF_BYTES ? this.tree.leaf(header, offset) : 0;
    if (leaf !== 0) {
      const at = leaf * UNIT_BYTES + PART_HEADER_BYTES + within;
      return latin1(this.arena.viewOf(at), this.arena.indexOf(at), length);
    }
    budget.chargeBytes(length);
    const bytes = new Uint8Array(length);
    this.#copy(header, offset, length, bytes);
    return latin1(bytes, 0, length);
  }

  write(place: TableLocation, offset: number, text: string): void {
    const { parts } = this;
    if (text.length > LONG_TEXT) parts.budget.chargeText(text.length);
    this.#chargeRange(text.length);
    parts.value.take(text);
    const { bytes, at, length } = parts.value;
    parts.isChanging = true;
    parts.byteWriter.write(place, offset, bytes, at, length);
    parts.isChanging = false;
  }

  fill(place: TableLocation, offset: number, length: number, byte: number): void {
    const { parts } = this;
    this.#chargeRange(length);
    parts.isChanging = true;
    parts.byteWriter.fill(place, offset, length, byte);
    parts.isChanging = false;
  }

  countBits(header: number, offset: number, length: number): number {
    this.parts.budget.charge(length >>> READ_PER_STEP_BITS);
    return onesIn(this.arena.words, this.tree, header, offset, length);
  }

  compare(header: number, length: number, other: number, otherLength: number): number {
    const common = Math.min(length, otherLength);
    this.parts.budget.charge(common >>> READ_PER_STEP_BITS);
    return compareArrays(this.arena.words, this.tree, header, other, common) || Math.sign(length - otherLength);
  }

  or(place: TableLocation, other: number): void {
    const { parts } = this;
    this.#chargeMerge(place);
    parts.isChanging = true;
    parts.byteWriter.or(place, other);
    parts.isChanging = false;
  }

  max(place: TableLocation, other: number): void {
    const { parts } = this;
    this.#chargeMerge(place);
    parts.isChanging = true;
    parts.byteWriter.max(place, other);
    parts.isChanging = false;
  }

  /** Adds the bytes to a text, as base64 in quotes. */
  addJson(header: number, length: number, sink: ByteSink): void {
    sink.addText('"');
    for (let offset = 0; offset < length; offset += BASE64_BYTES) {
      const part = Math.min(BASE64_BYTES, length - offset);
      this.#copy(header, offset, part, this.scratch);
      sink.addText(this.scratch.toString('base64', 0, part));
    }
    sink.addText('"');
  }

  /** For a number in two parts, and for a part that has to be made. */
  #chargeParts(place: TableLocation, offset: number, bytes: number): void {
    const isSplit = (offset & LEAF_MASK) + bytes > LEAF_BYTES;
    if (isSplit || this.tree.leaf(place.header, offset) === 0) this.parts.budget.chargeWrite();
  }

  #chargeMerge(place: TableLocation): void {
    const length = this.length(place);
    this.parts.budget.charge(length >>> MERGED_PER_STEP_BITS);
    this.#chargeRange(length);
  }

  /** For the bytes that the journal keeps and those that are written. */
  #chargeRange(length: number): void {
    const { budget } = this.parts;
    budget.chargeWritten(length);
    budget.charge(Math.ceil(length / LEAF_BYTES) * PART_STEPS);
    budget.chargeBytes(length);
  }

  /** Up to 8 bytes that lie in two parts. */
  #split(header: number, offset: number, length: number): DataView {
    this.parts.budget.charge(SPLIT_STEPS);
    this.#copy(header, offset, length, this.scratch);
    return this.scratchView;
  }

  #copy(header: number, offset: number, length: number, into: Uint8Array): void {
    for (let done = 0; done < length; ) {
      const within = (offset + done) & LEAF_MASK;
      const part = Math.min(length - done, LEAF_BYTES - within);
      const leaf = this.tree.leaf(header, offset + done);
      const at = leaf * UNIT_BYTES + PART_HEADER_BYTES + within;
      const from = this.arena.indexOf(at);
      if (leaf === 0) into.set(NOTHING_WRITTEN.subarray(0, part), done);
      else into.set(this.arena.viewOf(at).subarray(from, from + part), done);
      done += part;
    }
  }
}
