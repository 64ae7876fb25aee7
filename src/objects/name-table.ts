// Finds what a name of bytes in the arena stands for, without making a string of it: an open-addressing table, built
// once for each change of the registry. Not for keys of items, which the store's index finds.

import { assert } from '../base/assert.js';

/** Names of types and methods are at most this long, which bounds the look at an ordinary key. */
export const MAX_NAME_BYTES = 32;

const COLON = 0x3a;
const EMPTY = 0xffff;

export class NameTable<Value> {
  /** How far the last scan got: the length of the name before the colon or the end. */
  scanned = 0;
  readonly #values: Value[] = [];
  readonly #names: Uint8Array[] = [];
  readonly #slots: Uint16Array;
  readonly #mask: number;
  /** By the byte that names start with, their lengths: bit 0 is length 1. Ordinary keys are told apart by their first byte, or by
      what follows where a name would end. */
  readonly #lengths = new Int32Array(256);

  constructor(entries: Iterable<readonly [string, Value]>) {
    const all = [...entries];
    const size = 2 ** Math.ceil(Math.log2(Math.max(4, all.length * 3)));
    assert(size <= EMPTY, 'names fit their table');
    this.#slots = new Uint16Array(size).fill(EMPTY);
    this.#mask = size - 1;
    for (const [name, value] of all) this.#insert(Buffer.from(name, 'latin1'), value);
  }

  #insert(name: Uint8Array, value: Value): void {
    assert(name.length > 0 && name.length <= MAX_NAME_BYTES, 'a name of usual length');
    let slot = slotOf(name[0] as number, name[name.length - 1] as number, name.length) & this.#mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = this.#values.length;
    this.#names.push(name);
    this.#values.push(value);
    const first = name[0] as number;
    this.#lengths[first] = (this.#lengths[first] as number) | (1 << (name.length - 1));
  }

  /** Reads a name up to a colon or to `end`; undefined when it is none of the table's. `scanned` is its length. */
  scan(bytes: Uint8Array, at: number, end: number): Value | undefined {
    if (at >= end) return undefined;
    for (let lengths = this.#lengths[bytes[at] as number] as number; lengths !== 0; lengths &= lengths - 1) {
      const length = 32 - Math.clz32(lengths & -lengths);
      const nameEnd = at + length;
      if (nameEnd < end ? bytes[nameEnd] !== COLON : nameEnd !== end) continue;
      const found = this.#find(bytes, at, length);
      if (found === undefined) continue;
      this.scanned = length;
      return found;
    }
    return undefined;
  }

  #find(bytes: Uint8Array, at: number, length: number): Value | undefined {
    const first = slotOf(bytes[at] as number, bytes[at + length - 1] as number, length);
    for (let slot = first & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const index = this.#slots[slot] as number;
      if (index === EMPTY) return undefined;
      if (same(this.#names[index] as Uint8Array, bytes, at, length)) return this.#values[index];
    }
  }
}

/** Names of a table rarely have these three in common. */
function slotOf(first: number, last: number, length: number): number {
  return first * 31 + last * 7 + length;
}

function same(name: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let index = 0; index < length; index++) if (name[index] !== bytes[at + index]) return false;
  return true;
}
