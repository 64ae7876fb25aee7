// Looks up a name in the arena's bytes without decoding it to a string: an open-addressing hash table, rebuilt for each change of the
// registry. Keys of items: src/store/hash-index.ts.

import { assert } from '../../base/assert.js';
import { indexOfByte, sameBytesOf, wordOf } from '../../base/words.js';

/** Names of types and methods have at most this many bytes, which bounds the scan of an ordinary key. 32 lengths also fit one bit mask. */
const MAX_NAME_BYTES = 32;

const COLONS = wordOf(0x3a);
const EMPTY = -1;

/** Names are compared in words of four bytes. */
const READ_BEYOND_BYTES = 4;

export class NameTable<Value> {
  /** Length of the name that the last scan found, up to the colon or the end. */
  scanned = 0;
  readonly #values: Value[] = [];
  /** All names, each padded to MAX_NAME_BYTES. */
  private readonly names: DataView;
  readonly #nameLengths: number[] = [];
  private readonly slots: Int32Array;
  private readonly mask: number;
  /** By first byte, a bit mask of the lengths of names: bit 0 is length 1. It rejects most ordinary keys by their first byte or by the
      position of their first colon. */
  readonly #lengths = new Int32Array(256);
  /** By byte, whether a name starts with it, in this table or in the one that is searched after it. */
  readonly #starts = new Uint8Array(256);

  constructor(entries: Iterable<readonly [string, Value]>) {
    const all = [...entries];
    const size = 2 ** Math.ceil(Math.log2(Math.max(4, all.length * 3)));
    this.slots = new Int32Array(size).fill(EMPTY);
    this.mask = size - 1;
    this.names = new DataView(new ArrayBuffer(all.length * MAX_NAME_BYTES + READ_BEYOND_BYTES));
    for (const [name, value] of all) this.#insert(Buffer.from(name, 'latin1'), value);
  }

  #insert(name: Uint8Array, value: Value): void {
    assert(name.length > 0 && name.length <= MAX_NAME_BYTES, 'a name of usual length');
    const nameAt = this.#values.length * MAX_NAME_BYTES;
    for (const [index, byte] of name.entries()) this.names.setUint8(nameAt + index, byte);
    let slot = slotOf(this.names, nameAt, name.length) & this.mask;
    while (this.slots[slot] !== EMPTY) slot = (slot + 1) & this.mask;
    this.slots[slot] = this.#values.length;
    this.#nameLengths.push(name.length);
    this.#values.push(value);
    const first = name[0];
    this.#lengths[first] = this.#lengths[first] | (1 << (name.length - 1));
    this.#starts[first] = 1;
  }

  /** Makes `hasStart` true for the name, which is in another table. */
  noteStart(name: string): void {
    this.#starts[name.charCodeAt(0)] = 1;
  }

  /** Whether a name starts with the byte. */
  hasStart(byte: number): boolean {
    return this.#starts[byte] !== 0;
  }

  /** Looks up the name that ends at a colon or at `end`; sets `scanned` to its length. Undefined when the table does not have it. */
  scan(view: DataView, at: number, end: number): Value | undefined {
    if (at >= end) return undefined;
    const lengths = this.#lengths[view.getUint8(at)];
    if (lengths === 0) return undefined;
    const length = indexOfByte(view, at, Math.min(end, at + MAX_NAME_BYTES + 1), COLONS) - at;
    if (length > MAX_NAME_BYTES || ((lengths >>> (length - 1)) & 1) === 0) return undefined;
    this.scanned = length;
    return this.#find(view, at, length);
  }

  #find(view: DataView, at: number, length: number): Value | undefined {
    const first = slotOf(view, at, length);
    for (let slot = first & this.mask; ; slot = (slot + 1) & this.mask) {
      const index = this.slots[slot];
      if (index === EMPTY) return undefined;
      const nameAt = index * MAX_NAME_BYTES;
      if (this.#nameLengths[index] === length && sameBytesOf(this.names, nameAt, view, at, length)) {
        return this.#values[index];
      }
    }
  }
}

/** Hashes the length and the first, middle and last four bytes of a name: numbered names differ in one of them. */
function slotOf(view: DataView, at: number, length: number): number {
  if (length < 4) return mixed((view.getInt32(at, true) << (32 - 8 * length)) ^ length);
  const tail = view.getInt32(at + length - 4, true);
  const middle = view.getInt32(at + ((length - 4) >> 1), true);
  return mixed(Math.imul(Math.imul(view.getInt32(at, true), 0x85ebca6b) ^ middle, 0xc2b2ae35) ^ tail ^ length);
}

function mixed(value: number): number {
  const product = Math.imul(value, 0x9e3779b1);
  return product ^ (product >>> 15);
}
