// Changes of byte arrays. The journal keeps the bytes that change, and no others; a part that a call has made is freed by its rollback.

import { CHUNK_KIND_SHIFT, CHUNK_OPTIONS_SHIFT, CHUNK_SLACK_SHIFT, ChunkKind } from '../../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../../arena/memory.js';
import type { Journal } from '../journal.js';
import { NodeKind } from '../journal-kinds.js';
import type { ObjectMemory } from '../object-memory.js';
import type { TableLocation } from '../open-object.js';
import { copyBytes } from '../scalars.js';
import { SPREAD, type TableLayout, unitsFor } from '../table-layout.js';
import type { TableStorage } from '../table-storage.js';
import {
  FIRST_WORD,
  LEAF_BYTES,
  LEAF_MASK,
  PARENT_WORD,
  PART_HEADER_BYTES,
  partBytes,
  slotWord,
  topLevel,
} from './byte-layout.js';
import type { ByteTree } from './byte-tree.js';

/** @perThread */
export class ByteWriter {
  private readonly words: Uint32Array;
  private readonly view: DataView;
  private readonly scratch = new Uint8Array(8);
  private readonly scratchView = new DataView(this.scratch.buffer);

  constructor(
    private readonly arena: Arena,
    private readonly layout: TableLayout,
    private readonly memory: ObjectMemory,
    private readonly journal: Journal,
    private readonly containers: TableStorage,
    private readonly tree: ByteTree,
  ) {
    this.words = arena.words;
    this.view = arena.view;
  }

  setU8(place: TableLocation, offset: number, value: number): void {
    this.view.setUint8(this.reach(place, offset, 1), value);
  }

  setU16(place: TableLocation, offset: number, value: number): void {
    if ((offset & LEAF_MASK) + 2 <= LEAF_BYTES) {
      this.view.setUint16(this.reach(place, offset, 2), value, true);
    } else {
      this.scratchView.setUint16(0, value, true);
      this.write(place, offset, this.scratch, 0, 2);
    }
  }

  setU32(place: TableLocation, offset: number, value: number): void {
    if ((offset & LEAF_MASK) + 4 <= LEAF_BYTES) {
      this.view.setUint32(this.reach(place, offset, 4), value, true);
    } else {
      this.scratchView.setUint32(0, value, true);
      this.write(place, offset, this.scratch, 0, 4);
    }
  }

  setF64(place: TableLocation, offset: number, value: number): void {
    if ((offset & LEAF_MASK) + 8 <= LEAF_BYTES) {
      this.view.setFloat64(this.reach(place, offset, 8), value, true);
    } else {
      this.scratchView.setFloat64(0, value, true);
      this.write(place, offset, this.scratch, 0, 8);
    }
  }

  /** Whether the bit has changed. */
  setBit(place: TableLocation, bit: number, isOn: boolean): boolean {
    const offset = bit >>> 3;
    const mask = 1 << (bit & 7);
    const leaf = this.tree.leaf(place.header, offset);
    const old = leaf === 0 ? 0 : this.view.getUint8(leaf * UNIT_BYTES + PART_HEADER_BYTES + (offset & LEAF_MASK));
    if (((old & mask) !== 0) === isOn) return false;
    this.view.setUint8(this.reach(place, offset, 1), old ^ mask);
    return true;
  }

