// The sketch in a slot of a counter: adding members, in memory where they are many, and storing it. The type: ../uniq.ts.

import type { Table } from 'cacheismo';
import { arrayBytes, raise, registerBytes, writeRegisters } from './registers.js';
import {
  HASH_BYTES,
  type Hash,
  hasHash,
  hashesIn,
  MOST_HASHES,
  MOST_SPARSE_BYTES,
  rankOf,
  registerOf,
  sparseOf,
  textOf,
  withRegister,
} from './sketch.js';
import { HASHES, hashesOf, registersOf, type Sketch, SPARSE } from './unions.js';

/** Unless a counter was made with another. */
export const PRECISION = 14;

export function precisionOf(self: Table): number {
  return (self.get('precision') as number | undefined) ?? PRECISION;
}

export function sketchIn(self: Table, slot: number): Sketch | undefined {
  return self.get(slot) as Sketch | undefined;
}

/** Whether the count has changed. */
export function add(self: Table, slot: number, hash: Hash): boolean {
  let sketch = sketchIn(self, slot) ?? HASHES;
  if (typeof sketch !== 'string') {
    const precision = precisionOf(self);
    return raise(sketch, registerOf(hash, precision), rankOf(hash, precision));
  }
  if (sketch.startsWith(HASHES)) {
    const text = textOf(hash);
    if (hasHash(sketch.slice(1), text)) return false;
    if (sketch.length <= (MOST_HASHES - 1) * HASH_BYTES + 1) {
      self.set(slot, sketch + text);
      return true;
    }
    sketch = SPARSE + hashesIn(sketch.slice(1)).reduce((all, one) => withHash(all, one, precisionOf(self)), '');
    store(self, slot, sketch);
    add(self, slot, hash);
    return true;
  }
  const next = SPARSE + withHash(sketch.slice(1), hash, precisionOf(self));
  if (next === sketch) return false;
  store(self, slot, next);
  return true;
}

/** Adds several members: whether any has changed the count. A text is read and written once for all of them. */
export function addAll(self: Table, slot: number, hashes: readonly Hash[]): boolean {
  const sketch = sketchIn(self, slot) ?? HASHES;
  if (typeof sketch !== 'string') return hashes.filter((hash) => add(self, slot, hash)).length > 0;
  const precision = precisionOf(self);
  const known = hashesOf([{ precision, list: [sketch] }]);
  if (known !== undefined) {
    const before = known.size;
    for (const hash of hashes) known.add(textOf(hash));
    if (known.size === before) return false;
    if (known.size <= MOST_HASHES) {
      self.set(slot, HASHES + [...known].join(''));
      return true;
    }
  }
  const registers = registersOf(sketch, precision);
  let hasChanged = false;
  for (const hash of hashes) {
    const register = registerOf(hash, precision);
    const rank = rankOf(hash, precision);
    if (rank <= registers[register]) continue;
    registers[register] = rank;
    hasChanged = true;
  }
  if (hasChanged || known !== undefined) store(self, slot, SPARSE + sparseOf(registers));
  return hasChanged || known !== undefined;
}

function withHash(text: string, hash: Hash, precision: number): string {
  return withRegister(text, registerOf(hash, precision), rankOf(hash, precision));
}

/** Stores a text of registers, or the registers themselves if it is long. */
export function store(self: Table, slot: number, sketch: string): void {
  const precision = precisionOf(self);
  if (sketch.length > Math.min(MOST_SPARSE_BYTES, registerBytes(precision))) {
    storeRegisters(self, slot, registersOf(sketch, precision));
  } else self.set(slot, sketch);
}

export function storeRegisters(self: Table, slot: number, registers: Uint8Array): void {
  if (typeof sketchIn(self, slot) === 'string') self.delete(slot);
  writeRegisters(self.bytes(slot, arrayBytes(precisionOf(self))), registers);
}