  write(place: TableLocation, offset: number, bytes: Uint8Array, from: number, length: number): void {
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, LEAF_BYTES - ((offset + done) & LEAF_MASK));
      const at = this.reach(place, offset + done, part);
      copyBytes(bytes, from + done, this.arena.viewOf(at), this.arena.indexOf(at), part);
      done += part;
    }
  }

  fill(place: TableLocation, offset: number, length: number, byte: number): void {
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, LEAF_BYTES - ((offset + done) & LEAF_MASK));
      // What was never written to is 0.
      if (byte !== 0 || this.tree.leaf(place.header, offset + done) !== 0) {
        const at = this.reach(place, offset + done, part);
        const index = this.arena.indexOf(at);
        this.arena.viewOf(at).fill(byte, index, index + part);
      }
      done += part;
    }
  }

  /** Sets each bit that another array of the same length has. */
  or(place: TableLocation, other: number): void {
    this.#merge(place, other, or);
  }

  /** Sets each byte to the larger one of both arrays, which have the same length. */
  max(place: TableLocation, other: number): void {
    this.#merge(place, other, max);
  }

  #merge(place: TableLocation, other: number, join: (own: number, other: number) => number): void {
    const { words, tree } = this;
    const length = tree.length(place.header);
    for (let offset = 0; offset < length; offset += LEAF_BYTES) {
      const from = tree.leaf(other, offset);
      if (from === 0) continue;
      const bytes = Math.min(LEAF_BYTES, length - offset);
      const own = tree.leaf(place.header, offset);
      const source = from * 2 + FIRST_WORD;
      const end = (bytes + 3) >>> 2;
      let word = 0;
      // Bytes after the end of an array are 0 in its last part.
      while (word < end && !changes(own === 0 ? 0 : words[own * 2 + FIRST_WORD + word], words[source + word], join))
        word++;
      if (word === end) continue;
      const at = this.reach(place, offset + word * 4, bytes - word * 4) / 4;
      for (let index = 0; word + index < end; index++)
        words[at + index] = join(words[at + index], words[source + word + index]);
    }
  }

  /** The position of bytes within one part. The journal has kept them, or knows that the part was made. */
  private reach(place: TableLocation, offset: number, length: number): number {
    place.object.isWritten = true;
    const within = PART_HEADER_BYTES + (offset & LEAF_MASK);
    const leaf = this.tree.leaf(place.header, offset);
    if (leaf === 0) return this.#makeLeaf(place, offset) * UNIT_BYTES + within;
    this.journal.saveRange(leaf, within, length);
    return leaf * UNIT_BYTES + within;
  }

  #makeLeaf({ owner, header }: TableLocation, offset: number): number {
    const { words } = this;
    const length = words[header + SPREAD.count];
    let above = owner;
    let link = header + SPREAD.first;
    for (let level = topLevel(length); ; level--) {
      if (words[link] === 0) this.#makePart(owner, above, link, level, partBytes(level, offset, length));
      above = words[link];
      if (level === 0) return above;
      link = slotWord(above, level, offset);
    }
  }

  #makePart(owner: number, above: number, link: number, level: number, bytes: number): void {
    const { words, journal } = this;
    const part = this.memory.obtain(unitsFor(PART_HEADER_BYTES + bytes));
    const units = this.layout.units(part);
    const slack = units * UNIT_BYTES - PART_HEADER_BYTES - bytes;
    const marks = (ChunkKind.bytes << CHUNK_KIND_SHIFT) | (level << CHUNK_OPTIONS_SHIFT) | (slack << CHUNK_SLACK_SHIFT);
    words[part * 2] = words[part * 2] | marks;
    words[part * 2 + PARENT_WORD] = above;
    words.fill(0, part * 2 + FIRST_WORD, (part + units) * 2);
    const entry = journal.note(NodeKind.made, part, owner, 0);
    this.memory.looseCount = 0;
    this.containers.addUnits(entry, owner, units);
    journal.saveRange(above, (link - above * 2) * 4, 4);
    words[link] = part;
  }
}

function changes(own: number, other: number, join: (own: number, other: number) => number): boolean {
  return other !== 0 && own !== other && join(own, other) >>> 0 !== own;
}

function or(own: number, other: number): number {
  return own | other;
}

/** The larger of each of four bytes. */
function max(own: number, other: number): number {
  let larger = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    larger |= Math.max((own >>> shift) & 0xff, (other >>> shift) & 0xff) << shift;
  }
  return larger;
}
